"""Building a take: what it pins, its calls as jobs, and where each shot lies inside its clip."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from django.contrib.auth.models import AbstractBaseUser

from sequences import storage
from sequences.callplan import Call, Piece
from sequences.errors import Refusal
from sequences.media import files, video
from sequences.models import Element, ElementImage, Job, StartFrame, Take, TakeShot
from sequences.providers import fitness
from sequences.providers.base import ElementRef, Picture, ShotAsk, VideoRequest, to_json
from sequences.providers.catalogue import Endpoint
from sequences.queries import SequenceFacts
from sequences.queries.drafts import REMAKE_OF
from sequences.queries.inputs import now_of
from sequences.staleness import pin_shot
from sequences.states import ArtefactState
from sequences.transitions import born

from ._jobs import create_job, new_seed, next_number
from .quoting import Quote, begun_with, ended_on


@dataclass(slots=True)
class Laying:
    """Where the next shot comes to lie: seconds of the take so far, as an exact fraction."""

    rate: Fraction
    seconds: Fraction = Fraction(0)

    def lay(self, seconds: Fraction) -> tuple[int, int]:
        """First frame and number of frames of the next shot; ends are rounded from the running total."""
        first = round(self.seconds * self.rate)
        self.seconds += seconds
        return first, round(self.seconds * self.rate) - first


def picture_of(frame: StartFrame) -> Picture:
    """A start frame as a request carries it."""
    return Picture(frame.file, frame.sha256, frame.width, frame.height)


def element_refs(facts: SequenceFacts, *, keys: Sequence[str] | None = None, limit: int = 99) -> tuple[ElementRef, ...]:
    """Elements with their pictures as a request carries them: those named in `keys`, else by priority up to `limit`."""
    chosen = [e for e in facts.elements if e.pictures and (keys is None or e.element.key in keys)][:limit]
    today = _pictures([e.element for e in chosen if e.pinned is None])
    return tuple(
        ElementRef(
            e.element.key,
            e.element.name,
            e.element.kind,
            e.element.description,
            tuple(today[e.element.pk]) if e.pinned is None else e.pinned,
        )
        for e in chosen
    )


def _pictures(elements: Sequence[Element]) -> dict[int, list[Picture]]:
    """Pictures of elements by their ids, the frontal one first."""
    out: dict[int, list[Picture]] = {}
    for image in ElementImage.objects.filter(element__in=elements).order_by("position", "id"):
        out.setdefault(image.element_id, []).append(Picture(image.file, image.sha256, image.width, image.height))
    return out


def counted_refs(facts: SequenceFacts, *, limit: int) -> tuple[ElementRef, ...]:
    """The same by priority with as many pictures as there are, but none of them read."""
    chosen = [e for e in facts.elements if e.pictures][:limit]
    nothing = Picture("", "", 0, 0)
    return tuple(ElementRef(e.element.key, e.element.name, e.element.kind, "", (nothing,) * e.pictures) for e in chosen)


def create_take(
    actor: AbstractBaseUser | None,
    asked: Quote,
    seed: int | None,
    key: str,
    nth: int,
    *,
    parent: Take | None = None,
    bridges: Mapping[int, Picture] | None = None,
    remake: bool = False,
) -> Take:
    """Take, shots, jobs, holds and events, inside the caller's transaction.

    With `parent` shots that are not made are its own; with `remake` everything is made again as it was made there.
    """
    facts, project = asked.facts, asked.facts.project
    take = Take.objects.create(
        sequence=facts.sequence,
        number=next_number(facts.sequence.takes),
        mode=asked.mode,
        provider=asked.made_by.provider,
        endpoint=asked.made_by.id,
        seed=new_seed() if seed is None else seed + nth - 1,
        width=project.width,
        height=project.height,
        rate=project.rate,
        start_frame=_first_frame(facts, asked, parent),
        elements=_pinned_elements(asked),
        plan=asked.plan.as_data() | ({REMAKE_OF: parent.number} if remake and parent else {}),
        parent=parent,
        request_key=key,
        created_by_id=actor.pk if actor else None,
    )
    born(take, actor=actor)
    _create_shots(take, asked, None if remake else parent)
    _create_jobs(take, asked, actor, bridges or {})
    return take


def _first_frame(facts: SequenceFacts, asked: Quote, parent: Take | None) -> StartFrame | None:
    makes_first = parent is None or any(c.start == "frame" for c in asked.plan.calls)
    return facts.start_frame if makes_first or parent is None else parent.start_frame


def _pinned_elements(asked: Quote) -> list[dict[str, object]]:
    sent = {key for call in asked.plan.calls for key in call.sent}
    reasons = {d.key: d.reason for d in asked.plan.dropped}
    return [
        {
            "key": e.element.key,
            "name": e.element.name,
            "description": e.element.description,
            "front": e.front,
            "sent": e.element.key in sent,
            "reason": reasons.get(e.element.key, ""),
        }
        for e in asked.facts.elements
    ]


def _create_shots(take: Take, asked: Quote, parent: Take | None) -> None:
    laying = Laying(Fraction(take.rate))
    inside = _inside(asked, laying.rate)
    reused = {(s.number, s.part): s for s in parent.shots.all()} if parent else {}
    rows: list[TakeShot] = []
    for shot in asked.facts.shots:
        made = [(piece, call, first) for piece, call, first in inside if piece.number == shot.number]
        for piece, call, first in made:
            at, frames = laying.lay(Fraction(str(piece.seconds)))
            rows.append(_made_shot(take, asked, shot.number, piece.part, piece.seconds, call, first, at, frames))
        if not made:
            rows += [_reused_shot(take, s, laying) for key, s in sorted(reused.items()) if key[0] == shot.number]
    TakeShot.objects.bulk_create(rows)


def _inside(asked: Quote, rate: Fraction) -> list[tuple[Piece, Call, int]]:
    out = []
    for call in asked.plan.calls:
        before = Fraction(0)
        for piece in call.pieces:
            out.append((piece, call, round(before * rate)))
            before += Fraction(str(piece.asked))
    return out


def _made_shot(
    take: Take, asked: Quote, number: int, part: int, seconds: float, call: Call, first: int, at: int, frames: int
) -> TakeShot:
    facts = next(s for s in asked.facts.shots if s.number == number)
    if facts.revision_id is None:
        raise Refusal(f"Shot {number} has no prompt; write it first.", where="prompt")
    begins = call.pieces[0].number == number and call.pieces[0].part == part
    ends = call.pieces[-1].number == number and call.pieces[-1].part == part
    return TakeShot(
        take=take,
        shot=facts.shot,
        number=number,
        part=part,
        seconds=str(seconds),
        revision_id=facts.revision_id,
        compiled=asked.compiled(call, number),
        inputs=pin_shot(now_of(asked.facts), number, begins=call.start, sent=call.sent),
        call=call.number,
        start_frame=begun_with(asked.facts, call) if begins else None,
        end_frame=ended_on(asked.facts, call) if ends else None,
        first=first,
        frames=frames,
        at=at,
    )


def _reused_shot(take: Take, old: TakeShot, laying: Laying) -> TakeShot:
    at, _ = laying.lay(Fraction(old.frames) / laying.rate)
    return TakeShot(
        take=take,
        shot_id=old.shot_id,
        number=old.number,
        part=old.part,
        seconds=old.seconds,
        revision_id=old.revision_id,
        compiled=old.compiled,
        inputs=old.inputs,
        call=0,
        start_frame_id=old.start_frame_id,
        end_frame_id=old.end_frame_id,
        clip_id=old.clip_id,
        first=old.first,
        frames=old.frames,
        at=at,
    )


def _create_jobs(take: Take, asked: Quote, actor: AbstractBaseUser | None, bridges: Mapping[int, Picture]) -> None:
    before: Job | None = None
    for call in asked.plan.calls:
        bridge = bridges.get(call.number)
        request = _request(take, asked, call, bridge)
        chained = call.start == "chain" and bridge is None
        _fit(asked, asked.endpoint_of(call), request, chained)
        before = create_job(
            asked.facts.project,
            asked.facts.sequence,
            asked.endpoint_of(call),
            to_json(request),
            units=call.seconds,
            actor=actor,
            take=take,
            call=call.number,
            after=before if chained else None,
        )


def _fit(asked: Quote, endpoint: Endpoint, request: VideoRequest, chained: bool) -> None:
    """The whole request against what the model refuses, pictures of elements and all. Raises Refusal."""
    if chained:  # the last frame of the call before is as large as the project's frame
        request = replace(request, start=Picture("", "", request.width, request.height))
    for problem in fitness.problems(endpoint, request):
        where = f"{asked.facts.sequence.code}: " if problem.where != "endpoint" else ""
        raise Refusal(f"{where}{problem.message}", code="bad_input", where=problem.where)


def _request(take: Take, asked: Quote, call: Call, bridge: Picture | None) -> VideoRequest:
    return request_of(asked, call, seed=take.seed, number=take.number, bridge=bridge)


def request_of(asked: Quote, call: Call, *, seed: int, number: int, bridge: Picture | None = None) -> VideoRequest:
    """The request of one call of take `number`, as it is frozen on its job. `seed` is the take's."""
    project, facts = asked.facts.project, asked.facts
    start, end = begun_with(facts, call), ended_on(facts, call)
    return VideoRequest(
        endpoint=asked.endpoint_of(call).id,
        shots=_asks(asked, call),
        width=project.width,
        height=project.height,
        rate=project.rate,
        seed=seed + call.number - 1,
        start=bridge or (picture_of(start) if start else None),
        end=picture_of(end) if end else None,
        negative=facts.style.negative,
        elements=element_refs(facts, keys=call.sent),
        label=f"{facts.sequence.code} T{number}",
        slate=project.slate,
    )


def _asks(asked: Quote, call: Call) -> tuple[ShotAsk, ...]:
    return tuple(ShotAsk(p.number, asked.compiled(call, p.number), p.asked) for p in call.pieces)


def check_redo(facts: SequenceFacts, take: Take, shots: Sequence[int]) -> None:
    """Whether a redo of these shots can be spliced into the take. Raises Refusal."""
    where = str(take)
    if take.state == ArtefactState.MAKING or not take.file:
        raise Refusal(f"{take} is not finished; wait for it or retry it first.", code="not_allowed", where=where)
    pinned = {s.number: s.shot_id for s in take.shots.all()}
    wrong = [n for n in shots if n not in pinned]
    if not shots or wrong:
        have = ", ".join(map(str, sorted(pinned)))
        raise Refusal(f"{take} has shots {have}; name those to redo.", where="shots")
    if {s.number: s.shot.pk for s in facts.shots} != pinned:
        raise Refusal(
            f"Shots of {facts.sequence.code} were added, deleted or moved since {take}; ask for a whole new take.",
            code="not_allowed",
            where=where,
        )


def bridge_pictures(take: Take, asked: Quote) -> dict[int, Picture]:
    """For every call that goes on from a reused shot: that shot's last frame, written as a file."""
    made = {p.number for c in asked.plan.calls for p in c.pieces}
    out = {}
    for call in asked.plan.calls:
        first = call.pieces[0]
        if call.start != "chain" or first.part > 1 or first.number - 1 in made:
            continue
        last = take.shots.filter(number__lt=first.number).select_related("clip").last()
        if last is not None and last.clip is not None:
            out[call.number] = _bridge(last)
    return out


def _bridge(shot: TakeShot) -> Picture:
    assert shot.clip is not None, "the caller has looked"
    index = shot.first + shot.frames - 1
    relative = shot.clip.file.removesuffix(".mp4") + f"-f{index}.png"
    target = storage.absolute(relative)
    if not target.exists():
        part = files.part_path(target)
        video.frame_at(storage.absolute(shot.clip.file), index).save(part, "PNG")
        files.safe_replace(part, target)
    return Picture(relative, files.sha256_of(target), shot.clip.width, shot.clip.height)


__all__ = ["bridge_pictures", "check_redo", "counted_refs", "create_take", "element_refs", "picture_of", "request_of"]
