"""Verbs that ask for work: explore a grid, request takes, redo shots, retry, cancel.

Each freezes what it needs, holds the money and creates artefact, jobs and events in one transaction; the bell rings
after the commit. A key rendered into the form makes a second click find the first one's rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from sequences import costs, prices, tasks
from sequences.errors import Refusal
from sequences.execution import Wake
from sequences.models import Grid, Job, Project, StartFrame, Take
from sequences.models import Sequence as SequenceRow
from sequences.models.plan import Layout
from sequences.prompts import compile_prompt
from sequences.providers import catalogue, fitness
from sequences.providers.base import GridRequest, Picture, from_json, to_json
from sequences.providers.catalogue import Endpoint
from sequences.queries import SequenceFacts, load
from sequences.queries.facts import load_inputs
from sequences.queries.inputs import grid_text, now_of
from sequences.queries.needs import name_of, needs
from sequences.staleness import pin_grid
from sequences.states import LIVE_JOBS, ArtefactState, JobState
from sequences.transitions import born, move

from . import takes as building
from ._jobs import create_job, form_key, new_seed, next_number, not_set_up
from ._rules import MAKERS, require
from .panels import fitted, with_named
from .quoting import Quote, grid_endpoint, quote, voices

MOST_TAKES = 20
MOST_GRIDS = 12
Work = TypeVar("Work", bound=Grid | Take | StartFrame)


@dataclass(frozen=True, slots=True)
class Near:
    """A cell that a grid's panels are to stay near, cut out as a picture."""

    grid: Grid
    cell: int
    picture: Picture


def explore(
    *,
    actor: AbstractBaseUser | None,
    sequence: SequenceRow,
    layout: str | None = None,
    count: int = 1,
    seed: int | None = None,
    prompt: str | None = None,
    key: str | None = None,
    near: Near | None = None,
) -> list[Grid]:
    """Ask for grids of a sequence. Without `prompt` the sequence's grid prompt or its first shot's is used. All panels
    are to stay `near` a cell.

    Raises Refusal (bad layout or count, nothing to draw, over budget).
    """
    require(actor, sequence.project, *MAKERS)
    if not 1 <= count <= MOST_GRIDS:
        raise Refusal(f"Count is {count}; ask for 1 to {MOST_GRIDS} grids at a time.", where="count")
    facts = load_inputs(sequence.project, [sequence])[0]
    key = form_key(key)
    prices.sync(now=True)
    with transaction.atomic():
        SequenceRow.objects.select_for_update().get(pk=sequence.pk)
        made = [_grid(actor, facts, layout, seed, prompt, f"{key}:{n}", n, near) for n in range(1, count + 1)]
    ring_jobs(made)
    return [job.grid for job in made if job.grid]


def _grid(
    actor: AbstractBaseUser | None,
    facts: SequenceFacts,
    layout: str | None,
    seed: int | None,
    prompt: str | None,
    key: str,
    nth: int,
    near: Near | None,
) -> Job:
    earlier = Job.objects.filter(grid__sequence=facts.sequence, grid__request_key=key).select_related("grid").first()
    if earlier:
        return earlier
    seed = new_seed() if seed is None else seed + nth - 1
    request, text, endpoint = grid_request(facts, layout, prompt, seed, near=near)
    panels = [] if near else fitted(facts.sequence.cell_prompts, request.rows * request.cols)
    grid = Grid.objects.create(
        sequence=facts.sequence,
        number=next_number(facts.sequence.grids),
        rows=request.rows,
        cols=request.cols,
        prompt=text,
        cell_prompts=panels,
        inputs=pin_grid(
            now_of(facts),
            text=text,
            given=bool(near) or text != grid_text(facts),
            sent=[e.key for e in request.elements],
        ),
        seed=seed,
        endpoint=request.endpoint,
        request_key=key,
        like=near.grid if near else None,
        like_cell=near.cell if near else None,
        created_by_id=actor.pk if actor else None,
    )
    born(grid, actor=actor, why=f"more like {near.grid} cell {near.cell}" if near else "")
    return create_job(
        facts.project,
        facts.sequence,
        endpoint,
        to_json(request) | {"label": f"{facts.sequence.code} G{grid.number}"},
        units=1,
        actor=actor,
        grid=grid,
    )


def grid_problem(facts: SequenceFacts, *, layout: str | None = None, prompt: str | None = None) -> str:
    """Why a grid of this sequence cannot be asked for as it stands; empty when it can. Reads only."""
    try:
        _, _, endpoint = grid_request(facts, layout, prompt, 0, counted=True)
    except Refusal as refusal:
        return str(refusal)
    return str(prices.refusal(endpoint)) if endpoint.price(1) is None else ""


def grid_request(
    facts: SequenceFacts,
    layout: str | None,
    prompt: str | None,
    seed: int,
    *,
    counted: bool = False,
    near: Near | None = None,
) -> tuple[GridRequest, str, Endpoint]:
    """Request, text and endpoint. `counted` reads no picture: enough to know whether it would be refused."""
    project, endpoint = facts.project, grid_endpoint(facts.project)
    rows, cols = _layout(layout or project.grid, endpoint.layouts)
    text = (prompt or grid_text(facts)).strip()
    if not text:
        raise Refusal(
            f"{facts.sequence.code} has nothing to draw from; write a grid prompt or the prompt of shot 1.",
            where="prompt",
        )
    panels = [] if near else fitted(facts.sequence.cell_prompts, rows * cols)
    facts = with_named(facts, [text, *panels])
    most = endpoint.element_cap(with_start=False)
    sent = building.counted_refs(facts, limit=most) if counted else building.element_refs(facts, limit=most)
    # only a model that is told which picture shows whom can be told names
    named = [e.key for e in sent] if endpoint.references_path else []
    spoken = voices(facts, endpoint, named)
    compiled = compile_prompt(text, spoken, prefix=facts.style.prefix, suffix=facts.style.suffix)
    width, height = catalogue.grid_size(endpoint, rows, cols, project.width, project.height)
    request = GridRequest(
        endpoint.id, compiled, rows, cols, width, height, seed, facts.style.negative, sent,
        likeness=near.picture if near else None,
        cells=tuple(compile_prompt(panel, spoken) if panel else "" for panel in panels),
    )  # fmt: skip
    _fit_grid(project, endpoint, request)
    return request, text, endpoint


def _fit_grid(project: Project, endpoint: Endpoint, request: GridRequest) -> None:
    if gap := not_set_up(endpoint):
        raise Refusal(gap, code="not_set_up", where="model")
    shape = fitness.frame_shape(endpoint, project.width, project.height)
    for problem in [shape] if shape else fitness.problems(endpoint, request):
        raise Refusal(problem.message, code="bad_input", where=problem.where)


def _layout(layout: str, known: Iterable[str]) -> tuple[int, int]:
    if layout not in Layout.values or layout not in known:
        raise Refusal(f"Layout is {layout!r}; it must be one of {', '.join(known)}.", where="layout")
    rows, _, cols = layout.partition("x")
    return int(rows), int(cols)


def request_takes(
    *,
    actor: AbstractBaseUser | None,
    sequences: Sequence[SequenceRow],
    takes: int = 1,
    mode: str | None = None,
    model: str | None = None,
    seed: int | None = None,
    key: str | None = None,
    shown_price: int | None = None,
) -> list[Take]:
    """Ask for `takes` takes of each sequence: all or none of them.

    `shown_price` is the total the person saw, in micro-dollars; when the price has changed since, nothing is asked for.
    Raises Refusal with every reason of every sequence.
    """
    if not sequences:
        raise Refusal("No sequence was named; name one or more, or ask for those that are ready.", where="sequences")
    if not 1 <= takes <= MOST_TAKES:
        raise Refusal(f"Takes is {takes}; ask for 1 to {MOST_TAKES} at a time.", where="takes")
    project = sequences[0].project
    require(actor, project, *MAKERS)
    key = form_key(key)
    prices.sync(now=True)
    quotes = [quote(f, mode=mode, model=model) for f in load(project, sequences)]
    known = _asked_before(quotes, key)
    if known:
        return known
    admit(quotes, takes, shown_price)
    with transaction.atomic():
        lock(quotes)
        known = _asked_before(quotes, key)
        made = known or [
            building.create_take(actor, q, seed, f"{key}:{n}", n) for q in quotes for n in range(1, takes + 1)
        ]
    ring_takes(made)
    return made


def _asked_before(quotes: Sequence[Quote], key: str) -> list[Take]:
    rows = Take.objects.filter(sequence__in=[q.facts.sequence.pk for q in quotes], request_key__startswith=f"{key}:")
    return list(rows.select_related("sequence__project").order_by("sequence__start", "number"))


def admit(quotes: Sequence[Quote], takes: int, shown_price: int | None) -> int:
    """One judgement over the whole selection; returns its price in micro-dollars.

    Raises Refusal that lists every reason, or says that a price is unknown or has changed.
    """
    problems = [f"{q.facts.sequence.code}: {p}" for q in quotes for p in q.problems]
    if problems:
        raise Refusal("\n".join(problems), code="not_ready", where="sequences")
    each = [q.price for q in quotes]
    if None in each:
        asked = quotes[each.index(None)]
        raise prices.refusal(asked.unpriced or asked.endpoint)
    total = sum(p for p in each if p is not None) * takes
    if shown_price is not None and shown_price != total:
        raise Refusal(
            f"The price is {costs.dollars(total)} now, not {costs.dollars(shown_price)}; look again and confirm.",
            code="price_changed",
            where="price",
        )
    if refused := costs.refusal(quotes[0].facts.project, total):
        raise refused
    return total


def lock(quotes: Iterable[Quote]) -> None:
    """Hold the sequences' rows, so that numbers are handed out once (SQLite holds the whole file anyway)."""
    list(SequenceRow.objects.select_for_update().filter(pk__in=[q.facts.sequence.pk for q in quotes]).order_by("pk"))


def redo_quote(*, take: Take, shots: Sequence[int], model: str | None = None) -> Quote:
    """What redoing `shots` of a take would be. Raises Refusal when they cannot be spliced into it. Reads only."""
    facts = load(take.sequence.project, [take.sequence])[0]
    building.check_redo(facts, take, shots)
    return quote(facts, mode=take.mode, model=model, only=frozenset(shots))


def redo_shots(
    *,
    actor: AbstractBaseUser | None,
    take: Take,
    shots: Sequence[int],
    model: str | None = None,
    seed: int | None = None,
    key: str | None = None,
    shown_price: int | None = None,
) -> Take:
    """Ask for a new take that makes only `shots` again and reuses the other clips of `take` at no cost.

    `shown_price` is what the person saw, in micro-dollars. Raises Refusal (the take is unfinished, a shot is not in
    it, a shot was added or deleted since, over budget, the price has changed).
    """
    require(actor, take.sequence.project, *MAKERS)
    prices.sync(now=True)
    asked = redo_quote(take=take, shots=shots, model=model)
    key = form_key(key)
    known = _asked_before([asked], key)
    if known:
        return known[0]
    admit([asked], 1, shown_price)
    bridges = building.bridge_pictures(take, asked)
    with transaction.atomic():
        lock([asked])
        made = building.create_take(actor, asked, seed, f"{key}:1", 1, parent=take, bridges=bridges)
    ring_takes([made])
    return made


def retry(*, actor: AbstractBaseUser | None, artefact: Work) -> Work:
    """Ask again for what failed of a grid, take or larger start frame: a new job and a new hold a failed call; finished
    calls are kept.

    Raises Refusal when it has not failed, or when nobody knows yet whether a call was taken.
    """
    project = artefact.sequence.project
    require(actor, project, *MAKERS)
    _refuse_unsure(artefact)
    if artefact.state != ArtefactState.FAILED:
        raise Refusal(f"{artefact} has not failed; there is nothing to retry.", code="not_allowed", where=str(artefact))
    prices.sync(now=True)
    with transaction.atomic():
        move(artefact, ArtefactState.MAKING, actor=actor, why="retry", error="")
        made = [_again(actor, job) for job in _failed_calls(artefact)]
        _relink(made)
    ring_jobs([job for job, _ in made])
    return artefact


def _refuse_unsure(artefact: Grid | Take | StartFrame) -> None:
    lost = artefact.jobs.filter(needs(), state=JobState.UNSURE.value).first()
    if lost is not None:
        raise Refusal(
            f"Nobody knows yet whether {name_of(lost)} was taken; decide that first, under Needs a decision.",
            code="not_allowed",
            where=str(artefact),
        )


def _failed_calls(artefact: Grid | Take | StartFrame) -> list[Job]:
    """The newest job of every call that is not done."""
    newest: dict[int, Job] = {}
    for job in artefact.jobs.order_by("id"):
        newest[job.call] = job
    return [job for job in newest.values() if job.state != JobState.DONE]


def _again(actor: AbstractBaseUser | None, job: Job) -> tuple[Job, Job]:
    endpoint = catalogue.endpoint(job.endpoint)
    fresh = create_job(
        job.project,
        job.sequence,
        endpoint,
        job.request,
        units=fitness.units(from_json(job.request)),
        actor=actor,
        grid=job.grid,
        take=job.take,
        start_frame=job.start_frame,
        call=job.call,
        after=job.after,
    )
    return fresh, job


def _relink(made: list[tuple[Job, Job]]) -> None:
    """A retried call follows the retried one before it, not the one that failed."""
    fresh = {old.pk: new for new, old in made}
    for new, _ in made:
        if new.after_id in fresh:
            Job.objects.filter(pk=new.pk).update(after=fresh[new.after_id])


def cancel(*, actor: AbstractBaseUser | None, artefact: Grid | Take | StartFrame) -> int:
    """Ask every live job of a grid, take or larger start frame to stop; returns how many. What finishes all the same is
    kept.

    Raises Refusal when nothing of it is in flight.
    """
    require(actor, artefact.sequence.project, *MAKERS)
    live = Job.objects.filter(pk__in=artefact.jobs.values("pk"), state__in=LIVE_JOBS)
    asked = live.exclude(state=JobState.READY.value).update(cancel_asked=True, look_again_at=timezone.now())
    if not asked:
        raise Refusal(f"Nothing of {artefact} is in flight any more.", code="not_allowed", where=str(artefact))
    ring_jobs(live)
    return asked


def ring_jobs(jobs: Iterable[Job]) -> None:
    """Ring for jobs once the transaction around us, if any, is committed."""
    wakes = [Wake("job", job.pk) for job in jobs if job.after_id is None]
    transaction.on_commit(lambda: tasks.ring(wakes), robust=True)


def ring_takes(takes: Iterable[Take]) -> None:
    """Ring for the first calls of takes; a take that reuses everything is finished at once."""
    rows = [t.pk for t in takes]
    ring_jobs(Job.objects.filter(take__in=rows, state=JobState.QUEUED.value))
