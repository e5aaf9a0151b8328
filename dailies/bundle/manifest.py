"""The list in front of a bundle: what is in it, how large each file is, and its hash. Pure."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from sequences.errors import Refusal

from . import tags

FORMAT = 1
NAME = "manifest.json"
DATA, MEDIA = "data/", "media/"
VERSION = "0.1.0"
SLUG = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*")  # as in the plan file
_HASH = re.compile(r"[0-9a-f]{64}")
_DATA_NAME = re.compile(r"data/[a-z]+\.[a-z]+\.json")


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of the archive: sha256 (hex) and size in bytes."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is in a bundle. `missing` says of files that rows name why they are not in it."""

    made_at: str
    slug: str
    title: str
    forked_from: str = ""
    people: tuple[tuple[str, str], ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    files: Mapping[str, Entry] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    version: str = VERSION

    @property
    def data_sha256(self) -> str:
        """One hash over all rows: the same project has the same, whatever its address and whenever it was written."""
        return together({n: e for n, e in self.files.items() if n.startswith(DATA)})

    @property
    def media_sha256(self) -> str:
        """One hash over all media."""
        return together({n: e for n, e in self.files.items() if n.startswith(MEDIA)})

    @property
    def size(self) -> int:
        """Bytes of everything, unpacked."""
        return sum(e.size for e in self.files.values())

    def as_bytes(self) -> bytes:
        """As it is written."""
        document = {
            "format": FORMAT,
            "app": {"name": "Sequence Board", "version": self.version},
            "made_at": self.made_at,
            "project": {"slug": self.slug, "title": self.title, "forked_from": self.forked_from},
            "people": [{"name": name, "role": role} for name, role in self.people],
            "counts": dict(self.counts),
            "data_sha256": self.data_sha256,
            "media_sha256": self.media_sha256,
            "files": {name: asdict(entry) for name, entry in self.files.items()},
            "missing": dict(self.missing),
        }
        return (json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def together(files: Mapping[str, Entry]) -> str:
    """sha256 over names, hashes and sizes, sorted by name."""
    lines = "".join(f"{name} {e.sha256} {e.size}\n" for name, e in sorted(files.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def read(raw: bytes) -> Manifest:
    """A manifest that holds together. Raises Refusal with one sentence."""
    try:
        document = json.loads(raw)
        if not isinstance(document, dict) or not isinstance(document.get("format"), int):
            raise ValueError("it does not say its format")
    except (ValueError, RecursionError) as error:
        raise refusal(f"Its {NAME} cannot be read: {error}.") from None
    if document["format"] > FORMAT:
        raise refusal(
            f"It is of format {document['format']}, and this studio reads up to {FORMAT}; bring the studio up to date.",
            code="newer_format",
        )
    try:
        found = _read(document)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise refusal(f"Its {NAME} is not whole ({type(error).__name__}: {error}).") from None
    for key in ("data_sha256", "media_sha256"):
        if document.get(key) != getattr(found, key):
            raise refusal(f"The {key} of its {NAME} is not that of its list of files.")
    return found


def _read(document: dict[str, Any]) -> Manifest:
    project = document["project"]
    found = Manifest(
        made_at=str(document["made_at"])[:40],
        slug=str(project["slug"]),
        title=str(project["title"])[:200],
        forked_from=str(project.get("forked_from", ""))[:80],
        people=tuple((str(p["name"]), str(p["role"])) for p in document["people"]),
        counts={str(label): _whole(n) for label, n in document["counts"].items()},
        files={name: _entry(name, e) for name, e in document["files"].items()},
        missing={_media(name): str(why)[:200] for name, why in document["missing"].items()},
        version=str(document["app"]["version"])[:40],
    )
    if not SLUG.fullmatch(found.slug):
        raise ValueError(f"the slug {found.slug[:80]!r} is none")
    if both := found.files.keys() & found.missing.keys():
        raise ValueError(f"{min(both)} is said to be there and to be missing")
    return found


def _entry(name: str, entry: dict[str, Any]) -> Entry:
    if not _DATA_NAME.fullmatch(name):
        _media(name)
    if not _HASH.fullmatch(entry["sha256"]):
        raise ValueError(f"the hash of {name} is none")
    return Entry(entry["sha256"], _whole(entry["size"]))


def _media(name: str) -> str:
    if not name.startswith(MEDIA) or not tags.clean(name.removeprefix(MEDIA)):
        raise ValueError(f"{name[:120]!r} is no name of a file in a bundle")
    return name


def _whole(number: Any) -> int:
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < 1 << 62:
        raise ValueError(f"{str(number)[:40]} is no size and no count")
    return number


def refusal(sentence: str, *, code: str = "bad_bundle") -> Refusal:
    """What is wrong with a bundle, so that nothing of it is taken in."""
    return Refusal(f"This bundle cannot be imported. {sentence}", code=code, where="bundle")
