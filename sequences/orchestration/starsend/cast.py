"""Elements out of refs folders: their pictures are checked as uploads are, and what people changed here stays."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sequences.media.files import MediaError
from sequences.models import Element, ImportedRecord, Project
from sequences.starsend import OldElement
from sequences.starsend.values import digest

from .._uploads import keep
from ..casting import MOST_PICTURES, KeptPicture, create_image
from .media import Examined, at_hand
from .report import Tally
from .rows import SOURCE


@dataclass(frozen=True, slots=True)
class Member:
    """An element to be: its key here, and the pictures that can be used."""

    old: OldElement
    key: str
    pictures: tuple[KeptPicture, ...]

    @property
    def record(self) -> str:
        """The name of its record."""
        return f"@{self.old.folder}"[:200]

    def raw(self) -> dict[str, Any]:
        """What its folder says, as it is kept."""
        listed = [{"name": p.name, "sha256": p.sha256} for p in self.pictures]
        return {"id": self.old.id, "kind": self.old.kind, "name": self.old.name,
                "description": self.old.description, "pictures": listed}  # fmt: skip

    @property
    def sha256(self) -> str:
        """The hash of what its folder says."""
        return digest(self.raw())


def members(elements: Sequence[OldElement], examined: Examined, tally: Tally) -> list[Member]:
    """The elements that can be brought in, each key once."""
    found: dict[str, Member] = {}
    for old in elements:
        key = re.sub(r"[^a-z0-9_-]+", "-", old.id.lower()).strip("-_")[:40]
        member = Member(old, key, tuple(_pictures(old, examined, tally)))
        if not key or key in found:
            told = f"is the second @{key}" if key else "has no letter or digit in its name"
            tally.say(member.record, f"{old.folder} {told}; it was left out.")
            continue
        found[key] = member
    return list(found.values())


def _pictures(old: OldElement, examined: Examined, tally: Tally) -> list[KeptPicture]:
    kept: dict[str, KeptPicture] = {}
    record = f"@{old.folder}"[:200]
    for place in old.pictures:
        assert place.path is not None, "it was listed there"
        picture = examined.picture(place)
        if picture is None:
            tally.say(record, f"{place.name} is left out: {examined.why[place.path]}")
        else:
            size = (picture.width, picture.height)
            kept.setdefault(picture.sha256, KeptPicture(place.path.name[-200:], place.name, picture.sha256, *size))
    if len(kept) > MOST_PICTURES:
        tally.say(record, f"{old.folder} has {len(kept)} pictures; the first {MOST_PICTURES} are taken.")
    return list(kept.values())[:MOST_PICTURES]


def stored(project: Project, member: Member) -> Member:
    """Its pictures in their places under the media root, outside any transaction. Raises MediaError, OSError."""
    kept = []
    paths = {p.name: p.path for p in member.old.pictures}
    for picture in member.pictures:
        path = paths[picture.file]
        if path is None:
            raise MediaError(f"{picture.name} is gone; import again.")
        suffix = path.suffix.lower().replace(".jpeg", ".jpg")
        with at_hand(project, path, picture.sha256, suffix) as scratch:
            file = keep(scratch, project, "elements", member.key, f"{picture.sha256}{suffix}")
        kept.append(replace(picture, file=file))
    return replace(member, pictures=tuple(kept))


def write_members(project: Project, found: Sequence[Member], tally: Tally) -> dict[str, str]:
    """Rows of elements, inside the caller's transaction; their keys by what the old work calls them."""
    keys: dict[str, str] = {}
    records = {r.key: r for r in ImportedRecord.objects.filter(project_id=project.pk, source=SOURCE)}
    for member in found:
        row, record = project.elements.filter(key=member.key, deleted_at=None).first(), records.get(member.record)
        gone = row is None and project.elements.filter(key=member.key).exists()
        if gone and record is not None:
            tally.say(member.record, f"@{member.key} was deleted here; it stays deleted.")
            continue
        if row is None:
            row = Element.objects.create(
                project=project, key=member.key, kind=member.old.kind, name=member.old.name,
                description=member.old.description, refs=member.old.folder[:300], position=project.elements.count(),
            )  # fmt: skip
            tally.made(member.record, "elements", row, f"@{member.key}")
        elif record is not None:
            _follow(row, member, record.raw, tally)
        tally.row(member.record, row)
        _add_pictures(row, member, record.raw if record else {}, tally)
        keys |= {member.old.id: member.key, member.key: member.key, member.old.name: member.key}
    return keys


def _follow(row: Element, member: Member, was: Any, tally: Tally) -> None:
    """Name and description of a changed folder, where they stand here as they were brought in."""
    changed = []
    for name in ("name", "description"):
        new, old, here = getattr(member.old, name), was.get(name), getattr(row, name)
        if new == old or here == new:
            continue
        if here == old:
            setattr(row, name, new)
            changed.append(name)
        else:
            tally.say(member.record, f"The {name} of @{row.key} changed in its folder and here; what is here stays.")
    if changed:
        row.save(update_fields=changed)
        tally.words[member.record].append(f"@{row.key} {' '.join(changed)}")


def _add_pictures(row: Element, member: Member, was: Any, tally: Tally) -> None:
    """Pictures that were not in the folder the last time: one that was taken off here does not come back."""
    before = {p.get("sha256") for p in was.get("pictures", [])} | set(row.images.values_list("sha256", flat=True))
    count = row.images.count()
    for picture in member.pictures:
        if picture.sha256 not in before and count < MOST_PICTURES:
            create_image(row, picture, count, f"folder {member.old.folder}")
            count += 1
            tally.counts["pictures"] += 1
            if f"@{row.key}" not in tally.words[member.record]:
                tally.words[member.record].append(f"picture of @{row.key}")
