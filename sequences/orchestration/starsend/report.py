"""What an import of old work did, record by record."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from sequences.models import Project
from sequences.states import ArtefactState

Made = list[list[str | int]]


@dataclass(frozen=True, slots=True)
class Decided:
    """A take about which the old record says approved or rejected. `take` is its id, 0 in a rehearsal."""

    take: int
    decision: str
    record: str


@dataclass(frozen=True, slots=True)
class RecordReport:
    """One record. `outcome` is created, updated, unchanged or left_out; `made` names what this import made of it."""

    key: str
    file: str
    outcome: str
    made: tuple[str, ...]
    problems: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """It in one line."""
        done = {"left_out": "left out", "updated": "brought up to date"}.get(self.outcome, self.outcome)
        named = f" ({', '.join(self.made)})" if self.made else ""
        lacks = f"; media missing: {', '.join(self.missing)}" if self.missing else ""
        return f"{self.key}: {done}{named}{lacks}."

    def as_data(self) -> dict[str, object]:
        """It as the command's document says it."""
        return {
            "key": self.key, "file": self.file, "outcome": self.outcome, "made": list(self.made),
            "problems": list(self.problems), "missing_media": list(self.missing),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class StarsendReport:
    """The whole import. Counts are of what this run made; `decided` is left to whoever may judge."""

    project: Project
    created: bool
    counts: dict[str, int]
    records: tuple[RecordReport, ...]
    decided: tuple[Decided, ...]
    problems: tuple[str, ...]
    old_cost_micros: int

    @property
    def unchanged(self) -> int:
        """Records that changed nothing."""
        return sum(r.outcome == "unchanged" for r in self.records)

    def missing(self) -> list[dict[str, str]]:
        """Media that records name and the folder does not have."""
        return [{"key": r.key, "name": name} for r in self.records for name in r.missing]


COUNTED = ("sequences", "shots", "revisions", "elements", "pictures", "grids", "start_frames", "takes")


@dataclass(slots=True)
class Tally:
    """Gathered while writing: rows and words by the name of the record they were made of."""

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTED, 0))
    rows: dict[str, Made] = field(default_factory=lambda: defaultdict(list))
    words: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    problems: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    decided: list[Decided] = field(default_factory=list)
    old_cost_micros: int = 0

    def made(self, record: str, what: str, row: object, word: str) -> None:
        """A row was made of a record; `what` is one of COUNTED."""
        self.counts[what] += 1
        self.row(record, row)
        self.words[record].append(word)

    def row(self, record: str, row: object) -> None:
        """Note a row as the record's."""
        pk = getattr(row, "pk", None)
        if pk:
            self.rows[record].append([type(row).__name__.lower(), int(pk)])

    def say(self, record: str, sentence: str) -> None:
        """A sentence about a record, once."""
        if sentence not in self.problems[record]:
            self.problems[record].append(sentence)


APPROVED, REJECTED = ArtefactState.APPROVED.value, ArtefactState.REJECTED.value
