"""The plan out of old records: what is new is made, what nobody has touched here follows its record, all else stays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.contrib.auth.models import AbstractBaseUser

from sequences.models import ImportedRecord, Project, PromptRevision, Shot
from sequences.models import Sequence as SequenceRow
from sequences.models.plan import Mode
from sequences.planfile import number_text, tidy
from sequences.starsend import Laid, LaidShot, OldTake
from sequences.starsend.prompts import split

from ..casting import cast_keys, write_cast
from ..prompting import current_text, write_revision
from .report import Tally

Actor = AbstractBaseUser | None
SOURCE = "starsend"
WRITTEN = "imported"


@dataclass(slots=True)
class Ours:
    """Rows that earlier imports made: (model, id) pairs of the records."""

    pairs: set[tuple[str, int]] = field(default_factory=set)

    @classmethod
    def of(cls, project: Project) -> Ours:
        """Those of a project."""
        rows = ImportedRecord.objects.filter(project_id=project.pk, source=SOURCE).values_list("made", flat=True)
        return cls({(str(model), int(pk)) for made in rows for model, pk in made})

    def __contains__(self, row: SequenceRow | Shot) -> bool:
        return (type(row).__name__.lower(), row.pk) in self.pairs


@dataclass(slots=True)
class Planned:
    """A sequence with the rows its takes belong to, by shot number."""

    laid: Laid
    row: SequenceRow
    shots: dict[int, Shot]


class Writer:
    """Writes the plan inside the caller's transaction."""

    def __init__(self, actor: Actor, project: Project, tally: Tally, before: Sequence[Laid]) -> None:
        self.actor, self.project, self.tally = actor, project, tally
        self.ours = Ours.of(project)
        self.before = {laid.code: laid for laid in before}

    def write(self, sequences: Sequence[Laid], keys: Mapping[str, str]) -> list[Planned]:
        """Rows of all sequences; `keys` are the project's elements by what the old work called them."""
        return [planned for laid in sequences if (planned := self._sequence(laid, keys))]

    def _sequence(self, laid: Laid, keys: Mapping[str, str]) -> Planned | None:
        rows = self.project.sequences.filter(code=laid.code)
        row = rows.filter(deleted_at=None).first()
        if row is None and any(r in self.ours for r in rows):
            self.tally.say(laid.record, f"{laid.code} was deleted here; it stays deleted.")
            return None
        if row is None:
            row = self._new_sequence(laid)
            if row is None:
                return None
        elif row not in self.ours:
            self.tally.say(laid.record, f"{laid.code} is there already and was not brought in; it was left as it is.")
            return None
        else:
            self._follow(laid, row)
        self.tally.row(laid.record, row)
        self._cast(laid, row, keys)
        shots = {s.number: found for s in laid.shots if (found := self._shot(laid, row, s))}
        return Planned(laid, row, shots)

    def _new_sequence(self, laid: Laid) -> SequenceRow | None:
        if other := self._in_the_way(laid):
            self.tally.say(laid.record, f"{laid.code} would lie over {other.code}; it was left out.")
            return None
        own = any(s.takes for s in laid.shots) and not laid.takes
        row = SequenceRow.objects.create(
            project=self.project, code=laid.code, section=laid.section, start=laid.start, end=laid.end,
            position=self.project.sequences.count(), mode=Mode.PER_SHOT if own else Mode.MULTI_SHOT,
        )  # fmt: skip
        self.tally.made(laid.record, "sequences", row, laid.code)
        return row

    def _in_the_way(self, laid: Laid, row: SequenceRow | None = None) -> SequenceRow | None:
        living = self.project.sequences.filter(deleted_at=None, start__lt=laid.end, end__gt=laid.start)
        return (living.exclude(pk=row.pk) if row else living).first()

    def _follow(self, laid: Laid, row: SequenceRow) -> None:
        """Section and times of a changed record, where they stand here as they were brought in."""
        old, changed = self.before.get(laid.code), []
        if old is None:
            return
        if laid.section != old.section and self._untouched(laid, row.section == old.section, "section", laid.section):
            row.section = laid.section
            changed.append("section")
        new, was = (laid.start, laid.end), old.asked
        if laid.told and laid.asked and was and laid.asked != was:
            place = f"place at {number_text(laid.start)}–{number_text(laid.end)} s"
            free = self._in_the_way(laid, row) is None
            if self._untouched(laid, free and (row.start, row.end) == was, "times", place):
                row.start, row.end = new
                changed += ["start", "end"]
        if changed:
            row.save(update_fields=changed)
            self.tally.words[laid.record].append(f"{laid.code} {' '.join(changed)}")

    def _untouched(self, laid: Laid, untouched: bool, what: str, new: str) -> bool:
        if not untouched:
            self.tally.say(laid.record, f"The {what} of {laid.code} changed in the record (now “{new}”) and here; "
                                        f"what is here stays.")  # fmt: skip
        return untouched

    def _cast(self, laid: Laid, row: SequenceRow, keys: Mapping[str, str]) -> None:
        wanted = _known(laid.elements, keys)
        for name in [n for n in laid.elements if n not in keys]:
            self.tally.say(laid.record, f"{name} is in its cast and has no folder under refs/; it was left out.")
        have, old = cast_keys(row), self.before.get(laid.code)
        if wanted == have or have != (_known(old.elements, keys) if old else []):
            return
        elements = {e.key: e for e in self.project.elements.filter(deleted_at=None, key__in=wanted)}
        write_cast(row, [elements[k] for k in wanted if k in elements])

    def _shot(self, laid: Laid, row: SequenceRow, shot: LaidShot) -> Shot | None:
        living = row.shots.filter(deleted_at=None)
        found = living.filter(number=shot.number).first()
        old = self.before.get(laid.code)
        was = next((s for s in old.shots if s.number == shot.number), None) if old else None
        if found is None and was is not None:
            self.tally.say(shot.record, f"{laid.code} shot {shot.number} is not there any more; it stays away.")
            return None
        if found is None and living.count() != shot.number - 1:
            self.tally.say(shot.record, f"{laid.code} shot {shot.number} has no place here; it was left out.")
            return None
        if found is None:
            return self._new_shot(laid, row, shot)
        if found not in self.ours:
            self.tally.say(shot.record, f"{found} was added here; what the record says of it was left out.")
            return None
        self.tally.row(shot.record, found)
        if was is not None:
            self._follow_shot(found, shot, was)
        return found

    def _new_shot(self, laid: Laid, row: SequenceRow, shot: LaidShot) -> Shot:
        made = Shot.objects.create(sequence=row, number=shot.number, seconds=shot.seconds)
        self.tally.made(shot.record, "shots", made, str(made))
        for words in [*history(laid, shot), tidy(shot.text)]:
            self._revise(made, words)
        return made

    def _revise(self, shot: Shot, words: str) -> bool:
        revision = write_revision(self.actor, shot, words, WRITTEN) if words else None
        self.tally.counts["revisions"] += revision is not None
        return revision is not None

    def _follow_shot(self, row: Shot, shot: LaidShot, was: LaidShot) -> None:
        new, old, here = tidy(shot.text), tidy(was.text), current_text(row)
        if new and new != old and here != new:
            if here == old and _is_ours(row):
                self._revise(row, new)
                self.tally.words[shot.record].append(f"{row} prompt")
            else:
                self.tally.say(shot.record, f"The prompt of {row} changed in the record and here; what is here stays.")
        if shot.told and was.told and shot.seconds != was.seconds != row.seconds != shot.seconds:
            self.tally.say(shot.record, f"The length of {row} changed in the record and here; what is here stays.")
        elif shot.told and was.told and shot.seconds != was.seconds == row.seconds:
            row.seconds = shot.seconds
            row.save(update_fields=["seconds"])
            self.tally.words[shot.record].append(f"{row} seconds")


def _known(names: Sequence[str], keys: Mapping[str, str]) -> list[str]:
    return list(dict.fromkeys(keys[n] for n in names if n in keys))


def _is_ours(shot: Shot) -> bool:
    newest = shot.revisions.order_by("-number").first()
    return newest is None or newest.source == WRITTEN


def history(laid: Laid, shot: LaidShot) -> list[str]:
    """The words a shot's takes were made with, oldest first, without those it has now."""
    said = [own_words(t, 1, 0) for t in shot.takes]
    said += [own_words(t, len(laid.shots), shot.number - 1) for t in laid.takes]
    now = tidy(shot.text)
    return list(dict.fromkeys(w for s in said if (w := tidy(s)) and w != now))


def own_words(take: OldTake, shots: int, index: int) -> str:
    """What a take said of one of its shots; empty where its prompt cannot be told apart."""
    if len(take.prompts) == shots:
        return take.prompts[index]
    if shots == 1:
        return "\n".join(take.prompts)
    found = split(take.prompts[0], shots) if len(take.prompts) == 1 else None
    return found.pieces[index].text if found and len(found.pieces) == shots else ""


def pinned(shot: Shot, words: str) -> PromptRevision:
    """The revision a take pins: the one with its words, else the newest; an empty first one where there is none.

    Inside the caller's transaction.
    """
    revisions = list(shot.revisions.order_by("-number"))
    same = next((r for r in revisions if words and r.text == tidy(words)), None)
    if same or revisions:
        return same or revisions[0]
    return PromptRevision.objects.create(shot=shot, number=1, text="", source=WRITTEN)


def lasts(sequences: Sequence[Laid]) -> Decimal:
    """Where the last sequence ends."""
    return max((s.end for s in sequences), default=Decimal(0))
