"""What a take would be: its call plan, the compiled prompts and the price, before anything is spent. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from sequences import callplan
from sequences.callplan import Call, CallPlan, PlanShot
from sequences.elements import Candidate
from sequences.errors import Refusal
from sequences.models import Project
from sequences.models.plan import Mode
from sequences.prompts import Voice, compile_prompt, mentions
from sequences.providers import catalogue
from sequences.providers.catalogue import Endpoint
from sequences.queries import SequenceFacts


@dataclass(frozen=True)
class Quote:
    """One take of one sequence as it would be asked for. `problems` is empty when it can be."""

    facts: SequenceFacts
    mode: str
    endpoint: Endpoint
    plan: CallPlan

    @property
    def price(self) -> int | None:
        """Micro-dollars of one take."""
        return self.plan.price

    @cached_property
    def problems(self) -> tuple[str, ...]:
        """Every reason why it cannot be asked for, in full sentences."""
        return (*self.plan.problems, *self._too_long(), *self._too_small())

    @cached_property
    def hints(self) -> tuple[str, ...]:
        """What will be left out or cut, in full sentences: no reason to stop."""
        unknown = {k for s in self.facts.shots for k in mentions(s.text)} - {
            e.element.key for e in self.facts.elements
        }
        left = [f"{d.name} is left out: {d.reason}." for d in self.plan.dropped]
        return (*left, *(f"@{key} is no element of this project; it is sent as a word." for key in sorted(unknown)))

    def compiled(self, call: Call, number: int) -> str:
        """The prompt of one shot as this call sends it."""
        project = self.facts.project
        text = next(s.text for s in self.facts.shots if s.number == number)
        return compile_prompt(text, self.voices(call), prefix=project.style_prefix, suffix=project.style_suffix)

    def voices(self, call: Call) -> dict[str, Voice]:
        """Who speaks by name and who by description in this call."""
        return {
            e.element.key: Voice(e.element.name, e.element.description, e.element.key in call.sent)
            for e in self.facts.elements
        }

    def _too_long(self) -> list[str]:
        most = self.endpoint.prompt_chars
        lengths = {n: len(self.compiled(c, n)) for c in self.plan.calls for n in c.shots}
        return [
            f"Shot {n}'s prompt is {have} characters as it is sent and {self.endpoint.title} takes {most}; shorten it"
            f" by {have - most}."
            for n, have in lengths.items()
            if have > most
        ]

    def _too_small(self) -> list[str]:
        least = self.endpoint.min_start_edge
        frames = [self.facts.start_frame, *(s.start_frame for s in self.facts.shots)]
        project = self.facts.project
        chained = any(c.start == "chain" for c in self.plan.calls)
        chain = (
            [
                f"A call goes on from the last frame of the one before, {project.width} × {project.height}, and"
                f" {self.endpoint.title} takes none under {least} pixels; give the shot a start frame of its own."
            ]
            if chained and min(project.width, project.height) < least
            else []
        )
        return chain + [
            f"Start frame F{f.number} is {f.width} × {f.height} and {self.endpoint.title} takes none under"
            f" {least} pixels; crop larger."
            for f in frames
            if f and min(f.width, f.height) < least
        ]


def video_endpoint(project: Project, model: str | None = None) -> Endpoint:
    """The endpoint a take goes to: the one asked for, else the project's, else its provider's first.

    Raises Refusal when there is no such endpoint or it does not make video.
    """
    return _endpoint(project, model or project.model, "video")


def grid_endpoint(project: Project) -> Endpoint:
    """The endpoint a grid goes to. Raises Refusal."""
    return _endpoint(project, project.grid_model, "grid")


def _endpoint(project: Project, wanted: str, kind: str) -> Endpoint:
    try:
        found = catalogue.endpoint(wanted) if wanted else catalogue.default(project.provider, kind)  # type: ignore[arg-type]  # kind is one of the two
    except catalogue.UnknownEndpoint as error:
        raise Refusal(str(error), where="model") from None
    if found.kind != kind:
        raise Refusal(f"{found.title} makes a {found.kind}, not a {kind}; choose another model.", where="model")
    return found


def limits_of(endpoint: Endpoint) -> callplan.Limits:
    """The endpoint's limits as the call plan needs them."""
    return callplan.Limits(
        endpoint=endpoint.id,
        shots_per_call=endpoint.shots_per_call,
        seconds_per_call=endpoint.seconds_per_call,
        shot_min=endpoint.seconds_per_shot[0],
        shot_max=endpoint.seconds_per_shot[1],
        single_min=endpoint.seconds_per_single[0],
        single_max=endpoint.seconds_per_single[1],
        whole_seconds=endpoint.whole_seconds,
        prompt_chars=endpoint.prompt_chars,
        cap_with_start=endpoint.element_cap(with_start=True),
        cap_without_start=endpoint.element_cap(with_start=False),
        price=endpoint.price,
    )


def quote(
    facts: SequenceFacts, *, mode: str | None = None, model: str | None = None, only: frozenset[int] | None = None
) -> Quote:
    """Plan one take of a sequence. `only` names the shots to make when the rest is reused. Raises Refusal."""
    mode = mode or facts.sequence.mode
    if mode not in Mode.values:
        raise Refusal(f"Mode is {mode!r}; it must be one of {', '.join(Mode.values)}.", where="mode")
    endpoint = video_endpoint(facts.project, model)
    shots = [
        PlanShot(s.number, float(s.shot.seconds), s.text, s.shot.solo, s.start_frame is not None) for s in facts.shots
    ]
    plan = callplan.plan_calls(
        shots,
        limits_of(endpoint),
        mode=mode,
        candidates=[Candidate(e.element.key, e.element.name, e.pictures) for e in facts.elements],
        has_start=facts.start_frame is not None,
        only=only,
    )
    return Quote(facts, mode, endpoint, plan)
