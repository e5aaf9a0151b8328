"""A folder of the script era, read whole: DIR in, an OldProject out. Opens files for reading only, writes none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from .naming import is_id
from .one import IDS, Source, read_record
from .places import Places
from .records import Notes, OldElement, OldProject, Place, Record
from .takes import FILES, WORDS
from .values import Fields, digest, load, seconds, snake, text, whole

SHOTS = "state/starsend/shots"
KINDS = {"characters": "character", "props": "prop", "places": "place", "locations": "place"}
PICTURES = (".jpg", ".jpeg", ".png", ".webp")
SOUNDS = (".mp3", ".wav", ".flac", ".m4a", ".ogg")
ABOUT = ("project.json", "config.json", "state/project.json", "state/starsend/project.json",
         "state/starsend/config.json")  # fmt: skip
MOST_RECORDS = 5000
MOST_NAME = 200
INSIDE = ".json/"  # behind a file's name and before a record's own, where a file holds several; no file is called so


class NotFound(Exception):
    """The folder holds no such work; `str()` says what was looked for."""


def choices(root: Path) -> tuple[str, ...]:
    """Project folders below `root` that hold records, by name. Raises NotFound."""
    return tuple(sorted(_bases(Places(_checked(root)))))


def read(root: Path, folder: str | None = None) -> OldProject:
    """Read the project folder of that name, or the only one there is. Raises NotFound."""
    places = Places(_checked(root))
    bases = _bases(places)
    if folder is None and len(bases) == 1:
        folder = next(iter(bases))
    if folder not in bases:
        raise NotFound(_which_one(root, folder, sorted(bases)))
    assert folder is not None, "it is one of the keys"
    base, shots = bases[folder]
    problems = ["There are more files than anybody looks through; only the first are known."] if places.crowded else []
    if places.unnamed:
        problems.append(f"{places.unnamed} files or folders have names that are no text; they were not looked at.")
    about = _about(places, base, problems)
    records = tuple(_records(places, base, shots, problems))
    return _project(places, folder, base, about, records, problems)


def reread(name: str, raw: Any) -> Record:
    """A record that was kept, read again without its media."""
    stem, _, inner = name.partition(INSIDE)
    return read_record(raw, Source(f"{stem}.json", inner or stem.rpartition("/")[2], name, ()), Places(None))


def _checked(root: Path) -> Path:
    resolved = root.expanduser().resolve()
    if not resolved.is_dir():
        raise NotFound(f"{root} is no folder; name the one that holds projects/ or one project's folder.")
    return resolved


def _bases(places: Places) -> dict[str, tuple[str, str]]:
    """Project folders with records: name -> (the folder's path within the root, that of its records)."""
    found: dict[str, tuple[str, str]] = {}
    for path in places.files:
        before, here, _ = f"/{path}".partition(f"/{SHOTS}/")
        if here and path.endswith(".json"):
            base = before.strip("/")
            name = base.rpartition("/")[2] or _own_name(places.root)
            found.setdefault(name, (base, f"{base}/{SHOTS}".strip("/")))
    if not found:
        for shots in ("shots", ""):
            inside = [f for f in (places.below(shots) if shots else places.files) if f.endswith(".json")]
            if inside and (shots or places.root.name == "shots"):
                return {_own_name(places.root): ("", shots)}
    return found


def _own_name(root: Path) -> str:
    """What the project is called when the folder that was named lies inside it."""
    parts = root.parts
    if "state" in parts[1:]:
        return parts[len(parts) - 2 - parts[::-1].index("state")]
    return root.name


def _which_one(root: Path, folder: str | None, known: list[str]) -> str:
    if not known:
        return f"{root} holds no projects/<project>/{SHOTS}/*.json; name the folder that does."
    asked = f"has no project folder {folder}; it" if folder else "holds several projects;"
    return f"{root} {asked} has {', '.join(known)}. Say which with --folder."


def _about(places: Places, base: str, problems: list[str]) -> Fields:
    """What the project says of itself, from the first of its files that can be read."""
    for name in ABOUT:
        path = f"{base}/{name}".strip("/")
        if path in places.files:
            try:
                data = load(places.data(path))
            except (OSError, ValueError) as error:
                problems.append(f"{path} cannot be read: {_why(error)}.")
                continue
            inner = data.get("project") if isinstance(data, dict) else None
            return Fields(inner if isinstance(inner, dict) else data)
    return Fields({})


def _why(error: Exception) -> str:
    said = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return said.rstrip(".").lower()[:160]


def _records(places: Places, base: str, shots: str, problems: list[str]) -> Iterator[Record]:
    count = 0
    for path in places.below(shots) if shots else sorted(places.files):
        if not path.endswith(".json"):
            continue
        stem = path.removeprefix(f"{shots}/" if shots else "").removesuffix(".json")
        try:
            data = load(places.data(path))
        except (OSError, ValueError) as error:
            problems.append(f"{path} cannot be read: {_why(error)}. It was left out.")
            continue
        folder = path.rpartition("/")[0]
        if data in ([], {}):
            problems.append(f"{path} holds no record.")
        near = tuple(dict.fromkeys((folder, shots, shots.removesuffix("/shots"), base)))
        for key, inner, value in _inside(data, stem):
            count += 1
            if count > MOST_RECORDS:
                problems.append(f"There are more than {MOST_RECORDS} records; the rest was left out.")
                return
            name = f"{stem}{INSIDE}{inner}" if inner else stem
            yield read_record(value, Source(path, key, _kept_name(name), near), places)
    problems.extend(f"{link} is a symlink; it was not followed." for link in sorted(places.links)
                    if link.startswith(shots) and link.endswith(".json"))  # fmt: skip


def _kept_name(name: str) -> str:
    """A record's name as its column has room for it, still its own."""
    return name if len(name) <= MOST_NAME else f"{name[:150]}~{digest(name)[:16]}"


def _inside(data: Any, stem: str) -> Iterator[tuple[str, str, Any]]:
    """The records of one file: (key, its name within the file, value). Mostly there is one."""
    key = stem.rpartition("/")[2]
    several = _several(data)
    if several is None:
        yield key, "", data
        return
    seen: set[str] = set()
    for at, (name, value) in enumerate(several, 1):
        own = name or _own_key(value) or str(at)
        inner = own
        while inner in seen:
            inner = f"{inner} {at}"
        seen.add(inner)
        yield own, inner, value


def _several(data: Any) -> list[tuple[str, Any]] | None:
    if isinstance(data, list):
        return [("", value) for value in data]
    if not isinstance(data, dict):
        return None
    fields = Fields(data)
    for name in ("sequences", "records", "shots", "items"):
        inner = fields.data.get(name)
        alone = not (set(fields.data) & {*WORDS, *FILES, "takes", "attempts", "sequence", "duration", "start"})
        if isinstance(inner, list | dict) and (name != "shots" or (alone and _whole_ids(inner))):
            return [("", v) for v in inner] if isinstance(inner, list) else list(inner.items())
    keyed = [k for k, v in data.items() if isinstance(v, dict) and is_id(k)]
    if keyed and len(keyed) == len(data) and not {snake(k) for k in data} & {"shots", "takes"}:
        return list(data.items())
    return None


def _whole_ids(shots: list[Any] | dict[str, Any]) -> bool:
    """Whether shots name their sequence themselves, so that the table around them is a list of records."""
    names = list(shots) if isinstance(shots, dict) else [_own_key(s) for s in shots]
    return bool(names) and all(re.search(r"(?i)seq|sc", n or "") for n in names)


def _own_key(value: Any) -> str:
    return text(Fields(value).first(*IDS), 100)


def _project(
    places: Places, folder: str, base: str, about: Fields, records: tuple[Record, ...], problems: list[str]
) -> OldProject:
    size = re.search(r"(\d{2,5})\s*[x×]\s*(\d{2,5})", text(about.first("resolution", "size", "frame_size")))
    width, height = whole(about.first("width")), whole(about.first("height"))
    if size and not (width and height):
        width, height = int(size[1]), int(size[2])
    return OldProject(
        folder=folder,
        title=text(about.first("title", "name", "song_title"), 200)
        or folder.replace("_", " ").replace("-", " ").title(),
        client=text(about.first("client", "artist"), 200),
        width=width,
        height=height,
        rate=_rate(about.first("fps", "rate", "frame_rate")),
        song=_song(places, base, about, problems),
        records=records,
        elements=tuple(_elements(places, base, problems)),
        problems=tuple(problems),
    )


def _rate(value: Any) -> Decimal | None:
    if isinstance(value, str) and (found := re.fullmatch(r"(\d{2,6})/(\d{1,5})", value.strip())) and int(found[2]):
        return Decimal(found[1]) / Decimal(found[2])
    return seconds(value)


def _song(places: Places, base: str, about: Fields, problems: list[str]) -> Place | None:
    notes = Notes()
    named = about.first("song", "audio", "song_file", "audio_file", "music", "track", "audio_path", "song_path")
    if isinstance(named, dict):
        named = Fields(named).first("file", "path", "audio", "name")
    if isinstance(named, str) and named.strip().lower().endswith(SOUNDS):
        found = places.find(named, notes, near=(base,), what="The song")
        problems.extend(notes.problems)
        return found
    folders = [f"{base}/{f}".strip("/") for f in ("", "audio", "song", "music", "assets", "input")]
    sounds = [f for f in places.files if f.lower().endswith(SOUNDS) and f.rpartition("/")[0] in folders]
    if len(sounds) > 1:
        problems.append(f"{len(sounds)} files could be the song ({', '.join(sorted(sounds)[:4])}); none was taken.")
    return Place(sounds[0], places.files[sounds[0]]) if len(sounds) == 1 else None


def _elements(places: Places, base: str, problems: list[str]) -> Iterator[OldElement]:
    seen: set[str] = set()
    for refs in dict.fromkeys((f"{base}/refs".strip("/"), "refs")):
        found: dict[tuple[str, str], list[str]] = {}
        for path in places.below(refs):
            parts = path.removeprefix(f"{refs}/").split("/")
            if len(parts) >= 3 and parts[0].lower() in KINDS:
                found.setdefault((parts[0], parts[1]), []).append(path)
        for (kind, name), files in found.items():
            if name in seen:
                problems.append(f"{refs}/{kind}/{name} is there a second time; the first one stands.")
                continue
            seen.add(name)
            yield _element(places, f"{refs}/{kind}/{name}", name, KINDS[kind.lower()], files, problems)
        problems.extend(f"{link} is a symlink; it was not followed." for link in sorted(places.links)
                        if link.startswith(f"{refs}/"))  # fmt: skip


def _element(
    places: Places, folder: str, name: str, kind: str, files: Iterable[str], problems: list[str]
) -> OldElement:
    pictures = [f for f in files if f.lower().endswith(PICTURES)]
    about, words = Fields({}), ""
    for path in files:
        try:
            if path.endswith(".json") and not about.data:
                about = Fields(load(places.data(path)))
            elif path.endswith((".txt", ".md")) and not words:
                words = text(places.data(path).decode("utf-8", "replace"), 2000)
        except (OSError, ValueError) as error:
            problems.append(f"{path} cannot be read: {_why(error)}.")
    return OldElement(
        id=name,
        kind=kind,
        name=text(about.first("name", "title", "display_name"), 120)
        or name.replace("_", " ").replace("-", " ").title(),
        description=text(about.first("description", "prompt", "text", "look"), 2000) or words,
        pictures=tuple(Place(p, places.files[p]) for p in sorted(pictures, key=_frontal)),
        folder=folder,
    )


def _titled(folder: str) -> str:
    """A folder's name as a title, with something to read in it."""
    return text(folder.replace("_", " ").replace("-", " ").title(), 120) or "Untitled"


def _frontal(path: str) -> tuple[bool, str]:
    """Pictures that call themselves frontal come first."""
    return (re.search(r"front|main|hero|face", path.rpartition("/")[2].lower()) is None, path)
