"""Takes as documents of --json: what each was made from, what came of it, and what was said of its shots.

Money is dollars as text, times are seconds of the take as numbers, `file` and `clip` are absolute paths or None.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from django.db.models import Sum

from dailies.models import ShotVerdict
from sequences import costs, storage
from sequences.models import Check, LedgerEntry, Take, TakeShot


def take_documents(takes: Iterable[Take]) -> list[dict[str, Any]]:
    """Documents of takes whose sequence is loaded, in the order given. Four queries, however many."""
    rows = list(takes)
    ids = [take.pk for take in rows]
    shots: dict[int, list[TakeShot]] = defaultdict(list)
    for shot in TakeShot.objects.filter(take__in=ids).select_related("revision", "clip").order_by("at"):
        shots[shot.take_id].append(shot)
    checks: dict[int, list[Check]] = defaultdict(list)
    for check in Check.objects.filter(take__in=ids):
        checks[check.take_id].append(check)
    said = {(v.take_id, v.number): v.decision for v in ShotVerdict.objects.filter(take__in=ids)}
    spent = _spent(ids)
    return [_document(t, shots[t.pk], checks[t.pk], said, spent.get(t.pk, 0)) for t in rows]


def take_document(take: Take) -> dict[str, Any]:
    """The document of one take."""
    return take_documents([take])[0]


def _spent(ids: list[int]) -> dict[int, int]:
    settled = LedgerEntry.objects.filter(job__take__in=ids, kind="settle").order_by()
    return dict(settled.values("job__take").annotate(total=Sum("amount_micros")).values_list("job__take", "total"))


def _document(
    take: Take, shots: list[TakeShot], checks: list[Check], said: dict[tuple[int, int], str], spent: int
) -> dict[str, Any]:
    return {
        "id": take.pk,
        "sequence": take.sequence.code,
        "number": take.number,
        "state": take.state,
        "mode": take.mode,
        "model": take.endpoint,
        "seed": take.seed,
        "cost": costs.amount(spent),
        "seconds": _seconds(take.frames, take.rate),
        "frames": take.frames,
        "file": _path(take.file),
        "sha256": take.sha256 or None,
        "shots": [_shot(s, take.rate, said.get((take.pk, s.number))) for s in shots],
        "checks": [{"name": c.name, "measured": c.measured, "limit": c.limit, "result": c.result} for c in checks],
    }


def _shot(shot: TakeShot, rate: str, verdict: str | None) -> dict[str, Any]:
    return {
        "shot": shot.number,
        "revision": shot.revision.number,
        "prompt": shot.revision.text,
        "start": _seconds(shot.at, rate),
        "end": _seconds(shot.at + shot.frames, rate),
        "clip": _path(shot.clip.file) if shot.clip else None,
        "verdict": verdict,
    }


def _seconds(frames: int | None, rate: str) -> float | None:
    return None if frames is None else round(float(frames / Fraction(rate)), 3)


def _path(relative: str) -> str | None:
    return str(storage.absolute(relative)) if relative else None
