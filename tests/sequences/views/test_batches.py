"""The run dialog's answer and the pages of batches through the front door: every state, money, rights, polls."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from sequences import orchestration
from sequences.models import Batch, Project, Take
from sequences.models.plan import Role
from sequences.providers import catalogue
from tests import factories
from tests.factories import Plan

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
READY = Plan(start_frame=True)
LONG = Plan(prompts=("a" * 600,), start_frame=True)


def signed_in(project: Project, role: Role | None = None) -> Client:
    client = Client()
    client.force_login(factories.add_member(project, role) if role else project.members.get())
    return client


def dialog(client: Client, project: Project, **asked: Any) -> str:
    return text_of(client.get(f"/p/{project.slug}/run/", asked, headers=HTMX))


def text_of(response: Any, status: int = 200) -> str:
    assert response.status_code == status
    return str(response.content.decode())


def hidden(html: str, name: str) -> str:
    found = re.search(rf'type="hidden" name="{name}" value="([^"]*)"', html)
    assert found, f"no field {name}"
    return found[1]


def ticked(html: str) -> dict[str, bool]:
    """Codes that may be chosen, and whether they are."""
    found = re.findall(r'<input type="checkbox" id="spend-[^"]+" name="codes" value="([^"]+)"( checked)?>', html)
    return {code: bool(checked) for code, checked in found}


def post(client: Client, project: Project, html: str, **changed: Any) -> Any:
    """Press the button that spends."""
    form = html[html.index("<footer") :]
    fields = {name: hidden(form, name) for name in ("takes", "shown_price", "key")}
    codes = re.findall(r'name="codes" value="([^"]*)"', form)
    headers = changed.pop("headers", HTMX)
    return client.post(f"/p/{project.slug}/run/", {**fields, "codes": codes, **changed}, headers=headers)


# --- The answer ---


def test_a_cheap_selection_passes_and_what_is_there_is_left_out() -> None:
    factories.priced()
    project = factories.make_project(sequences=[READY, READY, READY])
    factories.make_take(factories.sequence_of(project, "SEQ02"))
    client = signed_in(project)
    html = dialog(client, project)
    assert "Pass</b>" in html and "under the $5.00 ask-first limit" in html and 'id="tiers"' not in html
    assert ticked(html) == {"SEQ01": True, "SEQ03": True}
    assert "SEQ02 has a take already; only what is missing is asked for." in html
    again = dialog(client, project, again="1", codes=["SEQ01"], chosen="dialog", takes="1")
    assert ticked(again) == {"SEQ01": True, "SEQ02": False, "SEQ03": False}
    assert hidden(again, "shown_price") == "140000" and hidden(again, "again") == "1"


def test_over_the_limit_the_price_stands_by_tier() -> None:
    factories.priced(second="2")
    project = factories.make_project(sequences=[READY, Plan(seconds=(3,), start_frame=True)])
    html = dialog(signed_in(project), project, takes="1")
    assert "Confirm</b>" in html and "over the $5.00 ask-first limit" in html
    assert re.search(r"90p <small[^>]*>SEQ01</small></th><td class=\"tc\">1 &times; 1 s</td>", html)
    assert "1 &times; 3 s" in html and "disabled>Spend" not in html


def test_a_changed_selection_draws_only_what_differs() -> None:
    project = factories.make_project(sequences=[READY, READY])
    client = signed_in(project)
    response = client.get(f"/p/{project.slug}/run/", {"chosen": "dialog", "codes": "SEQ02"}, headers=HTMX)
    html = text_of(response)
    assert (response["HX-Retarget"], response["HX-Reswap"]) == ("#admission", "outerHTML")
    assert "<dialog" not in html and "autofocus" not in html
    assert '<h2 id="spend_title" hx-swap-oob="true">Run 1 sequence?' in html
    assert '<footer id="spend_foot" hx-swap-oob="true">' in html
    assert ticked(html) == {"SEQ01": False, "SEQ02": True}
    nothing = dialog(client, project, chosen="dialog")
    assert "Nothing that can be run is chosen." in nothing and "Spend" not in nothing
    assert ticked(nothing) == {"SEQ01": False, "SEQ02": False}


def test_over_the_budget_it_offers_what_fits() -> None:
    factories.priced(second="1")
    project = factories.make_project(sequences=[READY, READY, LONG], budget="3.00")
    client = signed_in(project)
    html = dialog(client, project)
    assert "Blocked</b>" in html and "Short by" in html and "disabled>Spend" in html
    assert "SEQ03 will not run. Shot 1" in html and "SEQ01, SEQ02 are complete, held back with the rest." in html
    link = re.search(r'<a class="btn next wide" href="([^"]+)"', html)
    assert link and "Only the 1 that fits" in html
    fitting = text_of(client.get(link[1].replace("&amp;", "&"), headers=HTMX))
    assert "Pass</b>" in fitting and ticked(fitting) == {"SEQ01": True, "SEQ02": False}


def test_without_a_price_nothing_is_spent_until_it_is_left_out() -> None:
    project = factories.make_project(sequences=[READY])
    catalogue.override("sketch/clip", price=None)
    html = dialog(signed_in(project), project)
    assert "Nothing to run" in html and "SEQ01 will not run." in html and "No total: one price is not known" in html
    assert "Spend" not in html


def test_spending_makes_a_batch_with_a_result_for_each() -> None:
    factories.priced()
    project = factories.make_project(sequences=[READY, READY, LONG])
    client = signed_in(project)
    html = dialog(client, project, takes="1")
    answer = text_of(post(client, project, html))
    assert "2 takes asked for." in answer and "SEQ03 was left out: Shot 1&#x27;s prompt is 600" in answer
    assert f'href="/p/{project.slug}/batches/1/"' in answer and "Batch 1 running" in answer
    assert (Take.objects.count(), Batch.objects.count()) == (2, 1)
    plain = post(client, project, html, headers={})
    assert plain.status_code == 303 and Take.objects.count() == 2


def test_without_script_the_page_asks_and_spends() -> None:
    project = factories.make_project(sequences=[READY, READY])
    client = signed_in(project)
    html = text_of(client.get(f"/p/{project.slug}/run/"))
    assert "<html" in html and "Show the price" in html and "hx-post" not in html[html.index("<footer id=") :]
    chosen = text_of(client.get(f"/p/{project.slug}/run/", {"chosen": "1", "codes": "SEQ02", "takes": "3"}))
    assert post(client, project, chosen, headers={})["Location"] == f"/p/{project.slug}/"
    assert [(t.sequence.code, t.number) for t in Take.objects.select_related("sequence")] == [
        ("SEQ02", 1), ("SEQ02", 2), ("SEQ02", 3)
    ]  # fmt: skip


# --- Pages ---


def test_a_batch_tells_every_result_in_seven_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    factories.priced()
    project = factories.make_project(sequences=[READY] * 3 + [LONG])
    orchestration.request_batch(actor=None, project=project, takes=2)
    client = signed_in(project)
    with django_assert_num_queries(7):
        html = text_of(client.get(f"/p/{project.slug}/batches/1/"))
    assert html.count("Queued") == 6 and "Refused" in html and "Shot 1&#x27;s prompt is 600 characters" in html
    assert "6 of 7" in html and "$0.84" in html and "every 2s" in html
    assert f"/p/{project.slug}/run/?codes=SEQ04&amp;takes=2" in html
    again = text_of(client.get(f"/p/{project.slug}/run/?codes=SEQ04&takes=2"))
    assert "SEQ04 will not run" in again and "Earlier batches" in again
    listed = text_of(client.get(f"/p/{project.slug}/batches/"))
    assert "Batch 1" in listed and "Running" in listed and "command line" in listed


def test_polls_end_with_the_work_and_are_304_meanwhile() -> None:
    project = factories.make_project(sequences=[READY])
    batch = orchestration.request_batch(actor=None, project=project)
    client = signed_in(project)
    where = f"/p/{project.slug}/batches/1/live/"
    first = client.get(where, headers=HTMX)
    assert "every 2s" in text_of(first)
    same = client.get(where, headers={**HTMX, "If-None-Match": first["ETag"]})
    assert (same.status_code, same.content) == (304, b"")
    factories.finish(Take.objects.get(batch_items__batch=batch))
    done = text_of(client.get(where, headers={**HTMX, "If-None-Match": first["ETag"]}))
    assert "every 2s" not in done and "In review" in done and "Pause" not in done
    assert f'href="/p/{project.slug}/dailies/SEQ01/T1/"' in done


def test_pause_resume_and_call_off_by_button() -> None:
    project = factories.make_project(sequences=[READY, READY])
    orchestration.request_batch(actor=None, project=project)
    client, here = signed_in(project), f"/p/{project.slug}/batches/1/"
    paused = text_of(client.post(f"{here}pause/", headers=HTMX))
    assert 'id="batch-resume"' in paused and "every 2s" not in paused and paused.count("Paused") >= 3
    assert "Batch 1 is paused." in paused and 'id="budget"' in paused
    board = text_of(client.get(f"/p/{project.slug}/"))
    assert "Batch 1 paused" in board and ">paused</span>" in board
    assert client.post(f"{here}resume/")["Location"] == here
    assert 'id="batch-pause"' in text_of(client.get(here))
    assert "What was not sent of batch 1 is called off." in text_of(client.post(f"{here}cancel/", headers=HTMX))
    refused = client.post(f"{here}continue/", headers=HTMX)
    assert refused.status_code == 422 and "Everything of batch 1 was asked for" in refused.content.decode()


def test_what_broke_off_is_said_and_goes_on() -> None:
    project = factories.make_project(sequences=[READY, READY])
    orchestration.request_batch(actor=None, project=project)
    Take.objects.filter(sequence__code="SEQ02").delete()
    client = signed_in(project)
    html = text_of(client.get(f"/p/{project.slug}/batches/1/"))
    assert "Broke off" in html and "1 take was not asked for, and costs nothing." in html
    assert "Batch 1 broke off" in text_of(client.get(f"/p/{project.slug}/"))
    assert "Broke off" in text_of(client.get(f"/p/{project.slug}/batches/"))
    assert "Broke off" not in text_of(client.post(f"/p/{project.slug}/batches/1/continue/", headers=HTMX))
    assert Take.objects.count() == 2


def test_rights_and_what_is_not_there() -> None:
    project = factories.make_project(sequences=[READY])
    assert "No batch yet" in text_of(signed_in(project).get(f"/p/{project.slug}/batches/"))
    orchestration.request_batch(actor=None, project=project)
    reviewer = signed_in(project, Role.REVIEWER)
    assert "Pausing takes an owner or an artist." in text_of(reviewer.get(f"/p/{project.slug}/batches/1/"))
    for verb in ("pause", "resume", "cancel", "continue"):
        answer = reviewer.post(f"/p/{project.slug}/batches/1/{verb}/", headers=HTMX)
        assert answer.status_code == 422 and "You are a reviewer" in answer.content.decode()
    for number in (2, 2**40):
        assert reviewer.get(f"/p/{project.slug}/batches/{number}/").status_code == 404
