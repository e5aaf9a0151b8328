"""Webhooks are wake-ups (W1 to W9): what proves itself makes a job due, everything else changes nothing.

Ten at once are in `on_file`; how long an answer takes is measured by `tests/bench/bench_webhook.py`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sequences import storage
from sequences.execution import accounts, background
from sequences.models import Account, Job, Receipt
from sequences.orchestration import deciding
from tests import paid
from tests.fakes.fal import InProcessFal
from tests.fakes.fal.hooks import Letter, message
from tests.paid import GRID_PRICE, Bench, fresh, money, moves, post

pytestmark = pytest.mark.django_db(transaction=True)

SIGNED = ("request-id", "user-id", "timestamp", "signature")


@pytest.fixture
def live(running_fal: InProcessFal, live_server: Any) -> Iterator[Bench]:
    """The provider calls a server that listens."""
    with paid.bench(running_fal, live_server.url) as bench:
        yield bench


@pytest.fixture
def ended(hooked: Bench) -> tuple[Bench, Job]:
    """A call that has ended at the provider, and nobody has looked."""
    hooked.know_keys()
    job = hooked.sent(hooked.grid())
    Job.objects.filter(pk=job.pk).update(look_again_at=timezone.now() + timedelta(hours=1))
    hooked.jump(25)
    return hooked, fresh(job)


def rows() -> list[Any]:
    """Everything a webhook could change, but for the wish to see the keys."""
    account = Account.objects.values("shut", "rest_until", "errors", "heard_at", "keys").first()
    return [list(Job.objects.values()), list(Receipt.objects.values()), account]


def altered(letter: Letter, **headers: str) -> Letter:
    return replace(letter, headers={**letter.headers, **{f"x-fal-webhook-{k}": v for k, v in headers.items()}})


def without(letter: Letter, name: str) -> Letter:
    return replace(letter, headers={k: v for k, v in letter.headers.items() if k != f"x-fal-webhook-{name}"})


def test_a_webhook_that_proves_itself_makes_its_job_due(ended: tuple[Bench, Job]) -> None:
    fal, job = ended
    assert fal.hook(job) == 200
    assert fresh(job).look_again_at <= timezone.now()  # type: ignore[operator]  # a live job has one
    assert (fresh(job).state, fal.totals()["billed"]) == ("submitted", 1)
    fal.round()
    assert fresh(job).state == "done"
    fal.settled(job.project)


def test_the_fake_delivers_to_a_server_that_listens(live: Bench) -> None:
    """The provider's own delivery, end to end: no look was due before it came."""
    live.know_keys()
    job = live.sent(live.grid())
    Job.objects.filter(pk=job.pk).update(look_again_at=timezone.now() + timedelta(hours=1))
    live.jump(25)
    hooks = live.fal.ledger()["webhook"]
    assert [hook["status"] for hook in hooks] == [200]
    live.round()
    assert fresh(job).state == "done"
    live.settled(job.project)


def test_what_is_not_signed_as_it_came_changes_nothing(ended: tuple[Bench, Job]) -> None:
    """W1."""
    fal, job = ended
    good, before = fal.letter(job), rows()
    wrong = [
        fal.letter(job, "forged"),
        fal.letter(job, "altered"),
        fal.letter(job, "unsigned"),
        *(without(good, name) for name in SIGNED),
        *(altered(good, **{name: ""}) for name in SIGNED),
        *(altered(good, **{name: good.headers[f"x-fal-webhook-{name}"] + "0"}) for name in SIGNED),
        altered(good, signature="zz" * 64),
        altered(good, signature="é" * 10),
        altered(good, timestamp="٣" * 10),
        replace(good, body=good.body + b" "),
        replace(good, body=json.dumps(json.loads(good.body), indent=1).encode()),
    ]
    assert {post(letter) for letter in wrong} == {401}
    assert rows() == before
    assert post(good) == 200


def test_a_signed_body_that_names_no_request_changes_nothing(ended: tuple[Bench, Job]) -> None:
    """W1: the provider's signature on nonsense."""
    fal, job = ended
    keys, before, good = fal.fal.fake.hooks.keys, rows(), fal.letter(job)
    stamp = good.headers["x-fal-webhook-timestamp"]
    for body in (b"null", b"[]", b"{}", b'{"request_id": 7}', b"no json", b'{"request_id": "%s"}' % (b"x" * 121)):
        text = message(job.request_id, fal.fal.account, stamp, body)
        assert post(replace(altered(good, signature=keys.sign(text)), body=body)) == 401
    assert rows() == before


def test_a_webhook_about_another_account_is_turned_away(ended: tuple[Bench, Job]) -> None:
    """W2: its signature is the provider's own."""
    fal, job = ended
    before = rows()
    assert fal.hook(job, "foreign_account") == 401
    assert rows() == before


@pytest.mark.parametrize("seconds", [301, -301])
def test_a_webhook_of_another_time_is_turned_away(ended: tuple[Bench, Job], seconds: int) -> None:
    """W3."""
    fal, job = ended
    before = rows()
    assert fal.hook(job, "old_timestamp", seconds=seconds) == 401
    assert rows() == before


def test_a_replay_within_the_window_is_harmless(ended: tuple[Bench, Job]) -> None:
    """W3, W4."""
    fal, job = ended
    letter = fal.letter(job)
    assert post(letter) == 200
    after = rows()
    assert [post(letter) for _ in range(10)] == [200] * 10
    assert rows() == after and Receipt.objects.filter(kind="webhook").count() == 1
    fal.work()
    assert [post(letter), fresh(job).state, moves(job).count("ready")] == [200, "done", 1]
    fal.settled(job.project)


def test_a_webhook_before_the_reply_to_the_submit(live: Bench) -> None:
    """W5: kept while the job is being sent; the reply comes as ever."""
    live.know_keys()
    live.fal.fault("webhook_early")
    job = live.sent(live.grid())
    kinds = list(Receipt.objects.filter(job=job).values_list("kind", flat=True))
    assert (job.state, kinds) == ("submitted", ["webhook", "submit"])
    live.work()
    assert (fresh(job).state, live.accepted) == ("done", 1)
    live.settled(job.project)


def test_a_webhook_before_a_reply_that_is_lost_binds_by_its_token(live: Bench) -> None:
    """W5: nothing else names the call, which the list does not show."""
    live.know_keys()
    live.fal.fault("webhook_early; unlisted; accept_then_reset")
    job = live.sent(live.grid())
    assert (job.state, job.request_id) == ("unsure", "")
    live.work(hours=0.2)
    assert (fresh(job).state, fresh(job).request_id, live.accepted) == ("done", live.lost(), 1)
    live.settled(job.project)


def test_ok_then_error_the_provider_itself_is_asked(ended: tuple[Bench, Job]) -> None:
    """W6: what a webhook says about the end is kept and not believed."""
    fal, job = ended
    theirs = fal.fal.fake.queue.jobs[job.request_id]
    good = fal.letter(job)
    theirs.status_code = 500
    bad = fal.letter(job)
    theirs.status_code = 200
    assert [post(bad), post(good)] == [200, 200]
    fal.work()
    assert fresh(job).state == "done"
    assert post(altered(fal.letter(job))) == 200
    assert Receipt.objects.filter(kind="webhook", job=job).count() == 2
    assert fresh(job).state == "done" and moves(job)[-1] == "done"
    fal.settled(job.project)


def test_a_webhook_for_a_call_said_to_have_never_arrived_brings_its_result(hooked: Bench) -> None:
    """W6: kept beside the grid, and its bill is counted, which nobody had."""
    hooked.know_keys()
    hooked.fal.fault("unlisted; accept_then_reset; stuck")
    job = hooked.grid()
    hooked.work(hours=3, patient=True)
    deciding.absent(actor=None, job=fresh(job), looked=True)
    hooked.work(hours=26)
    assert (fresh(job).state, money(job.project)) == ("absent", (0, 0))
    hooked.fal.control(finish="all")
    hooked.know_keys()
    assert hooked.hook(job) == 200
    hooked.work()
    job = fresh(job)
    assert (job.state, job.late, hooked.accepted) == ("absent", "kept", 1)
    assert storage.absolute(job.late_file).exists() and money(job.project) == (0, GRID_PRICE)
    hooked.settled(job.project)


# --- W7: the keys ---


NO_KEYS = [
    "jwks:status(503)*0",
    "jwks:html(200)*0",
    "jwks:empty*0",
    "jwks:huge_body*0",
    "jwks:redirect(http://169.254.169.254/)*0",
    "jwks:reset_before_accept*0",
]


@pytest.mark.parametrize("fault", NO_KEYS)
def test_without_keys_webhooks_wait_and_looks_go_on(hooked: Bench, fault: str) -> None:
    """W7: closed, never open."""
    hooked.fal.fault(fault)
    job = hooked.sent(hooked.grid())
    hooked.jump(25)
    background.look_after("fal")
    assert hooked.hook(job) == 503
    assert not Receipt.objects.filter(kind="webhook").exists()
    hooked.work()
    assert (fresh(job).state, hooked.accepted) == ("done", 1)
    hooked.settled(job.project)


POISON = [{"keys": []}, {"keys": [{"x": "AAAA"}]}, {"no": "keys"}]


@pytest.mark.parametrize("fault", [*NO_KEYS, *POISON])
def test_keys_that_cannot_be_read_leave_the_last_good_ones(ended: tuple[Bench, Job], fault: Any) -> None:
    """W7: poisoned, too large, redirected or down."""
    fal, job = ended
    known = accounts.standing("fal").keys
    if isinstance(fault, str):
        fal.fal.fault(fault)
    else:
        fal.fal.fault("status", on="jwks", times=0, code=200, body=fault)
    fal.clock.shift(13 * 3600)
    assert background.due("fal")
    background.look_after("fal")
    assert accounts.standing("fal").keys == known and fal.hook(job) == 200
    fal.clock.shift(12 * 3600)  # a day after the last good ones nothing is believed
    assert fal.hook(job, "gateway_id") == 503


def test_rotated_keys_are_fetched_once_a_minute_and_no_more(ended: tuple[Bench, Job]) -> None:
    """W7: a signature nobody knows may be a forgery, so it is no reason to ask the provider each time."""
    fal, job = ended
    fal.fal.control(rotate_key="drop_old")
    assert fal.hook(job) == 401 and not background.due("fal")
    fal.clock.shift(61)
    assert background.due("fal")
    assert [post(letter) for letter in [fal.letter(job, "forged")] * 5] == [401] * 5
    background.look_after("fal")
    assert not background.due("fal") and fal.hook(job) == 200
    fal.work()
    assert fresh(job).state == "done"


def test_webhooks_that_are_lost_leave_no_job_behind(hooked: Bench) -> None:
    """W7: polling alone finishes."""
    hooked.fal.fault("webhook_never*0")
    job = hooked.grid()
    hooked.work()
    assert (fresh(job).state, hooked.totals()["webhook"]) == ("done", 0)
    hooked.settled(job.project)


# --- W8, W9 ---


def test_a_flood_of_unknown_tokens_leaves_the_database_as_it_is(ended: tuple[Bench, Job]) -> None:
    """W8: one read by an index a try, nothing computed, nothing written."""
    fal, job = ended
    before, client, body = rows(), Client(), fal.letter(job).body
    words = [f"guess-{number}" for number in range(400)] + ["x" * 81, "é", "%00", "..%2f", "a b"]
    with CaptureQueriesContext(connection) as queries:
        found = {client.post(f"/hooks/fal/{word}", body, content_type="application/json").status_code for word in words}
    assert found == {404} and rows() == before
    assert len(queries) <= len(words) and all(q["sql"].startswith("SELECT") for q in queries)
    assert client.post("/hooks/sketch/x", body, content_type="application/json").status_code == 404
    assert client.get(f"/hooks/fal/{job.token}").status_code == 405


def test_a_body_over_a_megabyte_is_not_read(ended: tuple[Bench, Job]) -> None:
    """W8."""
    fal, job = ended
    before = rows()
    assert post(replace(fal.letter(job), body=b"x" * 1_000_001)) == 413
    assert rows() == before


def test_an_address_in_the_payload_is_ignored(ended: tuple[Bench, Job]) -> None:
    """W9: signed and all; the result is fetched by the call's number."""
    fal, job = ended
    theirs = fal.fal.fake.queue.jobs[job.request_id]
    true, theirs.output = theirs.output, {"images": [{"url": "http://169.254.169.254/latest/"}]}
    letter = fal.letter(job)
    theirs.output = true
    assert b"169.254" in letter.body and post(letter) == 200
    fal.work()
    assert fresh(job).state == "done" and fresh(job).result_ref["ref"] == true["images"][0]["url"]  # type: ignore[index]
    fal.settled(job.project)


def test_a_webhook_that_names_another_request_binds_nothing(ended: tuple[Bench, Job]) -> None:
    """W6, W9: signed for another call of the account, with this job's token: this job keeps its own number."""
    fal, job = ended
    other = fal.sent(fal.grid())
    fal.jump(25)
    letter = replace(fal.letter(other), url=fal.letter(job).url)
    assert post(letter) == 200
    fal.work()
    assert fresh(job).request_id == job.request_id != fresh(other).request_id
    assert [fresh(job).state, fresh(other).state, fal.accepted] == ["done", "done", 2]
