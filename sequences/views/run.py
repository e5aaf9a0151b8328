"""The spend dialog of the board: one answer over a selection of sequences, its price, and the button that spends.

What has a take already is left out unless one asks for it again. The same context feeds the dialog, the part of it that
is drawn anew while one chooses, and the page without script.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.views.decorators.http import require_http_methods

from sequences import orchestration
from sequences.errors import Refusal
from sequences.models import Batch, Project
from sequences.orchestration.admitting import Admission, Answer, answer_of, offered, weigh
from sequences.orchestration.making import MOST_TAKES
from sequences.queries import SequenceFacts, load
from sequences.queries.batches import CALLED_OFF
from sequences.queries.board import counted

from .access import member, page, person
from .board import started
from .cards import TAKES

TEMPLATE = "sequences/run.html"
DIALOG = "dialog"
"""What `chosen` says when the selection was changed in a dialog: only what differs is drawn anew."""


@dataclass(frozen=True)
class Order:
    """What the dialog shows: the sequences on its table with their answers, and the answer over those chosen.

    `among` are the codes of the table when only some sequences are meant.
    """

    table: tuple[Answer, ...]
    found: Admission
    among: tuple[str, ...]
    again: bool
    chosen: str

    @property
    def rows(self) -> list[tuple[Answer, bool, int | None]]:
        """Whatever can be asked for but for a price: whether it is ticked, and what all takes of it cost."""
        ticked, takes = {a.code for a in self.found.answers}, self.found.takes
        rows = [a for a in self.table if a.outcome == "pass" or a.unpriced]
        return [(a, a.code in ticked, None if a.price is None else a.price * takes) for a in rows]

    @property
    def there(self) -> list[str]:
        """Codes of what has a take already."""
        return [a.code for a in self.table if a.outcome == "skipped"]

    @property
    def dropping(self) -> list[Answer]:
        """Those that leave elements out."""
        return [a for a in self.found.passing if a.quote and a.quote.plan.dropped]

    def only(self, answers: tuple[Answer, ...]) -> str:
        """The address of this dialog with only these chosen."""
        found: list[tuple[str, object]] = [("chosen", self.chosen or "1"), ("takes", self.found.takes)]
        found += [("again", 1)] if self.again else []
        found += [("codes", a.code) for a in answers] + [("among", code) for code in self.among]
        return f"{reverse('board_run', args=[self.found.project.slug])}?{urlencode(found)}"


@require_http_methods(["GET", "HEAD", "POST"])
@member
def board_run(request: HttpRequest, project: Project) -> HttpResponse:
    """GET shows the answer over everything ready, or over `codes`; POST asks for it, with a result for each."""
    asked = request.POST if request.method == "POST" else request.GET
    takes = TAKES
    try:
        takes = _takes(asked.get("takes"))
        if request.method == "POST":
            return _spent(request, project, asked, takes)
    except Refusal as refusal:
        if refusal.code == "not_found":
            raise
        return _shown(request, project, _order(project, asked, takes), str(refusal))
    return _shown(request, project, _order(project, asked, takes))


def _spent(request: HttpRequest, project: Project, asked: MultiValueDict[str, str], takes: int) -> HttpResponse:
    """Ask for the batch and show what it made. Raises Refusal."""
    wanted = _codes(asked, "codes")
    found = load(project)
    _known(found, wanted)
    chosen = [f for f in found if (f.sequence.code.upper() in wanted if wanted else offered(f))]
    batch = orchestration.request_batch(
        actor=person(request),
        project=project,
        sequences=[f.sequence for f in chosen],
        takes=takes,
        again=asked.get("again") == "1",
        key=asked.get("key") or None,
        shown_price=_price(asked.get("shown_price")),
    )
    _tell(request, batch)
    return started(request, project)


def _tell(request: HttpRequest, batch: Batch) -> None:
    """How many takes were asked for, and every sequence that got none."""
    made = batch.items.filter(take__isnull=False).count()
    if made:
        messages.success(request, f"{counted(made, 'take').capitalize()} asked for.")
    for item in batch.items.exclude(refusal__in=["", CALLED_OFF]).select_related("sequence"):
        messages.error(request, f"{item.sequence.code} was left out: {item.refusal}")


def _order(project: Project, asked: MultiValueDict[str, str], takes: int) -> Order:
    """What is on the table and what of it is chosen. Raises Refusal for a code that there is not."""
    found, codes, among = load(project), _codes(asked, "codes"), _codes(asked, "among")
    _known(found, codes | among)
    again, chosen = asked.get("again") == "1", asked.get("chosen", "")
    named = among or (codes if not chosen else set())
    table = {f.sequence.code: answer_of(f, again=again) for f in found if not named or f.sequence.code.upper() in named}
    picked = [
        table[f.sequence.code]
        for f in found
        if f.sequence.code in table
        and (f.sequence.code.upper() in codes if codes or chosen else offered(f, again=again))
    ]
    listed = tuple(code for code in table if named)
    return Order(tuple(table.values()), weigh(project, picked, takes), listed, again, chosen)


def _codes(asked: MultiValueDict[str, str], name: str) -> set[str]:
    return {c.strip().upper() for value in asked.getlist(name) for c in value.split(",") if c.strip()}


def _known(found: list[SequenceFacts], codes: set[str]) -> None:
    missing = sorted(codes - {f.sequence.code.upper() for f in found})
    if missing:
        raise Refusal(f"There is no sequence {', '.join(missing)}.", code="not_found", where="codes")


def _takes(text: str | None) -> int:
    """How many takes were asked for; the usual number when it is not said. Raises Refusal."""
    if not text:
        return TAKES
    if text.isdecimal() and len(text) < 4 and 1 <= int(text) <= MOST_TAKES:
        return int(text)
    raise Refusal(f"Takes is {text[:20]}; ask for 1 to {MOST_TAKES} at a time.", where="takes")


def _price(text: str | None) -> int:
    if not text or not text.isdecimal():
        raise Refusal("The price that was shown is missing; open the dialog again.", code="price_changed")
    return int(text)


def _shown(request: HttpRequest, project: Project, order: Order, refusal: str = "") -> HttpResponse:
    """The dialog, what changed in it, or without script the page that holds it; a refusal on top when there is one."""
    context, status = _context(project, order, refusal), 422 if refusal else 200
    if not request.htmx:  # type: ignore[attr-defined]  # set by django_htmx's middleware
        response = page(request, project, TEMPLATE, context, nav="board")
        response.status_code = status
        return response
    if order.chosen == DIALOG and request.method != "POST":
        parts = [render_to_string(f"{TEMPLATE}#{name}", {**context, "oob": True}, request) for name in PARTS]
        response = HttpResponse("\n".join(parts), status=status)
        response["HX-Retarget"], response["HX-Reswap"] = "#admission", "outerHTML"
        return response
    response = render(request, f"{TEMPLATE}#spend", context, status=status)
    response["HX-Retarget"], response["HX-Reswap"] = "#dialog", "innerHTML"
    return response


PARTS = ("admission", "spend_title", "spend_foot")
"""What is drawn anew in an open dialog while one chooses."""


def _context(project: Project, order: Order, refusal: str) -> dict[str, Any]:
    found = order.found
    told = refusal.splitlines()
    return {
        "project": project,
        "order": order,
        "found": found,
        "refusal": told,
        "reasons": [] if str(found.refused) in told else [str(found.refused)] if found.refused else [],
        "title": _title(order),
        "most_takes": MOST_TAKES,
        "key": secrets.token_hex(12),
        "fits": order.only(found.fitting) if found.refused and found.fitting else "",
        "fits_price": sum((a.price or 0) * found.takes for a in found.fitting),
        "without": order.only(found.passing) if found.unpriced and found.passing else "",
        "has_batches": project.batches.exists(),
    }


def _title(order: Order) -> str:
    """The question the dialog asks."""
    passing = order.found.passing
    if not passing:
        return "Nothing to run"
    if order.among and len(passing) == 1:
        return f"Generate {passing[0].code}?"
    return f"Run {counted(len(passing), 'sequence' if order.chosen or order.among else 'ready sequence')}?"
