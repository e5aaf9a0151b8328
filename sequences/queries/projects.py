"""Projects as their page lists them: where each film stands, and which one waits for you. And what a plan would change.

Money is micro-dollars, times are seconds of the song, files are paths below the media root.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Max, Prefetch, QuerySet
from django.utils import timezone

from sequences.models import Membership, Project
from sequences.models.plan import Role

from .board import Board, Picture, board_of, counted
from .facts import load_all
from .needs import counting_needs
from .people import projects_of
from .stages import STAGES

MAKERS = (Role.OWNER, Role.ARTIST)


@dataclass(frozen=True, slots=True)
class NextStep:
    """The one thing to do with a project: `page` is the address name it leads to, `waits` whether it waits for you."""

    page: str
    label: str
    stage: str
    said: str
    waits: bool = False


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """One project of the list. `people` is who works on it, `changed_at` when anything last happened."""

    project: Project
    board: Board
    role: str
    people: str
    picture: Picture
    takes: int
    picks: int
    needs: int
    step: NextStep
    changed_at: datetime

    @property
    def counts(self) -> list[tuple[str, int]]:
        """Stages that have sequences, with how many."""
        return [(name, n) for name, n in self.board.counts.items() if n]

    @property
    def seconds(self) -> float:
        """Length of the song, else of what is planned."""
        song = getattr(self.project, "song", None)
        return float(song.seconds) if song else self.board.seconds

    @property
    def spent_pct(self) -> float:
        """Spent of the cap, in per cent."""
        return round(100 * self.project.spent_micros / max(self.project.cap_micros, 1), 1)

    @property
    def held_pct(self) -> float:
        """Promised of the cap, in per cent."""
        return round(100 * self.project.held_micros / max(self.project.cap_micros, 1), 1)


def project_rows(user: AbstractBaseUser | AnonymousUser) -> list[ProjectRow]:
    """Every project of a person, the one that waits for them first. Nine queries, however many projects."""
    projects = list(_projects(user))
    facts = load_all(projects)
    now = timezone.now()
    rows = [_row(p, board_of(facts[p.pk], None, now), user) for p in projects]
    return sorted(rows, key=_order)


def _projects(user: AbstractBaseUser | AnonymousUser) -> QuerySet[Project]:
    people = Membership.objects.select_related("user").order_by("id")
    return (
        counting_needs(projects_of(user))
        .select_related("song")
        .defer("song__peaks")
        .prefetch_related(Prefetch("memberships", queryset=people))
        .annotate(last_event=Max("events__created_at"))
        .order_by("-created_at", "-id")
    )


def _row(project: Project, board: Board, user: AbstractBaseUser | AnonymousUser) -> ProjectRow:
    members = list(project.memberships.all())
    role = next(m.role for m in members if m.user_id == user.pk)
    takes = sum(len(r.facts.waiting_takes) for r in board.rows)
    picks = board.counts["pick_start_frame"]
    needs: int = project.needs  # type: ignore[attr-defined]  # annotated by _projects
    return ProjectRow(
        project=project,
        board=board,
        role=role,
        people=_people(members, user),
        picture=_poster(board),
        takes=takes,
        picks=picks,
        needs=needs,
        step=_step(board, takes, picks, needs, makes=role in MAKERS),
        changed_at=project.last_event or project.created_at,  # type: ignore[attr-defined]  # annotated by _projects
    )


def _order(row: ProjectRow) -> tuple[int, int, float]:
    """What waits for you, then what is going on, then what can begin, then what is done; the latest first."""
    place = {"in_review": 0, "pick_start_frame": 0, "failed": 1, "generating": 2, "approved": 4}
    rank = 0 if row.step.waits else max(1, place.get(row.step.stage, 3))
    return rank, -(row.needs + row.takes + row.picks) if row.step.waits else 0, -row.changed_at.timestamp()


def _people(members: list[Membership], user: AbstractBaseUser | AnonymousUser) -> str:
    """`You, 1 artist, 2 reviewers`."""
    others = [m.role for m in members if m.user_id != user.pk]
    return ", ".join(["You", *(counted(n, role.value) for role in Role if (n := others.count(role)))])


def _poster(board: Board) -> Picture:
    """The picture of an approved sequence, else of any."""
    shown = sorted(board.rows, key=lambda r: r.facts.approved_take is None)
    return next((r.picture for r in shown if r.picture.file), Picture())


def _step(board: Board, takes: int, picks: int, needs: int, *, makes: bool) -> NextStep:
    if needs and makes:
        calls = counted(needs, "call")
        return NextStep("decisions", f"Decide {calls}", "unknown", f"{calls} to decide, waiting for you", True)
    if takes or (picks and makes):
        return _waiting(takes, picks if makes else 0)
    if not board.rows:
        return NextStep("project_edit", "Lay out the song", "draft", "Nothing is planned yet")
    if failed := board.counts["failed"]:
        return NextStep("board", "See what failed", "failed", f"{counted(failed, 'sequence')} failed")
    if live := sum(r.live for r in board.rows):
        return NextStep("board", "Open board", "generating", f"{counted(live, 'sequence')} running")
    if board.counts["approved"] == len(board.rows):
        return NextStep("cut", "Play the cut", "approved", "Every sequence is approved")
    return _standing(board)


def _waiting(takes: int, picks: int) -> NextStep:
    said = " and ".join([*([f"{takes} to judge"] if takes else []), *([f"{picks} to pick"] if picks else [])])
    label = f"Review {counted(takes, 'take')}" if takes else f"Pick {counted(picks, 'frame')}"
    return NextStep("dailies", label, "in_review" if takes else "pick_start_frame", f"{said}, waiting for you", True)


def _standing(board: Board) -> NextStep:
    """Nothing waits and nothing runs: the stage that is furthest along says what can go on."""
    said = {
        "changes_requested": "{} to redo",
        "ready": "{} ready to generate",
        "pick_start_frame": "{} wait for a pick",
        "draft": "{} in draft",
    }
    stage = next(name for name in said if board.counts[name])
    return NextStep("board", "Open board", stage, said[stage].format(counted(board.counts[stage], "sequence")))


assert set(STAGES) >= {"in_review", "pick_start_frame", "failed", "ready", "draft", "changes_requested", "approved"}
