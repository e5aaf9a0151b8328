"""What the model of the protocol is made of: jobs, workers, requests at the provider, and the rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from sequences.states import JOB_MOVES, JobState

Q, SUBMITTING, UNSURE, READY = JobState.QUEUED, JobState.SUBMITTING, JobState.UNSURE, JobState.READY
SUBMITTED, PROCESSING, CANCELLING = JobState.SUBMITTED, JobState.PROCESSING, JobState.CANCELLING
DONE, FAILED, CANCELLED = JobState.DONE, JobState.FAILED, JobState.CANCELLED
ABSENT, LOST = JobState.ABSENT, JobState.LOST
MOST_COLLECTS, MOST_REQUESTS = 4, 3
DEAD = 9  # in place of a worker's number: the process that collected is no more

RULES = {
    "one post": "a lost reply is never answered by a second POST",
    "no takeover": "an expired submit becomes unsure, never queued",
    "claim": "a claim compares and sets; what was read before is not believed",
    "own give-back": "only the process that knows it has sent nothing gives a claim back",
    "absent needs its holder gone": "nobody says that a call never arrived while somebody may still send it",
    "absent needs the horizon": "nor before everything that was accepted must have shown",
    "horizon from the holder's end": "the horizon begins when nobody can send it any more",
    "write-off needs its holder gone": "nobody writes off a call that may still be sent",
    "a request is one job's": "a request that belongs to another job is not bound",
    "found needs its holder gone": "what the list shows is not bound while its job may still be sent",
    "one lost call an input": "while a call is unheard of, the same input is not sent for another job",
    "late looks wait": "an ended job takes nothing from the list while the same input of another is unheard of",
    "settled once": "a bill is counted once a job",
    "old epochs": "a write with an old epoch changes nothing",
    "expiry": "a submit whose lease is over is not left alone",
    "decisions": "people can decide what nobody knows",
}


class Row(NamedTuple):
    """A job: `holder` is the worker of its open attempt, `number` its request, `spent` how often a bill was counted."""

    state: JobState = Q
    epoch: int = 0
    holder: int = -1
    over: bool = False
    number: int = -1
    spent: int = 0
    free: bool = False
    cancel: bool = False
    late: str = ""


class Worker(NamedTuple):
    """A process: what it is about to do next, for which job and claim."""

    at: str = "idle"
    row: int = -1
    epoch: int = 0
    number: int = -1


class Request(NamedTuple):
    """What the provider has accepted; `told` by a webhook with the job's token."""

    row: int
    state: str = "open"
    listed: bool = False
    told: bool = False


class World(NamedTuple):
    """Everything; `wrong` is set by a step that must never be possible."""

    rows: tuple[Row, ...]
    workers: tuple[Worker, ...] = (Worker(), Worker())
    requests: tuple[Request, ...] = ()
    wrong: str = ""


Steps = Iterator[tuple[str, World]]


@dataclass(frozen=True)
class Scene:
    """How a walk begins, and what people may do in it."""

    jobs: int = 1
    retries: int = 0
    cancels: bool = False
    collects: bool = False
    claims: int = 2


SCENES = (Scene(cancels=True, collects=True), Scene(retries=1, claims=1), Scene(jobs=2, claims=1))


def ended(world: World) -> bool:
    """Whether nothing is left to do for anybody."""
    rows = all(not JOB_MOVES[row.state] and row.late != "awaited" for row in world.rows)
    known = {row.number for row in world.rows}
    return rows and all(w.at == "idle" for w in world.workers) and all(n in known for n in range(len(world.requests)))


def plain(world: World) -> World:
    """The same world without what makes no difference any more: which worker is which, claims of jobs that have ended,
    how a request became known that is known."""
    rows = tuple(plain_row(world, row) for row in world.rows)
    known = {row.number for row in rows}
    requests = tuple(r._replace(listed=True, told=False) if n in known else r for n, r in enumerate(world.requests))
    first, second = world.workers
    if first <= second:
        return world._replace(rows=rows, requests=requests)
    swapped = tuple(row._replace(holder={0: 1, 1: 0}.get(row.holder, row.holder)) for row in rows)
    return world._replace(rows=swapped, requests=requests, workers=(second, first))


def plain_row(world: World, row: Row) -> Row:
    """A job without what is over."""
    if not JOB_MOVES[row.state]:
        return row._replace(epoch=0, holder=-1, over=False, cancel=False)
    holder = row.holder
    if not alive(world, row):
        holder = DEAD if row.state == READY and row.holder >= 0 else -1
    return row._replace(holder=holder, over=row.over and row.state == UNSURE)


def may_come(row: Row) -> bool:
    """Whether the job ended by a decision, so that its result may still come."""
    return row.state == ABSENT or (row.state == FAILED and bool(row.spent))


def alive(world: World, row: Row) -> bool:
    """Whether the process of its open attempt may still send it."""
    if row.holder in (-1, DEAD):
        return False
    worker = world.workers[row.holder]
    return worker.at != "idle" and worker.epoch == row.epoch and world.rows[worker.row] is row


def change(world: World, place: int, **fields: Any) -> World:
    """The world with one job changed."""
    rows = list(world.rows)
    rows[place] = rows[place]._replace(**fields)
    return world._replace(rows=tuple(rows))


IDLE = Worker()


def put(world: World, number: int, worker: Worker = IDLE) -> World:
    """The world with one worker doing something else."""
    workers = list(world.workers)
    workers[number] = worker
    return world._replace(workers=tuple(workers))


def tell(world: World, number: int, **fields: Any) -> World:
    """The world with one request changed."""
    requests = list(world.requests)
    requests[number] = requests[number]._replace(**fields)
    return world._replace(requests=tuple(requests))
