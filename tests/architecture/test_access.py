"""Who may come in, asked of every address there is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client

from sequences.models import Project
from tests import factories
from tests.architecture.urlwalk import PERSONAL, PUBLIC, Address, World, world

pytestmark = pytest.mark.django_db

METHODS = ("get", "post")
# a reviewer looks and judges; everything else that posts inside a project is for makers and owners
JUDGING = {"dailies_verdict", "dailies_undo", "dailies_shot", "dailies_note"}
# what makes or spends, with a form that a maker could send
MAKING: dict[str, dict[str, Any]] = {
    "take_request": {"takes": "1", "confirmed": "1", "shown_price": "500000"},
    "board_run": {"codes": "SEQ01", "takes": "1", "shown_price": "500000"},
    "board_start": {"shown_price": "500000", "confirmed": "1"},
    "board_final": {"shown_price": "0"},
    "batch_pause": {},
    "batch_resume": {},
    "batch_cancel": {},
    "batch_continue": {},
    "take_final": {"model": "sketch/clip", "shown_price": "500000"},
    "prompts_replace": {"find": "pier", "put": "quay"},
    "prompts_replace_undo": {"undo": "a word"},
    "explore": {"grid_layout": "1x1"},
    "picker_explore": {"layout": "1x1"},
    "retry": {"kind": "take", "number": "2"},
    "cancel": {"kind": "take", "number": "3"},
    "picker_retry": {"grid": "1", "number": "1"},
    "picker_cancel": {"grid": "1", "number": "1"},
    "pick": {"grid": "1", "cell": "1"},
    "picker_star": {"grid": "1", "cell": "1"},
    "picker_like": {"grid": "1", "cell": "1"},
    "picker_cuts": {"grid": "1", "how": "found"},
    "start_frame_take": {"take": "1", "number": "1", "frame": "3"},
    "start_frame_clear": {"frame": "1"},
    "start_frame_enlarge": {"frame": "1", "factor": "2"},
    "decide": {"what": "found", "request_id": "req-1"},
    "dailies_redo": {"redo": "1"},
    "shot_add": {"prompt": "one more", "seconds": "1"},
    "shot_prompt": {"text": "other words"},
    "prompt_copy_undo": {"undo": "a word"},
    "sequence_style": {"prefix": "at night"},
    "sequence_style_restore": {},
    "sequence_delete": {},
    "element_delete": {},
    "row_delete": {},
    "budget_set": {"cap": "900", "why": "a longer song"},
    "costs_cap": {"cap": "900", "day": "90", "why": "a longer song"},
    "member_remove": {},
    "bundle_fork": {"slug": "a-version", "with": "plan"},
}


@pytest.fixture(scope="module")
def built(data_dir: Path, django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """One world for the whole file: drawing it takes longer than asking. Tests take back what they change."""
    with django_db_blocker.unblock():
        try:
            yield world()
        finally:
            call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def studio(built: World) -> World:
    """A project with one of everything, at half a dollar a second."""
    factories.priced(second="0.50")
    return built


@contextmanager
def forgotten() -> Iterator[None]:
    """Whatever happens inside is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def ask(client: Client, method: str, address: Address, data: dict[str, Any] | None = None, **headers: Any) -> Any:
    """One request, whose changes stay."""
    return getattr(client, method)(address.path, data or {}, headers=headers or None)


def signed_in(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def told(address: Address, method: str, answer: HttpResponseBase) -> str:
    where = answer.headers.get("Location", "")
    return f"{method.upper()} {address.path} ({address.name}): {answer.status_code} {where}".strip()


def to_login(answer: HttpResponseBase) -> bool:
    return answer.status_code == 302 and answer.headers["Location"].split("?")[0] in ("/login/", "/admin/login/")


def everywhere(addresses: list[Address], client: Client, wanted: Callable[[Address, Any], bool]) -> list[str]:
    """Every address and method whose answer is not the wanted one."""
    wrong = []
    for address in addresses:
        for method in METHODS:
            with forgotten():
                answer = ask(client, method, address)
            if not wanted(address, answer):
                wrong.append(told(address, method, answer))
    return wrong


def test_the_walk_knows_the_addresses_that_name_no_project(studio: World) -> None:
    outside = {a.name for a in studio.addresses() if not a.of_project and not a.admin}
    assert outside == PUBLIC | PERSONAL


def test_without_signing_in_everything_leads_to_the_door(studio: World) -> None:
    closed = [a for a in studio.addresses() if a.name not in PUBLIC]
    assert everywhere(closed, Client(), lambda _, answer: to_login(answer)) == []


def test_a_stranger_is_not_told_that_the_project_is_there(studio: World) -> None:
    """The same answer as for a project that does not exist: 404, or 405 before anybody is asked."""
    client = signed_in(studio.stranger)
    inside = [a for a in studio.addresses() if a.of_project]
    nowhere = {a.name: a for a in studio.addresses(slug="no-such-project")}
    wrong = []
    for address in inside:
        answers = {method: ask(client, method, address).status_code for method in METHODS}
        same = {method: ask(client, method, nowhere[address.name]).status_code for method in METHODS}
        if answers != same or not set(answers.values()) <= {404, 405} or 404 not in answers.values():
            wrong.append(f"{address.path} ({address.name}): {answers}, and {same} where there is no project")
    assert wrong == []


def test_a_stranger_is_refused_what_a_member_sent(studio: World) -> None:
    client, before = signed_in(studio.stranger), rows()
    for address in (a for a in studio.addresses() if a.name in MAKING):
        for headers in ({}, {"HX-Request": "true"}):
            answer = ask(client, "post", address, MAKING[address.name], **headers)
            assert answer.status_code == 404, told(address, "post", answer)
            assert studio.project.title not in answer.content.decode()
    assert rows() == before


def test_a_member_of_one_project_sees_nothing_of_another(studio: World) -> None:
    """The owner of a project asks for rows of another one under the name of her own."""
    owner = factories.make_user()
    mine = factories.make_project(owner, 0, title="Mine", song=False)
    client = signed_in(owner)
    below = [a for a in studio.addresses(slug=mine.slug) if a.of_project and len(a.arguments) > 1]
    before = rows(studio.project)
    for address in below:
        for method in METHODS:
            with forgotten():
                answer = ask(client, method, address, MAKING.get(address.name))
                assert answer.status_code in (302, 303, 404, 405, 422), told(address, method, answer)
                assert rows(studio.project) == before, address.name


def test_strangers_see_the_pages_of_their_own(studio: World) -> None:
    client = signed_in(studio.stranger)
    personal = [a for a in studio.addresses() if a.name in PERSONAL]
    for address in personal:
        answer = ask(client, "get", address)
        assert answer.status_code < 500
        assert f"/p/{studio.project.slug}/" not in getattr(answer, "content", b"").decode(), address.name


def test_the_admin_is_for_operators(studio: World) -> None:
    admin = [a for a in studio.addresses() if a.admin and not a.path.startswith(("/admin/login", "/admin/logout"))]
    assert len(admin) > 40
    assert everywhere(admin, signed_in(studio.owner), lambda _, answer: to_login(answer)) == []


def test_the_walk_reaches_every_page(studio: World) -> None:
    """Its arguments name real things: for the owner nothing is missing but what was never there."""
    client = signed_in(studio.owner)
    for address in (a for a in studio.addresses() if a.name not in PUBLIC and not a.admin):
        answer = ask(client, "get", address)
        good = answer.status_code in (200, 302, 303, 405) or address.name == "project_import_check"
        assert good and not to_login(answer), told(address, "get", answer)


def names_of_fields() -> list[str]:
    """Every name that a form of ours posts or a view of ours reads."""
    found: set[str] = set()
    for folder, expression in (("templates", r'name="([\w-]+)"'), ("sequences", r'\.get(?:list)?\("(\w+)"'),
                               ("dailies", r'\.get(?:list)?\("(\w+)"')):  # fmt: skip
        for file in (Path(settings.BASE_DIR) / folder).rglob("*.html" if folder == "templates" else "*.py"):
            found.update(re.findall(expression, file.read_text()))
    for package in ("sequences", "dailies"):
        for file in (Path(settings.BASE_DIR) / package).rglob("form*/*.py"):
            found.update(re.findall(r"^    (\w+) = forms\.", file.read_text(), re.MULTILINE))
    return sorted(found - {"next", "csrfmiddlewaretoken"})


@pytest.mark.parametrize(
    ("role", "value"),
    [("reviewer", "1"), *(("owner", value) for value in (None, "1", "-1", "9" * 30, "nan", "\0", "é" * 500))],
    ids=["reviewer", "empty", "one", "negative", "huge", "nan", "nul", "long"],
)
def test_nothing_a_member_sends_breaks_a_page(studio: World, role: str, value: str | None) -> None:
    client = signed_in(getattr(studio, role))
    client.raise_request_exception = False
    sent = {} if value is None else dict.fromkeys(names_of_fields(), value)
    broken = []
    for address in (a for a in studio.addresses() if a.of_project or a.name in PERSONAL - {"logout"}):
        for method in METHODS:
            with forgotten():
                answer = ask(client, method, address, sent)
            if answer.status_code >= 500:
                broken.append(told(address, method, answer))
    assert broken == []


@pytest.mark.parametrize("htmx", [False, True])
def test_a_reviewer_makes_nothing_and_is_told_why(studio: World, htmx: bool) -> None:
    factories.make_take(factories.sequence_of(studio.project), "making")
    client, headers = signed_in(studio.reviewer), {"HX-Request": "true"} if htmx else {}
    before, known = rows(), {a.name: a for a in studio.addresses()}
    for name, form in MAKING.items():
        answer = ask(client, "post", known[name], form, **headers)
        assert answer.status_code in ((422,) if htmx else (302, 303, 422)), told(known[name], "post", answer)
        page = answer if answer.status_code == 422 else client.get(answer.headers["Location"])
        assert "You are a reviewer of" in page.content.decode(), name
        assert rows() == before, f"{name} has written something"


def test_a_reviewer_changes_nothing_but_verdicts_and_notes(studio: World) -> None:
    """Also at addresses this file has never heard of, with a form that fills every field there is."""
    client, before = signed_in(studio.reviewer), rows()
    sent = dict.fromkeys(names_of_fields(), "1") | {"kind": "take", "codes": "SEQ01", "confirmed": "1"}
    for address in (a for a in studio.addresses() if a.of_project and a.name not in JUDGING):
        for form in ({}, sent):
            with forgotten():
                answer = ask(client, "post", address, form)
                changed = [table for table, found in rows().items() if found != before[table]]
            assert changed == [] or address.name == "cut_export", told(address, "post", answer)


def test_a_form_without_its_token_is_refused_everywhere(studio: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(studio.owner)
    client.raise_request_exception = False
    before = rows()
    # a webhook is signed by its provider, who has no session of ours
    open_ones = ("up", "sign-in", "media", "webhook")
    for address in (a for a in studio.addresses() if not a.admin and a.name not in open_ones):
        assert ask(client, "post", address).status_code in (403, 405), address.name
    assert rows() == before


def rows(project: Project | None = None) -> dict[str, list[Any]]:
    """Everything the product has written, table by table; with `project`, of that project's own tables only."""
    tables = [m for label in ("sequences", "dailies") for m in apps.get_app_config(label).get_models()]
    if project is None:
        return {m._meta.label: list(m._default_manager.order_by("pk").values()) for m in tables}
    own = {m._meta.label: m for m in tables if any(f.name == "project" for f in m._meta.fields)}
    return {name: list(m._default_manager.filter(project=project).order_by("pk").values()) for name, m in own.items()}
