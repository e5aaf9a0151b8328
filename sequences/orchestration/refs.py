"""Elements out of refs folders: brought in once, or watched.

A folder is only read. Elements are made where their key is new, pictures are added by their hash; what people changed
or took off here stays as they left it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from sequences.errors import Refusal
from sequences.media.files import sha256_of
from sequences.models import Element, ElementImage, ImportedRecord, Project
from sequences.staleness import digest

from ._refs import KINDS, Found, RefFolder, base_of, look, signature
from ._rules import MAKERS, locked, require
from ._sources import unpack
from ._uploads import Upload, name_of, on_disk
from .casting import MOST_PICTURES, KeptPicture, keep_picture, picture_on_disk, write_pictures

__all__ = [
    "KINDS",
    "LastLook",
    "RefPicture",
    "RefsReport",
    "import_refs",
    "import_zip",
    "last_look",
    "look_at_refs",
    "refs_changed",
    "watched",
]

Actor = AbstractBaseUser | None
SOURCE, LOOK = "refs", "last look"
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RefPicture:
    """A picture that came in: whose, and what it is called."""

    key: str
    name: str


@dataclass(slots=True)
class RefsReport:
    """What an import brought, or would bring: keys of new elements, pictures, how many were known, what was left out.

    `waiting` are files that were still being written.
    """

    folder: str
    made: list[str] = field(default_factory=list)
    pictures: list[RefPicture] = field(default_factory=list)
    known: int = 0
    problems: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)

    @property
    def sentence(self) -> str:
        """All of it in a line."""
        parts = [_count(len(self.made), "element"), _count(len(self.pictures), "picture")]
        left = f"; {_count(len(self.problems), 'thing')} left out" if self.problems else ""
        return f"{' and '.join(parts)} came in, {self.known} known already{left}."


@dataclass(frozen=True, slots=True)
class LastLook:
    """What the last look at the watched folder found."""

    at: datetime
    sentence: str
    problems: tuple[str, ...]


@dataclass(slots=True)
class _Member:
    folder: RefFolder
    pictures: list[tuple[Path, KeptPicture]]
    known: set[str]


def import_refs(
    *, actor: Actor, project: Project, folder: Path, dry_run: bool = False, settled: bool = False
) -> RefsReport:
    """Bring in characters/<id>/, props/<id>/ and places/<id>/ of a folder, or of the refs inside it.

    With `settled` files of the last two seconds wait. Raises Refusal when the folder has none of the three.
    """
    require(actor, project, *MAKERS)
    if base_of(folder) is None:
        said = "has no characters, props or places folder" if folder.is_dir() else "is no folder"
        raise Refusal(f"{folder.name or folder} {said}.", where="folder")
    found = look(folder, settled=settled)
    report = RefsReport(str(folder), problems=list(found.problems), waiting=list(found.waiting))
    members = list(_members(project, found, report))
    if dry_run:
        _write(project, members, report, dry_run=True)
        return report
    members = [_stored(project, member, report) for member in members]
    with transaction.atomic():
        _write(locked(project), members, report, dry_run=False)
    return report


def import_zip(*, actor: Actor, project: Project, packed: Upload, folder: Path) -> RefsReport:
    """The same for a zip of such a folder, unpacked into `folder`, which is empty. Raises Refusal for a bad zip."""
    require(actor, project, *MAKERS)
    with on_disk(packed) as path:
        unpack(path, folder, name_of(packed))
    inside = [p for p in folder.iterdir() if p.is_dir()]
    # a zip of the folder itself holds one folder
    base = inside[0] if base_of(folder) is None and len(inside) == 1 else folder
    return import_refs(actor=actor, project=project, folder=base)


def _members(project: Project, found: Found, report: RefsReport) -> Iterator[_Member]:
    for folder in found.folders:
        kept: dict[str, tuple[Path, KeptPicture]] = {}
        known = _known(project, folder)
        for path in folder.pictures:
            try:
                picture = _examined(path, known)
            except (Refusal, OSError) as error:
                report.problems.append(f"{folder.folder}/{path.name} is left out: {error}")
            else:
                kept.setdefault(picture.sha256, (path, picture))
        yield _Member(folder, list(kept.values()), known)


def _examined(path: Path, known: set[str]) -> KeptPicture:
    """A picture that can be used; one that is known is not decoded again. Raises Refusal, OSError."""
    sha256 = sha256_of(path)
    if sha256 in known:
        return KeptPicture(path.name, "", sha256, 0, 0)
    with picture_on_disk(path) as (_, picture):
        return picture


def _stored(project: Project, member: _Member, report: RefsReport) -> _Member:
    """Its pictures under the media root; one that went or changed meanwhile is left for the next time."""
    kept = []
    for path, picture in member.pictures:
        if picture.sha256 in member.known:
            kept.append((path, picture))
            continue
        try:
            stored = keep_picture(project, member.folder.key, path)
        except (Refusal, OSError) as error:
            report.problems.append(f"{member.folder.folder}/{path.name} is left out: {error}")
        else:
            kept.append((path, stored))
    return replace(member, pictures=kept)


def _record(project: Project, folder: RefFolder) -> ImportedRecord | None:
    return ImportedRecord.objects.filter(project=project, source=SOURCE, key=folder.folder[:200]).first()


def _seen(project: Project, folder: RefFolder) -> set[str]:
    """Hashes that came in from there before: one that was taken off here does not come back."""
    record = _record(project, folder)
    return set(record.raw.get("pictures", [])) if record else set()


def _known(project: Project, folder: RefFolder) -> set[str]:
    """Those, and the pictures the element has."""
    images = ElementImage.objects.filter(element__project=project, element__key=folder.key, element__deleted_at=None)
    return _seen(project, folder) | set(images.values_list("sha256", flat=True))


def _write(project: Project, members: list[_Member], report: RefsReport, *, dry_run: bool) -> None:
    """Elements, pictures and records, inside the caller's transaction; with `dry_run` only the report."""
    for member in members:
        row = project.elements.filter(key=member.folder.key, deleted_at=None).first()
        if row is None and _deleted_here(project, member.folder):
            report.problems.append(
                f"{member.folder.folder} is left out: @{member.folder.key} was deleted here. Restore it to bring it in."
            )
            continue
        if row is None:
            report.made.append(member.folder.key)
            row = None if dry_run else _made(project, member.folder)
        _pictures(project, row, member, report, dry_run=dry_run)


def _deleted_here(project: Project, folder: RefFolder) -> bool:
    return project.elements.filter(key=folder.key, deleted_at__isnull=False).exists()


def _made(project: Project, folder: RefFolder) -> Element:
    highest = project.elements.aggregate(highest=Max("position"))["highest"]
    return Element.objects.create(
        project=project, key=folder.key, kind=folder.kind, name=folder.name, refs=f"refs/{folder.folder}"[:300],
        position=0 if highest is None else highest + 1,
    )  # fmt: skip


def _pictures(project: Project, row: Element | None, member: _Member, report: RefsReport, *, dry_run: bool) -> None:
    seen = _seen(project, member.folder)
    there = set(row.images.values_list("sha256", flat=True)) if row else set()
    # what was known when it was looked at is not in `file`; somebody may have taken it off since
    fresh = [p for _, p in member.pictures if p.sha256 not in seen | there | member.known]
    room = max(0, MOST_PICTURES - len(there))
    for picture in fresh[room:]:
        report.problems.append(
            f"{member.folder.folder}/{picture.name} is left out: @{member.folder.key} has {MOST_PICTURES} pictures, "
            f"the most."
        )
    report.known += len(member.pictures) - len(fresh)
    report.pictures += [RefPicture(member.folder.key, p.name) for p in fresh[:room]]
    if not dry_run and row is not None:
        write_pictures(row, fresh[:room], source=f"folder {member.folder.folder}")
        _remember(project, member.folder, seen | {p.sha256 for _, p in member.pictures if p not in fresh[room:]})


def _remember(project: Project, folder: RefFolder, hashes: set[str]) -> None:
    raw = {"folder": folder.folder, "pictures": sorted(hashes)}
    _keep(project, folder.folder, raw, [])


def _keep(project: Project, key: str, raw: dict[str, Any], problems: list[str]) -> None:
    ImportedRecord.objects.update_or_create(
        project=project, source=SOURCE, key=key[:200],
        defaults={"raw": raw, "sha256": digest(raw), "problems": problems},
    )  # fmt: skip


def watched(project: Project) -> Path:
    """The folder of a project that is looked at again and again, there or not."""
    return Path(settings.DATA_DIR) / "refs" / project.slug


def last_look(project: Project) -> LastLook | None:
    """What the last look at the watched folder found; None before the first."""
    row = ImportedRecord.objects.filter(project=project, source=SOURCE, key=LOOK).first()
    if row is None:
        return None
    return LastLook(datetime.fromisoformat(row.raw["at"]), str(row.raw["sentence"]), tuple(row.problems))


def refs_changed() -> list[Project]:
    """Projects whose watched folder is not as it was at the last look. No file is opened; without folders no query."""
    home = Path(settings.DATA_DIR) / "refs"
    if not home.is_dir():
        return []
    there = {p.name for p in home.iterdir() if p.is_dir()}
    if not there:
        return []
    known = {
        r.project_id: r.raw.get("signature")
        for r in ImportedRecord.objects.filter(source=SOURCE, key=LOOK, project__slug__in=there)
    }
    return [p for p in Project.objects.filter(slug__in=there) if known.get(p.pk) != signature(watched(p))]


def look_at_refs(*, actor: Actor, project: Project, dry_run: bool = False) -> RefsReport:
    """Bring in what is new in the project's watched folder, and keep what was found. Raises Refusal without one.

    While a file is still being written the look does not count as done, so that the next one finds it.
    """
    folder = watched(project)
    require(actor, project, *MAKERS)
    if not folder.is_dir():
        raise Refusal(
            f"There is no folder refs/{project.slug} in the studio's data folder; make it and put characters/<key>, "
            f"props/<key> or places/<key> into it.",
            where="folder",
        )
    now = signature(folder)
    try:
        report = import_refs(actor=actor, project=project, folder=folder, dry_run=dry_run, settled=True)
    except Refusal as refusal:
        report = RefsReport(str(folder), problems=[str(refusal)])
    if not dry_run:
        _told(project, report, "" if report.waiting else now)
    return report


def _told(project: Project, report: RefsReport, now: str) -> None:
    """Keep the look. The log hears of problems once, not at every look."""
    before = last_look(project)
    fresh = [p for p in report.problems if before is None or p not in before.problems]
    if fresh:
        log.warning("refs of %s: %s", project.slug, " ".join(fresh))
    raw = {"at": timezone.now().isoformat(), "signature": now, "sentence": report.sentence}
    _keep(project, LOOK, raw, report.problems)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
