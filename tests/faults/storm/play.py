"""A schedule played: what people press and decide, what workers do and how they die, and everything brought to its end.

A person in a storm is honest (whoever says that a call is not in the list has looked) but hasty: everything is tried at
any time, and the rules have to refuse it.
"""

from __future__ import annotations

import random
import signal
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.db import connection
from django.db.models import Q
from django.test import Client

from sequences import orchestration, storage
from sequences.errors import Refusal
from sequences.execution import unsure
from sequences.models import Account, Attempt, Grid, Job, Project, Sequence, Take
from sequences.orchestration import accounts, deciding
from sequences.providers import registry
from sequences.providers.base import ProviderError
from sequences.queries.needs import need_of, needs
from sequences.states import LIVE_JOBS, ArtefactState, JobState
from tests import factories, paid

from . import judge
from .schedule import Op, Schedule
from .world import FREEZE, Breaking, Child, Strike, World, now

T = TypeVar("T")
ROUNDS = 400
CLOSE = 25  # rounds of small waits at the end; then time passes in larger steps


class Play:
    """One schedule in a world. `run()` raises judge.Broken for a promise that did not hold."""

    def __init__(self, world: World, schedule: Schedule) -> None:
        self.world, self.schedule = world, schedule
        self.dice = random.Random(schedule.seed)
        self.allowed: Counter[tuple[str, int, int]] = Counter()
        self.project = self._project()
        self.sequences: list[Sequence] = list(self.project.sequences.order_by("start"))
        self.client = Client()

    def _project(self) -> Project:
        films = self.schedule.films
        plan = factories.Plan(
            prompts=("a pier at dawn", "a street") if films else ("a pier at dawn",),
            seconds=(3, 3) if films else (3,),
            mode="per_shot" if films else "multi_shot",
            start_frame=films,
        )
        dollars = self.schedule.calls * paid.GRID_PRICE / 1_000_000 * (4 if films else 1)
        plans = [plan] * self.schedule.sequences
        return self.world.bench.project(*plans, budget=f"{dollars:.2f}", song=False)

    @property
    def fake(self) -> Any:
        """The provider, seen from inside."""
        return self.world.bench.fal.fake

    @property
    def jobs(self) -> Any:
        """This schedule's jobs."""
        return Job.objects.filter(project=self.project)

    def run(self) -> list[judge.Call]:
        """Play every step, end everything, judge; returns the accepted calls."""
        random.seed(self.schedule.seed)
        for op in self.schedule.ops:
            getattr(self, op.name)(op)
        self._finish()
        made = judge.calls(self.fake)
        judge.at_end(self.project, made, self.allowed)
        return made

    # --- People ---

    def press(self, op: Op) -> None:
        """A form pressed some times; the first press that is not refused is what was asked for."""
        sequence = self.sequences[int(op.pick * len(self.sequences))]
        key, count = f"form-{op.args['what']}-{op.args['form']}", op.args["count"]
        for _ in range(op.args["times"]):
            if op.args["what"] == "grid":
                ask: Callable[[], Any] = lambda: orchestration.explore(  # noqa: E731  # two ways to ask, one to count
                    actor=None, sequence=sequence, layout="1x1", count=count, key=key
                )
            else:
                ask = lambda: orchestration.request_takes(  # noqa: E731  # as above
                    actor=None, sequences=[sequence], takes=count, key=key
                )
            self._allow(refusable(ask) or [])

    def _allow(self, artefacts: list[Grid] | list[Take]) -> None:
        for made in artefacts:
            for job in made.jobs.all():
                self.allowed[judge.purpose(job)] = max(1, self.allowed[judge.purpose(job)])

    def cancel(self, op: Op) -> None:
        """Somebody stops something."""
        if artefact := self._artefact(op, ArtefactState.MAKING):
            refusable(lambda: orchestration.cancel(actor=None, artefact=artefact))

    def retry(self, op: Op) -> None:
        """Somebody asks again for what failed: one more authorisation for each of its calls that is not done."""
        artefact = self._artefact(op, ArtefactState.FAILED)
        if artefact is None:
            return
        before = set(artefact.jobs.values_list("pk", flat=True))
        refusable(lambda: orchestration.retry(actor=None, artefact=artefact))
        for job in artefact.jobs.exclude(pk__in=before):
            self.allowed[judge.purpose(job)] += 1

    def _artefact(self, op: Op, state: ArtefactState) -> Any:
        found = [
            *Grid.objects.filter(sequence__in=self.sequences, state=state.value).order_by("id"),
            *Take.objects.filter(sequence__in=self.sequences, state=state.value).order_by("id"),
        ]
        return found[int(op.pick * len(found))] if found else None

    def reopen(self, op: Op) -> None:
        """An owner opens the account again."""
        accounts.reopen_account(actor=None, provider="fal")

    # --- Decisions ---

    def _live(self, op: Op) -> Job | None:
        live = list(self.jobs.filter(Q(state__in=LIVE_JOBS) | ~Q(late="")).order_by("id"))
        wanted = [j for j in live if need_of(j, now())] or live
        return wanted[int(op.pick * len(wanted))] if wanted else None

    def absent(self, op: Op) -> None:
        """An owner who has looked says that it never arrived."""
        if (job := self._live(op)) and not self._listed(job):
            self._decided(job, lambda: deciding.absent(actor=None, job=job, looked=True, machine_down=True))

    def write_off(self, op: Op) -> None:
        """An owner gives up."""
        if job := self._live(op):
            self._decided(job, lambda: deciding.write_off(actor=None, job=job, why="the storm"))

    def found(self, op: Op) -> None:
        """Somebody types a number from the provider's list: the right one, one that is another job's, or nonsense.

        Not the number of a call that no job knows and the list does not show: nobody could tell that it is wrong.
        """
        job = self._live(op)
        if job is None:
            return
        bound = set(self.jobs.exclude(request_id="").values_list("request_id", flat=True))
        made = judge.calls(self.fake)
        numbers = [call.request_id for call in made if call.request_id in bound or call.token == job.token]
        right = self._listed(job)
        typed = [*numbers, "00000000-no-such-number"]
        other = typed[min(int(op.args["choice"] * len(typed)), len(typed) - 1)]
        number = right[0] if right and op.args["choice"] < 0.6 else other
        refusable(lambda: deciding.found(actor=None, job=job, request_id=number))

    def ask_again(self, op: Op) -> None:
        """Another hour."""
        if job := self._live(op):
            refusable(lambda: deciding.ask_again(actor=None, job=job))

    def put_away(self, op: Op) -> None:
        """A late result is put away."""
        if job := self._live(op):
            refusable(lambda: deciding.dismiss_late(actor=None, job=job))

    def _decided(self, job: Job, decide: Callable[[], Any]) -> None:
        """Decide, and check what the rules must have checked: nobody may still send it, and it must have shown."""
        job.refresh_from_db()
        was, alive, until = job.state, self._held_by_a_child(job), job.deadline
        if refusable(decide) is None:
            return
        job.refresh_from_db()
        if was != JobState.UNSURE:
            return
        if alive:
            raise judge.Broken(judge.RULE, f"{job} was decided ({job.state}) while {alive} may still send it")
        if job.state == JobState.ABSENT and (until is None or until > now()):
            raise judge.Broken(judge.RULE, f"{job} was said to be absent before it must have shown")

    def _held_by_a_child(self, job: Job) -> str:
        last = Attempt.objects.filter(job=job, step="submit").order_by("-epoch").first()
        if last is None or (last.ended_at is not None and "is gone" not in last.outcome):
            return ""  # it said itself that it will not send; that others say so proves nothing
        return next((c.words for c in self.world.children if f"|{c.pid}|" in last.owner), "")

    def _listed(self, job: Job) -> list[str]:
        """What the provider's list shows of this input that is no other job's; nothing when it does not answer."""
        provider: Any = registry.get("fal")
        since = (job.sent_at or job.created_at) - timedelta(minutes=5)
        try:
            rows = provider.find(unsure.wire_of(job), since=since, until=now()) if job.wire else ()
        except ProviderError:
            return ["not to be read"]
        return [row.request_id for row in unsure.nearest_first(job, rows)]

    # --- Workers ---

    def work(self, op: Op) -> None:
        """Bells are answered: here, with a broken statement, beside another process, or by one that is struck."""
        how = op.args["how"]
        if how == "broken":
            with connection.execute_wrapper(Breaking(op.args["statement"])):
                quietly(self.world.round)
            connection.close()
        elif how in ("killed", "frozen"):
            self._struck(op, signal.SIGKILL if how == "killed" else signal.SIGSTOP)
        elif how == "beside":
            child = self._forked(str(op))
            self.world.round()
            self.world.wait(child)
        else:
            self.world.round()

    def _struck(self, op: Op, number: signal.Signals) -> None:
        statement = op.args.get("statement", 0)
        child = self._forked(str(op), statement=statement, number=number if statement else 0)
        if not statement:
            self.world.strike = Strike(child.pid, FREEZE if number == signal.SIGSTOP else number, op.args["moment"])
        self.world.wait(child)
        self.world.strike = None

    def _forked(self, words: str, *, statement: int = 0, number: int = 0) -> Child:
        seed = self.dice.randrange(2**31)
        return self.world.fork(self.world.round, words, seed=seed, statement=statement, number=number)

    def thaw(self, op: Op) -> None:
        """A frozen worker goes on where it was."""
        if frozen := self._frozen(op):
            self.world.thaw(frozen)

    def reap(self, op: Op) -> None:
        """A frozen worker is killed."""
        if frozen := self._frozen(op):
            self.world.kill(frozen)

    def _frozen(self, op: Op) -> Child | None:
        frozen = [c for c in self.world.children if c.frozen]
        return frozen[int(op.pick * len(frozen))] if frozen else None

    # --- The provider ---

    def fault(self, op: Op) -> None:
        """Something goes wrong there from now on."""
        self.fake.add_faults(op.args["rule"])

    def unplug(self, op: Op) -> None:
        """Nobody listens there, until the next time this happens."""
        self.world.on_loop(self.fake.listen("main" not in self.fake._servers))

    def jump(self, op: Op) -> None:
        """Time passes."""
        self.world.jump(op.args["seconds"])

    def hook(self, op: Op) -> None:
        """A webhook arrives, about a call that was accepted: early, late, twice, or not the provider's at all."""
        theirs = list(self.fake.queue.jobs.values())
        if theirs:
            self._post(theirs[int(op.pick * len(theirs))], op.args["variant"], op.args["times"])

    def _post(self, theirs: Any, variant: str = "", times: int = 1) -> None:
        self.world.bench.know_keys()
        letter = self.fake.hooks.letter(theirs, {f"webhook_{variant}": {}} if variant else {})
        for _ in range(times):
            path = urlsplit(letter.url).path
            self.client.post(path, letter.body, content_type="application/json", headers=letter.headers)

    # --- The end ---

    def _finish(self) -> None:
        """Faults off, everybody thawed or dead; then work until nothing is left to do."""
        self.fake.faults.rules.clear()
        self.world.on_loop(self.fake.listen(True))
        for child in list(self.world.children):
            (self.world.thaw if self.dice.random() < 0.6 else self.world.kill)(child)
        accounts.reopen_account(actor=None, provider="fal")
        self._drain()
        if self._post_what_was_hidden():
            self._drain()
        storage.tidy(0)  # what killed workers left half-written goes when a worker starts

    def _drain(self) -> None:
        for number in range(ROUNDS):
            self.world.round()
            if self._quiet():
                return
            if number > 3:
                self._decide_something()
            self.world.jump(self._wait(number))
        raise judge.Broken(judge.STUCK, f"not done after {ROUNDS} rounds: {stands(self.jobs)}")

    def _quiet(self) -> bool:
        waits = self.jobs.filter(Q(state__in=LIVE_JOBS) | Q(late="awaited"))
        return not waits.exclude(late="awaited", request_id__in=self._open_there()).exists()

    def _open_there(self) -> list[str]:
        return [number for number, job in self.fake.queue.jobs.items() if job.state != "COMPLETED"]

    def _wait(self, number: int) -> float:
        if not self.jobs.filter(state__in=LIVE_JOBS).exists():
            return 9000.0  # only what may come late is waited for
        return paid.next_due() if number < CLOSE else 1900.0

    def _decide_something(self) -> None:
        """A person goes through what needs one."""
        if Account.objects.filter(shut=True).exists():
            accounts.reopen_account(actor=None, provider="fal")
        for job in self.jobs.filter(needs(now())):
            getattr(self, f"_on_{need_of(job, now()) or 'nothing'}")(job)

    def _on_unknown(self, job: Job) -> None:
        listed = self._listed(job)
        if listed:
            refusable(lambda: deciding.found(actor=None, job=job, request_id=listed[0]))
        elif self.dice.random() < 0.7:
            self._decided(job, lambda: deciding.absent(actor=None, job=job, looked=True))
        else:
            self._decided(job, lambda: deciding.write_off(actor=None, job=job, why="the end of the storm"))

    def _on_overdue(self, job: Job) -> None:
        """Give up, or ask on; at last the provider ends what was stuck there."""
        chance = self.dice.random()
        if chance < 0.3:
            self._decided(job, lambda: deciding.write_off(actor=None, job=job, why="it does not end"))
        elif chance < 0.6:
            refusable(lambda: deciding.ask_again(actor=None, job=job))
        self._end_there([job.request_id])

    def _on_stuck(self, job: Job) -> None:
        refusable(lambda: deciding.ask_again(actor=None, job=job))

    def _on_late(self, job: Job) -> None:
        refusable(lambda: deciding.dismiss_late(actor=None, job=job))

    def _on_nothing(self, job: Job) -> None:
        return

    def _end_there(self, numbers: list[str]) -> None:
        theirs = [number for number in numbers if number in self.fake.queue.jobs]
        self.world.on_loop(self.fake.control._finish(theirs))

    def _post_what_was_hidden(self) -> bool:
        """What is stuck there ends; what neither an answer nor the list has told us is told by its webhook at last."""
        stuck = self._open_there()
        self._end_there(stuck)
        known = set(self.jobs.values_list("request_id", flat=True))
        hidden = [job for job in self.fake.queue.jobs.values() if job.request_id not in known]
        for theirs in hidden:
            self._post(theirs)
        return bool(hidden or stuck)


def refusable(verb: Callable[[], T]) -> T | None:
    """What a person gets, None when it was refused."""
    try:
        return verb()
    except Refusal:
        return None


def quietly(work: Callable[[], None]) -> None:
    """A worker's task that breaks is the end of the task, not of the worker."""
    try:
        work()
    except Exception as error:
        if "storm broke" not in f"{error}{error.__cause__}":
            raise


def stands(jobs: Any) -> str:
    """Where the jobs are, in a line each."""
    return "".join(
        f"\n    {j} {j.state} {j.error_code} late={j.late!r} tries={j.tries} {j.note} {j.error}" for j in jobs.all()
    )
