"""decide, jobs --needs and reconcile: the same rules and sentences as the page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sequences.models import Job
from sequences.models.plan import Role
from sequences.providers.base import Pending
from tests import factories
from tests.commands import document, ran, refused, typed
from tests.sequences import silent

pytestmark = pytest.mark.django_db
ROW = {"job", "what", "state", "may_cost", "since", "arrives_until", "request_id", "needs"}


@pytest.fixture
def desk() -> Iterator[silent.Silent]:
    with silent.provider() as provider:
        yield provider


def slug(job: Job) -> list[str]:
    return ["--project", job.project.slug]


def test_jobs_and_reconcile_list_what_needs_a_person(desk: silent.Silent) -> None:
    _, job = silent.project_with_call()
    listed = document("jobs", "--needs", *slug(job))
    assert [row["id"] for row in listed["jobs"]] == [job.pk]
    found = document("reconcile", *slug(job))
    assert found["moved"] == [] and len(found["waiting"]) == 1
    row = found["waiting"][0]
    assert set(row) == ROW and row == listed["waiting"][0] | {"arrives_until": row["arrives_until"]}
    assert (row["job"], row["what"], row["state"], row["may_cost"]) == (job.pk, "SEQ01 T1", "unsure", "0.14")
    assert (row["needs"], row["request_id"]) == ("unknown", "") and row["arrives_until"].endswith("Z")
    code, out, _ = ran("reconcile")
    assert code == 0 and "SEQ01 T1: outcome unknown for less than a minute; may cost $0.14" in out
    assert "It may still show up until" in out and f"decide {job.pk} --project {job.project.slug} found" in out
    assert desk.submits == 1


def test_reconcile_finds_what_the_list_shows(desk: silent.Silent) -> None:
    _, job = silent.project_with_call()
    desk.lists, desk.knows["rq-3"] = ["rq-3"], Pending(None, "", 5)
    found = document("reconcile", *slug(job))
    assert found == {"moved": [{"job": job.pk, "from": "unsure", "to": "submitted", "why": "found as rq-3"}],
                     "waiting": []}  # fmt: skip
    assert "No call needs a decision." in ran("jobs", "--needs", *slug(job))[1]


def test_reconcile_leaves_projects_of_others_alone(desk: silent.Silent) -> None:
    silent.project_with_call()
    stranger = factories.make_user()
    assert document("reconcile", "--user", stranger.get_username()) == {"moved": [], "waiting": []}


def test_each_way_by_its_words(desk: silent.Silent) -> None:
    project, job = silent.project_with_call()
    desk.knows["rq-9"] = Pending(None, "", 5)
    said = document("decide", "SEQ01/T1", "found", "--request-id", "rq-9", *slug(job))["decided"]
    assert (said["job"], said["from"], said["to"], said["request_id"]) == (job.pk, "unsure", "submitted", "rq-9")
    silent.later(job)
    assert document("decide", str(job.pk), "again", *slug(job))["decided"]["to"] == "submitted"
    other = silent.later(silent.sent(project))
    assert document("decide", str(other.pk), "absent", "--looked", *slug(job))["decided"]["to"] == "absent"
    third = silent.sent(project)
    code, out, _ = ran("decide", str(third.pk), "write-off", "--why", "nobody knows", *slug(job))
    assert (code, out.strip()) == (0, "SEQ01 T3 is failed now; $0.14 counts as spent.")
    silent.came_late(third)
    assert document("decide", str(third.pk), "dismiss", *slug(job))["decided"]["how"] == "dismiss"


def test_refusals_are_the_pages_sentences(desk: silent.Silent) -> None:
    project, job = silent.project_with_call()
    assert refused("decide", "SEQ01/T1", "absent", "--looked", *slug(job))["message"].startswith("It may still show up")
    silent.later(job)
    assert refused("decide", str(job.pk), "absent", *slug(job))["message"].startswith("Look at the service's own list")
    assert "Write down why" in refused("decide", str(job.pk), "write-off", *slug(job))["message"]
    assert "Type the request number" in refused("decide", str(job.pk), "found", *slug(job))["message"]
    artist = factories.add_member(project, Role.ARTIST).get_username()
    error = refused("decide", str(job.pk), "absent", "--looked", "--user", artist, *slug(job))
    assert error["code"] == "not_allowed" and "this takes an owner" in error["message"]


def test_what_is_named_must_be_one_call(desk: silent.Silent) -> None:
    project, job = silent.project_with_call()
    assert refused("decide", "99999", "again", *slug(job))["message"] == f"There is no job 99999 in {project.slug}."
    assert refused("decide", "9" * 30, "again", *slug(job))["code"] == "not_found"
    desk.silent = False
    silent.sent(project)
    assert refused("decide", "SEQ01/T2", "again", *slug(job))["message"] == "No call of SEQ01/T2 needs a decision."
    assert typed("decide", str(job.pk), "found", "--why", "x", *slug(job)) == 2
    assert typed("decide", str(job.pk), "sometimes", *slug(job)) == 2
