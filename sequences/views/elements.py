"""The Elements page: who and what the film shows, their pictures, who goes where, and the words used instead."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from sequences.forms.bench import ElementForm
from sequences.forms.reading import posted, whole
from sequences.models import Element, Project
from sequences.models.plan import ElementKind
from sequences.orchestration import casting, refs
from sequences.orchestration.whereused import SMALL, where_used
from sequences.queries.elements import elements_of

from . import waysback
from .access import frame, member, page, person, sequence_or_404
from .asking import edited, told

TEMPLATE = "sequences/elements.html"
PARTS = ("elementset", "order", "refs", "matrix", "counts")
# what a changed description changes: nothing that may be written in
WORDS = ("words", "leftout")


@require_safe
@member
def elements(request: HttpRequest, project: Project) -> HttpResponse:
    """The page."""
    found = {**context(project), "q": request.GET.get("q", "").strip()[:80]}
    if found["q"]:
        found["rows"] = [row for row in found["rows"] if _matches(row.element, found["q"])]
    found["undo"] = waysback.told(request, project)
    return page(request, project, TEMPLATE, found, nav="elements")


def _matches(element: Element, words: str) -> bool:
    """Whether it has every word in its key, name or description."""
    text = f"@{element.key} {element.name} {element.description}".lower()
    return all(word in text for word in words.lower().split())


def context(project: Project) -> dict[str, Any]:
    """Everything the template and its partials read."""
    found = where_used(project)
    counts: dict[str, int] = defaultdict(int)
    for row in found.rows:
        counts[row.element.kind] += 1
    return {
        "rows": found.rows,
        "columns": found.columns,
        "kinds": [(value, f"{label}s", counts[value]) for value, label in ElementKind.choices],
        "kind_choices": ElementKind.choices,
        "endpoint": next((c.quote.endpoint for c in found.columns if c.quote), None),
        "own_orders": [c for c in found.columns if c.own_order],
        "small": SMALL,
        **watching(project),
    }


def watching(project: Project) -> dict[str, Any]:
    """The watched refs folder: whether it is there, what lies in it is due, and what the last look found."""
    return {"watched": refs.watched(project).is_dir(), "last_look": refs.last_look(project)}


def element_or_404(project: Project, key: str) -> Element:
    found = project.elements.filter(key=key, deleted_at=None).first()
    if found is None:
        raise Http404(f"There is no element @{key}.")
    found.project = project
    return found


def answer(
    request: HttpRequest,
    project: Project,
    *,
    anchor: str = "",
    undo: dict[str, Any] | None = None,
    undone: int | str | None = None,
    described: str = "",
) -> HttpResponse:
    """The components of the page, out of band; without script the page again.

    `described` is the key of an element of which only the description changed.
    """
    if not request.htmx:  # type: ignore[attr-defined]  # set by django_htmx's middleware
        query = f"?{undo['query']}={quote(str(undo['value']))}" if undo else ""
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
        casting.add_pictures(actor=person(request), element=element_or_404(project, made.key), uploads=sent)
    return answer(request, project, anchor=f"el-{made.key}")


@require_POST
@member
def element_edit(request: HttpRequest, project: Project, key: str) -> HttpResponse:
    """Change name, kind or description; a field that does not come along stays."""
    changes = {name: request.POST[name] for name in ("name", "kind", "description") if name in request.POST}
    element = element_or_404(project, key)
    changed = edited(request, project, lambda: casting.edit_element(actor=person(request), element=element, **changes))
    if isinstance(changed, HttpResponse):
        return changed
    messages.success(request, f"{changed.name} is saved.")
    only = key if set(changes) == {"description"} else ""
    return answer(request, project, anchor=f"el-{key}", described=only)


@require_POST
@member
def element_delete(request: HttpRequest, project: Project, key: str) -> HttpResponse:
    """Take an element out, with a way back."""
    element = element_or_404(project, key)
    gone = edited(request, project, lambda: casting.delete_element(actor=person(request), element=element))
    if isinstance(gone, HttpResponse):
        return gone
    return answer(request, project, undo=waysback.of_element(gone))


@require_POST
@member
def element_restore(request: HttpRequest, project: Project) -> HttpResponse:
    """Undo a delete; `value` is the element's id."""
    row = project.elements.filter(pk=whole(request, "value")).first()
    if row is None:
        raise Http404("There is no such element.")
    row.project = project
    back = told(request, project, lambda: casting.restore_element(actor=person(request), element=row))
    messages.success(request, f"{back.name} is back.")
    return answer(request, project, undone=row.pk, anchor=f"el-{back.key}")


@require_POST
@member
def element_order(request: HttpRequest, project: Project) -> HttpResponse:
    """Put the project's elements into the posted order, or move one a place up or down."""
    if wanted := request.POST.get("order", ""):
        order = wanted.split(",")
    else:
        keys = [e.key for e in elements_of(project)]
        key = request.POST.get("element", "")
        if key not in keys:
            raise Http404(f"There is no element @{key}.")
        order = moved(keys, key, request.POST.get("to") == "up")
    # sequences in the project's order follow it
    told(request, project, lambda: casting.order_elements(actor=person(request), project=project, keys=order))
    return answer(request, project, anchor="order")


@require_POST
@member
def element_list(request: HttpRequest, project: Project) -> HttpResponse:
    """List an element in a sequence, or take it off the list: what the matrix does."""
    sequence = sequence_or_404(project, request.POST.get("sequence", ""))
    key = element_or_404(project, request.POST.get("element", "")).key
    keys = casting.cast_keys(sequence)
    left = [k for k in keys if k != key]

    def edit() -> object:
        if key in keys:
            return casting.set_sequence_elements(actor=person(request), sequence=sequence, keys=left)
        return casting.list_element(actor=person(request), sequence=sequence, key=key)

    told(request, sequence, edit)
    return answer(request, project, anchor="matrix")


def moved(items: list[Any], item: Any, up: bool) -> list[Any]:
    """The list with one item swapped with its neighbour."""
    out = list(items)
    at = out.index(item)
    other = min(max(at + (-1 if up else 1), 0), len(out) - 1)
    out[at], out[other] = out[other], out[at]
    return out
