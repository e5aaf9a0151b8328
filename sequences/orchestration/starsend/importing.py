"""`import_starsend`: a folder of the script era in, as a new project or beside what an earlier import of it made.

Old money is history. A ledger entry belongs to a call that was held here under the caps; the scripts' calls never were,
so they get neither hold nor settle and the project's counters stay what the ledger says. What a take had cost is kept
with the take (`plan["imported"]`) and in its record.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.utils.text import slugify

from sequences import starsend
from sequences.errors import Refusal
from sequences.models import ImportedRecord, Project
from sequences.planfile import PlanProject, number_text
from sequences.starsend import Laid, OldProject, Record

from .. import _checks as checks
from .._rules import OWNERS, locked, require, role_of
from ..importing import SLACK
from ..projects import create_project
from ..songs import KeptSong, set_song, store_song
from .cast import Member, members, stored, write_members
from .media import BROKEN, Examined, at_hand, song_of
from .report import Decided, RecordReport, StarsendReport, Tally
from .rows import SOURCE, Planned, Writer, lasts
from .wanted import takes_of
from .works import bring_frame, bring_grid, bring_take

Actor = AbstractBaseUser | None


def import_starsend(
    *,
    actor: Actor,
    source: Path,
    slug: str | None = None,
    folder: str | None = None,
    provider: str = "sketch",
    owner: Actor = None,
    dry_run: bool = False,
) -> StarsendReport:
    """Bring the work of a folder in: elements, sequences, shots, prompts, start frames, grids, and takes that wait.

    `source` holds `projects/<project>/state/starsend/shots/*.json` or is such a project's folder; `folder` says which
    one where there are several. The project is that of `slug`, else of the folder's name; a new one asks `provider`.
    Nothing outside `source` is read and nothing in it is written. Verdicts are left to `dailies`: `decided` of the
    report names the takes that have one.

    Safe to run again: what is there is left alone, a record that changed is followed where nobody has touched what was
    made of it. A file or record that cannot be used is a sentence of the report. Raises Refusal: no such folder, a slug
    that is taken or not allowed, no right to the project.
    """
    try:
        old = starsend.read(source, folder)
    except starsend.NotFound as error:
        raise Refusal(str(error), code="not_found", where=str(source)) from None
    existing = _existing(actor, _slug(slug, old))
    before = _before(existing)
    examined, tally = Examined(), Tally()
    laid = starsend.lay(old.records, examined.seconds, before=before)
    for sequence in laid:
        for record, sentence in sequence.said:
            tally.say(record, sentence)
    cast = members(old.elements, examined, tally)
    tally.old_cost_micros = _look(laid, examined)
    values = None if existing else _values(_slug(slug, old), old, examined, provider)
    run = _Run(actor, old, tally, examined, laid, starsend.lay(before), {r.key: r.sha256 for r in _kept(existing)})
    run.song, told = song_of(old)
    run.problems = [*old.problems, *([told] if told else [])]
    if dry_run:
        return run.rehearse(existing, values, owner, cast)
    return run.write(existing, values, owner, cast)


def _look(laid: Sequence[Laid], examined: Examined) -> int:
    """Look at every medium before a transaction begins: it is decoded here, not there. What the takes had cost."""
    cost = 0
    for sequence in laid:
        for take in [*sequence.takes, *(t for s in sequence.shots for t in s.takes)]:
            cost += take.cost_micros or 0
            for clip in take.clips:
                examined.film(clip)
        frames = [sequence.frame, *(s.frame for s in sequence.shots), *(g.place for g in sequence.grids)]
        for place in frames:
            if place is not None:
                examined.picture(place)
    return cost


def _slug(slug: str | None, old: OldProject) -> str:
    return slug or slugify(old.folder.replace("_", "-"))[:80].strip("-_") or "starsend"


def _existing(actor: Actor, slug: str) -> Project | None:
    project = Project.objects.filter(slug=slug).first()
    if project is None:
        return None
    if actor is not None and not getattr(actor, "is_superuser", False) and role_of(actor, project) is None:
        told = f"The slug {slug} is taken by a project you do not belong to; choose another with --project."
        raise Refusal(told, code="slug_taken", where="--project")
    require(actor, project, *OWNERS)
    return project


def _kept(project: Project | None) -> list[ImportedRecord]:
    return list(ImportedRecord.objects.filter(project=project, source=SOURCE)) if project else []


def _before(project: Project | None) -> list[Record]:
    return [starsend.reread(r.key, r.raw) for r in _kept(project) if not r.key.startswith("@")]


def _values(slug: str, old: OldProject, examined: Examined, provider: str) -> PlanProject:
    width, height, rate = examined.shape(old)
    return checks.project_values({
        "slug": slug, "title": old.title, "client": old.client, "width": width, "height": height, "rate": rate,
        "provider": provider,
    })  # fmt: skip


class _Run:
    """One import: what was read, and what is made of it."""

    def __init__(
        self, actor: Actor, old: OldProject, tally: Tally, examined: Examined, laid: list[Laid], before: list[Laid],
        known: dict[str, str],
    ) -> None:  # fmt: skip
        self.actor, self.old, self.tally, self.examined = actor, old, tally, examined
        self.laid, self.before, self.known = laid, before, known
        self.song: KeptSong | None = None
        self.problems: list[str] = []

    def rehearse(
        self, existing: Project | None, values: PlanProject | None, owner: Actor, cast: list[Member]
    ) -> StarsendReport:
        """Everything but the files, in a transaction that is taken back."""
        with transaction.atomic():
            project = self._project(existing, values, owner)
            for planned in self._plan(project, cast):
                self._works(planned, dry_run=True)
            transaction.set_rollback(True)
        return self._report(project, created=existing is None)

    def write(
        self, existing: Project | None, values: PlanProject | None, owner: Actor, cast: list[Member]
    ) -> StarsendReport:
        """The plan in one transaction, then every work in one of its own: what breaks off goes on the next time."""
        target = existing or Project(slug=values.slug if values else "")
        cast = [m for member in cast if (m := self._stored(target, member))]
        self._store_song(target, existing)
        try:
            with transaction.atomic():
                project = self._project(existing, values, owner)
                planned = self._plan(project, cast)
                self._remember(project, cast)
        except IntegrityError as error:
            if existing or not Project.objects.filter(slug=target.slug).exists():
                raise
            told = f"A project {target.slug} was made meanwhile; import again to bring it up to date."
            raise Refusal(told, code="slug_taken", where="--project") from error
        for one in planned:
            self._works(one, dry_run=False)
        with transaction.atomic():
            self._remember(project, cast)
        return self._report(project, created=existing is None)

    def _store_song(self, target: Project, existing: Project | None) -> None:
        path = self.old.song.path if self.old.song else None
        if self.song is None or path is None or hasattr(existing, "song"):
            return
        try:
            with at_hand(target, path, self.song.facts.sha256, path.suffix) as scratch:
                self.song = store_song(target, scratch, self.song)
        except BROKEN as bad:
            self.problems.append(f"The song {path.name} was left out: {bad}")
            self.song = None

    def _stored(self, project: Project, member: Member) -> Member | None:
        try:
            return stored(project, member)
        except BROKEN as bad:
            self.tally.say(member.record, f"{member.old.folder} is left out: {bad}")
            return None

    def _project(self, existing: Project | None, values: PlanProject | None, owner: Actor) -> Project:
        if existing is not None:
            return locked(existing)
        assert values is not None, "a new project has its values"
        return create_project(values, owner or self.actor)

    def _plan(self, project: Project, cast: list[Member]) -> list[Planned]:
        self._set_song(project)
        keys = write_members(project, cast, self.tally)
        return Writer(self.actor, project, self.tally, self.before).write(self.laid, keys)

    def _set_song(self, project: Project) -> None:
        """The song of a project that has none, when every sequence fits into it."""
        if self.song is None:
            return
        if hasattr(project, "song"):
            if project.song.sha256 != self.song.facts.sha256:
                self.problems.append(f"The project has its song {project.song.name}; {self.song.name} was left out.")
            return
        over = lasts(self.laid) - self.song.seconds
        if over > SLACK:
            self.problems.append(
                f"{self.song.name} ends {number_text(over)} s before the last sequence does; it was left out. "
                f"Bring the times in order, then add the song to the project."
            )
            return
        for sequence in self.laid:
            if Decimal(0) < sequence.end - self.song.seconds and sequence.start < self.song.seconds:
                sequence.end = self.song.seconds
        set_song(project, self.song)
        project.song_file = self.song.name
        project.save(update_fields=["song_file"])

    def _works(self, planned: Planned, *, dry_run: bool) -> None:
        laid, tally = planned.laid, self.tally
        bring_frame(self.actor, planned, None, laid.frame, laid.record, self.examined, tally, dry_run=dry_run)
        for shot in laid.shots:
            row = planned.shots.get(shot.number)
            if row is not None:
                bring_frame(self.actor, planned, row, shot.frame, shot.record, self.examined, tally, dry_run=dry_run)
        for grid in laid.grids:
            bring_grid(self.actor, planned, grid, self.examined, tally, dry_run=dry_run)
        for wanted in takes_of(planned, self.examined, tally):
            take = planned.row.takes.filter(request_key=wanted.key).first()
            if take is None and dry_run:
                tally.made(wanted.record, "takes", None, f"{planned.row.code} take {wanted.name}")
            elif take is None and (take := bring_take(self.actor, wanted, tally)):
                tally.made(wanted.record, "takes", take, str(take))
            if wanted.decision and (take or dry_run):
                tally.decided.append(Decided(take.pk if take else 0, wanted.decision, wanted.record))

    def _remember(self, project: Project, cast: list[Member]) -> None:
        """Every record whole, with the rows made of it now and before and what did not map."""
        listed = [(r.name, r.sha256, r.raw, r.problems) for r in self.old.records]
        listed += [(m.record, m.sha256, m.raw(), ()) for m in cast]
        rows = {r.key: r for r in _kept(project)}
        for name, sha256, raw, problems in listed:
            row = rows.get(name) or ImportedRecord(project=project, source=SOURCE, key=name)
            if self.known.get(name) == sha256 and not self.tally.words.get(name):
                continue
            made = [list(pair) for pair in dict.fromkeys(map(tuple, [*row.made, *self.tally.rows.get(name, [])]))]
            said = [*problems, *self.tally.problems.get(name, [])]
            row.sha256, row.raw, row.made, row.problems = sha256, raw, made, said
            row.save()

    def _report(self, project: Project, *, created: bool) -> StarsendReport:
        records = [self._one(r.name, r.key, r.file, r.problems, r.missing) for r in self.old.records]
        records += [self._one(f"@{e.folder}"[:200], f"@{e.id}", e.folder, (), ()) for e in self.old.elements]
        return StarsendReport(
            project=project, created=created, counts=self.tally.counts, records=tuple(records),
            decided=tuple(self.tally.decided), problems=tuple(self.problems),
            old_cost_micros=self.tally.old_cost_micros,
        )  # fmt: skip

    def _one(self, name: str, key: str, file: str, problems: tuple[str, ...], missing: tuple[str, ...]) -> RecordReport:
        words = tuple(dict.fromkeys(self.tally.words.get(name, [])))
        if name in self.known:
            outcome = "updated" if words else "unchanged"
        else:
            outcome = "created" if words or self._part_of_something(name) else "left_out"
        said = tuple(dict.fromkeys([*problems, *self.tally.problems.get(name, [])]))
        return RecordReport(key, file, outcome, words, said, missing)

    def _part_of_something(self, name: str) -> bool:
        """Whether a record without rows of its own went into a sequence that was made."""
        mine = next((s for s in self.laid if name in s.records), None)
        return mine is not None and bool(self.tally.words.get(mine.record))
