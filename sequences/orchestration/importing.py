"""Plan files in: read, held against song, pictures and catalogue, and written in one transaction or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction

from sequences.errors import Refusal
from sequences.media.files import MediaError, sha256_of
from sequences.models import Project, Song
from sequences.planfile import Draft, Plan, number_text, read, time_text
from sequences.prompts import mentions
from sequences.song.decode import read_song

from . import _checks as checks
from ._rules import OWNERS, locked, require, role_of
from ._sources import Sources, gathered
from ._uploads import Upload, keep, name_of
from ._writing import Changes, write_plan
from .budget import too_small
from .casting import KeptPicture, picture_on_disk
from .projects import create_project
from .songs import KeptSong, store_song

Actor = AbstractBaseUser | None
# Encoders pad: a last sequence that ends this much after the song is meant to end with it.
SLACK = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did. Counts are of the whole plan, `revisions_added` and `removed` of this import."""

    project: Project
    created: bool
    sequences: int
    shots: int
    elements: int
    revisions_added: int
    removed: tuple[str, ...]
    warnings: tuple[str, ...]

    def as_data(self) -> dict[str, object]:
        """The `project` document of the command."""
        return {
            "slug": self.project.slug, "created": self.created, "sequences": self.sequences, "shots": self.shots,
            "elements": self.elements, "revisions_added": self.revisions_added,
        }  # fmt: skip


@dataclass(slots=True)
class _Found:
    """What the plan's files turned out to be. Pictures by element key; a key that is not there keeps what it has."""

    song: KeptSong | None = None
    song_path: Path | None = None
    pictures: dict[str, list[tuple[Path, KeptPicture]]] = field(default_factory=dict)
    seconds: Decimal | None = None
    warnings: list[tuple[int, str]] = field(default_factory=list)

    def warn(self, draft: Draft, path: tuple[str | int, ...], message: str) -> None:
        """Write down what may not be meant, with its line."""
        line = draft.line(path)
        self.warnings.append((line, f"{draft.name} line {line}: {message}"))


def import_plan(
    *,
    actor: Actor,
    plan: Upload,
    song: Upload | None = None,
    pictures: Iterable[Upload] = (),
    refs: Upload | None = None,
    owner: Actor = None,
    dry_run: bool = False,
) -> ImportReport:
    """Create a project from a plan file, or bring the one of that slug up to date.

    `plan` is a path (song and pictures are looked for beside it) or an upload; `song` stands in for the song it
    names; `pictures` belong to the element their name begins with; `refs` is a zip laid out as the plan's folder.
    A new project belongs to `owner`, else to the actor.

    On a project that exists sequences are matched by code, shots by number, elements by key. A changed prompt is a new
    revision (source "import"); what the plan has no more is deleted and can be restored. Takes stay as they are.

    Raises PlanError with everything that is wrong, or another Refusal; then nothing was written.
    """
    name = name_of(plan)
    draft = read(_bytes(plan), name)
    existing = _existing(actor, draft.plan.project.slug)
    with gathered(plan, song=song, pictures=pictures, refs=refs) as sources:
        found = _Found()
        _check_project(draft, existing)
        _check_models(draft)
        _check_song(draft, existing, sources, found)
        _check_pictures(draft, existing, sources, found)
        checked = _check_times(draft, found)
        draft.finished()
        _warn(draft, checked, found)
        return _import(actor, owner, checked, existing, found, dry_run)


def _bytes(plan: Upload) -> bytes:
    if not isinstance(plan, Path):
        return b"".join(plan.chunks())
    try:
        return plan.read_bytes()
    except OSError as error:
        reason = "there is no such file" if isinstance(error, FileNotFoundError) else str(error.strerror).lower()
        raise Refusal(f"The plan {plan} cannot be read: {reason}.", code="not_found", where=str(plan)) from None


def _existing(actor: Actor, slug: str) -> Project | None:
    project = Project.objects.filter(slug=slug).first()
    if project and actor is not None and role_of(actor, project) is None:
        raise Refusal(
            f"The slug {slug} is taken by a project you do not belong to; choose another in the plan.",
            code="slug_taken",
            where="project.slug",
        )
    if project:
        require(actor, project, *OWNERS)
    return project


def _check_project(draft: Draft, existing: Project | None) -> None:
    for key, sentence in checks.endpoint_problems(draft.plan.project).items():
        draft.wrong(("project", key), f"project.{sentence}")
    if existing and (sentence := too_small(existing, draft.plan.project.budget)):
        draft.wrong(("project", "budget"), f"project.budget: {sentence}")


def _check_models(draft: Draft) -> None:
    """Models that shots name for their calls."""
    for place, sequence in enumerate(draft.plan.sequences):
        for number, shot in enumerate(sequence.shots):
            sentence = checks.film_problem(shot.model) if shot.model else ""
            if sentence:
                path = f"sequences[{place}].shots[{number}].model"
                draft.wrong(("sequences", place, "shots", number, "model"), f"{path} {sentence}")


def _check_song(draft: Draft, existing: Project | None, sources: Sources, found: _Found) -> None:
    named = draft.plan.song.file if draft.plan.song else None
    path = sources.song_file(named)
    has = Song.objects.filter(project=existing).first() if existing else None
    if path is not None:
        _measure(draft, path, has, found)
    elif has is not None:
        found.seconds = has.seconds
        if named and named not in (has.name, existing.song_file if existing else ""):
            found.warn(draft, ("song", "file"), f"{named} is not there; the song {has.name} stays.")
    elif named and sources.folder is not None:
        told = f"song.file is {named}; there is no such file beside the plan. Put it there or name a song."
        draft.wrong(("song", "file"), told)
    elif named:
        found.warn(draft, ("song", "file"), f"{named} was not sent; add the song to the project.")


def _measure(draft: Draft, path: Path, has: Song | None, found: _Found) -> None:
    """Decode the song, unless it is the one the project has."""
    if has is not None and path.is_file() and sha256_of(path) == has.sha256:
        found.seconds = has.seconds
        return
    try:
        found.song = KeptSong(path.name[-200:], "", read_song(path))
    except MediaError as error:
        draft.wrong(("song", "file"), f"song: {error}")
        return
    found.song_path, found.seconds = path, found.song.seconds


def _check_pictures(draft: Draft, existing: Project | None, sources: Sources, found: _Found) -> None:
    for index, element in enumerate(draft.plan.elements):
        paths = sources.pictures(element)
        if paths is None:
            if element.refs and not existing:
                told = f"{element.refs} is not there; @{element.key} goes along as words only."
                found.warn(draft, ("elements", index, "refs"), told)
            continue
        found.pictures[element.key] = kept = []
        for path in paths:
            try:
                with picture_on_disk(path) as (where, picture):
                    kept.append((where, picture))
            except Refusal as refusal:
                draft.wrong(("elements", index, "refs"), f"elements[{index}].refs: {refusal}")


def _check_times(draft: Draft, found: _Found) -> Plan:
    """Hold sequence ends against the song; the plan with an end a breath too late brought back to the song's."""
    if found.seconds is None:
        return draft.plan
    song, fitted = found.seconds, []
    for index, sequence in enumerate(draft.plan.sequences):
        over = sequence.end - song
        if over > SLACK or (over > 0 and sequence.start >= song):
            draft.wrong(
                ("sequences", index, "end"),
                f"sequences[{index}].end is {time_text(sequence.end)}; the song ends {number_text(over)} s before, "
                f"at {time_text(song)}.",
            )
        elif over > 0:
            told = f"{sequence.code} ends with the song, at {time_text(song)}."
            found.warn(draft, ("sequences", index, "end"), told)
            sequence = replace(sequence, end=song)
        fitted.append(sequence)
    return replace(draft.plan, sequences=tuple(fitted))


def _warn(draft: Draft, plan: Plan, found: _Found) -> None:
    """What is no mistake but may not be meant: names nobody has, shots that do not fill their section."""
    keys = {e.key for e in plan.elements}
    for i, sequence in enumerate(plan.sequences):
        for j, shot in enumerate(sequence.shots):
            for key in mentions(shot.prompt):
                if key not in keys:
                    told = f"{sequence.code} shot {j + 1} names @{key}, which is no element of the plan."
                    found.warn(draft, ("sequences", i, "shots", j, "prompt"), told)
        filled, section = sum((s.seconds for s in sequence.shots), Decimal(0)), sequence.end - sequence.start
        if sequence.shots and abs(filled - section) > SLACK:
            told = f"the shots of {sequence.code} fill {number_text(filled)} s of {number_text(section)} s."
            found.warn(draft, ("sequences", i), told)


def _import(
    actor: Actor, owner: Actor, plan: Plan, existing: Project | None, found: _Found, dry_run: bool
) -> ImportReport:
    pictures = _stored(existing or Project(slug=plan.project.slug), found, dry_run)
    try:
        with transaction.atomic():
            project = locked(existing) if existing else create_project(plan.project, owner or actor)
            changes = write_plan(actor or owner, project, plan, found.song, pictures)
            if dry_run:
                transaction.set_rollback(True)
    except IntegrityError as error:
        if existing or not Project.objects.filter(slug=plan.project.slug).exists():
            raise
        raise Refusal(
            f"A project {plan.project.slug} was made meanwhile; import again to bring it up to date.",
            code="slug_taken", where="project.slug",
        ) from error  # fmt: skip
    return _report(project, plan, changes, found, created=existing is None)


def _stored(project: Project, found: _Found, dry_run: bool) -> dict[str, list[KeptPicture]]:
    """Bring song and pictures to their places, before any row names them."""
    if dry_run:
        return {key: [picture for _, picture in many] for key, many in found.pictures.items()}
    if found.song and found.song_path:
        found.song = store_song(project, found.song_path, found.song)
    return {
        key: [
            replace(picture, file=keep(path, project, "elements", key, f"{picture.sha256}.{picture.file}"))
            for path, picture in many
        ]
        for key, many in found.pictures.items()
    }


def _report(project: Project, plan: Plan, changes: Changes, found: _Found, *, created: bool) -> ImportReport:
    return ImportReport(
        project=project,
        created=created,
        sequences=len(plan.sequences),
        shots=sum(len(s.shots) for s in plan.sequences),
        elements=len(plan.elements),
        revisions_added=changes.revisions,
        removed=tuple(changes.removed),
        warnings=tuple(text for _, text in sorted(found.warnings)),
    )
