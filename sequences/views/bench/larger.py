"""A small start frame and the ways to make it larger, as pages show them. Reads only."""

from __future__ import annotations

from dataclasses import dataclass

from sequences import orchestration
from sequences.models import Job, StartFrame
from sequences.orchestration import enlarging
from sequences.orchestration.enlarging import Enlargement
from sequences.providers import fitness
from sequences.providers.base import Picture
from sequences.providers.catalogue import Endpoint
from sequences.queries import SequenceFacts
from sequences.queries.bench import Extras
from sequences.states import ArtefactState

from .works import Work, again_at, work_of


@dataclass(frozen=True, slots=True)
class Offer:
    """A frame in use that is too small for the model, or smaller than the project's, and what making it larger takes.

    `least` is the edge the model asks for when the frame falls short of it, else 0. `models` are upscalers, the
    project's own first, each with one way a factor that is possible; `best` is the factor that suffices. `problem` says
    why there is no way.
    """

    frame: StartFrame
    shot: int | None
    least: int
    model: str
    height: int
    models: tuple[tuple[Endpoint, tuple[Enlargement, ...]], ...]
    best: int
    key: str
    problem: str = ""

    @property
    def small(self) -> str:
        """What is wrong with it, in short."""
        return "Too small to start from." if self.least else f"Small for {self.height}p."

    @property
    def said(self) -> str:
        """What is wrong with it, in one sentence."""
        size = f"F{self.frame.number} is {self.frame.width} × {self.frame.height}"
        if self.least:
            return f"{size} and {self.model} takes none under {self.least} pixels."
        return f"{size}; it will be enlarged with the film and fine detail goes soft."


@dataclass(frozen=True, slots=True)
class LargerRow:
    """A larger frame that is being made or has failed."""

    work: Work
    frame: StartFrame
    of: int
    shot: int | None


def offers(facts: SequenceFacts, model: Endpoint, *, running: frozenset[int]) -> list[Offer]:
    """For the frames in use of the sequence and its shots, where they are small. `running` are listed already."""
    used = [(facts.start_frame, None), *((s.start_frame, s.number) for s in facts.shots)]
    return [
        offer(facts, frame, shot, model)
        for frame, shot in used
        if frame and frame.pk not in running and is_small(facts, frame, model)
    ]


def is_small(facts: SequenceFacts, frame: StartFrame, model: Endpoint) -> bool:
    """Whether the model refuses it, or the film is larger."""
    return short_of(frame, model) > 0 or frame.width < facts.project.width


def short_of(frame: StartFrame, model: Endpoint) -> int:
    """The edge the model asks for when the frame falls short of it, else 0."""
    return model.min_start_edge if min(frame.width, frame.height) < model.min_start_edge else 0


def offer(facts: SequenceFacts, frame: StartFrame, shot: int | None, model: Endpoint) -> Offer:
    """What making one frame larger would take."""
    least, project = short_of(frame, model), facts.project
    best = enlarging.enough(frame.width, frame.height, least or round(project.height * 0.9))
    models = [(one, ways) for one in enlarging.upscalers(project) if (ways := _ways(frame, one))]
    possible = {way.factor for _, ways in models for way in ways}
    if possible and best not in possible:
        best = max(possible)
    problem = "" if models else f"no model here makes a picture of {frame.width} × {frame.height} larger."
    key = orchestration.new_key()
    return Offer(frame, shot, least, model.title, project.height, tuple(models), best, key, problem)


def _ways(frame: StartFrame, model: Endpoint) -> tuple[Enlargement, ...]:
    asked = (enlarging.enlargement(frame, model, factor) for factor in enlarging.FACTORS)
    return tuple(way for way in asked if not way.problem)


def larger_rows(facts: SequenceFacts, more: Extras) -> list[LargerRow]:
    """Larger frames in the making, and those whose making failed while what they were made from is still in use."""
    numbers = {s.shot.pk: s.number for s in facts.shots}
    by_id = {f.pk: f for f in more.frames}
    newest: dict[int, int] = {}
    for frame in more.frames:  # newest first
        newest.setdefault(frame.parent_id or 0, frame.pk)
    out = []
    for frame in more.frames:
        parent = by_id.get(frame.parent_id or 0)
        failed = frame.state == ArtefactState.FAILED and newest[frame.parent_id or 0] == frame.pk
        stands = failed and parent is not None and parent.state == ArtefactState.APPROVED
        if parent is not None and (frame.state == ArtefactState.MAKING or stands):
            shot = numbers.get(frame.shot_id) if frame.shot_id else None
            out.append(LargerRow(_work(frame, more.frame_jobs.get(frame.pk, [])), frame, parent.number, shot))
    return out


def _work(frame: StartFrame, jobs: list[Job]) -> Work:
    units = fitness.megapixels(Picture("", "", frame.width, frame.height), 1)
    return work_of(frame.number, frame.state, frame.error, jobs, again_at(jobs, units))
