"""A project into one file: rows first, then every file they name, hashed, then all of it as a zip that is never whole
in memory. The same project gives the same bytes, but for the moment in the manifest."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import connection, transaction
from django.utils import timezone

from dailies.models import Export
from sequences import orchestration, storage
from sequences.errors import Refusal
from sequences.media.files import BLOCK, sha256_of, written
from sequences.models import Grid, Job, Membership, Project, StartFrame, Take
from sequences.models.plan import Role
from sequences.queries.needs import name_of
from sequences.states import JOB_WORDS, LIVE_JOBS, ArtefactState, JobState

from . import manifest as listing
from .manifest import DATA, MEDIA, Entry, Manifest
from .rows import ProjectRows, Row, named_files
from .tables import tables

DAY = 24 * 3600
FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # the earliest a zip can say
MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Prepared:
    """A bundle that is ready to be written: its manifest, and the folder its data lies in."""

    project: Project
    manifest: Manifest
    folder: Path

    @property
    def name(self) -> str:
        """What its file is called."""
        return f"{self.project.slug}.seqboard"

    def stream(self) -> Iterator[bytes]:
        """The bytes of the archive, block by block. Raises Refusal when a file has changed since it was hashed."""
        sink = _Sink()
        # the sink cannot be rewound, so that a file and a download come out alike
        with zipfile.ZipFile(sink, "w", allowZip64=True) as archive:  # type: ignore[call-overload]  # only writes
            archive.writestr(_info(listing.NAME, zipfile.ZIP_DEFLATED), self.manifest.as_bytes())
            for name in sorted(self.manifest.files):
                yield from self._copied(archive, sink, name)
        yield sink.taken()

    def _copied(self, archive: zipfile.ZipFile, sink: _Sink, name: str) -> Iterator[bytes]:
        wanted, digest = self.manifest.files[name], hashlib.sha256()
        info = _info(name, zipfile.ZIP_DEFLATED if name.startswith(DATA) else zipfile.ZIP_STORED)
        info.file_size = wanted.size
        with self._source(name).open("rb") as source, archive.open(info, "w") as target:
            while block := source.read(BLOCK):
                digest.update(block)
                target.write(block)
                yield sink.taken()
        if digest.hexdigest() != wanted.sha256:
            raise Refusal(f"{name} changed while the bundle was written; export again.", code="stale", where=name)

    def _source(self, name: str) -> Path:
        if name.startswith(DATA):
            return self.folder / name.removeprefix(DATA)
        return storage.absolute(f"projects/{self.project.slug}/{name.removeprefix(MEDIA)}")

    def close(self) -> None:
        """Throw the prepared data away."""
        shutil.rmtree(self.folder, ignore_errors=True)


class _Sink:
    """Where the zip writes to: what has come since the last look."""

    def __init__(self) -> None:
        self.blocks: list[bytes] = []

    def write(self, block: Any) -> int:
        self.blocks.append(bytes(block))
        return len(block)

    def flush(self) -> None:
        """Nothing is held back."""

    def taken(self) -> bytes:
        """What was written since the last call."""
        out, self.blocks = b"".join(self.blocks), []
        return out


def _info(name: str, how: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, FIRST_DAY)
    info.compress_type, info.create_system, info.external_attr = how, 3, 0o100644 << 16
    return info


def export_bundle(*, actor: AbstractBaseUser | None, project: Project, out: Path) -> Manifest:
    """Write a project with everything it names to `out`, whole or not at all.

    Raises Refusal: not an owner, calls in flight, a file that cannot be written.
    """
    prepared = prepare(actor=actor, project=project)
    try:
        with written(out) as part, part.open("wb") as file:
            for block in prepared.stream():
                file.write(block)
    except OSError as error:
        reason = error.strerror or str(error)
        raise Refusal(f"{out} cannot be written: {reason}.", code="not_written", where="--out") from error
    finally:
        prepared.close()
    return prepared.manifest


def prepare(*, actor: AbstractBaseUser | None, project: Project) -> Prepared:
    """Read and hash everything; the caller writes it with `stream` and then calls `close`. Raises Refusal."""
    orchestration.require(actor, project, Role.OWNER)
    folder = _scratch()
    try:
        with still():
            settled(project)
            found = ProjectRows(project)
            notes = _Named()
            data = {f"{DATA}{label}.json": _write(folder, label, found, notes) for label in tables()}
        media, missing = notes.looked_up(project)
        manifest = Manifest(
            made_at=timezone.now().isoformat(timespec="seconds"),
            slug=project.slug,
            title=project.title,
            forked_from=project.forked_from.slug if project.forked_from else "",
            people=tuple(_people(project)),
            counts=found.counts,
            files=dict(sorted({**data, **media}.items())),
            missing=dict(sorted(missing.items())),
        )
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return Prepared(project, manifest, folder)


def _people(project: Project) -> list[tuple[str, str]]:
    rows = Membership.objects.filter(project=project).select_related("user").order_by("role", "pk")
    return [(m.user.get_username(), m.role) for m in rows]


@contextmanager
def still() -> Iterator[None]:
    """All rows as of one moment."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def settled(project: Project) -> None:
    """Raises Refusal while anything of the project is on its way: it could be followed and paid for twice."""
    busy = [f"{name_of(j)} ({JOB_WORDS[JobState(j.state)].lower()})" for j in _live(project)]
    if not busy:
        busy = [f"{made} (being made)" for made in _making(project)]
    if not busy and Export.objects.filter(project=project, file="", error="").exists():
        busy = ["the export of the cut (being rendered)"]
    if busy:
        more = f" and {len(busy) - MOST_NAMED} more" if len(busy) > MOST_NAMED else ""
        raise Refusal(
            f"{project.title} is still being worked on: {', '.join(busy[:MOST_NAMED])}{more}. Wait for it, decide it "
            f"or cancel it, then export.",
            code="in_flight",
            where=project.slug,
        )


def _live(project: Project) -> list[Job]:
    rows = Job.objects.filter(project=project, state__in=LIVE_JOBS).order_by("pk")
    return list(rows.select_related("sequence", "grid__sequence", "take__sequence", "start_frame__sequence"))


def _making(project: Project) -> list[Grid | StartFrame | Take]:
    state, found = ArtefactState.MAKING.value, list[Grid | StartFrame | Take]()
    for model in (Grid, StartFrame, Take):
        rows = model._default_manager.filter(sequence__project=project, state=state)
        found += rows.select_related("sequence").order_by("pk")
    return found


class _Named:
    """The files that rows name, with the hash each row says."""

    def __init__(self) -> None:
        self.hashes: dict[str, set[str]] = {}

    def note(self, label: str, row: Row) -> None:
        for name, sha256 in named_files(label, row):
            self.hashes.setdefault(name, set()).update({sha256} - {""})

    def looked_up(self, project: Project) -> tuple[dict[str, Entry], dict[str, str]]:
        """What is on the disk as it should be, and why the rest is left out."""
        there, missing = dict[str, Entry](), dict[str, str]()
        for name, hashes in self.hashes.items():
            path = storage.absolute(f"projects/{project.slug}/{name}")
            if not path.is_file():
                missing[MEDIA + name] = "it is not on the disk"
                continue
            entry = Entry(sha256_of(path), path.stat().st_size)
            if hashes - {entry.sha256}:
                missing[MEDIA + name] = "what is on the disk is not what its row says"
            else:
                there[MEDIA + name] = entry
        return there, missing


def _write(folder: Path, label: str, found: ProjectRows, notes: _Named) -> Entry:
    """One table as a JSON list, a row a line."""
    digest = hashlib.sha256()
    with (folder / f"{label}.json").open("wb") as file:
        for line in lines(label, found, notes):
            digest.update(line)
            file.write(line)
        return Entry(digest.hexdigest(), _end(file))


def _end(file: BinaryIO) -> int:
    return file.tell()


def lines(label: str, found: ProjectRows, notes: _Named) -> Iterator[bytes]:
    """`[`, one row a line with a comma between them, `]`."""
    yield b"["
    for number, row in enumerate(found.rows(label)):
        notes.note(label, row)
        text = json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        yield (",\n" if number else "\n").encode() + text.encode()
    yield b"\n]\n"


def _scratch() -> Path:
    """A folder to prepare in; those that killed processes left go after a day."""
    home = Path(settings.FILE_UPLOAD_TEMP_DIR or tempfile.gettempdir())
    home.mkdir(parents=True, exist_ok=True)
    for left in home.glob("bundle-*"):
        if left.is_dir() and time.time() - left.stat().st_mtime > DAY:
            shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(dir=home, prefix="bundle-"))
