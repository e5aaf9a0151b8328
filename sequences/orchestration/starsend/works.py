"""Old clips, start frames and grids made into ours: files first, then all rows of one work in one transaction."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.utils import timezone

from sequences import storage
from sequences.errors import Refusal
from sequences.execution.assemble import pictures, storage_name, thumb
from sequences.media import files, grids, video
from sequences.models import Check, Clip, Grid, Job, Project, Shot, StartFrame, Take, TakeShot
from sequences.models import Sequence as SequenceRow
from sequences.models.plan import Mode
from sequences.providers import catalogue
from sequences.providers.base import ShotAsk, VideoRequest, fingerprint, to_json
from sequences.starsend import OldGrid, Place
from sequences.states import ArtefactState, JobState
from sequences.transitions import born, move

from .._jobs import DAY, new_key, next_number
from ..picking import cropped, put_in_use
from .media import BROKEN, Examined, Film, at_hand
from .report import Tally
from .rows import SOURCE, Planned, pinned
from .wanted import Span, Wanted, spans

Actor = AbstractBaseUser | None
WHY = "brought in from the script era"
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Ready:
    """A clip at the project's size and rate, in its place under the media root."""

    film: Film
    place: str
    sha256: str
    facts: video.VideoFacts
    last: str
    last_sha256: str


@dataclass(frozen=True, slots=True)
class Joined:
    """A take's film with its pictures."""

    place: str
    sha256: str
    frames: int
    poster: str
    strip: str
    cells: int
    shots: list[TakeShot]


def bring_take(actor: Actor, wanted: Wanted, tally: Tally) -> Take | None:
    """Make a take of old clips. None, with a sentence, where they cannot be used or it is there meanwhile."""
    project = wanted.planned.row.project
    try:
        ready = {f.sha256: _clip(project, wanted.planned.row.code, f) for f in wanted.films}
        rate = Fraction(project.rate)
        cuts, told = spans(wanted, {sha: clip.facts.frames for sha, clip in ready.items()}, rate)
        if told:
            tally.say(wanted.record, told)
        if not cuts:
            return None
        joined = _join(project, wanted, ready, cuts)
    except BROKEN as bad:
        tally.say(wanted.record, f"Take {wanted.name} is left out: {_told(bad)}")
        return None
    try:
        with transaction.atomic():
            return _write_take(actor, project, wanted, ready, joined)
    except IntegrityError:
        if wanted.planned.row.takes.filter(request_key=wanted.key).exists():
            return None
        raise


def _told(bad: BaseException) -> str:
    return str(bad) if isinstance(bad, files.MediaError | Refusal) else f"it cannot be read ({type(bad).__name__})."


def _clip(project: Project, code: str, film: Film) -> Ready:
    """Bring a clip to the project's size and rate, as one that a provider sends."""
    rate = Fraction(project.rate)
    with at_hand(project, film.path, film.sha256, ".mp4") as scratch:
        even = scratch.with_name(scratch.name.replace(".part", ".even"))
        try:
            changed = video.normalise(scratch, even, width=project.width, height=project.height, rate=rate)
            ready = even if changed else scratch
            facts, digest = video.probe(ready), files.sha256_of(ready)
            place = storage.place(project, code.lower(), SOURCE, f"{film.sha256[:12]}-{digest[:12]}.mp4")
            files.safe_replace(ready, storage.absolute(place))
        finally:
            even.unlink(missing_ok=True)
    last = place.removesuffix(".mp4") + "-last.png"
    with files.written(storage.absolute(last)) as part:
        video.last_frame(storage.absolute(place)).save(part, "PNG")
    return Ready(film, place, digest, facts, last, files.sha256_of(storage.absolute(last)))


def _join(project: Project, wanted: Wanted, ready: dict[str, Ready], cuts: list[Span]) -> Joined:
    pieces = [
        video.Piece(storage.absolute(ready[s.film.sha256].place), cut.first, cut.frames)
        for s, cut in zip(wanted.stretches, cuts, strict=True)
    ]
    scratch = storage.scratch(project, ".mp4")
    try:
        rate = Fraction(project.rate)
        facts = video.join(pieces, scratch, width=project.width, height=project.height, rate=rate)
        digest = files.sha256_of(scratch)
        place = storage.place(project, wanted.planned.row.code.lower(), SOURCE, f"take-{digest[:16]}.mp4")
        files.safe_replace(scratch, storage.absolute(place))
    finally:
        scratch.unlink(missing_ok=True)
    path = storage.absolute(place)
    poster, strip, cells = pictures(path, facts.frames)
    shots = _shots(wanted, cuts)
    for shot in shots:
        shot.thumb = thumb(path, shot)
    return Joined(place, digest, facts.frames, storage_name(poster), storage_name(strip), cells, shots)


def _shots(wanted: Wanted, cuts: list[Span]) -> list[TakeShot]:
    shots, at = [], 0
    for stretch, cut in zip(wanted.stretches, cuts, strict=True):
        shot = stretch.shot
        shots.append(TakeShot(
            shot=shot, number=shot.number, seconds=stretch.seconds, compiled=stretch.sent, call=1,
            first=cut.first, frames=cut.frames, at=at,
        ))  # fmt: skip
        at += cut.frames
    return shots


def _write_take(actor: Actor, project: Project, wanted: Wanted, ready: dict[str, Ready], joined: Joined) -> Take:
    """Take, calls, clips, shots, checks; it waits for eyes. Inside the caller's transaction."""
    sequence, first = wanted.planned.row, wanted.olds[0]
    SequenceRow.objects.select_for_update().get(pk=sequence.pk)
    kept = {c.source_sha256: c for c in Clip.objects.filter(take__sequence=sequence).order_by("-id")}
    fresh = [f.sha256 for f in wanted.films if f.sha256 not in kept]
    calls = {sha: n for n, sha in enumerate(fresh, 1)}
    take = Take.objects.create(
        sequence=sequence, number=next_number(sequence.takes), request_key=wanted.key,
        mode=Mode.MULTI_SHOT if wanted.stretches[0].whole else Mode.PER_SHOT, provider=SOURCE,
        endpoint=endpoint_of(wanted), seed=first.seed or 0, width=project.width, height=project.height,
        rate=project.rate, plan=_plan(wanted, calls), created_by_id=actor.pk if actor else None,
    )  # fmt: skip
    born(take, actor=actor, why=WHY)
    for sha in fresh:
        kept[sha] = _write_clip(actor, project, take, wanted, ready[sha], calls[sha])
    for shot, stretch in zip(joined.shots, wanted.stretches, strict=True):
        shot.take, shot.clip = take, kept[stretch.film.sha256]
        shot.call, shot.revision = calls.get(stretch.film.sha256, 0), pinned(stretch.shot, stretch.words)
    TakeShot.objects.bulk_create(joined.shots)
    Check.objects.bulk_create(
        Check(take=take, position=n, name=c.name, label=c.label, measured=c.measured, limit=c.limit, result=c.result)
        for n, c in enumerate({c.name: c for c in wanted.checks()}.values())
    )
    move(
        take, ArtefactState.WAITING, actor=actor, why=WHY, file=joined.place, sha256=joined.sha256,
        frames=joined.frames, poster=joined.poster, strip=joined.strip, strip_cells=joined.cells,
        made_at=timezone.now(),
    )  # fmt: skip
    return take


def endpoint_of(wanted: Wanted) -> str:
    """The model as the catalogue calls it, else as the record does."""
    named = next((t.model for t in wanted.olds if t.model), "")
    known = next((e.id for e in catalogue.endpoints(kind="video") if named and named in (e.id, e.path)), "")
    return (known or named or UNKNOWN)[:120]


def _plan(wanted: Wanted, calls: dict[str, int]) -> dict[str, Any]:
    """The calls as a plan says them, and what the old work says of itself: old money is told here, nowhere booked."""
    listed: dict[int, dict[str, Any]] = {}
    for stretch in wanted.stretches:
        number = calls.get(stretch.film.sha256, 0)
        call = listed.setdefault(number, {"number": number, "shots": [], "seconds": 0.0})
        call["shots"].append(stretch.shot.number)
        call["seconds"] = round(call["seconds"] + float(stretch.seconds), 3)
    costs = [t.cost_micros for t in wanted.olds if t.cost_micros is not None]
    olds = [
        {
            "name": t.name, "model": t.model, "cost_micros": t.cost_micros, "seed": t.seed, "decision": t.decision,
            "made_at": t.made_at.isoformat() if t.made_at else None, "files": [c.name for c in t.clips],
        }
        for t in wanted.olds
    ]  # fmt: skip
    imported = {"source": SOURCE, "cost_micros": sum(costs) if costs else None, "takes": olds}
    return {"calls": [listed[n] for n in sorted(listed) if n], "imported": imported}


def _write_clip(actor: Actor, project: Project, take: Take, wanted: Wanted, clip: Ready, call: int) -> Clip:
    job = _write_job(actor, project, take, wanted, clip, call)
    return Clip.objects.create(
        take=take, job=job, file=clip.place, sha256=clip.sha256, source_sha256=clip.film.sha256,
        frames=clip.facts.frames, width=clip.facts.width, height=clip.facts.height, bytes=clip.facts.bytes,
        last_frame=clip.last, last_frame_sha256=clip.last_sha256,
    )  # fmt: skip


def _write_job(actor: Actor, project: Project, take: Take, wanted: Wanted, clip: Ready, call: int) -> Job:
    """The record of a call that somebody else's script made: it has ended, and nothing was held or paid for it here."""
    asks = tuple(
        ShotAsk(s.shot.number, s.sent, float(s.seconds)) for s in wanted.stretches if s.film.sha256 == clip.film.sha256
    )
    request = to_json(VideoRequest(
        endpoint=take.endpoint, shots=asks, width=project.width, height=project.height, rate=project.rate,
        seed=take.seed, label=f"{take.sequence.code} T{take.number}", slate=False,
    ))  # fmt: skip
    now = timezone.now()
    job = Job.objects.create(
        project=project, sequence=take.sequence, kind="video", take=take, call=call, provider=SOURCE,
        endpoint=take.endpoint, request=request, input_sha256=fingerprint(request), token=f"{SOURCE}-{new_key()}",
        estimate_micros=0, cost_micros=0, look_again_at=now + DAY, deadline=now + DAY,
        created_by_id=actor.pk if actor else None,
    )  # fmt: skip
    born(job, actor=actor, why=WHY)
    for state in (JobState.SUBMITTING, JobState.SUBMITTED, JobState.READY):
        move(job, state, actor=actor, why=WHY)
    move(job, JobState.DONE, actor=actor, why=WHY, finished_at=now, progress=1.0)
    return job


def bring_frame(
    actor: Actor, planned: Planned, shot: Shot | None, place: Place | None, record: str, examined: Examined,
    tally: Tally, *, dry_run: bool,
) -> StartFrame | None:  # fmt: skip
    """The start frame of a sequence, or of a shot; a person's choice here is never replaced."""
    if place is None or place.path is None:
        return None
    picture = examined.picture(place)
    if picture is None:
        tally.say(record, f"The start frame is left out: {examined.why[place.path]}")
        return None
    sequence, key = planned.row, f"{SOURCE}:{picture.sha256[:40]}:{shot.pk if shot else 0}"
    if sequence.start_frames.filter(request_key=key).exists():
        return None
    what = f"{sequence.code} shot {shot.number}" if shot else sequence.code
    here = sequence.start_frames.filter(shot=shot, state=ArtefactState.APPROVED.value).first()
    if here is not None and not here.request_key.startswith(f"{SOURCE}:"):
        tally.say(record, f"{what} has a start frame that was chosen here; it stays.")
        return None
    if dry_run:
        tally.made(record, "start_frames", None, f"start frame of {what}")
        return None
    try:
        with at_hand(sequence.project, picture.path, picture.sha256, picture.path.suffix) as scratch:
            cut = cropped(sequence, scratch, picture.path.name)
        frame = put_in_use(actor, sequence, shot, cut, WHY, source="upload", request_key=key)
    except (*BROKEN, Refusal) as bad:
        tally.say(record, f"The start frame is left out: {_told(bad)}")
        return None
    tally.made(record, "start_frames", frame, f"start frame of {what}")
    return frame


def bring_grid(
    actor: Actor, planned: Planned, old: OldGrid, examined: Examined, tally: Tally, *, dry_run: bool
) -> Grid | None:
    """A picture of candidates, its cells found anew."""
    record, sequence = planned.laid.record, planned.row
    if old.place.path is None:
        return None
    found = examined.picture(old.place)
    if found is None:
        tally.say(record, f"The grid is left out: {examined.why[old.place.path]}")
        return None
    key = f"{SOURCE}:{found.sha256[:40]}"
    if sequence.grids.filter(request_key=key).exists():
        return None
    if dry_run:
        tally.made(record, "grids", None, f"grid of {sequence.code}")
        return None
    try:
        grid = _make_grid(actor, planned, old, key, found.path, found.sha256)
    except BROKEN as bad:
        tally.say(record, f"The grid is left out: {_told(bad)}")
        return None
    if grid is None:
        tally.say(record, f"The grid {found.path.name} shows neither 2×2 nor 3×3 cells; it was left out.")
        return None
    tally.made(record, "grids", grid, str(grid))
    return grid


def _make_grid(actor: Actor, planned: Planned, old: OldGrid, key: str, path: Path, sha256: str) -> Grid | None:
    sequence = planned.row
    folder = (sequence.code.lower(), "grids")
    with at_hand(sequence.project, path, sha256, path.suffix) as scratch:
        image = grids.open_picture(scratch, what=f"grid {path.name}")
        tried = [(old.rows, old.cols)] if old.rows and old.cols else [(3, 3), (2, 2)]
        layouts = [grids.find_cells(image, rows, cols) for rows, cols in tried]
        layout = next((n for n in layouts if n.found or old.rows), None)
        if layout is None:
            return None
        suffix = ".png" if image.format == "PNG" or path.suffix.lower() == ".png" else path.suffix.lower()
        place = storage.place(sequence.project, *folder, f"{SOURCE}-{sha256[:16]}{suffix}")
        preview = storage.place(sequence.project, *folder, f"{SOURCE}-{sha256[:16]}-preview.jpg")
        grids.preview(scratch, storage.absolute(preview), 1440)
        files.safe_replace(scratch, storage.absolute(place))
    with suppress(IntegrityError), transaction.atomic():
        grid = Grid.objects.create(
            sequence=sequence, number=next_number(sequence.grids), rows=layout.rows, cols=layout.cols,
            prompt=planned.laid.shots[0].text if planned.laid.shots else "", seed=0, endpoint=UNKNOWN,
            request_key=key, created_by_id=actor.pk if actor else None,
        )  # fmt: skip
        born(grid, actor=actor, why=WHY)
        move(
            grid, ArtefactState.WAITING, actor=actor, why=WHY, file=place, preview=preview, sha256=sha256,
            width=image.width, height=image.height, cells=[[b.x, b.y, b.width, b.height] for b in layout.cells],
        )  # fmt: skip
        if sequence.start_frames.filter(state=ArtefactState.APPROVED.value).exists():
            move(grid, ArtefactState.APPROVED, actor=actor, why="its sequence has its start frame already")
        return grid
    return None
