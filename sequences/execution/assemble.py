"""The last clip of a take joins them: one file, checks, poster, filmstrip; then the take waits for eyes."""

from __future__ import annotations

import logging
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from sequences import storage
from sequences.media import checks, files, video
from sequences.models import Check, Job, Take, TakeShot
from sequences.states import LIVE_JOBS, ArtefactState
from sequences.transitions import Stale, move

from .claims import claim, held
from .outcomes import fail_take, why_aside

log = logging.getLogger(__name__)

STRIP_CELLS = 48


def assemble(take_id: int) -> None:
    """Finish a take whose calls have all ended. Safe to ring twice: the claim lets one through."""
    take = Take.objects.select_related("sequence__project", "start_frame").get(pk=take_id)
    if take.state != ArtefactState.MAKING or _live(take) or not claim(take):
        return
    missing = _missing(take)
    if missing:
        fail_take(take, missing)
        return
    try:
        with held(take):
            _build(take)
    except files.MediaError as bad:
        fail_take(take, f"The clips could not be joined: {bad}")
    except Stale:
        log.info("%s moved on meanwhile", take)
    except Exception:  # whatever broke, the clips stand; the sweep comes back to it
        log.exception("joining %s", take)
        again = timezone.now() + timedelta(seconds=30)
        Take.objects.filter(pk=take.pk, epoch=take.epoch).update(lease_until=again)


def _live(take: Take) -> bool:
    return Job.objects.filter(take=take, state__in=LIVE_JOBS).exists()


def _missing(take: Take) -> str:
    """Why the take cannot be finished, from the last word of each call that brought nothing; empty when it can.

    Calls that only waited for another one are left out beside it, and calls with the same word are named together.
    """
    calls = set(take.shots.filter(clip__isnull=True).values_list("call", flat=True))
    if not calls:
        return ""
    last = {j.call: j for j in Job.objects.filter(take=take, call__in=calls).order_by("id")}
    first_hand = [j for j in last.values() if j.error_code != "call_before"] or list(last.values())
    words: dict[str, list[int]] = {}
    for job in first_hand:
        words.setdefault(job.error or job.state, []).append(job.call)
    return " ".join(f"{_calls(numbers)}: {word}" for word, numbers in words.items()) or "It was never asked for."


def _calls(numbers: list[int]) -> str:
    listed = ", ".join(map(str, sorted(numbers)))
    return f"Call {listed}" if len(numbers) == 1 else f"Calls {listed}"


def _build(take: Take) -> None:
    shots = list(take.shots.select_related("clip", "start_frame").order_by("at"))
    _fit(shots)
    rate = Fraction(take.rate)
    stem = (take.sequence.code.lower(), f"t{take.number}")
    project = take.sequence.project
    scratch = storage.scratch(project, ".mp4")
    try:
        pieces = [video.Piece(_clip_path(s), s.first, s.frames) for s in shots]
        facts = video.join(pieces, scratch, width=take.width, height=take.height, rate=rate)
        digest = files.sha256_of(scratch)
        place = storage.place(project, *stem, f"t{take.number}-{digest[:12]}.mp4")
        files.safe_replace(scratch, storage.absolute(place))
    finally:
        scratch.unlink(missing_ok=True)
    path = storage.absolute(place)
    findings = checks.run(path, _asked(take, shots), checks.Limits.from_dict(project.check_limits))
    poster, strip, cells = pictures(path, facts.frames)
    thumbs = _thumbs(path, shots)
    aside = why_aside(take)
    with transaction.atomic():
        _write_shots(shots, thumbs)
        _write_checks(take, findings)
        move(
            take,
            ArtefactState.WAITING,
            epoch=take.epoch,
            file=place,
            sha256=digest,
            frames=facts.frames,
            poster=storage_name(poster),
            strip=storage_name(strip),
            strip_cells=cells,
            set_aside=aside,
            made_at=timezone.now(),
            lease_until=None,
            error="",
        )


def storage_name(path: Path) -> str:
    """The path as a row keeps it."""
    return path.relative_to(storage.root()).as_posix()


def _clip_path(shot: TakeShot) -> Path:
    assert shot.clip is not None, "`_missing` has looked"
    return storage.absolute(shot.clip.file)


def _fit(shots: list[TakeShot]) -> None:
    """Clips that came back shorter than asked shorten their last shot; the duration check will say so."""
    at = 0
    for shot in shots:
        assert shot.clip is not None, "`_missing` has looked"
        short = shot.first + shot.frames - shot.clip.frames
        if short > 0:
            shot.first = min(shot.first, shot.clip.frames - 1)
            shot.frames = shot.clip.frames - shot.first
        shot.at = at
        at += shot.frames


def _asked(take: Take, shots: list[TakeShot]) -> checks.Asked:
    total = planned_frames(take)
    pairs = list(zip(shots, shots[1:], strict=False))
    cuts = tuple(s.at for before, s in pairs if _is_cut(before, s))
    joins = tuple(s.at for before, s in pairs if not _is_cut(before, s))
    first = shots[0].start_frame or take.start_frame
    start = storage.absolute(first.file) if first and shots[0].call else None
    return checks.Asked(
        frames=total,
        width=take.width,
        height=take.height,
        rate=Fraction(take.rate),
        cuts=cuts,
        joins=joins,
        start=start,
    )


def _is_cut(before: TakeShot, shot: TakeShot) -> bool:
    """Whether the picture must jump here: inside one call, or where a shot starts from a frame of its own.

    A call that goes on from the last frame of the one before it may run on without a jump.
    """
    if shot.part > 1:
        return False
    return shot.clip_id == before.clip_id or shot.start_frame_id is not None


def planned_frames(take: Take) -> int:
    """Frames the planned shots add up to, each end rounded from the running total."""
    seconds = sum((Fraction(s.seconds) for s in take.shots.all()), start=Fraction(0))
    return round(seconds * Fraction(take.rate))


def pictures(path: Path, frames: int) -> tuple[Path, Path, int]:
    """Poster, filmstrip and its number of cells, drawn beside a take's film. Raises MediaError."""
    poster, strip = path.with_name(path.stem + "-poster.jpg"), path.with_name(path.stem + "-strip.jpg")
    video.poster(path, min(frames - 1, frames // 3), poster, 960)
    cells = video.filmstrip(path, strip, min(STRIP_CELLS, frames), 160).cells
    return poster, strip, cells


def _thumbs(path: Path, shots: list[TakeShot]) -> dict[int, str]:
    made = {}
    for shot in shots:
        made[shot.pk] = thumb(path, shot)
    return made


def thumb(path: Path, shot: TakeShot) -> str:
    """The middle of a shot, drawn beside its take's film; the picture as a row keeps it. Raises MediaError."""
    target = path.with_name(f"{path.stem}-shot{shot.number}-{shot.part}.jpg")
    video.poster(path, shot.at + shot.frames // 2, target, 480)
    return storage_name(target)


def _write_shots(shots: list[TakeShot], thumbs: dict[int, str]) -> None:
    for shot in shots:
        shot.thumb = thumbs[shot.pk]
    TakeShot.objects.bulk_update(shots, ["first", "frames", "at", "thumb"])


def _write_checks(take: Take, findings: tuple[checks.Finding, ...]) -> None:
    Check.objects.filter(take=take).delete()
    Check.objects.bulk_create(
        Check(
            take=take,
            position=at,
            name=f.name,
            label=f.label,
            measured=f.measured,
            limit=f.limit,
            result=f.result,
            spans=[list(span) for span in f.spans],
        )
        for at, f in enumerate(findings)
    )
