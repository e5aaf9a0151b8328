"""Prove on a real database, whichever `DATABASE_URL` names, what threads, triggers and the whole loop do there.

    DATABASE_URL=… DATA_DIR=… python -m tests.faults.on_database [PROOF …]

Migrates the database, runs the named proofs (all without a name), and prints one line a proof. Exits 1 when one does
not hold. The database is left behind; give it one of its own.
"""

from __future__ import annotations

import importlib
import os
import sys
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

PRESSES = 40
PROOFS: dict[str, Callable[[], str]] = {}


def main(words: list[str]) -> int:
    """Run proofs; 0 when all hold."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "clientvideo.settings"
    os.environ["CELERY_BROKER_URL"] = "memory://"
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    print(f"on {connection.vendor}")
    failed = [name for name in words or PROOFS if not _holds(name)]
    return 1 if failed else 0


def _holds(name: str) -> bool:
    import traceback

    from tests import factories

    factories.priced(second="1.00", picture="0")
    try:
        # whoever waits for a call draws all those of the proofs before
        with factories.small_grids():
            print(f"{name}: {PROOFS[name]()}", flush=True)
    except Exception:
        print(f"{name}: FAILED\n{traceback.format_exc()}", flush=True)
        return False
    return True


def proof(run: Callable[[], str]) -> Callable[[], str]:
    """List a proof under its name. It returns what was seen, or raises."""
    PROOFS[run.__name__] = run
    return run


def at_once(count: int, press: Callable[[int], Any]) -> list[Any]:
    """`press(n)` in so many threads that start together, each on a connection of its own: results and refusals.

    Any other error than a Refusal is raised: nothing may break only because others press too.
    """
    from django.db import connection

    from sequences.errors import Refusal

    gate, found, broken = threading.Barrier(count), list[Any](), list[Exception]()

    def run(number: int) -> None:
        gate.wait()
        try:
            found.append(press(number))
        except Refusal as refusal:
            found.append(refusal)
        except Exception as error:
            broken.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if broken:
        raise broken[0]
    return found


def accepted(found: list[Any]) -> list[Any]:
    """What was not refused."""
    return [answer for answer in found if not isinstance(answer, Exception)]


def one_sequence(budget: str = "80.00", **plan: Any) -> Any:
    """A sequence of one second with a start frame: one take costs one dollar."""
    from tests import factories

    return factories.make_project(sequences=[factories.Plan(start_frame=True, **plan)], budget=budget).sequences.get()


@proof
def cap() -> str:
    from sequences.models import Job, LedgerEntry
    from sequences.orchestration import request_takes

    sequence = one_sequence(budget="5.00")
    found = at_once(PRESSES, lambda n: request_takes(actor=None, sequences=[sequence], key=f"press-{n}"))
    project = sequence.project
    project.refresh_from_db()
    refusals = Counter(answer.code for answer in found if isinstance(answer, Exception))
    assert len(accepted(found)) == 5 and refusals == {"over_budget": PRESSES - 5}, (len(accepted(found)), refusals)
    assert (project.held_micros, project.spent_micros, project.cap_micros) == (5_000_000, 0, 5_000_000)
    assert sorted(sequence.takes.values_list("number", flat=True)) == [1, 2, 3, 4, 5]
    assert Job.objects.filter(sequence=sequence).count() == 5
    assert LedgerEntry.objects.filter(project=project, kind="hold").count() == 5
    return f"{PRESSES} presses at a cap for 5, 5 accepted"


@proof
def day_cap() -> str:
    """The same at the day's cap; the project's has room for all."""
    from sequences import costs
    from sequences.models import DayBudget, Job
    from sequences.orchestration import request_takes, set_day_cap
    from sequences.queries.proof import proof

    sequence = one_sequence()
    set_day_cap(actor=None, project=sequence.project, cap="5.00", why="a race")
    found = at_once(PRESSES, lambda n: request_takes(actor=None, sequences=[sequence], key=f"press-{n}"))
    refusals = Counter(answer.code for answer in found if isinstance(answer, Exception))
    assert len(accepted(found)) == 5 and refusals == {"over_day_cap": PRESSES - 5}, (len(accepted(found)), refusals)
    day = DayBudget.objects.get(project=sequence.project, day=costs.today())
    assert (day.held_micros, day.cap_micros) == (5_000_000, 5_000_000) and proof(sequence.project) == []
    assert Job.objects.filter(sequence=sequence).count() == 5
    return f"{PRESSES} presses at a day's cap for 5, 5 accepted"


@proof
def two_caps() -> str:
    """Two projects, one short of its cap, one of its day's, pressed and settled at once: no deadlock, no half hold."""
    from sequences import costs
    from sequences.errors import Refusal
    from sequences.models import Job
    from sequences.orchestration import request_takes, set_caps
    from sequences.queries.proof import proof

    first, second = one_sequence(), one_sequence()
    set_caps(actor=None, project=first.project, cap="4", day="6", why="a race")
    set_caps(actor=None, project=second.project, cap="6", day="3", why="a race")

    def press(n: int) -> Any:
        pair = (first, second) if n % 2 else (second, first)
        answers = []
        for sequence in pair:
            try:
                answers += request_takes(actor=None, sequences=[sequence], key=f"press-{n}")
            except Refusal as refusal:
                answers.append(refusal)
        for job in Job.objects.filter(take__in=[a for a in answers if not isinstance(a, Refusal)]):
            costs.settle(job, 1_000_000)
        return answers

    found = [answer for answers in at_once(20, press) for answer in answers]
    refusals = Counter(answer.code for answer in found if isinstance(answer, Refusal))
    assert refusals == {"over_budget": 16, "over_day_cap": 17}, refusals
    for sequence, spent in ((first, 4_000_000), (second, 3_000_000)):
        sequence.project.refresh_from_db()
        assert (sequence.project.held_micros, sequence.project.spent_micros) == (0, spent)
        assert proof(sequence.project) == []
    return "20 presses of 2 projects at different caps, 4 and 3 accepted and settled"


@proof
def same_key() -> str:
    from sequences.models import Job
    from sequences.orchestration import request_takes

    sequence = one_sequence()
    found = at_once(PRESSES, lambda n: request_takes(actor=None, sequences=[sequence], key="one-form"))
    project = sequence.project
    project.refresh_from_db()
    assert len({take.pk for answer in accepted(found) for take in answer}) == 1, found
    assert len(accepted(found)) == PRESSES, found
    assert (Job.objects.filter(sequence=sequence).count(), project.held_micros) == (1, 1_000_000)
    return f"{PRESSES} presses of one form, 1 take"


@proof
def grids() -> str:
    from sequences.orchestration import explore

    sequence = one_sequence()
    found = at_once(20, lambda n: explore(actor=None, sequence=sequence, layout="1x1", key=f"form-{n // 2}"))
    numbers = sorted(sequence.grids.values_list("number", flat=True))
    assert len(accepted(found)) == 20 and numbers == list(range(1, 11)), numbers
    return "20 presses of 10 forms, grids 1 to 10"


@proof
def plan() -> str:
    """Shots and revisions are numbered without a hole, whoever writes."""
    from sequences import orchestration

    sequence = one_sequence()
    shot = sequence.shots.get()
    at_once(8, lambda n: orchestration.revise(actor=None, shot=shot, text=f"words {n}"))
    at_once(8, lambda n: orchestration.add_shot(actor=None, sequence=sequence, prompt="more", seconds=1))
    assert list(shot.revisions.values_list("number", flat=True)) == list(range(1, 10))
    assert list(sequence.shots.values_list("number", flat=True)) == list(range(1, 10))
    return "8 writers at once, 8 revisions and 8 shots in a row"


@proof
def approvals() -> str:
    from dailies import review
    from sequences.models import Take
    from tests import factories

    sequence = one_sequence()
    takes = [factories.make_take(sequence).pk for _ in range(2)]
    found = at_once(8, lambda n: review.approve(actor=None, take=Take.objects.get(pk=takes[n % 2])))
    states = sorted(Take.objects.filter(pk__in=takes).values_list("state", flat=True))
    assert states == ["approved", "superseded"] or states == ["approved", "waiting"], states
    standing = Take.objects.get(sequence=sequence, state="approved").verdicts.filter(undone_at=None)
    assert standing.count() == 1 and 1 <= len(accepted(found)) <= 2, found
    return "8 approvals of 2 takes, 1 approved"


@proof
def settling() -> str:
    from sequences import costs
    from sequences.models import Job
    from sequences.orchestration import request_takes

    sequence = one_sequence()
    request_takes(actor=None, sequences=[sequence])
    job = Job.objects.get(sequence=sequence)
    at_once(8, lambda _: costs.settle(job, 700_000))
    project = sequence.project
    project.refresh_from_db()
    assert (project.held_micros, project.spent_micros) == (0, 700_000), (project.held_micros, project.spent_micros)
    return "8 bills for one call, paid once"


@proof
def stepping() -> str:
    """Many workers are rung for the same job: it is sent once, collected once, joined once."""
    from sequences import execution
    from sequences.models import Attempt, Clip, LedgerEntry, Receipt
    from sequences.orchestration import request_takes

    sequence = one_sequence()
    take = request_takes(actor=None, sequences=[sequence])[0]
    job = take.jobs.get()

    def press(_: int) -> None:
        execution.step(job.pk)
        execution.assemble(take.pk)

    for _ in range(200):
        at_once(4, press)
        take.refresh_from_db()
        if take.state != "making":
            break
    steps = Counter(Attempt.objects.filter(job=job).values_list("step", flat=True))
    assert (take.state, steps) == ("waiting", {"submit": 1, "collect": 1}), (take.state, take.error, steps)
    assert Clip.objects.filter(take=take).count() == 1
    assert Receipt.objects.filter(job=job, kind="submit").count() == 1
    assert Counter(LedgerEntry.objects.filter(job=job).values_list("kind", flat=True)) == {"hold": 1, "settle": 1}
    return "4 workers at one job, sent once and collected once"


@proof
def loop() -> str:
    """From an empty project to an exported cut, through the verbs."""
    from dailies import exporting, review
    from sequences import orchestration, storage
    from sequences.queries import load, stage
    from tests import factories

    plan = factories.Plan(prompts=("a pier at dawn", "neon street, pan left"), seconds=(1, 1))
    sequence = factories.make_project(sequences=[plan]).sequences.get()
    grid = factories.make_grid_ready(sequence, "2x2")
    orchestration.pick_start_frame(actor=None, grid=grid, cell=2)
    take = factories.finish(orchestration.request_takes(actor=None, sequences=[sequence])[0])
    review.judge_shots(actor=None, take=take, shots=[2], decision="redo")
    again = factories.finish(review.send_back(actor=None, take=take, reason="motion"))
    review.approve(actor=None, take=again, seen_sha256=again.sha256)
    assert [stage(facts) for facts in load(sequence.project)] == ["approved"]
    export = exporting.request_export(actor=None, project=sequence.project)
    exporting.render(export.pk)
    export.refresh_from_db()
    assert export.error == "" and storage.absolute(export.file).stat().st_size > 0, export.error
    return "grid, pick, take, reject and redo, approve, export"


@proof
def triggers() -> str:
    """History refuses a change in the database itself, column by column."""
    from django.db import DatabaseError, connection, transaction

    frozen = importlib.import_module("sequences.migrations.0002_frozen").FROZEN
    changed = 0
    for table, columns in frozen.items():
        for column in columns:
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT COUNT(*) FROM {table}")
                assert cursor.fetchone()[0], f"{table} is empty; run this proof after the loop"
                try:
                    with transaction.atomic():
                        cursor.execute(f"UPDATE {table} SET {column} = {column}")
                except DatabaseError as error:
                    assert f"{table} is history and cannot be changed" in str(error), error
                else:
                    raise AssertionError(f"{table}.{column} could be changed")
            changed += 1
    return f"{changed} columns of {len(frozen)} tables refuse"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
