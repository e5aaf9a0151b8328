"""How long a webhook is kept waiting, against a page that does not exist, in the same run.

`pytest -m bench tests/bench/bench_webhook.py -s`. Both go through every middleware in this process; the webhook is
checked, kept and answered, each with a body of its own. The database is in memory: a file on a disk adds its own sync.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from statistics import median, quantiles
from time import perf_counter

import pytest
from django.test import Client

from sequences import execution
from sequences.models import Job, Receipt
from tests import paid
from tests.fakes.fal import InProcessFal
from tests.fakes.fal.hooks import Letter, message
from tests.paid import Bench

PROMISE_MS = 50
MOST_RATIO = 40
RUNS = 200


@pytest.fixture
def hooked() -> Iterator[Bench]:
    with paid.calm() as fake:
        assert isinstance(fake, InProcessFal)
        with paid.bench(fake, paid.PUBLIC) as bench:
            yield bench


def milliseconds(times: list[float]) -> tuple[float, float]:
    """Median and 95th percentile."""
    return median(times) * 1000, quantiles(times, n=20)[18] * 1000


def timed(ask: Callable[[], int], status: int) -> float:
    start = perf_counter()
    found = ask()
    took = perf_counter() - start
    assert found == status
    return took


def letters(bench: Bench) -> list[Letter]:
    """One a run, each signed for another body: none is a replay."""
    job = bench.grid()
    execution.step(job.pk)
    first = bench.letter(job)
    made = []
    for number in range(RUNS + 1):
        body = json.dumps({**json.loads(first.body), "number": number}).encode()
        stamp = first.headers["x-fal-webhook-timestamp"]
        text = message(Job.objects.get().request_id, bench.fal.account, stamp, body)
        signed = {**first.headers, "x-fal-webhook-signature": bench.fal.fake.hooks.keys.sign(text)}
        made.append(replace(first, headers=signed, body=body))
    return made


@pytest.mark.bench
@pytest.mark.django_db(transaction=True)
def test_a_webhook_is_answered_at_once(hooked: Bench) -> None:
    hooked.know_keys()
    sent, client = letters(hooked), Client()
    paid.post(sent.pop())
    hooks, nothing, guesses = [], [], []
    for letter in sent:
        hooks.append(timed(lambda letter=letter: paid.post(letter), 200))
        nothing.append(timed(lambda: client.get("/hooks/nothing/here/at/all/").status_code, 404))
        guesses.append(timed(lambda: client.post("/hooks/fal/guess", b"{}", content_type="x/y").status_code, 404))
    assert Receipt.objects.filter(kind="webhook").count() == RUNS + 1
    (middle, late), (bare, bare_late), (guess, guess_late) = map(milliseconds, (hooks, nothing, guesses))
    print(
        f"\nwebhook: median {middle:.1f} ms, p95 {late:.1f} ms (promised {PROMISE_MS} ms); empty 404: {bare:.1f} and"
        f" {bare_late:.1f} ms; unknown token: {guess:.1f} and {guess_late:.1f} ms; ratio {middle / bare:.1f}"
    )
    assert middle / bare < MOST_RATIO
