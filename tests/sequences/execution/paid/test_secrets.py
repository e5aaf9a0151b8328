"""A10: no key, webhook token or signed address is in any log, page, admin view, error or JSON."""

from __future__ import annotations

import json
import logging
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.core.management import call_command
from django.db import models
from django.test import Client
from django.urls import reverse

from sequences.models import Job, Receipt
from tests import factories
from tests.architecture.urlwalk import World, world
from tests.paid import Bench, fresh, post

pytestmark = pytest.mark.django_db(transaction=True)

SIGNATURE = "s1gned-0nly-f0r-us"
# columns that hold what they hold; no door may show them (`wire`, `result_ref` and `body` only without their queries)
KINDS = models.CharField | models.TextField | models.JSONField
KEPT = {("Job", "token"), ("Job", "result_ref"), ("Job", "wire"), ("Receipt", "body"), ("Upload", "url")}


def trouble(fal: Bench) -> list[Job]:
    """Calls in every kind of trouble, with addresses that carry a signature and errors that repeat the key."""
    sequence = fal.sequence(title="Harbour")
    here = fal.fal.url
    told = {"detail": f"The key {fal.fal.key} is blocked for https://{fal.fal.key}@x.example/y?sig={SIGNATURE}"}
    faults = [
        "accept_then_reset; unlisted",
        f"media_url(https://elsewhere.example/a.png?sig={SIGNATURE})",
        f"media_url({here}/media/nothing/a.png?sig={SIGNATURE})",
        {"action": "status", "on": "submit", "args": {"code": 422, "body": told}},
        {"action": "completed_with_error", "args": {"code": 422, "type": "value_error", "msg": told["detail"]}},
        "stuck",
        "missing_output",
        "",
    ]
    jobs = []
    for fault in faults:
        fal.fal.control(clear_faults=True)
        if fault:
            fal.fal.control(faults=fault)
        jobs.append(fal.sent(fal.grid(sequence)))
    fal.fal.control(clear_faults=True, faults=f"redirect(http://169.254.169.254/?sig={SIGNATURE})")
    fal.take(sequence)
    fal.work(hours=3, patient=True)
    letter = fal.letter(jobs[-1])
    assert [post(letter), fal.hook(jobs[-1], "forged"), fal.hook(jobs[-1], "foreign_account")] == [200, 401, 401]
    assert len({fresh(job).state for job in jobs}) > 4
    return jobs


def secrets(fal: Bench) -> list[str]:
    """What nobody may see."""
    key = fal.fal.key
    return [key, key.partition(":")[2], SIGNATURE, *Job.objects.filter(provider="fal").values_list("token", flat=True)]


def told(words: list[str], places: dict[str, str]) -> list[str]:
    """Where one of them was found."""
    return [f"{place}: …{text[max(0, text.index(w) - 60):][:90]}…" for place, text in places.items() for w in words
            if w in text]  # fmt: skip


def pages(client: Client, place: World, jobs: list[Job]) -> dict[str, str]:
    """Every address, filled in for both projects, with each job."""
    mine = {"slug": jobs[0].project.slug, "code": jobs[0].sequence.code, "number": 1, "shot": 1}
    found = {}
    for values in ({}, *({**mine, "job": job.pk} for job in jobs)):
        first = values.get("job", jobs[0].pk) == jobs[0].pk
        for address in place.addresses(**values):
            if address.path not in found and "media" not in address.name and (first or "job" in address.arguments):
                answer = client.get(address.path)
                found[address.path] = "" if answer.streaming else answer.content.decode(errors="replace")
    return found


def admin_pages(client: Client) -> dict[str, str]:
    """The list of every model, and every row of those that hold what a provider said."""
    found = {}
    for model in apps.get_app_config("sequences").get_models():
        stem = f"admin:sequences_{model._meta.model_name}"
        if not admin.site.is_registered(model):
            continue
        paths = [reverse(f"{stem}_changelist")]
        paths += [
            reverse(f"{stem}_change", args=[pk]) for pk in model._default_manager.values_list("pk", flat=True)[:40]
        ]
        paths += [f"{paths[0]}?q=x"]
        found |= {path: client.get(path).content.decode() for path in paths}
    return found


def commands(slug: str) -> dict[str, str]:
    """What scripts read."""
    found = {}
    for words in (("jobs",), ("jobs", "--needs"), ("board",), ("costs",), ("takes",), ("reconcile",)):
        for more in (("--json",), ()):
            out = StringIO()
            call_command(*words, "--project", slug, *more, stdout=out, stderr=out)
            found[" ".join((*words, *more))] = out.getvalue()
    return found


def columns() -> dict[str, str]:
    """Every text and JSON of every row, but for those that keep what was said."""
    found = {}
    for model in apps.get_app_config("sequences").get_models():
        names = [
            f.name for f in model._meta.fields if isinstance(f, models.CharField | models.TextField | models.JSONField)
        ]
        for name in names:
            if (model.__name__, name) not in KEPT:
                values = list(model._default_manager.values_list(name, flat=True))
                found[f"{model.__name__}.{name}"] = json.dumps(values, default=str)
    return found


def test_nobody_is_told_a_secret(hooked: Bench, caplog: pytest.LogCaptureFixture, capfd: Any) -> None:
    caplog.set_level(logging.DEBUG)
    hooked.know_keys()
    place = world()
    jobs = trouble(hooked)
    client = Client()
    client.force_login(factories.make_user(is_staff=True, is_superuser=True))
    owner = Client()
    owner.force_login(jobs[0].project.members.get())
    places = {
        **{f"page {k}": v for k, v in pages(owner, place, jobs).items()},
        **{f"admin {k}": v for k, v in admin_pages(client).items()},
        **{f"command {k}": v for k, v in commands(jobs[0].project.slug).items()},
        **columns(),
    }
    files = [path for path in Path(settings.DATA_DIR, "logs").glob("*") if path.is_file()]
    places |= {path.name: path.read_text(errors="replace") for path in files}
    places |= {"log": caplog.text, "output": "".join(capfd.readouterr())}
    kept = json.dumps(list(Receipt.objects.values("body"))) + json.dumps(list(Job.objects.values("result_ref")))
    assert SIGNATURE in kept and len(places) > 150
    assert any("elsewhere.example" in text for text in places.values()), "what went wrong is told, without its secret"
    assert told(secrets(hooked), places) == []
