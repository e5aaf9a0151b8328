"""Deciding about calls that nobody knows about, or that do not end: one wins, money follows, nothing is sent again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from sequences import execution
from sequences.errors import Refusal
from sequences.execution import holder
from sequences.models import Event, Job, LedgerEntry, Project
from sequences.models.plan import Role
from sequences.orchestration import deciding, making
from sequences.providers.base import Pending, Ready, RemoteFile
from sequences.queries.needs import needs_count
from sequences.transitions import Stale
from tests import factories
from tests.sequences import silent

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Iterator[silent.Silent]:
    with silent.provider() as provider:
        yield provider


def refusal(verb: Any, **asked: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        verb(**asked)
    return caught.value


def money(project: Project) -> tuple[int, int]:
    row = Project.objects.get(pk=project.pk)
    return row.held_micros, row.spent_micros


def overdue(desk: silent.Silent) -> tuple[Project, Job]:
    desk.silent = False
    project, job = silent.project_with_call()
    return project, silent.later(job)


def test_an_unsure_call_keeps_its_hold_and_is_never_sent_again(desk: silent.Silent) -> None:
    project, job = silent.project_with_call()
    assert (job.state, money(project), needs_count(project)) == ("unsure", (140_000, 0), 1)
    for _ in range(3):
        execution.step(job.pk)
    assert desk.submits == 1
    said = refusal(making.retry, actor=None, artefact=job.take)
    assert "Nobody knows yet whether SEQ01 T1 was taken; decide that first" in str(said)


def test_found_follows_the_request_and_names_the_person(desk: silent.Silent) -> None:
    project, job = silent.project_with_call()
    desk.knows["rq-77"] = Pending(None, "running", 5)
    artist = factories.add_member(project, Role.ARTIST, "ida")
    deciding.found(actor=artist, job=job, request_id="  rq-77 ")
    job = silent.fresh(job)
    assert (job.state, job.request_id, money(project)) == ("submitted", "rq-77", (140_000, 0))
    event = Event.objects.filter(subject="job", subject_id=job.pk).last()
    assert event is not None and (event.actor, event.was, event.now) == (artist, "unsure", "submitted")
    assert (needs_count(project), desk.submits) == (0, 1)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("", "Type the request number"),
        ("../rq/1", "is no request number"),
        ("rq-5\0", "control character"),
        ("rq-404", "sketch does not know request rq-404"),
        ("rq-taken", "Request rq-taken is SEQ01 T2 already"),
        ("rq-other", "Request rq-other was sent with another input; sketch lists this call's as rq-mine"),
    ],
)
def test_found_refuses_what_cannot_be_this_call(desk: silent.Silent, number: str, said: str) -> None:
    project, job = silent.project_with_call()
    other = making.request_takes(actor=None, sequences=[job.sequence])[0].jobs.get()
    Job.objects.filter(pk=other.pk).update(request_id="rq-taken")
    desk.knows.update({name: Pending(None, "", 5) for name in ("rq-taken", "rq-other", "rq-mine")})
    desk.lists = ["rq-mine"]
    assert said in str(refusal(deciding.found, actor=None, job=job, request_id=number))
    assert silent.fresh(job).state == "unsure"


def test_found_waits_while_the_provider_is_away_and_takes_what_only_a_list_lacks(desk: silent.Silent) -> None:
    _, job = silent.project_with_call()
    desk.knows["rq-1"] = Pending(None, "", 5)
    desk.away = True
    said = refusal(deciding.found, actor=None, job=job, request_id="rq-1")
    assert said.code == "try_later" and "cannot be asked now" in str(said)
    desk.away = False
    deciding.found(actor=None, job=job, request_id="rq-1")
    assert silent.fresh(job).state == "submitted"


def test_a_request_of_another_project_is_not_named(desk: silent.Silent) -> None:
    foreign, _ = silent.project_with_call()
    Job.objects.filter(project=foreign).update(request_id="rq-9")
    _, job = silent.project_with_call()
    said = str(refusal(deciding.found, actor=None, job=job, request_id="rq-9"))
    assert said == "Request rq-9 is another call already; one request is one call."


def test_never_arrived_gives_the_hold_back_and_the_take_can_be_retried(desk: silent.Silent) -> None:
    project, job = silent.project_with_call()
    job, owner = silent.later(job), project.members.get()
    deciding.absent(actor=owner, job=job, looked=True)
    job = silent.fresh(job)
    assert (job.state, job.error_code, job.charged, money(project)) == ("absent", "absent", False, (0, 0))
    entry = LedgerEntry.objects.get(job=job, kind="release")
    assert entry.actor == owner and "never arrived" in entry.why
    execution.assemble(job.take_id)
    take = factories.finish(job.take)
    assert take.state == "failed" and "It never arrived at sketch" in take.error
    desk.silent = False
    making.retry(actor=owner, artefact=take)
    again = take.jobs.exclude(pk=job.pk).get()
    assert (again.state, money(project), desk.submits) == ("queued", (140_000, 0), 1)


def test_nobody_can_say_so_before_it_must_have_shown(desk: silent.Silent) -> None:
    _, job = silent.project_with_call()
    until = timezone.localtime(job.deadline)
    said = str(refusal(deciding.absent, actor=None, job=job, looked=True))
    assert said.startswith(f"It may still show up until {until:%H:%M}")
    assert str(refusal(deciding.absent, actor=None, job=silent.later(job), looked=False)) == deciding.NOT_LOOKED


def test_nobody_decides_about_money_while_the_process_that_sent_it_lives(desk: silent.Silent) -> None:
    """A worker stopped between its last look and the POST may still send it."""
    project, job = silent.project_with_call()
    job = silent.later(job)
    silent.held_by(job, holder())
    for verb, asked in (
        (deciding.absent, {"looked": True, "machine_down": True}),
        (deciding.write_off, {"why": "old"}),
    ):
        assert str(refusal(verb, actor=None, job=job, **asked)) == (
            "The process that sent SEQ01 T1 still holds it; wait until it has ended."
        )
    assert (silent.fresh(job).state, money(project)) == ("unsure", (140_000, 0))


def test_a_silent_machine_takes_a_persons_word(desk: silent.Silent) -> None:
    _, job = silent.project_with_call()
    job = silent.later(job)
    silent.held_by(job, "studio-2|boot|12|3", minutes=11)
    said = str(refusal(deciding.absent, actor=None, job=job, looked=True))
    assert said.startswith("studio-2, which sent SEQ01 T1, has not been heard of for 10 minutes")
    deciding.absent(actor=None, job=job, looked=True, machine_down=True)
    assert silent.fresh(job).state == "absent"


def test_written_off_counts_the_whole_hold_and_keeps_the_reason(desk: silent.Silent) -> None:
    project, job = silent.project_with_call()
    owner = project.members.get()
    assert "Write down why" in str(refusal(deciding.write_off, actor=owner, job=job, why="  "))
    deciding.write_off(actor=owner, job=job, why="support cannot tell")
    job = silent.fresh(job)
    assert (job.state, job.error_code, job.charged, job.cost_micros) == ("failed", "written_off", None, 140_000)
    assert money(project) == (0, 140_000)
    entry = LedgerEntry.objects.get(job=job, kind="settle")
    assert entry.actor == owner and entry.why.endswith(": support cannot tell")
    execution.assemble(job.take_id)
    assert "support cannot tell" in factories.finish(job.take).error


def test_money_is_an_owners_to_decide_and_nothing_is_a_reviewers(desk: silent.Silent) -> None:
    project, job = silent.project_with_call()
    job = silent.later(job)
    artist, reviewer = factories.add_member(project, Role.ARTIST), factories.add_member(project, Role.REVIEWER)
    ways: list[tuple[Any, dict[str, Any]]] = [
        (deciding.absent, {"looked": True}),
        (deciding.write_off, {"why": "old"}),
        (deciding.found, {"request_id": "rq-1"}),
    ]
    for verb, asked in ways[:2]:
        assert refusal(verb, actor=artist, job=job, **asked).code == "not_allowed"
    for verb, asked in ways:
        assert refusal(verb, actor=reviewer, job=job, **asked).code == "not_allowed"
        assert refusal(verb, actor=factories.make_user(), job=job, **asked).code == "not_found"
    assert silent.fresh(job).state == "unsure"
    operator = factories.make_user(is_superuser=True)
    deciding.write_off(actor=operator, job=job, why="old")


def test_an_overdue_call_is_asked_for_another_hour(desk: silent.Silent) -> None:
    project, job = overdue(desk)
    assert needs_count(project) == 1
    said = refusal(deciding.found, actor=None, job=job, request_id="rq-2")
    assert "was accepted as rq-1, so it cannot be rq-2" in str(said)
    deciding.found(actor=None, job=job, request_id="rq-1")
    job = silent.fresh(job)
    assert job.deadline is not None and job.deadline > timezone.now() + timedelta(minutes=59)
    assert (job.state, needs_count(project)) == ("submitted", 0)
    desk.knows["rq-1"] = Ready(RemoteFile("x", "video/mp4"), None, None, {})
    execution.ask_now(job.pk)
    assert (silent.fresh(job).state, desk.submits, desk.cancels) == ("ready", 1, 0)


def test_an_overdue_call_that_never_arrived_goes_through_unsure(desk: silent.Silent) -> None:
    project, job = overdue(desk)
    deciding.absent(actor=project.members.get(), job=job, looked=True)
    moves = Event.objects.filter(subject="job", subject_id=job.pk).order_by("id").values_list("was", "now")
    assert list(moves)[-2:] == [("submitted", "unsure"), ("unsure", "absent")]
    assert money(project) == (0, 0)


def test_two_people_decide_one_wins_the_other_is_told(desk: silent.Silent) -> None:
    project, job = silent.project_with_call()
    first, second = silent.later(job), silent.fresh(job)
    mara = factories.add_member(project, Role.OWNER, "mara")
    deciding.absent(actor=mara, job=first, looked=True)
    said = refusal(deciding.write_off, actor=project.members.first(), job=second, why="old")
    assert str(said).startswith("SEQ01 T1 needs no decision any more: mara decided at ")
    assert LedgerEntry.objects.filter(job=job).exclude(kind="hold").count() == 1
    assert money(project) == (0, 0)


def test_at_the_same_moment_one_wins_too(desk: silent.Silent, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other one decides between our look at the provider and our write."""
    project, job = silent.project_with_call()
    desk.knows["rq-7"] = Pending(None, "", 5)
    mine, theirs = silent.later(job), silent.fresh(job)
    real = desk.look

    def look(request_id: str, *, endpoint: str = "") -> Any:
        deciding.absent(actor=None, job=theirs, looked=True)
        return real(request_id, endpoint=endpoint)

    monkeypatch.setattr(desk, "look", look)
    said = refusal(deciding.found, actor=None, job=mine, request_id="rq-7")
    assert said.code == "stale"
    assert (silent.fresh(job).state, money(project)) == ("absent", (0, 0))


def test_a_late_result_is_put_away_once(desk: silent.Silent) -> None:
    project, job = silent.project_with_call()
    deciding.write_off(actor=None, job=job, why="old")
    job = silent.came_late(job)
    assert needs_count(project) == 1
    deciding.dismiss_late(actor=None, job=job)
    assert (needs_count(project), silent.fresh(job).late_file) == (0, "late/job.mp4")
    assert "needs no decision" in str(refusal(deciding.dismiss_late, actor=None, job=job))
    execution.late.expect(silent.fresh(job))
    assert silent.fresh(job).late == ""


def test_what_cannot_be_fetched_is_tried_again_or_given_up(desk: silent.Silent) -> None:
    desk.silent = False
    project, job = silent.project_with_call()
    desk.knows["rq-1"] = Ready(RemoteFile("x", "video/mp4"), None, None, {})
    job = silent.stuck(job)
    assert (job.state, needs_count(project), money(project)) == ("ready", 1, (0, 140_000))
    deciding.ask_again(actor=None, job=job)
    assert needs_count(project) == 0
    Job.objects.update(tries=5)
    deciding.write_off(actor=None, job=silent.fresh(job), why="the file is gone")
    assert (silent.fresh(job).state, money(project)) == ("lost", (0, 140_000))


def test_calls_of_a_provider_that_answers_for_itself_need_nobody() -> None:
    with factories.faults("unsure"):
        project, job = silent.project_with_call()
        assert (job.state, needs_count(project)) == ("unsure", 0)
        said = str(refusal(deciding.absent, actor=None, job=job, looked=True))
        assert said.startswith("SEQ01 T1 needs no decision")


def test_a_call_that_goes_well_needs_nobody(desk: silent.Silent) -> None:
    desk.silent = False
    project, _ = silent.project_with_call()
    owner = project.members.get()
    job = making.request_takes(actor=owner, sequences=[factories.sequence_of(project)])[0].jobs.get()
    execution.step(job.pk)
    for verb, asked in ((deciding.absent, {"looked": True}), (deciding.write_off, {"why": "x"})):
        assert str(refusal(verb, actor=owner, job=job, **asked)) == "SEQ01 T2 needs no decision: sent."


def test_a_retry_pressed_by_two_people_is_one_new_call(desk: silent.Silent) -> None:
    project, job = silent.project_with_call()
    deciding.absent(actor=None, job=silent.later(job), looked=True)
    execution.assemble(job.take_id)
    mine, theirs = factories.finish(job.take), type(job.take).objects.get(pk=job.take_id)
    making.retry(actor=project.members.get(), artefact=mine)
    with pytest.raises(Stale, match="has changed meanwhile"):
        making.retry(actor=project.members.get(), artefact=theirs)
    assert (job.take.jobs.count(), money(project)) == (2, (140_000, 0))
