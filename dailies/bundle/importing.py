"""A bundle in: everything is checked, then unpacked out of sight, then files and rows appear together or not at all."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib.auth.models import AbstractBaseUser

from sequences import storage
from sequences.errors import Refusal
from sequences.models import Project

from .archive import Archive, opened
from .arriving import arriving
from .checking import check
from .loading import load, taken
from .manifest import SLUG, Manifest

SPARE = 200_000_000  # bytes that stay free


@dataclass(frozen=True, slots=True)
class Arrived:
    """What a bundle is, and the project that was made of it; None after a rehearsal."""

    slug: str
    manifest: Manifest
    project: Project | None = None

    def as_data(self) -> dict[str, Any]:
        """The `bundle` object of the command's document."""
        return {**bundle_data(self.manifest), "project": self.slug, "made": self.project is not None}


def bundle_data(manifest: Manifest) -> dict[str, Any]:
    """What a bundle holds, as a document says it."""
    return {
        "slug": manifest.slug,
        "title": manifest.title,
        "made_at": manifest.made_at,
        "files": len(manifest.files),
        "bytes": manifest.size,
        "data_sha256": manifest.data_sha256,
        "media_sha256": manifest.media_sha256,
        "rows": sum(manifest.counts.values()),
        "counts": {label: n for label, n in manifest.counts.items() if n},
        "missing": [{"file": name, "why": why} for name, why in manifest.missing.items()],
    }


def import_bundle(
    *, bundle: Path, slug: str | None = None, owner: AbstractBaseUser | None = None, dry_run: bool = False
) -> Arrived:
    """Make the project that a bundle holds, under its own slug or `slug`; `owner` becomes its only member.

    Raises Refusal: what is wrong with the bundle, a slug that is taken, no room on the disk; nothing is left then.
    """
    with opened(bundle) as archive:
        name = free_slug(slug or archive.manifest.slug)
        check(archive)
        if dry_run:
            return Arrived(name, archive.manifest)
        return Arrived(name, archive.manifest, _made(archive, name, owner))


def verify_bundle(*, bundle: Path) -> Manifest:
    """Hold every byte and every row of a bundle against its manifest, and rows' hashes against files. Writes nothing.

    Raises Refusal with the first thing that is wrong.
    """
    with opened(bundle) as archive:
        check(archive)
        return archive.manifest


def free_slug(slug: str) -> str:
    """The slug, when it is one and free. Raises Refusal."""
    if not SLUG.fullmatch(slug) or len(slug) > 80:
        raise Refusal(
            f"The slug is {slug[:80]!r}; use letters and digits with single hyphens between, 80 at most.", where="slug"
        )
    if Project.objects.filter(slug=slug).exists():
        raise taken(slug)
    return slug


def _made(archive: Archive, slug: str, owner: AbstractBaseUser | None) -> Project:
    room(archive.manifest.size)
    with arriving(slug) as arrival:
        try:
            archive.unpack(arrival.path)
        except OSError as error:
            raise Refusal(f"The bundle cannot be unpacked: {error.strerror or error}.", code="not_written") from error
        return load(archive, slug=slug, owner=owner, place=arrival.place)


def room(needed: int) -> None:
    """Raises Refusal when the disk of the media has no room for so many bytes more."""
    free = shutil.disk_usage(storage.root()).free
    if needed + SPARE > free:
        raise Refusal(
            f"It needs {needed / 1e9:.1f} GB and {free / 1e9:.1f} GB are free; make room, then try again.",
            code="no_room",
            where="bundle",
        )
