"""What Setup shows: computed once for the page and for its fragments."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Count, Q

from sequences import offers, prices
from sequences.forms.projects import (
    AddForm,
    CapForm,
    DetailsForm,
    LimitsForm,
    MemberForm,
    RowForm,
    SongForm,
    StyleForm,
    Worded,
)
from sequences.media.checks.limits import Limits
from sequences.models import Event, Membership, Project, Sequence
from sequences.models.plan import Role
from sequences.planfile import time_text
from sequences.providers import catalogue
from sequences.providers.base import Kind
from sequences.providers.catalogue import Endpoint
from sequences.queries.board import RULER_STEPS
from sequences.song.decode import wave_path

STEP = Decimal("0.1")
MAKERS = (Role.OWNER, Role.ARTIST)
Forms = dict[str, Worded]


@dataclass(frozen=True, slots=True)
class Shelf:
    """The models of one provider; `missing` says why it cannot be asked here, as `needs FAL_KEY`."""

    provider: str
    missing: str
    models: tuple[Endpoint, ...]


@dataclass(frozen=True, slots=True)
class SetupRow:
    """One sequence of the table: its form, how long it is, its shots, and its neighbours."""

    sequence: Sequence
    form: RowForm
    shots: int
    first: bool
    last: bool
    wave: str

    @property
    def anchor(self) -> str:
        """The id of its row."""
        return f"row-{self.sequence.code.lower()}"

    @property
    def short_code(self) -> str:
        """01 of SEQ01."""
        return self.sequence.code.removeprefix("SEQ")

    @property
    def middle(self) -> str:
        """Where a split would fall when nothing else is said."""
        return clock(round((self.sequence.start + self.sequence.end) / 2, 1))


@dataclass(frozen=True, slots=True)
class Boundary:
    """A border that can be dragged, in seconds; `left` ends and `right` begins there, either may be missing."""

    at: Decimal
    least: Decimal
    most: Decimal
    left: Sequence | None
    right: Sequence | None

    @property
    def key(self) -> str:
        """What its form and button are called."""
        return "-".join(s.code.lower() if s else "song" for s in (self.left, self.right))

    @property
    def label(self) -> str:
        """Said by screen readers."""
        parts = [*([f"{self.left} ends"] if self.left else []), *([f"{self.right} begins"] if self.right else [])]
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of the song map; without a row nothing is planned there."""

    start: Decimal
    end: Decimal
    row: SetupRow | None
    wave: str

    @property
    def seconds(self) -> Decimal:
        """Its length."""
        return self.end - self.start


def context(project: Project, person: AbstractBaseUser, forms: Forms | None = None) -> dict[str, Any]:
    """Everything the template and its partials read. `forms` are those that were refused, as they were filled in."""
    forms = forms or {}
    prices.sync()
    people = list(Membership.objects.filter(project=project).select_related("user").order_by("id"))
    role = next((m.role for m in people if m.user_id == person.pk), "")
    makes, owns = role in MAKERS, role == Role.OWNER
    found = {
        **_forms(project, forms, makes=makes, owns=owns),
        "role": role,
        "makes": makes,
        "owns": owns,
        "why_not": f"You are {'an' if role == Role.ARTIST else 'a'} {role} here;",
        "people": people,
        "roles": Role.choices,
        "films": _shelves("video"),
        "painters": _shelves("grid"),
        "history": _history(project),
        "came_from": _came_from(project, person),
        "usual": Limits().to_dict(),
    }
    return {**found, **_song(project, forms, makes=makes)}


def _forms(project: Project, kept: Forms, *, makes: bool, owns: bool) -> dict[str, Any]:
    made: dict[str, Worded] = {
        "details": DetailsForm.of(project),
        "style": StyleForm.of(project),
        "cap": CapForm.of(project),
        "limits": LimitsForm.of(project),
        "member": MemberForm(),
        "song": SongForm(),
        "add": AddForm(),
    }
    owners = ("details", "cap", "member")
    shown = {name: kept.get(name, form) for name, form in made.items()}
    for name, form in shown.items():
        if not (owns if name in owners else makes):
            form.closed()
    return {f"{name}_form": form for name, form in shown.items()}


def _shelves(kind: Kind) -> list[Shelf]:
    """Every model that can be asked, by provider."""
    found = catalogue.endpoints(kind=kind, enabled=True)
    names = dict.fromkeys(e.provider for e in found)
    return [Shelf(n, offers.missing(n), tuple(e for e in found if e.provider == n)) for n in names]


def _history(project: Project) -> list[dict[str, Any]]:
    """Changes of the cap, the newest first."""
    events = Event.objects.filter(project=project, subject="project").select_related("actor").order_by("-id")[:20]
    return [{"was": e.was, "now": e.now, "why": e.why, "who": e.actor, "at": e.created_at} for e in events]


def _came_from(project: Project, person: AbstractBaseUser) -> Project | None:
    """The version it was copied from, when the person works on that one too."""
    if project.forked_from_id is None:
        return None
    return Project.objects.filter(pk=project.forked_from_id, memberships__user_id=person.pk).first()


def _song(project: Project, kept: Forms, *, makes: bool) -> dict[str, Any]:
    song = getattr(project, "song", None)
    sequences = list(
        project.sequences.filter(deleted_at=None).annotate(living=Count("shots", filter=Q(shots__deleted_at=None)))
    )
    length = song.seconds if song else max((s.end for s in sequences), default=Decimal(0))
    rows = [_row(project, s, n, len(sequences), kept, makes) for n, s in enumerate(sequences)]
    step = next((s for s in RULER_STEPS if float(length) / s <= 14), 600)
    return {
        "song_file": song,
        "length": length,
        "rows": rows,
        "stretches": _stretches(project, rows, length),
        "boundaries": _boundaries(sequences, length, bool(song)),
        "ruler": [at for at in range(0, int(length) + 1, step) if at < length],
    }


def _row(project: Project, row: Sequence, number: int, many: int, kept: Forms, makes: bool) -> SetupRow:
    prefix = f"row-{row.code.lower()}"
    initial = {
        "code": row.code, "section": row.section, "start": clock(row.start), "end": clock(row.end),
        "mode": row.mode,
    }  # fmt: skip
    form = kept.get(prefix) or RowForm(initial=initial, auto_id=f"{prefix}-%s")
    for field in form.fields.values():
        field.widget.attrs["form"] = f"{prefix}-form"
    if not makes:
        form.closed()
    assert isinstance(form, RowForm)
    shots = row.living  # type: ignore[attr-defined]  # annotated by _song
    return SetupRow(row, form, shots, number == 0, number == many - 1, _wave(project, row.start, row.end))


def _wave(project: Project, start: Decimal, end: Decimal) -> str:
    song = getattr(project, "song", None)
    return wave_path(song.peaks, float(song.seconds), float(start), float(end)) if song else ""


def _stretches(project: Project, rows: list[SetupRow], length: Decimal) -> list[Stretch]:
    """The whole song in order, with what lies between sequences."""
    out: list[Stretch] = []
    at = Decimal(0)
    for row in rows:
        start, end = row.sequence.start, row.sequence.end
        if start > at:
            out.append(Stretch(at, start, None, _wave(project, at, start)))
        out.append(Stretch(start, end, row, row.wave))
        at = end
    if length > at:
        out.append(Stretch(at, length, None, _wave(project, at, length)))
    return out


def _boundaries(rows: Iterable[Sequence], length: Decimal, song: bool) -> list[Boundary]:
    """Every start and end once: where neighbours meet both move, at a gap each has its own."""
    out: list[Boundary] = []
    before: Sequence | None = None
    for row in rows:
        if before is not None and before.end == row.start:
            out.append(Boundary(row.start, before.start + STEP, row.end - STEP, before, row))
        else:
            if before is not None:
                out.append(Boundary(before.end, before.start + STEP, row.start, before, None))
            least = before.end if before else Decimal(0)
            out.append(Boundary(row.start, least, row.end - STEP, None, row))
        before = row
    if before is not None and song:
        out.append(Boundary(before.end, before.start + STEP, length, before, None))
    return out


def clock(seconds: Decimal) -> str:
    """0:16.3: a time as people write it, to the millisecond when it is that fine."""
    text = time_text(seconds)
    return text.rstrip("0").rstrip(".") if "." in text else text
