"""The song of a project."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from sequences.errors import Refusal
from sequences.media.files import MediaError
from sequences.models import Project, Song
from sequences.planfile import number_text, time_text
from sequences.song.decode import SongFacts, read_song

from ._rules import MAKERS, locked, require
from ._uploads import Upload, keep, name_of, on_disk

SUFFIXES = {"mp3": "mp3", "mp3float": "mp3", "flac": "flac", "aac": "m4a", "alac": "m4a"}


@dataclass(frozen=True, slots=True)
class KeptSong:
    """A song that was decoded and stored, before any row says so."""

    name: str
    file: str
    facts: SongFacts

    @property
    def seconds(self) -> Decimal:
        """Its length with three places, never longer than it is."""
        return Decimal(int(self.facts.seconds * 1000 + 1e-6)) / 1000


def upload_song(*, actor: AbstractBaseUser | None, project: Project, upload: Upload) -> Song:
    """Decode a song (path or upload), store it and make it the project's; the one before is replaced.

    Raises Refusal: `bad_song` with the reason, `song_too_short` when a sequence would end after it.
    """
    require(actor, project, *MAKERS)
    kept = keep_song(project, upload)
    with transaction.atomic():
        row = locked(project)
        _long_enough(row, kept)
        song = set_song(row, kept)
        row.song_file = kept.name
        row.save(update_fields=["song_file"])
    return song


def keep_song(project: Project, upload: Upload) -> KeptSong:
    """Decode and store a song, outside any transaction. Raises Refusal."""
    with on_disk(upload) as path:
        try:
            facts = read_song(path)
        except MediaError as error:
            raise Refusal(str(error), code="bad_song", where="song") from error
        return store_song(project, path, KeptSong(name_of(upload)[-200:], "", facts))


def store_song(project: Project, path: Path, song: KeptSong) -> KeptSong:
    """Bring a measured song to its place, outside any transaction."""
    name = f"{song.facts.sha256}.{_suffix(song.facts, song.name)}"
    return replace(song, file=keep(path, project, "song", name))


def set_song(project: Project, kept: KeptSong) -> Song:
    """The row of a stored song, inside the caller's transaction."""
    facts = kept.facts
    song, _ = Song.objects.update_or_create(
        project=project,
        defaults={
            "file": kept.file, "name": kept.name, "sha256": facts.sha256, "seconds": kept.seconds,
            "sample_rate": facts.sample_rate, "channels": facts.channels, "codec": facts.codec,
            "peaks": list(facts.peaks),
        },
    )  # fmt: skip
    return song


def _suffix(facts: SongFacts, name: str) -> str:
    """By content, not by what it was called, since browsers play what the name promises."""
    if facts.codec.startswith("pcm"):
        return "wav"
    named = name.rpartition(".")[2].lower()
    if facts.codec == "flac" and named in ("ogg", "oga"):
        return "ogg"
    return SUFFIXES.get(facts.codec, "ogg")


def _long_enough(project: Project, kept: KeptSong) -> None:
    last = project.sequences.filter(deleted_at=None).order_by("-end").first()
    if last is None or last.end <= kept.seconds:
        return
    raise Refusal(
        f"{kept.name} is {time_text(kept.seconds)} long; {last.code} ends at {time_text(last.end)}, "
        f"{number_text(last.end - kept.seconds)} s later. Shorten or delete that sequence first.",
        code="song_too_short",
        where=last.code,
    )
