"""Needs a decision, through the front door: what is known, what may be chosen by whom, and what follows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from sequences import execution
from sequences.models import Event, Job, LedgerEntry, Project, Take
from sequences.models.plan import Role
from sequences.orchestration import deciding, making
from sequences.providers.base import Pending, Ready, RemoteFile
from tests import factories
from tests.sequences import silent

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
ROLES = (Role.OWNER, Role.ARTIST, Role.REVIEWER)


@pytest.fixture
def desk() -> Iterator[silent.Silent]:
    with silent.provider() as provider:
        yield provider


def signed_in(project: Project, role: Role = Role.OWNER) -> Client:
    client = Client()
    member = project.memberships.filter(role=role).first()
    client.force_login(member.user if member else factories.add_member(project, role))
    return client


def page(project: Project, role: Role = Role.OWNER, path: str = "decisions/") -> str:
    response = signed_in(project, role).get(f"/p/{project.slug}/{path}")
    assert response.status_code == 200
    return response.content.decode()


def matter(html: str, job: Job) -> str:
    found = re.search(rf'<article class="matter" id="matter-{job.pk}".*?</article>', html, re.S)
    assert found, f"job {job.pk} is not on the page"
    return found[0]


def text(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def choices(html: str) -> dict[str, bool]:
    """Ways on the page, and whether each can be chosen."""
    radios = re.findall(r'<input type="radio" name="what" value="(\w+)"([^>]*)>', html)
    return {value: "disabled" not in rest for value, rest in radios}


def decide(client: Client, job: Job, *, htmx: bool = True, **form: str) -> Any:
    path = f"/p/{job.project.slug}/decisions/{job.pk}/"
    return client.post(path, form, headers=HTMX if htmx else {})


def unknown(desk: silent.Silent) -> Job:
    return silent.project_with_call()[1]


def waited(desk: silent.Silent) -> Job:
    return silent.later(unknown(desk))


def overdue(desk: silent.Silent) -> Job:
    desk.silent = False
    return waited(desk)


def stuck(desk: silent.Silent) -> Job:
    desk.silent = False
    job = unknown(desk)
    desk.knows[job.request_id] = Ready(RemoteFile("x", "video/mp4"), None, None, {})
    return silent.stuck(job)


def late(desk: silent.Silent) -> Job:
    job = unknown(desk)
    deciding.write_off(actor=None, job=job, why="nobody can tell")
    return silent.came_late(job)


STATES: dict[Any, tuple[str, set[str], set[str], set[str]]] = {
    # what it is called, and who may choose what: owner, artist, reviewer
    unknown: ("Outcome unknown", {"found", "off"}, {"found"}, set()),
    waited: ("Outcome unknown", {"found", "never", "off"}, {"found"}, set()),
    overdue: ("Overdue", {"found", "never", "off"}, {"found"}, set()),
    stuck: ("Not collected", {"found", "off"}, {"found"}, set()),
    late: ("Arrived late", {"late"}, {"late"}, set()),
}
FORMS = {
    "found": {"request_id": "rq-1"},
    "never": {"looked": "1"},
    "off": {"why": "old"},
    "late": {},
    "use": {},
}


@pytest.mark.parametrize("made", STATES, ids=lambda made: made.__name__)
@pytest.mark.parametrize("role", ROLES)
def test_every_state_shows_its_word_and_only_what_the_role_may_do(desk: silent.Silent, made: Any, role: Role) -> None:
    job = made(desk)
    word, *allowed = STATES[made]
    shown = matter(page(job.project, role), job)
    assert f"{word}</p>" in shown
    may = allowed[ROLES.index(role)]
    assert {value for value, on in choices(shown).items() if on} == may
    # what is off has its reason beside it, and no button behind it
    for value, on in choices(shown).items():
        assert (f'data-for="{value}"' in shown) is on
    assert shown.count('class="why"') == len(set(choices(shown)) - may)


@pytest.mark.parametrize("made", STATES, ids=lambda made: made.__name__)
@pytest.mark.parametrize("role", ROLES)
def test_what_is_off_is_refused_with_the_same_sentence(desk: silent.Silent, made: Any, role: Role) -> None:
    job = made(desk)
    client, may = signed_in(job.project, role), STATES[made][1 + ROLES.index(role)]
    entries, state = LedgerEntry.objects.count(), job.state
    shown = matter(page(job.project, role), job)
    for value in set(choices(shown)) - may:
        response = decide(client, job, what=value, **FORMS[value])
        assert response.status_code == 422
        reason = re.search(rf'value="{value}" disabled>.*?class="why">([^<]*)<', shown, re.S)
        assert reason
        if not reason[1].endswith(("an owner.", "an artist.")):
            assert reason[1] in response.content.decode()
    assert (silent.fresh(job).state, LedgerEntry.objects.count()) == (state, entries)


def test_the_trail_tells_what_was_sent_and_heard(desk: silent.Silent) -> None:
    job = unknown(desk)
    for _ in range(3):
        execution.step(job.pk)
    job = silent.later(job)
    shown = text(matter(page(job.project), job))
    for said in (
        "SEQ01",
        "T1 shot 1",
        "Held $0.14, request frozen shot 1, start frame",
        f"Sent once input {job.wire_sha256[:8]}",
        "The connection closed before an answer. No request number was heard.",
        "Asked sketch for its list: not found",
        "3 answers, all the same",
        "Waits for you, less than a minute",
        "May cost $0.14",
    ):
        assert said in shown


def test_an_overdue_call_shows_its_number_and_that_it_may_be_billed(desk: silent.Silent) -> None:
    job = overdue(desk)
    shown = matter(page(job.project), job)
    for said in ("Accepted as rq-1", "Past its limit", "The service may still make it, and bill it."):
        assert said in text(shown)
    assert 'value="rq-1"' in shown


def test_the_trail_of_a_call_that_was_asked_again_says_who_asked(desk: silent.Silent) -> None:
    job = overdue(desk)
    owner = job.project.members.get()
    deciding.ask_again(actor=owner, job=job)
    job = silent.later(job)
    shown = text(matter(page(job.project), job))
    assert f"{owner.get_username()}: asked again, for another hour" in shown
    deciding.ask_again(actor=None, job=job)
    silent.later(job)
    shown = text(matter(page(job.project), job))
    assert "Asked again, for another hour" in shown and shown.count("Accepted as") == 1


def test_calls_behind_it_are_named(desk: silent.Silent) -> None:
    plan = factories.Plan(prompts=("a", "b", "c"), seconds=(1, 1, 1), solo=(1, 2, 3), start_frame=True)
    project = factories.make_project(sequences=[plan])
    take = making.request_takes(actor=None, sequences=[factories.sequence_of(project)])[0]
    first = take.jobs.order_by("call")[0]
    execution.step(first.pk)
    shown = text(matter(page(project), first))
    assert "T1 shot 1" in shown and "Waits for it shot 2, shot 3" in shown


def test_nothing_secret_is_on_the_page(desk: silent.Silent) -> None:
    job = overdue(desk)
    html = page(job.project)
    for secret in ("SECRET", "sig=", job.token, "files.example", "desk.example"):
        assert secret not in html


def test_never_arrived_answers_with_the_list_the_money_and_a_word(desk: silent.Silent) -> None:
    job = waited(desk)
    client = signed_in(job.project)
    assert decide(client, job, what="never").status_code == 422
    body = decide(client, job, what="never", looked="1").content.decode()
    assert "SEQ01 T1 never arrived; $0.14 was given back." in body
    assert 'id="matters"' in body and "Nothing needs a decision" in body
    assert re.search(r'id="needs"[^>]* hx-swap-oob="true" hidden', body) and 'id="budget"' in body
    assert "Last one: SEQ01 T1" in text(page(job.project))


def test_without_script_it_leads_back_to_the_page(desk: silent.Silent) -> None:
    job = unknown(desk)
    client = signed_in(job.project)
    response = decide(client, job, htmx=False, what="off", why="support cannot tell")
    assert (response.status_code, response["Location"]) == (303, f"/p/{job.project.slug}/decisions/")
    assert "SEQ01 T1 is written off; $0.14 counts as spent." in client.get(response["Location"]).content.decode()
    response = decide(client, job, htmx=False, what="off", why="twice")
    assert response.status_code == 302
    assert "needs no decision any more" in client.get(f"/p/{job.project.slug}/decisions/").content.decode()


def test_found_and_once_more(desk: silent.Silent) -> None:
    job = unknown(desk)
    desk.knows["rq-5"] = Pending(None, "", 5)
    client = signed_in(job.project, Role.ARTIST)
    assert "is followed as rq-5." in decide(client, job, what="found", request_id="rq-5").content.decode()
    made = stuck(desk)
    body = decide(signed_in(made.project, Role.ARTIST), made, what="found").content.decode()
    assert "SEQ01 T1 is fetched once more." in body


def test_two_people_decide_and_the_second_is_told_who_was_first(desk: silent.Silent) -> None:
    job = waited(desk)
    first = Client()
    first.force_login(factories.add_member(job.project, Role.OWNER, "mara"))
    second = signed_in(job.project)
    assert decide(first, job, what="never", looked="1").status_code == 200
    response = decide(second, job, what="off", why="old")
    assert response.status_code == 422
    assert "SEQ01 T1 needs no decision any more: mara decided at " in response.content.decode()
    assert Event.objects.filter(subject="job", subject_id=job.pk, now="failed").count() == 0


def test_nothing_chosen_and_a_foreign_call(desk: silent.Silent) -> None:
    job = unknown(desk)
    assert "Choose what happened first." in decide(signed_in(job.project), job).content.decode()
    other = factories.make_project(title="Other")
    path = f"/p/{other.slug}/decisions/{job.pk}/"
    assert signed_in(other).post(path, {"what": "off", "why": "x"}).status_code == 404


def test_the_list_is_polled_only_while_something_is_live(desk: silent.Silent) -> None:
    job = unknown(desk)
    client = signed_in(job.project)
    html = client.get(f"/p/{job.project.slug}/decisions/").content.decode()
    assert 'hx-trigger="every 2s"' in html
    tag = re.search(r"data-etag='([^']*)'", html)
    assert tag
    live = f"/p/{job.project.slug}/decisions/live/"
    asked = {**HTMX, "If-None-Match": tag[1].replace("&quot;", '"')}
    assert client.get(live, {"seen": str(job.pk)}, headers=asked).status_code == 304
    desk.lists, desk.knows["rq-3"] = ["rq-3"], Pending(None, "", 5)
    execution.step(job.pk)
    body = client.get(live, {"seen": str(job.pk)}, headers=asked).content.decode()
    assert "SEQ01 T1 needs no decision any more." in body and "Nothing needs a decision" in body
    desk.silent = True
    Job.objects.update(state="done", look_again_at=None)
    assert 'hx-trigger="every 2s"' not in page(job.project)


def test_the_number_of_queries_does_not_grow(
    desk: silent.Silent, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    job = overdue(desk)
    client = signed_in(job.project)
    with django_assert_num_queries(9):
        client.get(f"/p/{job.project.slug}/decisions/")
    for _ in range(3):
        silent.later(silent.sent(job.project))
    with django_assert_num_queries(9):
        client.get(f"/p/{job.project.slug}/decisions/")


def test_every_page_of_the_project_has_the_button_and_the_board_its_mark(desk: silent.Silent) -> None:
    job = unknown(desk)
    for path in ("", "dailies/", "cut/", "elements/", "setup/", "costs/", "SEQ01/", "decisions/"):
        button = re.search(r'<a class="btn needs".*?</a>', page(job.project, path=path), re.S)
        assert button and "Needs a decision 1" in text(button[0]) and " hidden" not in button[0], path
    link = f"/p/{job.project.slug}/decisions/#matter-{job.pk}"
    board = page(job.project, path="")
    assert f'href="{link}"' in board and "Decide what happened" in board
    for path in ("SEQ01/", "dailies/SEQ01/T1/"):
        html = page(job.project, path=path)
        assert "Outcome unknown." in html and link in html
    projects = text(signed_in(job.project).get("/").content.decode())
    assert "1 call to decide, waiting for you" in projects and "Decide 1 call" in projects
    assert "Decide what happened" not in page(job.project, Role.REVIEWER, "")


def test_a_calm_project_has_no_button(desk: silent.Silent) -> None:
    project = factories.make_project()
    html = page(project)
    assert re.search(r'<a class="btn needs"[^>]* hidden>', html)
    assert "Every call of this project has an answer." in html and "Last one" not in html


def test_a_board_that_polls_learns_of_a_call_that_needs_somebody(desk: silent.Silent) -> None:
    desk.silent = False
    job = unknown(desk)
    client = signed_in(job.project)
    live = f"/p/{job.project.slug}/live/"
    tag = client.get(live, headers=HTMX)["ETag"]
    silent.later(job)
    response = client.get(live, headers={**HTMX, "If-None-Match": tag})
    assert response.status_code == 200
    assert re.search(r'id="needs"[^>]* hx-swap-oob="true">', response.content.decode())


def test_who_is_overtaken_is_told_and_nothing_breaks(desk: silent.Silent) -> None:
    """Two owners press Retry at once: the second one's page still shows it as failed."""
    job = waited(desk)
    deciding.absent(actor=None, job=job, looked=True)
    execution.assemble(job.take_id)
    client, overtaken = signed_in(job.project), False

    def overtake(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal overtaken
        if not overtaken and sql.startswith("UPDATE") and "sequences_take" in sql:
            overtaken = True
            making.retry(actor=None, artefact=Take.objects.get(pk=job.take_id))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(overtake):
        answer = client.post(f"/p/{job.project.slug}/SEQ01/retry/", {"kind": "take", "number": "1"}, headers=HTMX)
    assert (answer.status_code, "changed meanwhile" in answer.content.decode()) == (422, True)
