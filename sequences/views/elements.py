"""The Elements page: who and what the film shows, their pictures, who goes where, and the words used instead."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from sequences.errors import Refusal
from sequences.forms.bench import ElementForm
from sequences.forms.reading import posted, whole
from sequences.models import Element, ElementImage, Project
from sequences.models.plan import ElementKind
from sequences.orchestration import casting
from sequences.orchestration.quoting import Quote, quote
from sequences.queries import SequenceFacts, load
from sequences.queries.elements import elements_of

from .access import frame, member, page, person, sequence_or_404

TEMPLATE = "sequences/elements.html"
PARTS = ("elementset", "order", "matrix", "counts")
# what a changed description changes: nothing that may be written in
WORDS = ("words", "leftout")


@dataclass(slots=True)
class Place:
    """One element in one sequence: `rank` 0 when it is not in it, `out` when no call takes its picture."""

    code: str
    section: str
    rank: int
    listed: bool
    out: bool
    why: str

    @property
    def said(self) -> str:
        """What a screen reader hears."""
        if not self.rank:
            return "not used"
        return f"left out, rank {self.rank}: {self.why}" if self.out else f"sent, rank {self.rank}"


@dataclass(slots=True)
class ElementRow:
    """An element with its pictures, frontal one first, and its places in song order."""

    element: Element
    pictures: list[ElementImage]
    places: list[Place]
    shots: int
    first: bool
    last: bool

    @property
    def used(self) -> list[Place]:
        """Sequences it is in."""
        return [p for p in self.places if p.rank]

    @property
    def left_out(self) -> list[Place]:
        """Sequences whose calls leave its picture behind."""
        return [p for p in self.places if p.out]


@dataclass(slots=True)
class Column:
    """A sequence of the matrix: how many go along with its fullest call, of how many one call has room for."""

    code: str
    short: str
    section: str
    sent: int
    room: int
    quote: Quote | None = field(default=None, repr=False)


@require_safe
@member
def elements(request: HttpRequest, project: Project) -> HttpResponse:
    """The page."""
    found = context(project)
    undo = request.GET.get("undo", "")
    if undo.isdigit() and (gone := project.elements.filter(pk=int(undo), deleted_at__isnull=False).first()):
        found["undo"] = _undo(gone)
    return page(request, project, TEMPLATE, found, nav="elements")


def context(project: Project) -> dict[str, Any]:
    """Everything the template and its partials read."""
    facts = load(project)
    columns = [_column(f) for f in facts]
    found = elements_of(project)
    rows = [
        ElementRow(
            element=element,
            pictures=list(element.images.all()),
            places=[_place(element.key, f, c) for f, c in zip(facts, columns, strict=True)],
            shots=sum(len(e.shots) for f in facts for e in f.elements if e.element.key == element.key),
            first=n == 0,
            last=n == len(found) - 1,
        )
        for n, element in enumerate(found)
    ]
    counts: dict[str, int] = defaultdict(int)
    for row in rows:
        counts[row.element.kind] += 1
    kinds = [(value, f"{label}s", counts[value]) for value, label in ElementKind.choices]
    endpoint = next((c.quote.endpoint for c in columns if c.quote), None)
    return {"rows": rows, "columns": columns, "kinds": kinds, "kind_choices": ElementKind.choices, "endpoint": endpoint}


def _column(facts: SequenceFacts) -> Column:
    sequence = facts.sequence
    short = sequence.code.removeprefix("SEQ")
    try:
        asked = quote(facts)
    except Refusal:
        return Column(sequence.code, short, sequence.section, 0, 0)
    started = any(call.start != "none" for call in asked.plan.calls)
    most = max((len(call.sent) for call in asked.plan.calls), default=0)
    room = asked.endpoint.element_cap(with_start=started)
    return Column(sequence.code, short, sequence.section, most, room, asked)


def _place(key: str, facts: SequenceFacts, column: Column) -> Place:
    keys = [e.element.key for e in facts.elements]
    rank = keys.index(key) + 1 if key in keys else 0
    listed = bool(rank) and facts.elements[rank - 1].listed
    calls = column.quote.plan.calls if column.quote else ()
    reasons = [d.reason for call in calls for d in call.dropped if d.key == key]
    out = bool(reasons) and not any(key in call.sent for call in calls)
    return Place(column.code, column.section, rank, listed, out, reasons[0] if reasons else "")


def _element(project: Project, key: str) -> Element:
    found = project.elements.filter(key=key, deleted_at=None).first()
    if found is None:
        raise Http404(f"There is no element @{key}.")
    found.project = project
    return found


def _picture(element: Element, pk: int) -> ElementImage:
    found = element.images.filter(pk=pk).first()
    if found is None:
        raise Http404(f"@{element.key} has no such picture.")
    found.element = element
    return found


def _undo(element: Element) -> dict[str, Any]:
    return {"value": element.pk, "said": f"{element.name} deleted."}


def answer(
    request: HttpRequest,
    project: Project,
    *,
    anchor: str = "",
    undo: dict[str, Any] | None = None,
    undone: int | None = None,
    described: str = "",
) -> HttpResponse:
    """The components of the page, out of band; without script the page again.

    `described` is the key of an element of which only the description changed.
    """
    if not request.htmx:  # type: ignore[attr-defined]  # set by django_htmx's middleware
        query = f"?undo={undo['value']}" if undo else ""
        response = HttpResponseRedirect(
            f"{reverse('elements', args=[project.slug])}{query}{'#' + anchor if anchor else ''}"
        )
        response.status_code = 303
        return response
    found = {**frame(request, project), **context(project), "undo": undo, "oob": True}
    found["row"] = next((r for r in found["rows"] if r.element.key == described), None)
    parts = WORDS if described else PARTS
    html = "".join(render_to_string(f"{TEMPLATE}#{part}", found, request) for part in parts)
    html += render_to_string("_toasts.html", {"toasts_oob": True}, request)
    if undone is not None:
        html += f'<div id="undo-{undone}" hx-swap-oob="delete"></div>'
    if undo:
        html += render_to_string(f"{TEMPLATE}#undone", found, request)
    return HttpResponse(html)


@require_POST
@member
def element_add(request: HttpRequest, project: Project) -> HttpResponse:
    """Add an element, with pictures when some came along."""
    asked, sent = posted(request, ElementForm), request.FILES.getlist("pictures")
    for picture in sent:  # all of them before anything is written
        with casting.picture_on_disk(picture):
            pass
    made = casting.add_element(
        actor=person(request),
        project=project,
        name=asked["name"],
        key=asked["key"],
        kind=asked["kind"],
        description=asked["description"],
    )
    messages.success(request, f"{made.name} added; write @{made.key} in prompts.")
    if sent:
        casting.add_pictures(actor=person(request), element=_element(project, made.key), uploads=sent)
    return answer(request, project, anchor=f"el-{made.key}")


@require_POST
@member
def element_edit(request: HttpRequest, project: Project, key: str) -> HttpResponse:
    """Change name, kind or description; a field that does not come along stays."""
    changes = {name: request.POST[name] for name in ("name", "kind", "description") if name in request.POST}
    changed = casting.edit_element(actor=person(request), element=_element(project, key), **changes)
    messages.success(request, f"{changed.name} is saved.")
    only = key if set(changes) == {"description"} else ""
    return answer(request, project, anchor=f"el-{key}", described=only)


@require_POST
@member
def element_delete(request: HttpRequest, project: Project, key: str) -> HttpResponse:
    """Take an element out, with a way back."""
    gone = casting.delete_element(actor=person(request), element=_element(project, key))
    return answer(request, project, undo=_undo(gone))


@require_POST
@member
def element_restore(request: HttpRequest, project: Project) -> HttpResponse:
    """Undo a delete; `value` is the element's id."""
    row = project.elements.filter(pk=whole(request, "value")).first()
    if row is None:
        raise Http404("There is no such element.")
    row.project = project
    back = casting.restore_element(actor=person(request), element=row)
    messages.success(request, f"{back.name} is back.")
    return answer(request, project, undone=row.pk, anchor=f"el-{back.key}")


@require_POST
@member
def element_order(request: HttpRequest, project: Project) -> HttpResponse:
    """Move an element one place up or down in the project's order."""
    keys = [e.key for e in elements_of(project)]
    key = request.POST.get("element", "")
    if key not in keys:
        raise Http404(f"There is no element @{key}.")
    order = _moved(keys, key, request.POST.get("to") == "up")
    casting.order_elements(actor=person(request), project=project, keys=order)
    return answer(request, project, anchor="order")


@require_POST
@member
def element_list(request: HttpRequest, project: Project) -> HttpResponse:
    """List an element in a sequence, or take it off the list: what the matrix does."""
    sequence = sequence_or_404(project, request.POST.get("sequence", ""))
    key = _element(project, request.POST.get("element", "")).key
    keys = casting.cast_keys(sequence)
    wanted = [k for k in keys if k != key] if key in keys else [*keys, key]
    casting.set_sequence_elements(actor=person(request), sequence=sequence, keys=wanted)
    return answer(request, project, anchor="matrix")


@require_POST
@member
def picture_add(request: HttpRequest, project: Project, key: str) -> HttpResponse:
    """Add reference pictures behind those there are."""
    sent = request.FILES.getlist("pictures")
    if not sent:
        raise Refusal("No picture came along; choose PNG, JPEG or WebP files.", where="pictures")
    made = casting.add_pictures(actor=person(request), element=_element(project, key), uploads=sent)
    messages.success(request, f"{len(made)} picture{'s' if len(made) != 1 else ''} of @{key} added.")
    return answer(request, project, anchor=f"el-{key}")


@require_POST
@member
def picture_move(request: HttpRequest, project: Project, key: str, picture: int) -> HttpResponse:
    """Move a picture left, right, or to the front."""
    element = _element(project, key)
    ids = [image.pk for image in element.images.all()]
    pk, to = _picture(element, picture).pk, request.POST.get("to")
    order = [pk, *(i for i in ids if i != pk)] if to == "front" else _moved(ids, pk, to == "left")
    casting.order_pictures(actor=person(request), element=element, ids=order)
    return answer(request, project, anchor=f"el-{key}")


@require_POST
@member
def picture_remove(request: HttpRequest, project: Project, key: str, picture: int) -> HttpResponse:
    """Take a picture off its element."""
    image = _picture(_element(project, key), picture)
    casting.remove_picture(actor=person(request), image=image)
    messages.success(request, f"{image.name} is off @{key}; takes that used it keep it.")
    return answer(request, project, anchor=f"el-{key}")


def _moved(items: list[Any], item: Any, up: bool) -> list[Any]:
    """The list with one item swapped with its neighbour."""
    out = list(items)
    at = out.index(item)
    other = min(max(at + (-1 if up else 1), 0), len(out) - 1)
    out[at], out[other] = out[other], out[at]
    return out
