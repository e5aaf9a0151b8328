"""Many at once with the paid provider (W4, B6, B7, B15, U1, U8): webhooks, bells, sweeps, clicks, cancels."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from tests.faults.on_database import at_once
from tests.sequences.execution.paid.on_file import proof


@proof
def webhooks_at_once(bench: Any) -> str:
    """W4."""
    from django.utils import timezone

    from sequences import execution
    from sequences.models import Job, Receipt
    from tests.paid import fresh, moves, post

    bench.know_keys()
    job = bench.sent(bench.grid())
    bench.jump(25)
    Job.objects.filter(pk=job.pk).update(look_again_at=timezone.now() + timedelta(hours=1))
    letter = bench.letter(job)
    assert at_once(10, lambda _: post(letter)) == [200] * 10
    assert Receipt.objects.filter(kind="webhook").count() == 1
    at_once(10, lambda _: execution.follow_due())
    assert fresh(job).state == "ready" and moves(job).count("ready") == 1
    bench.work()
    bench.settled(job.project)
    return "one webhook on 10 connections, taken once, one move"


@proof
def bells_at_once(bench: Any) -> str:
    """B6, B7: the same message fifty times, and again while its work goes on."""
    from sequences import execution
    from sequences.models import LedgerEntry
    from tests.paid import fresh

    job = bench.grid()
    at_once(50, lambda _: execution.step(job.pk))
    assert (fresh(job).state, bench.posts) == ("submitted", 1)
    bench.made(job)
    bench.fal.fault("answer_after", on="download", seconds=0.3)
    at_once(8, lambda _: execution.step(job.pk))
    steps = Counter(job.attempts.values_list("step", flat=True))
    assert (fresh(job).state, steps) == ("done", {"submit": 1, "collect": 1}), steps
    assert Counter(LedgerEntry.objects.values_list("kind", flat=True)) == {"hold": 1, "settle": 1}
    bench.settled(job.project)
    return "50 bells, one submit; 8 while it was fetched, one file"


@proof
def sweeps_at_once(bench: Any) -> str:
    """B15: four that sweep, follow and answer whatever is due, each thinking it is alone."""
    from sequences.models import Attempt
    from tests.paid import quiet

    sequence = bench.sequence()
    jobs = [bench.grid(sequence) for _ in range(6)]
    for _ in range(60):
        at_once(4, lambda _: bench.round())
        if quiet():
            break
        bench.jump(5)
    steps = Counter(Attempt.objects.values_list("job", "step"))
    assert quiet() and set(steps.values()) == {1} and len(steps) == 2 * len(jobs), steps
    assert (bench.posts, bench.accepted) == (6, 6)
    bench.settled(sequence.project)
    return "4 sweeps at once, 6 calls sent once and taken in once"


@proof
def clicks_of_two_browsers(bench: Any) -> str:
    """U1: the page's own form, sent 40 times from two people's sessions: one take, which both then see."""
    import re

    from django.test import Client
    from django.urls import reverse

    from sequences.models import Job
    from sequences.models.plan import Role
    from tests import factories
    from tests.paid import TAKE_PRICE

    sequence = bench.sequence()
    project = sequence.project
    people = [project.members.get(), factories.add_member(project, Role.ARTIST)]
    sessions = []
    for person in people:
        client = Client()
        client.force_login(person)
        sessions.append(client)
    page = reverse("sequence", args=[project.slug, sequence.code])
    url = reverse("take_request", args=[project.slug, sequence.code])
    form = sessions[0].get(page).content.decode().partition(url)[2].partition("</form>")[0]
    key = re.search(r'name="key" value="([^"]+)"', form)
    assert key is not None
    data = {"key": key[1], "takes": "1", "confirmed": "1", "shown_price": str(TAKE_PRICE)}

    def click(number: int) -> int:
        browser = Client()
        browser.cookies = sessions[number % 2].cookies
        return browser.post(url, data).status_code

    found = Counter(at_once(40, click))
    assert set(found) == {303}, found
    assert (sequence.takes.count(), Job.objects.count()) == (1, 1)
    bench.work()
    assert bench.accepted == 1
    assert all("T1" in client.get(page).content.decode() for client in sessions)
    bench.settled(project)
    return "40 clicks in two browsers, one take, paid once"


@proof
def cancels_against_ends(bench: Any) -> str:
    """U8: 200 times somebody cancels while the call ends; state and money agree with the provider's."""
    from sequences import execution, orchestration
    from sequences.models import Job

    sequence = bench.sequence(budget="200")
    bench.fal.control(config={"cancel_delay": 0.0, "concurrency": 1000})
    for _ in range(20):
        jobs = [g.jobs.get() for g in orchestration.explore(actor=None, sequence=sequence, layout="1x1", count=10)]
        for job in jobs:
            execution.step(job.pk)
        half = [Job.objects.get(pk=job.pk).request_id for job in jobs[::2]]
        bench.fal.control(finish=half)

        def press(number: int, jobs: list[Any] = jobs) -> object:
            job = jobs[number // 2]
            if number % 2:
                return execution.step(job.pk)
            return orchestration.cancel(actor=None, artefact=job.grid)

        at_once(2 * len(jobs), press)
        bench.work()
    states = Counter(Job.objects.values_list("state", flat=True))
    assert sum(states.values()) == 200 and set(states) == {"done", "cancelled"}, states
    assert Job.objects.filter(state="done").count() == bench.totals()["billed"]
    assert (bench.posts, bench.accepted) == (200, 200)
    bench.settled(sequence.project)
    return f"200 races, {states['done']} done and {states['cancelled']} cancelled, as the provider billed"
