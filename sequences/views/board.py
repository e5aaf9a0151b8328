"""The Sequence Board: where the film stands, whose turn each sequence is, and what running everything costs."""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import Any

from django.contrib import messages
from django.db.models import Max
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from sequences import costs
from sequences.errors import Refusal
from sequences.models import Event, Grid, Job, Project, StartFrame, Take
from sequences.orchestration import making
from sequences.orchestration.finals import final_models
from sequences.queries import SequenceFacts, load
from sequences.queries.batches import open_batches
from sequences.queries.board import Board, board_of, root_cause
from sequences.queries.drafts import final_of, is_draft
from sequences.queries.stale import Stale, mark
from sequences.states import LIVE_JOBS, ArtefactState

from .access import budget, came_from, member, needing_of, page, person, sequence_or_404
from .cards import Card, cards_of, failed_work, ready_bill

TEMPLATE = "sequences/board.html"
MAP_PARTS = ("songmap", "tally", "counts", "batch")
"""What changes when any sequence's stage does; never the audio element."""
SONG_PARTS = ("songmap", "tally")
MAP, MAKING, BATCHES = "*map", "*making", "*batches"
"""Names beside the sequences' codes in what the page says it shows; no code has a star."""


@require_safe
@member
def board(request: HttpRequest, project: Project) -> HttpResponse:
    """The page."""
    found = context(project)
    return page(request, project, TEMPLATE, found, nav="board", waiting=found["board"].waiting)


@require_safe
@member
def board_live(request: HttpRequest, project: Project) -> HttpResponse:
    """What changed since the page was drawn: 304 when nothing did."""
    tag = etag(project)
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified()
    found = context(project)
    _announce(request, found["board"], _known(request.GET.get("seen", "")).get(MAKING, ""))
    response = HttpResponse(changes(request, project, found, request.GET.get("seen", "")))
    response["ETag"] = tag
    return response


@require_POST
@member
def board_start(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """Do a card's next action that needs no dialog: explore a first grid, or retry what failed."""
    sequence = sequence_or_404(project, code)
    if request.POST.get("verb") == "retry":
        work = failed_work(load(project, [sequence])[0])
        if work is None:
            raise Refusal(f"Nothing of {sequence.code} has failed; there is nothing to retry.", code="not_allowed")
        making.retry(actor=person(request), artefact=work)
    else:
        making.explore(actor=person(request), sequence=sequence, key=request.POST.get("key") or None)
    return started(request, project)


def started(request: HttpRequest, project: Project) -> HttpResponse:
    """The answer to whatever sets work going: the changed cards, or back to where one came from."""
    if not request.htmx:  # type: ignore[attr-defined]  # set by django_htmx's middleware
        response = HttpResponseRedirect(came_from(request, reverse("board", args=[project.slug])))
        response.status_code = 303
        return response
    fresh = Project.objects.select_related("song").get(pk=project.pk)
    fresh.needs = needing_of(project)  # type: ignore[attr-defined]  # counted when the request came in
    found, seen = context(fresh), request.POST.get("seen", "")
    # a poll that was under way is given up for this answer
    _announce(request, found["board"], _known(seen).get(MAKING, ""))
    return HttpResponse(changes(request, fresh, found, seen, soon=True))


def context(project: Project) -> dict[str, Any]:
    """What the page and its fragments show."""
    facts = load(project)
    mark(project, facts)
    found = board_of(facts, getattr(project, "song", None), timezone.now())
    cards = cards_of(found, project)
    run = ready_bill(cards, costs.left_now(project))
    batches = list(open_batches(project))
    return {
        "project": project,
        "board": found,
        "cards": cards,
        "run": run,
        "budget": budget(project, run.total),
        "live": found.live,
        "shown": _shown(found, cards, batches),
        "batches": batches,
        "drafts": _drafts(found, project),
        "stale_takes": _stale_takes(facts),
        "form_key": secrets.token_hex(12),
    }


def _drafts(found: Board, project: Project) -> int:
    """How many approved drafts can be made final; 0 while no model for finals can be asked. No query."""
    if not final_models(project):
        return 0
    best = [(row.facts.takes, row.facts.approved_take) for row in found.rows]
    return sum(take is not None and is_draft(take) and final_of(takes, take) is None for takes, take in best)


def _stale_takes(facts: list[SequenceFacts]) -> list[Stale]:
    """Stale takes that somebody still has to decide about."""
    return [s for f in facts for s in f.stale.values() if s.kind == "take" and s.open]


def changes(request: HttpRequest, project: Project, found: dict[str, Any], seen: str, *, soon: bool = False) -> str:
    """The polling element and, out of band, all that differs from what `seen` says the page shows.

    `soon` makes the next poll come at once instead of after two seconds.
    """
    known = _known(seen)
    shared = {**found, "oob": True, "soon": soon}
    parts = [_part(request, "live", shared)]
    parts += [
        _part(request, "card", {**shared, "card": c}) for c in found["cards"] if known.get(c.row.code) != c.fingerprint
    ]
    if known.get(MAP) != _map_fingerprint(found["cards"]):
        parts += [_part(request, name, shared) for name in MAP_PARTS if found["board"].song or name not in SONG_PARTS]
    if known.get(BATCHES) != _batches_fingerprint(found["batches"]):
        parts.append(_part(request, "batches", shared))
    money = {"project": project, "budget": found["budget"], "budget_oob": True}
    waits = {"waiting_count": found["board"].waiting, "waiting_oob": True}
    if soon:
        parts.append('<div id="dialog" hx-swap-oob="innerHTML"></div>')
    parts.append(render_to_string("_budget.html", money, request))
    parts.append(render_to_string("_waiting.html", waits, request))
    asks = {"project": project, "needs_count": needing_of(project), "needs_oob": True}
    parts.append(render_to_string("_needs.html", asks, request))
    parts.append(render_to_string("_toasts.html", {"toasts_oob": True}, request))
    return "\n".join(parts)


def _part(request: HttpRequest, name: str, shown: dict[str, Any]) -> str:
    return render_to_string(f"{TEMPLATE}#{name}", shown, request)


def etag(project: Project) -> str:
    """Changes when anything moved, progressed or was paid. Two small queries."""
    last = Event.objects.filter(project=project).aggregate(last=Max("id"))["last"]
    jobs = Job.objects.filter(project=project, state__in=LIVE_JOBS).order_by("id")
    live = list(jobs.values_list("id", "version", "progress", "note"))
    money = (project.cap_micros, project.held_micros, project.spent_micros)
    seen = (last, live, *money, needing_of(project))
    return f'"{hashlib.sha256(repr(seen).encode()).hexdigest()[:20]}"'


def _shown(found: Board, cards: list[Card], batches: list[Any]) -> str:
    """What the page shows and what is in flight, as a poll or a form sends it back."""
    making = [f"{kind}{work.pk}" for kind, work in _works(found) if work.state == ArtefactState.MAKING]
    parts = {
        MAP: _map_fingerprint(cards),
        MAKING: ".".join(making),
        BATCHES: _batches_fingerprint(batches),
        **{c.row.code: c.fingerprint for c in cards},
    }
    return ",".join(f"{name}:{value}" for name, value in parts.items())


def _known(seen: str) -> dict[str, str]:
    """What the page says it shows."""
    return dict(part.split(":", 1) for part in seen.split(",") if ":" in part)


def _map_fingerprint(cards: list[Card]) -> str:
    stale = sum(s.open for c in cards for s in c.row.facts.stale.values())
    seen = [stale, *((c.row.code, c.row.name, c.row.stage, c.row.start, c.row.end) for c in cards)]
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:8]


def _batches_fingerprint(batches: list[Any]) -> str:
    """`3p.4r`: which batches run, are paused, or broke off."""
    return ".".join(f"{b.number}{'p' if b.paused_at else 'm' if b.missing else 'r'}" for b in batches)


def _works(found: Board) -> list[tuple[str, Grid | Take | StartFrame]]:
    """Every grid and take of the board, and the start frames that are being made larger."""
    facts = [row.facts for row in found.rows]
    works: list[tuple[str, Grid | Take | StartFrame]] = [("t", t) for f in facts for t in f.takes]
    return works + [("g", g) for f in facts for g in f.grids] + [("f", f) for row in facts for f in row.enlarging]


def _announce(request: HttpRequest, found: Board, making_before: str) -> None:
    """Say how each work ended that was in flight when the page last looked."""
    before = set(making_before.split("."))
    _announce_frames(request, found, {int(name[1:]) for name in before if re.fullmatch(r"f\d{1,18}", name)})
    for kind, work in _works(found):
        if f"{kind}{work.pk}" not in before or work.state == ArtefactState.MAKING:
            continue
        name = f"{work.sequence.code} {'T' if kind == 't' else 'grid '}{work.number}"
        if work.state == ArtefactState.FAILED:
            messages.error(request, f"{name} failed: {root_cause(work.error)}")
        else:
            messages.success(request, f"{name} is ready to {'review' if kind == 't' else 'pick from'}.")


def _announce_frames(request: HttpRequest, found: Board, before: set[int]) -> None:
    """The same for start frames that were being made larger: they are not among the facts once they have ended."""
    codes = {row.facts.sequence.pk: row.code for row in found.rows}
    ended = before - {frame.pk for row in found.rows for frame in row.facts.enlarging}
    for frame in StartFrame.objects.filter(pk__in=ended, sequence__in=codes) if ended else ():
        name = f"{codes[frame.sequence_id]} start frame F{frame.number}"
        if frame.state == ArtefactState.FAILED:
            messages.error(request, f"{name} failed: {frame.error}")
        else:
            messages.success(request, f"{name} is made larger.")
