"""Every step that anybody can make in the model of the protocol, and what must never be true after one."""

from __future__ import annotations

from typing import Any

from sequences.states import FOLLOWED_JOBS, JOB_MOVES, JobState
from tests.architecture.protocol_world import (
    ABSENT,
    CANCELLED,
    CANCELLING,
    DONE,
    FAILED,
    LOST,
    MOST_COLLECTS,
    MOST_REQUESTS,
    PROCESSING,
    READY,
    SUBMITTED,
    SUBMITTING,
    UNSURE,
    Q,
    Request,
    Row,
    Scene,
    Steps,
    Worker,
    World,
    alive,
    change,
    may_come,
    put,
    tell,
)


class Model:
    """The steps of every actor. `without` are the rules that are taken away."""

    def __init__(self, scene: Scene, without: frozenset[str], moves: set[tuple[JobState, JobState]]) -> None:
        self.scene, self.without, self.moves = scene, without, moves

    def steps(self, world: World) -> Steps:
        """Everything that can happen next."""
        for number, worker in enumerate(world.workers):
            yield from self._worker(world, number, worker)
        for number, row in enumerate(world.rows):
            yield from self._sweep(world, number, row)
            yield from self._followed(world, number, row)
            yield from self._person(world, number, row)
            yield from self._late(world, number, row)
        for number, request in enumerate(world.requests):
            yield from self._provider(world, number, request)
        last = world.rows[-1].state
        if len(world.rows) <= self.scene.retries and last != DONE and not JOB_MOVES[last]:
            yield "retry", world._replace(rows=(*world.rows, Row()))

    # --- What must never be ---

    def wrong(self, world: World) -> str:
        """The promise that does not hold; empty while all do."""
        if world.wrong:
            return world.wrong
        numbers = [row.number for row in world.rows if row.number >= 0]
        if len(numbers) != len(set(numbers)):
            return "one request belongs to two jobs"
        for number, row in enumerate(world.rows):
            mine = [r for r in world.requests if r.row == number]
            if len(mine) > 1:
                return "one job was paid twice"
            if row.state == ABSENT and mine:
                return "accepted, and said to have never arrived"
            if row.spent > 1:
                return "one bill was counted twice"
            billed = row.number >= 0 and world.requests[row.number].state == "good"
            if billed and row.free and not row.spent and row.late != "awaited":
                return "billed, and counted as free"
        hidden = [r for n, r in enumerate(world.requests) if not self._visible(world, n, r)]
        return "an accepted request that nobody knows or looks for" if hidden else ""

    def _visible(self, world: World, number: int, request: Request) -> bool:
        """A job knows it, a webhook told it, its own job is unheard of, or a job that ended looks for its input."""
        sender = world.rows[request.row]
        if (request.told and sender.number < 0) or any(row.number == number for row in world.rows):
            return True
        looks = any(row.late == "awaited" and row.number < 0 for row in world.rows)
        return looks or sender.state in (SUBMITTING, UNSURE)

    # --- Workers ---

    def _worker(self, world: World, number: int, worker: Worker) -> Steps:
        if worker.at == "idle":
            yield from self._idle(world, number)
            return
        yield from getattr(self, f"_{worker.at}")(world, number, worker)
        yield f"kill {number}", put(self._anew(world, worker), number)

    def _idle(self, world: World, number: int) -> Steps:
        for place, row in enumerate(world.rows):
            if row.state == Q and row.cancel:
                yield "cancelled unsent", self._move(world, place, CANCELLED, free=True)
            elif row.state == Q and row.epoch >= self.scene.claims:
                yield "given up", self._move(world, place, FAILED, free=True)
            elif row.state == Q:
                if "claim" in self.without:
                    yield f"read {number}", put(world, number, Worker("read", place, row.epoch))
                if not self._unheard(world, place) or "one lost call an input" in self.without:
                    yield f"claim {number}", self._claimed_by(world, place, number)
            if row.state == READY and self.scene.collects and row.epoch < MOST_COLLECTS and row.holder < 0:
                taken = change(world, place, epoch=row.epoch + 1, holder=number)
                yield f"collect {number}", put(taken, number, Worker("collecting", place, row.epoch + 1))

    def _claimed_by(self, world: World, place: int, number: int) -> World:
        epoch = world.rows[place].epoch + 1
        taken = self._move(world, place, SUBMITTING, epoch=epoch, holder=number)
        return put(taken, number, Worker("claimed", place, epoch))

    def _read(self, world: World, number: int, worker: Worker) -> Steps:
        """Without the claim: act on what was read, whatever became of it."""
        if world.rows[worker.row].state in (Q, SUBMITTING):
            taken = change(world, worker.row, state=SUBMITTING, epoch=worker.epoch + 1, holder=number)
            yield f"take what was read {number}", put(taken, number, Worker("claimed", worker.row, worker.epoch + 1))

    def _claimed(self, world: World, number: int, worker: Worker) -> Steps:
        row = world.rows[worker.row]
        if row.state == SUBMITTING and row.epoch == worker.epoch and not row.cancel:
            yield f"go {number}", put(world, number, worker._replace(at="going"))
        yield f"slept or stopped {number}", put(world, number, worker._replace(at="giving"))

    def _giving(self, world: World, number: int, worker: Worker) -> Steps:
        freed = self._let_go(world, worker)
        if self._mine(world, worker, SUBMITTING):
            freed = self._move(freed, worker.row, Q)
        yield f"give back {number}", put(freed, number)

    def _going(self, world: World, number: int, worker: Worker) -> Steps:
        if not JOB_MOVES[world.rows[worker.row].state]:
            yield f"post {number}", world._replace(wrong="sent after its job had ended")
            return
        if len(world.requests) < MOST_REQUESTS:
            more = world._replace(requests=(*world.requests, Request(worker.row)))
            sent = worker._replace(at="accepted", number=len(world.requests))
            yield f"post accepted {number}", put(more, number, sent)
        yield f"post refused {number}", put(world, number, worker._replace(at="refused"))
        yield f"post lost before {number}", put(world, number, worker._replace(at="broken"))
        yield f"not reached {number}", put(world, number, worker._replace(at="unsent"))

    def _accepted(self, world: World, number: int, worker: Worker) -> Steps:
        yield f"reply {number}", put(world, number, worker._replace(at="answered"))
        yield f"reply lost {number}", put(world, number, worker._replace(at="broken"))

    def _broken(self, world: World, number: int, worker: Worker) -> Steps:
        if "one post" in self.without:
            yield f"post again {number}", put(world, number, worker._replace(at="going"))
        after = self._let_go(world, worker)
        if self._mine(world, worker, SUBMITTING):
            after = self._move(after, worker.row, UNSURE, over=False)
        yield f"unsure {number}", put(after, number)

    def _answered(self, world: World, number: int, worker: Worker) -> Steps:
        after, row = self._let_go(world, worker), world.rows[worker.row]
        if self._mine(world, worker, SUBMITTING, UNSURE):
            after = self._move(after, worker.row, SUBMITTED, number=worker.number)
        elif may_come(row):
            after = change(after, worker.row, late="awaited", number=worker.number)
        yield f"store {number}", put(after, number)

    def _refused(self, world: World, number: int, worker: Worker) -> Steps:
        after = self._let_go(world, worker)
        if self._mine(world, worker, SUBMITTING, UNSURE):
            after = self._move(after, worker.row, FAILED, free=True)
        yield f"store refusal {number}", put(after, number)

    def _unsent(self, world: World, number: int, worker: Worker) -> Steps:
        after = self._let_go(world, worker)
        if self._mine(world, worker, SUBMITTING):
            after = self._move(after, worker.row, Q)
        yield f"later {number}", put(after, number)

    def _collecting(self, world: World, number: int, worker: Worker) -> Steps:
        for to in (DONE, LOST):
            after = self._let_go(world, worker)
            if self._mine(world, worker, READY):
                after = self._move(after, worker.row, to)
                if world.rows[worker.row].epoch != worker.epoch:
                    after = after._replace(wrong="an old claim changed its job")
            yield f"{to.value} {number}", put(after, number)

    def _mine(self, world: World, worker: Worker, *states: JobState) -> bool:
        row = world.rows[worker.row]
        return row.state in states and (row.epoch == worker.epoch or "old epochs" in self.without)

    def _let_go(self, world: World, worker: Worker) -> World:
        row = world.rows[worker.row]
        return change(self._anew(world, worker), worker.row, holder=-1) if row.epoch == worker.epoch else world

    def _anew(self, world: World, worker: Worker) -> World:
        """Its holder is gone: only now the time begins in which a call must show."""
        row = world.rows[worker.row]
        if row.epoch != worker.epoch or "horizon from the holder's end" in self.without:
            return world
        return change(world, worker.row, over=False)

    # --- Time and the sweep ---

    def _sweep(self, world: World, place: int, row: Row) -> Steps:
        if row.state == SUBMITTING and "expiry" not in self.without:
            if "no takeover" in self.without:
                yield "lease over, sent anew", self._move(world, place, Q)
            else:
                yield "lease over", self._move(world, place, UNSURE, over=False)
        if row.state == SUBMITTING and "own give-back" in self.without:
            yield "given back by another", self._move(world, place, Q)
        if row.state == UNSURE:
            yield from self._unsure(world, place, row)
        if row.state == READY:
            yield from self._ready(world, place, row)

    def _unsure(self, world: World, place: int, row: Row) -> Steps:
        if not row.over:
            listed = tuple(r._replace(listed=True) for r in world.requests)
            yield "horizon", change(world, place, over=True)._replace(requests=listed)
        for number in self._candidates(world, place, row):
            yield "found", self._move(world, place, SUBMITTED, number=number)

    def _ready(self, world: World, place: int, row: Row) -> Steps:
        if not self.scene.collects:
            yield "collected", self._move(world, place, DONE)
        elif row.holder >= 0:
            yield "collection given up", change(world, place, holder=-1)

    def _candidates(self, world: World, place: int, row: Row) -> list[int]:
        """What webhooks and earlier answers named, else what the list shows of this input and is nobody's."""
        told = [n for n, r in enumerate(world.requests) if (r.told and r.row == place) or n == row.number]
        free = [n for n in told if all(other.number != n for m, other in enumerate(world.rows) if m != place)]
        if alive(world, row) and "found needs its holder gone" not in self.without:
            return free
        return free or self._listed(world, place)

    def _listed(self, world: World, place: int) -> list[int]:
        theirs = {row.number for number, row in enumerate(world.rows) if number != place}
        theirs |= {
            n for n, r in enumerate(world.requests) if r.told and r.row != place and world.rows[r.row].number < 0
        }
        if "a request is one job's" in self.without:
            theirs = set()
        return [n for n, r in enumerate(world.requests) if r.listed and n not in theirs]

    def _unheard(self, world: World, place: int) -> bool:
        return any(r.state in (SUBMITTING, UNSURE) for n, r in enumerate(world.rows) if n != place)

    # --- Following, cancelling, what comes late ---

    def _followed(self, world: World, place: int, row: Row) -> Steps:
        if row.state.value not in FOLLOWED_JOBS:
            return
        state = world.requests[row.number].state
        if row.cancel and row.state != CANCELLING:
            yield "stop it", self._move(world, place, CANCELLING)
        if state == "open" and row.state == SUBMITTED:
            yield "begun", self._move(world, place, PROCESSING)
        if state == "good":
            yield "made", self._move(world, place, READY, spent=row.spent + 1, holder=-1)
        if state == "stopped" and row.state == CANCELLING:
            yield "stopped", self._move(world, place, CANCELLED, free=True)
        if state in ("bad", "stopped"):
            yield "failed there", self._move(world, place, FAILED, free=True)
        yield "not known there", self._move(world, place, UNSURE, over=True, holder=-1)

    def _late(self, world: World, place: int, row: Row) -> Steps:
        if row.late == "awaited" and row.number < 0:
            if not self._unheard(world, place) or "late looks wait" in self.without:
                for number in self._listed(world, place):
                    yield "found late", change(world, place, number=number)
            if all(r.listed for r in world.requests) and not self._listed(world, place):
                yield "no longer looked for", change(world, place, late="")
        elif row.late == "awaited":
            yield from self._kept(world, place, row)
        theirs = {other.number for other in world.rows}
        told = [n for n, r in enumerate(world.requests) if r.told and r.row == place and n not in theirs]
        if told and may_come(row) and row.number < 0 and row.late != "kept":
            yield "expected", change(world, place, late="awaited", number=told[0])

    def _kept(self, world: World, place: int, row: Row) -> Steps:
        state = world.requests[row.number].state
        again = 1 if row.free or "settled once" in self.without else 0
        if state == "good":
            yield "kept", change(world, place, late="kept", spent=row.spent + again)
        if state in ("bad", "stopped"):
            yield "nothing came", change(world, place, late="gone")

    # --- The provider ---

    def _provider(self, world: World, number: int, request: Request) -> Steps:
        bound = [row for row in world.rows if row.number == number]
        if bound and request.state == "open":  # what became of it matters once somebody can ask
            yield "it is made", tell(world, number, state="good")
            yield "it fails", tell(world, number, state="bad")
            if bound[0].state == CANCELLING:
                yield "it stops", tell(world, number, state="stopped")
        if not bound and not request.told:
            yield "webhook", tell(world, number, told=True)
        if not bound and not request.listed:
            yield "listed", tell(world, number, listed=True)

    # --- People ---

    def _person(self, world: World, place: int, row: Row) -> Steps:
        if self.scene.cancels and JOB_MOVES[row.state] and row.state != READY and not row.cancel:
            yield "cancel", change(world, place, cancel=True)
        if "decisions" in self.without:
            return
        if row.state == UNSURE:
            yield from self._decide(world, place, row)
        if row.state.value in FOLLOWED_JOBS:
            yield "write off", self._written_off(world, place, row)
        if row.state == READY:
            yield "give up the result", self._move(world, place, LOST)

    def _decide(self, world: World, place: int, row: Row) -> Steps:
        held = alive(world, row)
        over = row.over or "absent needs the horizon" in self.without
        gone = not held or "absent needs its holder gone" in self.without
        if over and gone and not self._candidates(world, place, row):
            yield "absent", self._move(world, place, ABSENT, free=True, late="awaited")
        if not held or "write-off needs its holder gone" in self.without:
            yield "write off", self._written_off(world, place, row)

    def _written_off(self, world: World, place: int, row: Row) -> World:
        return self._move(world, place, FAILED, spent=row.spent + 1, late="awaited")

    def _move(self, world: World, place: int, to: JobState, **fields: Any) -> World:
        was = world.rows[place].state
        self.moves.add((was, to))
        return change(world, place, state=to, **fields)
