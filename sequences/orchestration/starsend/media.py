"""The old media, looked through before anything is written: hashes, sizes, and a sentence for what cannot be used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from sequences import starsend, storage
from sequences.media import files, grids, video
from sequences.models import Project
from sequences.models.plan import Rate
from sequences.planfile import tidy
from sequences.song.decode import read_song
from sequences.starsend import OldProject, Place

from ..songs import KeptSong

# What the libraries below us raise about a file that is no such file.
BROKEN = (files.MediaError, OSError, ValueError, ArithmeticError, EOFError)
SMALLEST, LARGEST = 64, 8192


@dataclass(frozen=True, slots=True)
class Film:
    """A clip that can be used."""

    path: Path
    sha256: str
    facts: video.VideoFacts


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that can be used."""

    path: Path
    sha256: str
    width: int
    height: int


class Examined:
    """Every file looked at once. `why` keeps the sentences about those that cannot be used, by path."""

    def __init__(self) -> None:
        self.why: dict[Path, str] = {}
        self._films: dict[Path, Film | None] = {}
        self._pictures: dict[Path, Picture | None] = {}

    def film(self, place: Place) -> Film | None:
        """The clip at a place; None when it is not there or is no video."""
        path = place.path
        if path is not None and path not in self._films:
            try:
                self._films[path] = Film(path, files.sha256_of(path), video.probe(path))
            except BROKEN as bad:
                self._films[path] = None
                self._bad(path, bad)
        return self._films[path] if path is not None else None

    def picture(self, place: Place) -> Picture | None:
        """The picture at a place; None when it is not there or is no picture."""
        path = place.path
        if path is not None and path not in self._pictures:
            try:
                size = grids.open_picture(path, what=f"picture {path.name}").size
                self._pictures[path] = Picture(path, files.sha256_of(path), *size)
            except BROKEN as bad:
                self._pictures[path] = None
                self._bad(path, bad)
        return self._pictures[path] if path is not None else None

    def _bad(self, path: Path, bad: BaseException) -> None:
        said = str(bad) if isinstance(bad, files.MediaError) else f"{path.name} cannot be read: {_reason(bad)}."
        self.why[path] = tidy(said)

    def seconds(self, place: Place) -> Decimal | None:
        """Length of a clip."""
        film = self.film(place)
        return max(Decimal("0.001"), round(Decimal(str(film.facts.seconds)), 3)) if film else None

    def shape(self, old: OldProject) -> tuple[int, int, str]:
        """Width, height and rate for a new project: what the folder says, else those of most of its clips."""
        films = [f.facts for f in self._films.values() if f]
        usual = Counter((f.width, f.height) for f in films).most_common(1)
        size = (old.width, old.height) if old.width and old.height else usual[0][0] if usual else (1280, 720)
        rates = Counter(f.rate for f in films).most_common(1)
        told = Fraction(old.rate) if old.rate else rates[0][0] if rates else Fraction(24)
        return _edge(size[0] or 1280), _edge(size[1] or 720), min(Rate.values, key=lambda r: abs(Fraction(r) - told))


def _edge(pixels: int) -> int:
    return min(LARGEST, max(SMALLEST, pixels - pixels % 2))


def _reason(bad: BaseException) -> str:
    return (getattr(bad, "strerror", None) or str(bad) or type(bad).__name__).rstrip(".")[:160].lower()


def song_of(old: OldProject) -> tuple[KeptSong | None, str]:
    """The decoded song, or a sentence about why there is none."""
    if old.song is None or old.song.path is None:
        return None, ""
    try:
        return KeptSong(old.song.path.name[-200:], "", read_song(old.song.path)), ""
    except BROKEN as bad:
        return None, f"The song {old.song.path.name} was left out: {tidy(str(bad))}"


@contextmanager
def at_hand(project: Project, path: Path, sha256: str, suffix: str) -> Iterator[Path]:
    """A copy under the media root while the block lasts, the bytes that were examined. Raises MediaError, OSError."""
    scratch = storage.scratch(project, suffix)
    try:
        starsend.copied(path, scratch)
        if files.sha256_of(scratch) != sha256:
            raise files.MediaError(f"{path.name} changed while it was brought in; import again.")
        yield scratch
    finally:
        scratch.unlink(missing_ok=True)
