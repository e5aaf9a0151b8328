"""What a take would be: its call plan, the compiled prompts and the price, before anything is spent. Reads only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from sequences import callplan, prices, storage
from sequences.callplan import Call, CallPlan, PlanShot
from sequences.elements import Candidate
from sequences.errors import Refusal
from sequences.models import Project, StartFrame
from sequences.models.plan import Mode
from sequences.prompts import Voice, compile_prompt, mentions
from sequences.providers import catalogue, fitness
from sequences.providers.catalogue import Endpoint
from sequences.queries import SequenceFacts

from ._jobs import not_set_up


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
        """Every reason why it cannot be asked for, in full sentences; what the model would refuse among them."""
        project = self.facts.project
        shape = fitness.frame_shape(self.endpoint, project.width, project.height)
        found = (*self.plan.problems, *self._not_set_up(), *_said(shape), *self._too_long(), *self._unfit_starts())
        return tuple(dict.fromkeys(found))

    @cached_property
    def hints(self) -> tuple[str, ...]:
        """What will be left out or cut, in full sentences: no reason to stop."""
        unknown = {k for s in self.facts.shots for k in mentions(s.text)} - {e.element.key for e in self.facts.elements}
        left = [f"{d.name} is left out: {d.reason}." for d in self.plan.dropped]
        if self.facts.style.negative.strip() and not self.endpoint.takes("negative"):
            left.append(f"{self.endpoint.title} has no field for what shall never be in the picture; it is not sent.")
        return (*left, *(f"@{key} is no element of this project; it is sent as a word." for key in sorted(unknown)))

    def compiled(self, call: Call, number: int) -> str:
        """The prompt of one shot as this call sends it."""
        style = self.facts.style
        text = next(s.text for s in self.facts.shots if s.number == number)
        return compile_prompt(text, self.voices(call), prefix=style.prefix, suffix=style.suffix)

    def voices(self, call: Call) -> dict[str, Voice]:
        """Who speaks by name, as the model wants it written, and who by description in this call."""
        return voices(self.facts, self.endpoint, call.sent)

    def _not_set_up(self) -> list[str]:
        gap = not_set_up(self.endpoint)
        return [gap] if gap else []

    def _too_long(self) -> list[str]:
        out: list[str] = []
        for call in self.plan.calls:
            lengths = {n: len(self.compiled(call, n)) for n in call.shots}
            for number, have in lengths.items():
                out += _said(fitness.prompt_length(self.endpoint, f"Shot {number}'s prompt", have))
            out += _said(
                fitness.call_length(self.endpoint, f"The prompts of call {call.number}", sum(lengths.values()))
            )
        return out

    def _unfit_starts(self) -> list[str]:
        return [str(p) for p in (*self._unfit_chain(), *(p for f in self._frames() for p in self._unfit(f)))]

    def _frames(self) -> list[StartFrame]:
        """The start frames that calls of this plan begin with."""
        begun = {c.start for c in self.plan.calls}
        own = {c.pieces[0].number for c in self.plan.calls if c.start == "own"}
        first = [self.facts.start_frame] if "frame" in begun else []
        frames = [*first, *(s.start_frame for s in self.facts.shots if s.number in own)]
        return [f for f in frames if f]

    def _unfit(self, frame: StartFrame) -> Iterator[fitness.Problem]:
        what = f"Start frame F{frame.number}"
        yield from fitness.pictures_to_start(self.endpoint, what, frame.width, frame.height)
        path = storage.absolute(frame.file) if self.endpoint.start_bytes and frame.file else None
        if path is not None and path.exists():
            heavy = fitness.start_weight(self.endpoint, what, path.stat().st_size)
            if heavy:
                yield heavy

    def _unfit_chain(self) -> list[str]:
        """A call that goes on from the last frame of the one before starts from a picture of the project's size."""
        project = self.facts.project
        if not any(c.start == "chain" for c in self.plan.calls):
            return []
        if not list(fitness.pictures_to_start(self.endpoint, "It", project.width, project.height)):
            return []
        small = min(project.width, project.height) < self.endpoint.min_start_edge
        least, most = self.endpoint.start_ratio
        takes = f"none under {self.endpoint.min_start_edge} pixels" if small else f"{least:.2f} to {most:.2f} in shape"
        return [
            f"A call goes on from the last frame of the one before, {project.width} × {project.height}, and"
            f" {self.endpoint.title} takes {takes}; give the shot a start frame of its own."
        ]


def voices(facts: SequenceFacts, endpoint: Endpoint, sent: Sequence[str]) -> dict[str, Voice]:
    """What stands for every element of a sequence in a call that sends those named in `sent`, in their order."""
    place = {key: n for n, key in enumerate(sent, start=1)}
    return {
        e.element.key: Voice(
            e.element.name,
            e.element.description,
            e.element.key in place,
            endpoint.spoken("", place[e.element.key]) if e.element.key in place else "",
        )
        for e in facts.elements
    }


def _said(problem: fitness.Problem | None) -> list[str]:
    return [problem.message] if problem else []


def video_endpoint(project: Project, model: str | None = None) -> Endpoint:
    """The endpoint a take goes to: the one asked for, else the project's, else its provider's first.

    Raises Refusal when there is no such endpoint or it does not make video.
    """
    return _endpoint(project, model or project.model, "video")


def grid_endpoint(project: Project) -> Endpoint:
    """The endpoint a grid goes to. Raises Refusal."""
    return _endpoint(project, project.grid_model, "grid")


def _endpoint(project: Project, wanted: str, kind: str) -> Endpoint:
    prices.sync()
    try:
        found = catalogue.endpoint(wanted) if wanted else catalogue.default(project.provider, kind)  # type: ignore[arg-type]  # kind is one of the two
    except catalogue.UnknownEndpoint as error:
        raise Refusal(str(error), where="model") from None
    if not found.enabled:
        why = found.why_disabled or "It is switched off."
        raise Refusal(f"{found.title} cannot be used: {why}", where="model")
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
        seconds_choices=endpoint.seconds_choices,
        call_chars=endpoint.call_chars,
        shots_with_start=endpoint.shots_cap(with_start=True),
        start_required=endpoint.start_required,
    )


def quote(
    facts: SequenceFacts, *, mode: str | None = None, model: str | None = None, only: frozenset[int] | None = None
) -> Quote:
    """Plan one take of a sequence. `only` names the shots to make when the rest is reused. Raises Refusal."""
    mode = mode or facts.sequence.mode
    if mode not in Mode.values:
        raise Refusal(f"Mode is {mode!r}; it must be one of {', '.join(Mode.values)}.", where="mode")
    endpoint = video_endpoint(facts.project, model)
    longest = _longest_voices(facts, endpoint)
    shots = [
        PlanShot(
            s.number,
            float(s.shot.seconds),
            s.text,
            s.shot.solo,
            s.start_frame is not None,
            _sent_length(facts, s.text, longest) if endpoint.call_chars else None,
        )
        for s in facts.shots
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


def _longest_voices(facts: SequenceFacts, endpoint: Endpoint) -> dict[str, Voice]:
    """Every element at its longest: whether it is sent is only known once the calls are."""
    out = {}
    for e in facts.elements:
        name, description = e.element.name, e.element.description
        longest = max(endpoint.spoken(name, 99), description or name, key=len)
        out[e.element.key] = Voice(longest, "", True)
    return out


def _sent_length(facts: SequenceFacts, text: str, longest: dict[str, Voice]) -> int:
    style = facts.style
    return len(compile_prompt(text, longest, prefix=style.prefix, suffix=style.suffix))
