"""What the Dailies page shows, as one context for the page and its fragments."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from dailies import queries
from dailies.changes import ShotChange, mode_word
from dailies.models import Reason, ShotVerdict, Verdict
from dailies.queries import Call, Redo, Sheet, Waiting
from sequences import orchestration
from sequences.models import Check, Project, Take
from sequences.models.plan import Role
from sequences.queries import SequenceFacts, member_role
from sequences.queries.drafts import finals_among, is_draft, is_remake, models_of
from sequences.queries.facts import load_inputs
from sequences.queries.stale import mark
from sequences.states import ARTEFACT_WORDS, ArtefactState
from sequences.templatetags.board import elapsed, tc

MAKERS = (Role.OWNER.value, Role.ARTIST.value)

# data-status, icon and word of a take
LOOKS: dict[str, tuple[str, str, str]] = {
    "making": ("generating", "generating", ARTEFACT_WORDS["making"]),
    "waiting": ("review", "review", "In review"),
    "approved": ("approved", "approved", "Approved"),
    "rejected": ("changes", "changes", "Rejected"),
    "superseded": ("draft", "minuscircle", "Superseded"),
    "failed": ("failed", "failed", "Failed"),
}


@dataclass(frozen=True, slots=True)
class ShotRow:
    """A shot beside the picture: its words, what changed, and what was said of it."""

    change: ShotChange
    starts: str
    ends: str
    redo: bool
    reason: str
    note: str


@dataclass(frozen=True, slots=True)
class SeenRow:
    """A take judged today. `key` is set on the one that the undo key takes back."""

    verdict: Verdict
    status: str
    icon: str
    word: str
    key: bool


@dataclass(frozen=True, slots=True)
class CheckRow:
    """A gate with its places in the take: first frame, last frame, number of frames."""

    check: Check
    spans: list[tuple[int, int, int]]


def address(project: Project, item: Waiting | None) -> str:
    """Where a waiting item is looked at; the page itself when nothing waits."""
    if item is None or item.kind == "grid":
        return reverse("dailies", args=[project.slug])
    return reverse("dailies_take", args=[project.slug, item.code, item.number])


def queue_context(
    request: HttpRequest, project: Project, key: str, *, judged: bool = False, items: list[Waiting] | None = None
) -> dict[str, Any]:
    """The queue beside the picture. `key` is the take on screen; `judged` leaves the undo key to it."""
    items = queries.queue(project) if items is None else items
    seen = queries.seen_today(project)
    last = None if judged else queries.last_of(seen, request.user)
    rows = [SeenRow(v, *LOOKS.get(v.take.state, LOOKS["waiting"]), key=v is last) for v in seen]
    found = {
        "project": project,
        "waiting": items,
        "seen": rows,
        "at": key,
        "judged": judged,
        "next": queries.next_after(items, key),
        "waiting_count": len(items),
    }
    return {**found, "queue_etag": etag(found)}


def etag(found: dict[str, Any]) -> str:
    """Changes when anything the queue shows does."""
    seen = [(r.verdict.pk, r.word, r.key) for r in found["seen"]]
    text = json.dumps([found["waiting"], seen, found["at"], found["judged"]], default=repr)
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:20]}"'


def room(
    request: HttpRequest, project: Project, found: Sheet | None, items: list[Waiting] | None = None
) -> dict[str, Any]:
    """The whole page around a take; None when no take is to be shown. `items` is the queue when it is known."""
    key = str(found.take) if found else ""
    judged = found is not None and found.verdict is not None
    side = queue_context(request, project, key, judged=judged, items=items)
    if found is None:
        flight = queries.in_flight(project)
        grids = [w for w in side["waiting"] if w.kind == "grid"]
        calm = side["queue_etag"].replace('"', f'"{flight.sequences}-', 1)
        return {**side, "sheet": None, "flight": flight, "due": _due(flight.due), "picks": grids, "calm_etag": calm}
    return {**side, **take_context(request, project, found)}


def _due(seconds: float | None) -> str:
    """`in about 20 s`, `in about 3 min`, `any moment`."""
    if seconds is None or seconds < 1:
        return "any moment"
    figure = f"{round(seconds)}\xa0s" if seconds < 60 else f"{round(seconds / 60)}\xa0min"
    return f"in about {figure}"


def take_context(request: HttpRequest, project: Project, found: Sheet) -> dict[str, Any]:
    """Everything beside the queue."""
    take = found.take
    status, icon, word = LOOKS[take.state]
    asking = [call for call in found.calls if call.need]
    decided = decide_context(request, project, found)
    return {
        **decided,
        "draft": is_draft(take),
        "facts": marked(project, take),
        "remade": is_remake(take) and take.parent is not None,
        "finals": finals_among(found.takes, take),
        "final": queries.final_price(take, found.takes) if decided["can_make"] else None,
        "status": {"status": status, "icon": icon, "word": word},
        "shots": [_shot(s, found.said.get(s.shot.number), found) for s in found.shots],
        "spans": json.dumps([[s.shot.number, s.shot.first, s.shot.end] for s in found.shots]),
        "gates": [CheckRow(c, _spans(c)) for c in found.checks],
        "model": models_of(take),
        "mode": mode_word(take.mode),
        "elapsed": elapsed((take.made_at - take.created_at).total_seconds()) if take.made_at else "",
        "requests": [c.request_id for c in found.calls if c.request_id],
        "reused": [s.shot.number for s in found.shots if s.shot.reused],
        "reasons": [(value, short, n) for n, (value, short) in enumerate(queries.REASON_WORDS.items(), start=1)],
        "reason_choices": Reason.choices,
        "start_frame_url": _optional("start_frame_take", project.slug, take.sequence.code),
        "asking": asking,
        "making_etag": _making_etag(take, asking),
        "last_frame": max(0, (take.frames or 1) - 1),
        "position": f"frame 0 of {take.frames}",
    }


def marked(project: Project, take: Take) -> SequenceFacts | None:
    """The sequence of a take with what is stale of it; None while the sequence is deleted."""
    facts = load_inputs(project, [take.sequence])
    mark(project, facts)
    return facts[0] if facts else None


def _making_etag(take: Take, asking: Iterable[Call]) -> str:
    """Changes with the take and with what a person must decide of it; empty once it is made."""
    asks = "".join(f"-{call.pk}" for call in asking)
    return f'"{take.pk}-{take.version}{asks}"' if take.state == ArtefactState.MAKING else ""


def decide_context(request: HttpRequest, project: Project, found: Sheet) -> dict[str, Any]:
    """The buttons at the foot, and what they cost."""
    can_make = member_role(request.user, project) in MAKERS
    redo = queries.redo_of(found.take, found.redo) if can_make else Redo(tuple(found.redo))
    return {
        "project": project,
        "sheet": found,
        "take": found.take,
        "can_make": can_make,
        "redo": redo,
        "offers_redo": can_make and bool(redo.shots) and not redo.problem,
        "key": orchestration.new_key(),
        "redone": [t for t in found.takes if t.parent_id == found.take.pk and not is_remake(t)],
        "rate": found.rate,
    }


def _shot(change: ShotChange, verdict: ShotVerdict | None, found: Sheet) -> ShotRow:
    begins, ends = change.shot.at(found.rate)
    redo = verdict is not None and verdict.decision == "redo"
    said = (verdict.reason, verdict.note) if verdict else ("", "")
    return ShotRow(change, tc(begins), tc(ends), redo, *said)


def _spans(check: Check) -> list[tuple[int, int, int]]:
    return [(int(first), int(last), int(last) - int(first) + 1) for first, last in check.spans]


def _optional(name: str, *args: str) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
