"""What a take would be: its call plan, the compiled prompts and the price, before anything is spent. Reads only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from sequences import callplan, prices, storage
from sequences.callplan import Call, CallPlan, Planning, PlanShot, Proposal
from sequences.elements import Candidate
from sequences.errors import Refusal
from sequences.models import Project, StartFrame
from sequences.models.plan import Mode
from sequences.prompts import Voice, compile_prompt, mentions
from sequences.providers import catalogue, fitness
from sequences.providers.catalogue import Endpoint
from sequences.queries import SequenceFacts, ShotFacts

from ._jobs import not_set_up


@dataclass(frozen=True)
class Quote:
    """One take of one sequence as it would be asked for. `problems` is empty when it can be.

    `endpoint` is the take's; `others` are those of calls whose shots name one of their own, by id. `wrong` are
    sentences about shots' own models that cannot be used; such shots are planned with the take's.
    """

    facts: SequenceFacts
    mode: str
    endpoint: Endpoint
    planning: Planning
    others: Mapping[str, Endpoint] = field(default_factory=dict)
    wrong: tuple[str, ...] = ()

    @property
    def plan(self) -> CallPlan:
        """Its calls."""
        return self.planning.plan

    @property
    def price(self) -> int | None:
        """Micro-dollars of one take."""
        return self.plan.price

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """Every endpoint its calls go to, once, in order; the take's when there is no call."""
        return tuple(self.others.get(one, self.endpoint) for one in self.plan.endpoints) or (self.endpoint,)

    @property
    def made_by(self) -> Endpoint:
        """The endpoint that stands for the whole take: that of all its calls; of several the one asked for, or one that
        makes drafts, because a take with a draft in it is one."""
        if len(self.endpoints) == 1:
            return self.endpoints[0]
        return next((one for one in self.endpoints if one.draft), self.endpoint)

    def endpoint_of(self, call: Call) -> Endpoint:
        """The endpoint a call goes to."""
        return self.others.get(call.endpoint, self.endpoint)

    def endpoint_for(self, number: int) -> Endpoint:
        """The endpoint a shot is made with."""
        call = self.plan.call_of(number)
        return self.endpoint_of(call) if call else self.endpoint

    @cached_property
    def problems(self) -> tuple[str, ...]:
        """Every reason why it cannot be asked for, in full sentences; what the model would refuse among them."""
        project = self.facts.project
        found = [*self.wrong, *self.plan.problems]
        for endpoint in self.endpoints:
            gap = not_set_up(endpoint)
            found += [gap] if gap else []
            found += _said(fitness.frame_shape(endpoint, project.width, project.height))
        return tuple(dict.fromkeys([*found, *self._too_long(), *self._unfit_pictures()]))

    @cached_property
    def hints(self) -> tuple[str, ...]:
        """What will be left out or cut, in full sentences: no reason to stop."""
        unknown = {k for s in self.facts.shots for k in mentions(s.text)} - {e.element.key for e in self.facts.elements}
        left = [f"{d.name} is left out: {d.reason}." for d in self.plan.dropped]
        if self.facts.style.negative.strip():
            left += [
                f"{e.title} has no field for what shall never be in the picture; it is not sent."
                for e in self.endpoints
                if not e.takes("negative")
            ]
        return (*left, *(f"@{key} is no element of this project; it is sent as a word." for key in sorted(unknown)))

    @cached_property
    def unpriced(self) -> Endpoint | None:
        """The first endpoint whose price is not known; None when all are."""
        return next((self.endpoint_of(c) for c in self.plan.calls if c.price is None), None)

    def compiled(self, call: Call, number: int) -> str:
        """The prompt of one shot as this call sends it."""
        style = self.facts.style
        return compile_prompt(self._texts[number], self.voices(call), prefix=style.prefix, suffix=style.suffix)

    def voices(self, call: Call) -> dict[str, Voice]:
        """Who speaks by name, as the model wants it written, and who by description in this call."""
        return voices(self.facts, self.endpoint_of(call), call.sent)

    @cached_property
    def _texts(self) -> dict[int, str]:
        return {s.number: s.text for s in self.facts.shots}

    def _too_long(self) -> list[str]:
        out: list[str] = []
        for call in self.plan.calls:
            endpoint = self.endpoint_of(call)
            lengths = {n: len(self.compiled(call, n)) for n in call.shots}
            for number, have in lengths.items():
                out += _said(fitness.prompt_length(endpoint, f"Shot {number}'s prompt", have))
            out += _said(fitness.call_length(endpoint, f"The prompts of call {call.number}", sum(lengths.values())))
        return out

    def _unfit_pictures(self) -> list[str]:
        """What the models would refuse of the pictures that calls begin with or end on."""
        found: list[str] = []
        for call in self.plan.calls:
            endpoint = self.endpoint_of(call)
            found += self._unfit_chain(endpoint) if call.start == "chain" else []
            if start := begun_with(self.facts, call):
                found += [str(p) for p in _unfit(endpoint, f"Start frame F{start.number}", start)]
            if end := ended_on(self.facts, call):
                found += [str(p) for p in _unfit(endpoint, f"End frame F{end.number}", end)]
        return found

    def _unfit_chain(self, endpoint: Endpoint) -> list[str]:
        """A call that goes on from the last frame of the one before starts from a picture of the project's size."""
        project = self.facts.project
        if not list(fitness.pictures_to_start(endpoint, "It", project.width, project.height)):
            return []
        small = min(project.width, project.height) < endpoint.min_start_edge
        least, most = endpoint.start_ratio
        takes = f"none under {endpoint.min_start_edge} pixels" if small else f"{least:.2f} to {most:.2f} in shape"
        return [
            f"A call goes on from the last frame of the one before, {project.width} × {project.height}, and"
            f" {endpoint.title} takes {takes}; give the shot a start frame of its own."
        ]


def begun_with(facts: SequenceFacts, call: Call) -> StartFrame | None:
    """The start frame a call begins with; None when it goes on from the call before or from nothing."""
    if call.start == "frame":
        return facts.start_frame
    return _shot(facts, call.pieces[0].number).start_frame if call.start == "own" else None


def ended_on(facts: SequenceFacts, call: Call) -> StartFrame | None:
    """The frame a call is told to end on."""
    return _shot(facts, call.pieces[-1].number).end_frame if call.end else None


def _shot(facts: SequenceFacts, number: int) -> ShotFacts:
    return next(s for s in facts.shots if s.number == number)


def _unfit(endpoint: Endpoint, what: str, frame: StartFrame) -> Iterator[fitness.Problem]:
    yield from fitness.pictures_to_start(endpoint, what, frame.width, frame.height)
    path = storage.absolute(frame.file) if endpoint.start_bytes and frame.file else None
    if path is not None and path.exists():
        heavy = fitness.start_weight(endpoint, what, path.stat().st_size)
        if heavy:
            yield heavy


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
        end_frame=endpoint.end_frame and endpoint.takes("end"),
        title=endpoint.title,
    )


def quote(
    facts: SequenceFacts, *, mode: str | None = None, model: str | None = None, only: frozenset[int] | None = None
) -> Quote:
    """Plan one take of a sequence. `only` names the shots to make when the rest is reused. Raises Refusal.

    A `model` that is asked for holds for every call; without it a shot's own, else the project's.
    """
    mode = mode or facts.sequence.mode
    if mode not in Mode.values:
        raise Refusal(f"Mode is {mode!r}; it must be one of {', '.join(Mode.values)}.", where="mode")
    endpoint = video_endpoint(facts.project, model)
    others, wrong = ({}, ()) if model else _own_models(facts)
    longest = _longest_voices(facts, (endpoint, *others.values()))
    planning = Planning(
        tuple(_plan_shot(facts, s, others.get(s.shot.model, endpoint), others, longest) for s in facts.shots),
        limits_of(endpoint),
        mode,
        tuple(Candidate(e.element.key, e.element.name, e.pictures) for e in facts.elements),
        facts.start_frame is not None,
        only,
        {one.id: limits_of(one) for one in others.values()},
    )
    return Quote(facts, mode, endpoint, planning, {one.id: one for one in others.values()}, wrong)


def split_proposals(asked: Quote) -> tuple[Proposal, ...]:
    """For every dropped element of a plan that a split would send: the marks that do it and the price difference."""
    return callplan.proposals(asked.planning)


def _own_models(facts: SequenceFacts) -> tuple[dict[str, Endpoint], tuple[str, ...]]:
    """Endpoints that shots name themselves, by the name they use, and what is wrong with those that cannot be used."""
    found: dict[str, Endpoint] = {}
    wrong: list[str] = []
    for shot in facts.shots:
        name = shot.shot.model
        if not name or name in found:
            continue
        try:
            found[name] = video_endpoint(facts.project, name)
        except Refusal as refusal:
            wrong.append(f"Shot {shot.number} has a model of its own. {refusal}")
    return found, tuple(wrong)


def _plan_shot(
    facts: SequenceFacts, shot: ShotFacts, endpoint: Endpoint, others: Mapping[str, Endpoint], longest: dict[str, Voice]
) -> PlanShot:
    named = others.get(shot.shot.model)
    return PlanShot(
        shot.number,
        float(shot.shot.seconds),
        shot.text,
        shot.shot.solo,
        shot.start_frame is not None,
        _sent_length(facts, shot.text, longest) if endpoint.call_chars else None,
        divided=shot.shot.divided,
        model=named.id if named else "",
        own_end=shot.end_frame is not None,
    )


def _longest_voices(facts: SequenceFacts, endpoints: Sequence[Endpoint]) -> dict[str, Voice]:
    """Every element at its longest: whether it is sent is only known once the calls are."""
    out = {}
    for e in facts.elements:
        name, description = e.element.name, e.element.description
        longest = max([*(one.spoken(name, 99) for one in endpoints), description or name], key=len)
        out[e.element.key] = Voice(longest, "", True)
    return out


def _sent_length(facts: SequenceFacts, text: str, longest: dict[str, Voice]) -> int:
    style = facts.style
    return len(compile_prompt(text, longest, prefix=style.prefix, suffix=style.suffix))
