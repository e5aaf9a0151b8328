"""One context for the whole workbench: the page and every fragment of it are drawn from the same facts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest

from sequences import orchestration
from sequences.errors import Refusal
from sequences.forms.bench import TakeForm
from sequences.models import Project, Sequence
from sequences.models.plan import Layout, Mode
from sequences.orchestration.dividing import Marks
from sequences.orchestration.finals import final_models
from sequences.orchestration.making import grid_problem
from sequences.orchestration.panels import MOST_CELLS
from sequences.orchestration.quoting import Quote, grid_endpoint, quote, video_endpoint
from sequences.planfile import time_text
from sequences.providers import catalogue
from sequences.providers.catalogue import Endpoint
from sequences.queries import SequenceFacts, load, stage
from sequences.queries.bench import Extras, elements_of, extras, frames_of, judged, open_jobs, song_order
from sequences.queries.stale import mark

from . import calls, larger, plan, rows, words, works

USUAL_TAKES = 2


@dataclass(slots=True)
class Choice:
    """What the person has chosen in Generate; None is what the plan says. `wrong` are sentences about the rest."""

    mode: str | None = None
    model: str | None = None
    takes: int = USUAL_TAKES
    seed: int | None = None
    wrong: list[str] = field(default_factory=list)

    @property
    def query(self) -> str:
        """The choice as the query of an address."""
        chosen = {"mode": self.mode, "model": self.model, "seed": self.seed}
        return urlencode({name: value for name, value in chosen.items() if value is not None})


def choice_of(request: HttpRequest) -> Choice:
    """Read from the form or the address; what cannot be read falls back and is said."""
    form = TakeForm(request.POST if request.method == "POST" else request.GET)
    form.is_valid()
    kept = form.cleaned_data
    wrong = [f"{name.capitalize()}: {error}" for name, errors in form.errors.items() for error in errors]
    return Choice(
        mode=kept.get("mode") or None,
        model=kept.get("model") or None,
        takes=kept.get("takes") or USUAL_TAKES,
        seed=kept.get("seed"),
        wrong=wrong,
    )


def context(request: HttpRequest, project: Project, sequence: Sequence) -> dict[str, Any]:
    """Everything the template and its partials read."""
    facts = load(project, [sequence])[0]
    facts.sequence.project = project
    mark(project, [facts])
    more = extras(facts)
    _with_origins(facts, more)
    choice = choice_of(request)
    asked = _quoted(facts, choice)
    shots = rows.shot_rows(facts, more, asked)
    takes, grids = works.take_rows(facts, more), works.grid_rows(facts, more)
    enlarging = larger.larger_rows(facts, more)
    running = frozenset(row.frame.parent_id or 0 for row in enlarging)
    return {
        "project": project,
        "marks": _marks(request),
        "sequence": facts.sequence,
        "facts": facts,
        "stage": stage(facts),
        "shots": shots,
        "fit": rows.fit(facts, getattr(project, "song", None)),
        "ask": _ask(facts, more),
        "cast_cap": asked.endpoint.element_cap(with_start=plan.has_start(asked)),
        "cast_start": plan.has_start(asked),
        "cast_other": asked.endpoint.element_cap(with_start=not plan.has_start(asked)),
        "cast_own": plan.own_order(facts),
        "takes": takes,
        "grids": grids,
        "frames": works.frame_rows(facts, more),
        "start": works.start_row(facts),
        "offers": larger.offers(facts, asked.endpoint, running=running),
        "enlarging": enlarging,
        "live": live(takes, grids, enlarging),
        "finals_can": bool(final_models(project)),
        **_asked(asked, choice, shots),
        **_neighbours(project, facts.sequence),
        **_explore(facts),
        **_stretch(facts.sequence),
    }


def _marks(request: HttpRequest) -> str:
    """What Undo split of the call plan goes back to: in the address, where a verb without script has led to."""
    try:
        return Marks.read(request.GET.get("marks", "")).text
    except Refusal:
        return ""


def _with_origins(facts: SequenceFacts, more: Extras) -> None:
    """Start frames in use with the grid or take they come from, loaded already."""
    loaded = {f.pk: f for f in more.frames}
    if facts.start_frame:
        facts.start_frame = loaded.get(facts.start_frame.pk, facts.start_frame)
    for shot in facts.shots:
        if shot.start_frame:
            shot.start_frame = loaded.get(shot.start_frame.pk, shot.start_frame)
        if shot.end_frame:
            shot.end_frame = loaded.get(shot.end_frame.pk, shot.end_frame)


def _quoted(facts: SequenceFacts, choice: Choice) -> Quote:
    """The quote; a model that is not there is said and the provider's first one shown in its place."""
    try:
        return quote(facts, mode=choice.mode, model=choice.model)
    except Refusal as refusal:
        choice.wrong.append(str(refusal))
        choice.model = catalogue.default(facts.project.provider, "video").id
        return quote(facts, mode=choice.mode, model=choice.model)


def _asked(asked: Quote, choice: Choice, shots: list[rows.ShotRow]) -> dict[str, Any]:
    bill = plan.bill(asked, choice.takes)
    bill.problems[:0] = choice.wrong
    cast = plan.cast_rows(asked)
    listed = {row.key for row in cast}
    elements = elements_of(asked.facts.project)
    return {
        "choice": choice,
        "mode": asked.mode,
        "modes": Mode.choices,
        "solos": [s.number for s in asked.facts.shots if s.shot.solo],
        "endpoint": asked.endpoint,
        "models": calls.models_of(asked),
        "model_choices": calls.model_choices(asked, choice.model, _usual(asked)),
        "usual": _usual(asked),
        "calls": calls.call_rows(asked, {s.number: s.thumb for s in shots}),
        "made_by": asked.endpoints,
        "dividers": len(asked.planning.divided),
        "plan_seconds": max(asked.plan.seconds, 1),
        "bill": bill,
        "cast": cast,
        "cast_sent": len({key for call in asked.plan.calls for key in call.sent}),
        "others": [e for e in elements if e.key not in listed],
        "names": words.names(asked, elements, with_start=plan.has_start(asked)),
        "style_lines": words.style_lines(asked.facts),
        "negative": asked.facts.style.negative if asked.endpoint.takes("negative") else "",
        "key": orchestration.new_key(),
    }


def _usual(asked: Quote) -> Endpoint:
    """The model of calls whose shots name none and for which none is asked."""
    try:
        return video_endpoint(asked.facts.project)
    except Refusal:
        return asked.endpoint


def _ask(facts: SequenceFacts, more: Extras) -> dict[str, Any] | None:
    """What was asked for on the newest take, and the shot it is about when the words name one."""
    if more.asked is None:
        return None
    words, take = more.asked.why, judged(facts)
    named = [s.number for s in facts.shots if f"shot {s.number}" in words.lower()]
    return {
        "take": take.number if take else None,
        "why": words,
        "event": more.asked,
        "shot": named[0] if named else None,
    }


def _neighbours(project: Project, sequence: Sequence) -> dict[str, Any]:
    order = song_order(project)
    place = next((n for n, s in enumerate(order) if s.pk == sequence.pk), 0)
    return {
        "before": order[place - 1] if place else None,
        "after": order[place + 1] if place + 1 < len(order) else None,
    }


def _stretch(sequence: Sequence) -> dict[str, str]:
    """Times of the section as they are typed, exact to the millisecond."""
    middle = round((sequence.start + sequence.end) / 2, 1)
    times = {"section_start": sequence.start, "section_end": sequence.end, "section_middle": middle}
    return {name: time_text(value) for name, value in times.items()}


def _explore(facts: SequenceFacts) -> dict[str, Any]:
    try:
        endpoint = grid_endpoint(facts.project)
    except Refusal as refusal:
        return {"grid_problem": str(refusal), "layouts": []}
    layouts = [(value, label) for value, label in Layout.choices if value in endpoint.layouts]
    text = facts.sequence.grid_prompt or (facts.shots[0].text if facts.shots else "")
    problem = grid_problem(facts) if text.strip() else "Write a grid prompt or the prompt of shot 1 first."
    return {"grid_endpoint": endpoint, "grid_price": endpoint.price(1), "layouts": layouts, "grid_text": text,
            "panels": panel_rows(facts.sequence), "grid_problem": problem,
            "grid_key": orchestration.new_key()}  # fmt: skip


def panel_rows(sequence: Sequence) -> list[tuple[int, str]]:
    """Every panel a grid may have, with what it is to show."""
    told = sequence.cell_prompts
    return [(n, told[n - 1] if n <= len(told) else "") for n in range(1, MOST_CELLS + 1)]


def live(
    takes: list[works.TakeRow], grids: list[works.GridRow], frames: list[larger.LargerRow]
) -> dict[str, Any] | None:
    """What a poll watches: numbers of what is being made, and a tag of all it may show. None while nothing is."""
    watched = {
        name: ",".join(str(row.work.number) for row in rows if row.work.live)
        for name, rows in (("takes", takes), ("grids", grids), ("frames", frames))
    }
    if not any(watched.values()):
        return None
    return {**watched, "seen": f"{len(takes)},{len(grids)}", "etag": etag(takes, grids, frames)}


def etag(*lists: Iterable[works.TakeRow | works.GridRow | larger.LargerRow]) -> str:
    """A tag that changes when any figure of a grid, take or larger frame does."""
    text = json.dumps(works.live_key(*([row.work for row in rows] for rows in lists)))
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:20]}"'


def moving(project: Project, sequence: Sequence) -> dict[str, Any]:
    """The part of the context that a poll may show: cheaper than all of it."""
    facts = load(project, [sequence])[0]
    mark(project, [facts])
    more = Extras(frames=frames_of(facts.sequence))
    open_jobs(facts, more)
    return {
        "facts": facts,
        "finals_can": bool(final_models(facts.project)),
        "takes": works.take_rows(facts, more),
        "grids": works.grid_rows(facts, more),
        "enlarging": larger.larger_rows(facts, more),
    }
