"""What was written and when: revisions of a shot's prompt and of style lines, what became of them, and the change
between any two."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import OuterRef, QuerySet, Subquery

from sequences.errors import Refusal
from sequences.models import Event, Project, Sequence, Shot, StyleRevision, TakeShot
from sequences.prompts import Part, word_diff
from sequences.states import ArtefactState

STYLE_LABELS = {"prefix": "Before every prompt", "suffix": "After every prompt", "negative": "Never in the picture"}
FATES = {
    ArtefactState.MAKING.value: "being made",
    ArtefactState.WAITING.value: "not judged yet",
    ArtefactState.APPROVED.value: "approved",
    ArtefactState.SUPERSEDED.value: "approved before",
    ArtefactState.FAILED.value: "failed",
}


@dataclass(frozen=True, slots=True)
class Written:
    """One revision. `lines` are its texts by name: one, "", of a prompt, three of a style. `fate` says which takes were
    made with it and how they were judged, empty for none."""

    number: int
    lines: dict[str, str]
    author: str
    source: str
    at: datetime
    fate: str = ""
    letter: str = "r"

    @property
    def tag(self) -> str:
        """r2, or s2 for style lines."""
        return f"{self.letter}{self.number}"

    @property
    def texts(self) -> list[tuple[str, str]]:
        """Label and text of every line."""
        return [(STYLE_LABELS.get(name, ""), text) for name, text in self.lines.items()]


@dataclass(frozen=True, slots=True)
class Changed:
    """What differs in one line between two revisions; `label` is empty for a prompt."""

    label: str
    parts: tuple[Part, ...]


def prompt_history(shot: Shot) -> list[Written]:
    """Every revision of a shot's prompt, newest first. Two queries."""
    became = fates(shot)
    return [
        Written(row.number, {"": row.text}, _name(row.author), row.source, row.created_at, became.get(row.pk, ""))
        for row in shot.revisions.select_related("author").order_by("-number")
    ]


def style_history(owner: Project | Sequence) -> list[Written]:
    """Every revision of the style lines of a project itself or of a sequence, newest first."""
    return [
        Written(row.number, _lines(row), _name(row.author), row.source, row.created_at, letter="s")
        for row in _styles(owner).select_related("author").order_by("-number")
    ]


def one_of(rows: list[Written], number: int, whose: str) -> Written:
    """The revision with this number. Raises Refusal when there is none."""
    if found := next((row for row in rows if row.number == number), None):
        return found
    letter = rows[0].letter if rows else "r"
    known = ", ".join(row.tag for row in reversed(rows)) or "none"
    raise Refusal(f"{whose} has no revision {letter}{number}; it has {known}.", code="not_found", where=whose)


def between(old: Written, new: Written) -> list[Changed]:
    """The change from one revision to another by words; of style lines only those that differ, of a prompt always."""
    return [
        Changed(STYLE_LABELS.get(name, ""), word_diff(old.lines[name], text))
        for name, text in new.lines.items()
        if not name or old.lines[name] != text
    ]


def fates(shot: Shot) -> dict[int, str]:
    """By the id of a revision: the takes that were made with it and what became of them."""
    word = Event.objects.filter(subject="take", subject_id=OuterRef("take"), now=ArtefactState.REJECTED.value)
    rows = (
        TakeShot.objects.filter(shot=shot, part=1)
        .annotate(said=Subquery(word.order_by("-id").values("why")[:1]))
        .order_by("take__number")
        .values_list("revision", "take__number", "take__state", "call", "clip", "said")
    )
    found = list(rows)
    kept = {clip for _, _, _, call, clip, _ in found if call == 0}
    out: dict[int, list[str]] = defaultdict(list)
    for revision, number, state, call, clip, said in found:
        where = "kept in" if call and clip in kept else "in"
        out[revision].append(f"{where} T{number}, {_fate(state, said or '')}")
    return {revision: "; ".join(words) for revision, words in out.items()}


def _fate(state: str, said: str) -> str:
    if state != ArtefactState.REJECTED:
        return FATES.get(state, state)
    return f"rejected: {said[0].lower()}{said[1:]}" if said else "rejected"


def _styles(owner: Project | Sequence) -> QuerySet[StyleRevision]:
    if isinstance(owner, Sequence):
        return StyleRevision.objects.filter(sequence=owner)
    return StyleRevision.objects.filter(project=owner, sequence=None)


def _lines(row: StyleRevision) -> dict[str, str]:
    return {name: getattr(row, name) for name in STYLE_LABELS}


def _name(author: AbstractBaseUser | None) -> str:
    return author.get_username() if author else ""
