"""What a plan refers to: the folder it lies in, a zip of that folder, or single files sent beside it."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from django.conf import settings

from sequences.errors import Refusal
from sequences.planfile import PlanElement

from ._uploads import Upload, name_of, on_disk

PICTURES = (".jpg", ".jpeg", ".png", ".webp")
FOLDERS = {"character": "characters", "prop": "props", "place": "places"}
MOST_FILES, MOST_BYTES = 2000, 2_000_000_000


@dataclass(slots=True)
class Sources:
    """Where to look for files. `folder` is the plan's own or the unpacked zip; `loose` were sent one by one.

    `own_disk`: the plan lies on the disk of who asks, so it may name a song elsewhere on it.
    """

    folder: Path | None = None
    own_disk: bool = False
    song: Path | None = None
    loose: list[Path] = field(default_factory=list)

    def song_file(self, named: str | None) -> Path | None:
        """The song that was given, else the one the plan names, when it is there."""
        if self.song or not named:
            return self.song
        found = self._inside(named)
        return found if found and found.is_file() else None

    def pictures(self, element: PlanElement) -> list[Path] | None:
        """The element's pictures by name, the frontal one first; None when nothing says anything about them."""
        for name in [element.refs] if element.refs else [usual_folder(element)]:
            found = self._inside(name)
            if found and found.is_dir():
                return sorted(
                    (p for p in found.iterdir() if p.suffix.lower() in PICTURES and p.is_file()),
                    key=lambda p: p.name,
                )
        return sorted((p for p in self.loose if belongs(p.stem, element.key)), key=lambda p: p.name) or None

    def _inside(self, name: str) -> Path | None:
        """A file beside the plan. What a browser sent never reaches other files of this machine."""
        if self.folder is None:
            return None
        path = self.folder / PurePosixPath(name.replace("\\", "/"))
        return path if self.own_disk or path.resolve().is_relative_to(self.folder.resolve()) else None


def usual_folder(element: PlanElement) -> str:
    """Where an element's pictures lie when the plan does not say: refs/characters/mara."""
    return f"refs/{FOLDERS[element.kind]}/{element.key}"


def belongs(stem: str, key: str) -> bool:
    """Whether a single picture is one of @key by its name: mara, mara-2, mara_side, mara 3."""
    rest = stem.lower().removeprefix(key.lower())
    return stem.lower().startswith(key.lower()) and (not rest or rest[0] in "-_ .")


@contextmanager
def gathered(
    plan: Upload, *, song: Upload | None, pictures: Iterable[Upload], refs: Upload | None
) -> Iterator[Sources]:
    """Everything sent with a plan as paths, while the block lasts. Raises Refusal for a bad zip."""
    with ExitStack() as stack:
        beside = plan.resolve().parent if isinstance(plan, Path) else None
        found = Sources(beside, own_disk=beside is not None)
        if song is not None:
            found.song = stack.enter_context(on_disk(song))
        found.loose = [stack.enter_context(on_disk(picture)) for picture in pictures]
        if refs is not None:
            packed = stack.enter_context(on_disk(refs))
            waiting = settings.FILE_UPLOAD_TEMP_DIR or None
            found.folder = Path(stack.enter_context(TemporaryDirectory(dir=waiting)))
            found.own_disk = False
            unpack(packed, found.folder, name_of(refs))
        yield found


def unpack(packed: Path, folder: Path, name: str) -> None:
    """Unpack what may be needed. Names that lead out of the folder are refused, not repaired."""
    try:
        with zipfile.ZipFile(packed) as archive:
            members = [m for m in archive.infolist() if not m.is_dir() and "__MACOSX" not in m.filename]
            if len(members) > MOST_FILES or sum(m.file_size for m in members) > MOST_BYTES:
                raise Refusal(f"{name} is too large to unpack; send fewer or smaller pictures.", where="refs")
            for member in members:
                parts = PurePosixPath(member.filename.replace("\\", "/")).parts
                if ".." in parts or member.filename.startswith("/") or ":" in member.filename:
                    raise Refusal(f"{name} holds {member.filename}, which leads out of it.", where="refs")
                archive.extract(member, folder)
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError) as error:
        raise Refusal(f"{name} is no zip file this studio can open: {error}.", where="refs") from error
