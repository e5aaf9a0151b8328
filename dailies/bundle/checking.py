"""What rows of a bundle must hold to before any is written: values, references, files, hashes, money at rest."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sequences.states import LIVE_JOBS, ArtefactState

from . import tags
from .archive import Archive
from .manifest import DATA, MEDIA, refusal
from .rows import Row, named_files
from .tables import PROJECT, tables
from .values import Ground, made

MAKING = ArtefactState.MAKING.value
ARTEFACTS = ("sequences.grid", "sequences.startframe", "sequences.take")


@dataclass(slots=True)
class _Seen:
    """What rows have said so far: files they name, and holds that nothing has closed."""

    files: set[str] = field(default_factory=set)
    open_holds: set[int] = field(default_factory=set)
    closed: set[int] = field(default_factory=set)


def check(archive: Archive) -> None:
    """Hold every byte against its hash and every row against its table. Raises Refusal; writes nothing."""
    check_bytes(archive)
    check_rows(archive)


def check_bytes(archive: Archive) -> None:
    """Every file against its hash."""
    for name in archive.manifest.files:
        for _ in archive.blocks(name):
            pass


def check_rows(archive: Archive) -> None:
    """Every row against its table, and the files they name against the manifest."""
    if archive.counts[PROJECT] != 1:
        raise refusal(f"It holds {archive.counts[PROJECT]} projects; a bundle is one project.")
    # the longest folder there can be, so that what fits here fits under any slug
    trial = Ground("projects/" + "x" * 80 + "/", 0, {label: range(1, n + 1) for label, n in archive.counts.items()})
    seen = _Seen()
    for label in tables():
        for row in archive.rows(label):
            _at_rest(label, row, made(label, row, trial), seen)
            _files(label, row, archive, seen)
    if standing := seen.open_holds - seen.closed:
        raise refusal(f"Money is still held for {len(standing)} of its calls; a bundle holds none in flight.")
    if unnamed := {n for n in archive.manifest.files if n.startswith(MEDIA)} - seen.files:
        raise refusal(f"{min(unnamed)} is named by none of its rows.")


def _files(label: str, row: Row, archive: Archive, seen: _Seen) -> None:
    try:
        named = list(named_files(label, row))
    except tags.BadTag as bad:
        raise refusal(f"Row {row['id']} of {label}: {bad}") from None
    known = archive.manifest
    for name, sha256 in named:
        there = known.files.get(MEDIA + name)
        if there is None and MEDIA + name not in known.missing:
            raise refusal(f"Row {row['id']} of {label} names {name}, which is not in it.")
        if there is not None and sha256 and there.sha256 != sha256:
            raise refusal(f"{name} is not the file that row {row['id']} of {label} names: the hashes differ.")
        seen.files.add(MEDIA + name)


def _at_rest(label: str, row: Row, found: Any, seen: _Seen) -> None:
    """Nothing in flight: it could be followed a second time, and paid for twice."""
    moving = (
        (label == "sequences.job" and (found.state in LIVE_JOBS or found.late == "awaited"))
        or (label in ARTEFACTS and found.state == MAKING)
        or (label == "dailies.export" and not found.file and not found.error)
    )
    if moving:
        raise refusal(f"Row {row['id']} of {label} is still being made; a bundle holds nothing in flight.")
    if label == "sequences.ledgerentry":
        group = {"hold": seen.open_holds, "settle": seen.closed, "release": seen.closed}.get(found.kind)
        if group is not None:
            group.add(found.job_id)


__all__ = ["DATA", "check", "check_bytes", "check_rows"]
