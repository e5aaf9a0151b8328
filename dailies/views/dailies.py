"""Dailies: the queue of what waits, the picture, and the verdicts."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST, require_safe

from dailies import queries, review
from dailies.forms import NoteForm, VerdictForm, shot_marks
from dailies.models import ShotDecision
from dailies.queries import Sheet
from dailies.views.room import address, decide_context, queue_context, room
from sequences import costs
from sequences.errors import Refusal
from sequences.forms.reading import read
from sequences.models import Project, Take
from sequences.states import ArtefactState
from sequences.views.access import budget, member, page, person, sequence_or_404

TEMPLATE = "dailies/dailies.html"


@require_safe
@member
def dailies(request: HttpRequest, project: Project) -> HttpResponse:
    """The oldest take that waits; without one, what is being made."""
    items = queries.queue(project)
    first = next((w for w in items if w.kind == "take"), None)
    found = _sheet_or_404(project, first.code, first.number) if first else None
    return _show(request, project, room(request, project, found, items))


@require_safe
@member
def dailies_take(request: HttpRequest, project: Project, code: str, number: int) -> HttpResponse:
    """One take, whether it waits or was judged."""
    return _show(request, project, room(request, project, _sheet_or_404(project, code, number)))


@require_safe
@member
def dailies_queue(request: HttpRequest, project: Project) -> HttpResponse:
    """The queue alone, for the poll: 304 while nothing changed. `at` is the take on screen."""
    at, judged = request.GET.get("at", ""), bool(request.GET.get("judged"))
    context = queue_context(request, project, at, judged=judged)
    if request.headers.get("If-None-Match") == context["queue_etag"]:
        return HttpResponseNotModified()
    html = render_to_string(f"{TEMPLATE}#queue", context, request)
    html += render_to_string("_waiting.html", {**context, "waiting_oob": True}, request)
    return HttpResponse(html, headers={"ETag": context["queue_etag"]})


@require_POST
@member
def verdict(request: HttpRequest, project: Project, code: str, number: int) -> HttpResponse:
    """Approve, reject, or reject and redo; without a decision only the marks of the shots are kept."""
    found = _sheet_or_404(project, code, number)
    asked = read(VerdictForm(request.POST))
    items = queries.queue(project)
    _keep_marks(request, found)
    decision = asked["decision"]
    if decision in ("", "marks"):
        return _see_take(request, project, found.take)
    try:
        said = _judge(request, found.take, asked)
    except Refusal as refusal:
        return _overtaken(request, project, found.take, refusal)
    messages.success(request, _with_undo(project, found.take, said))
    following = queries.next_after(items, str(found.take))
    return _go_on(request, project, address(project, following), following, money=decision == "redo")


def _judge(request: HttpRequest, take: Take, asked: dict[str, Any]) -> str:
    """Call the verb; returns what happened. Raises Refusal."""
    if not asked["seen"]:
        raise Refusal(f"Nothing says which file of {take} you looked at; open it again.", where="seen")
    common = {"actor": person(request), "take": take, "note": asked["note"].strip(), "seen_sha256": asked["seen"]}
    name = f"{take.sequence.code} T{take.number}"
    if asked["decision"] == "approve":
        given = review.approve(**common)
        before = f"; T{given.superseded.number} is superseded" if given.superseded else ""
        return f"{name} approved{before}."
    reason = asked["reason"] or _reason_of_shots(take)
    if asked["decision"] == "reject":
        review.reject(**common, reason=reason)
        return f"{name} rejected."
    _as_promised(take, asked["redo"])
    price = asked["shown_price"]
    made = review.send_back(**common, reason=reason, key=asked["key"] or None, shown_price=price)
    held = costs.dollars(price)
    return f"{name} rejected. T{made.number} is asked for, redoing {_shots(asked['redo'])}, {held} set aside."


def _reason_of_shots(take: Take) -> str:
    """The reason given for the first shot marked redo stands for the take too."""
    rows = take.shot_verdicts.filter(decision=ShotDecision.REDO).exclude(reason="")
    return rows.values_list("reason", flat=True).first() or ""


def _as_promised(take: Take, promised: str) -> None:
    """Raises Refusal when other shots are marked than the button said."""
    rows = take.shot_verdicts.filter(decision=ShotDecision.REDO).values_list("number", flat=True)
    if promised != ",".join(map(str, rows)):
        said = "Other shots are marked redo now; look at the price and reject again."
        raise Refusal(said, code="changed", where="redo")


def _shots(numbers: str) -> str:
    several = "," in numbers
    return f"shot{'s' if several else ''} {numbers.replace(',', ', ')}"


@require_POST
@member
def undo(request: HttpRequest, project: Project, code: str, number: int) -> HttpResponse:
    """Take the verdict back and look at the take again."""
    found = _sheet_or_404(project, code, number)
    take = review.undo(actor=person(request), take=found.take)
    going = [f"T{t.number}" for t in found.takes if t.parent_id == take.pk and t.state == ArtefactState.MAKING]
    still = f" {', '.join(going)} is still being made from it." if going else ""
    messages.success(request, f"{take.sequence.code} T{number} waits for a verdict again.{still}")
    return _see_take(request, project, take)


@require_POST
@member
def redo(request: HttpRequest, project: Project, code: str, number: int) -> HttpResponse:
    """Ask for a new take of the marked shots of a take that was judged."""
    found = _sheet_or_404(project, code, number)
    asked = read(VerdictForm(request.POST))
    _keep_marks(request, found)
    _as_promised(found.take, asked["redo"])
    made = review.redo(
        actor=person(request), take=found.take, key=asked["key"] or None, shown_price=asked["shown_price"]
    )
    messages.success(
        request, f"{found.take.sequence.code} T{made.number} is asked for, redoing {_shots(asked['redo'])}."
    )
    return _see_take(request, project, found.take, money=True)


@require_POST
@member
def shot(request: HttpRequest, project: Project, code: str, number: int, shot: int) -> HttpResponse:
    """Keep or redo of one shot, saved at once; the buttons at the foot come back with their price."""
    found = _sheet_or_404(project, code, number)
    _keep_marks(request, found, only=shot)
    if not _htmx(request):
        return _see_take(request, project, found.take)
    fresh = _sheet_or_404(project, code, number)
    context = decide_context(request, project, fresh)
    parts = ("decide", "said")
    return HttpResponse(
        "".join(render_to_string(f"{TEMPLATE}#{part}", {**context, "swapped": True}, request) for part in parts)
    )


@require_POST
@member
def note(request: HttpRequest, project: Project, code: str, number: int) -> HttpResponse:
    """Leave a note at a frame, or on the whole take."""
    take = _sheet_or_404(project, code, number).take
    asked = read(NoteForm(request.POST))
    review.say(actor=person(request), take=take, text=asked["text"], frame=asked["frame"])
    if not _htmx(request):
        return _see_take(request, project, take)
    fresh = _sheet_or_404(project, code, number)
    context = {"project": project, "sheet": fresh, "take": fresh.take, "rate": fresh.rate, "swapped": True}
    return HttpResponse(render_to_string(f"{TEMPLATE}#notes", context, request))


def _keep_marks(request: HttpRequest, found: Sheet, only: int | None = None) -> None:
    """Write what the form says of shots where that is news. A shot nobody spoke of is kept. Raises Refusal."""
    for number, (decision, reason, text) in shot_marks(request.POST).items():
        old = found.said.get(number)
        was = (old.decision, old.reason, old.note) if old else (ShotDecision.KEEP.value, "", "")
        if number == (only or number) and (decision, reason, text) != was:
            review.judge_shots(
                actor=person(request), take=found.take, shots=[number], decision=decision, reason=reason, note=text
            )


def _sheet_or_404(project: Project, code: str, number: int) -> Sheet:
    found = queries.sheet(sequence_or_404(project, code), number)
    if found is None:
        raise Http404(f"There is no take T{number} of {code}.")
    return found


def _with_undo(project: Project, take: Take, said: str) -> SafeString:
    """The sentence with a way back; without script it leads to the take, where the button is."""
    args = [project.slug, take.sequence.code, take.number]
    return format_html(
        '{} <a class="btn quiet" href="{}" hx-post="{}" hx-target="#main" hx-swap="outerHTML" data-dismiss>Undo</a>',
        said,
        reverse("dailies_take", args=args),
        reverse("dailies_undo", args=args),
    )


def _overtaken(request: HttpRequest, project: Project, take: Take, refusal: Refusal) -> HttpResponse:
    """A refusal. When the take is not as it was on screen, it is shown as it is now."""
    fresh = Take.objects.get(pk=take.pk)
    as_seen = fresh.state == ArtefactState.WAITING and request.POST.get("seen") == fresh.sha256
    if as_seen or not _htmx(request):
        raise refusal
    messages.error(request, str(refusal))
    response = _see_take(request, project, take)
    response.status_code = 422
    return response


def _see_take(request: HttpRequest, project: Project, take: Take, *, money: bool = False) -> HttpResponse:
    """Answer a POST with the take as it is now."""
    url = reverse("dailies_take", args=[project.slug, take.sequence.code, take.number])
    here = queries.Waiting("take", take.sequence.code, "", take.number, take.created_at, take.sequence.start, "")
    return _go_on(request, project, url, here, money=money)


def _go_on(
    request: HttpRequest, project: Project, url: str, item: queries.Waiting | None, *, money: bool = False
) -> HttpResponse:
    """Answer a POST with another item: a redirect, or over htmx the page's main part and what else changed."""
    if not _htmx(request):
        response: HttpResponse = HttpResponseRedirect(url)
        response.status_code = 303  # the answer to the POST is at another address
        return response
    if money:
        project.refresh_from_db(fields=["spent_micros", "held_micros", "cap_micros"])
    found = _sheet_or_404(project, item.code, item.number) if item and item.kind == "take" else None
    response = HttpResponse(_drawn(request, project, room(request, project, found), toasts=True, money=money))
    response["HX-Push-Url"] = url
    return response


def _show(request: HttpRequest, project: Project, context: dict[str, Any]) -> HttpResponse:
    """The page, or its main part when htmx brings the next take. What polls itself gets 304 until there is news."""
    tag = context.get("calm_etag") or context.get("making_etag")
    if tag and _htmx(request) and request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified()
    if _htmx(request) and not request.htmx.history_restore_request:  # type: ignore[attr-defined]  # django_htmx
        response = HttpResponse(_drawn(request, project, context))
    else:
        response = page(request, project, TEMPLATE, context, nav="dailies", waiting=context["waiting_count"])
    patch_vary_headers(response, ["HX-Request"])
    if tag:
        response["ETag"] = tag
    return response


def _drawn(
    request: HttpRequest, project: Project, context: dict[str, Any], *, toasts: bool = False, money: bool = False
) -> str:
    html = render_to_string(f"{TEMPLATE}#room", {**context, "fragment": True}, request)
    html += render_to_string("_waiting.html", {**context, "waiting_oob": True}, request)
    if toasts:
        html += render_to_string("_toasts.html", {"toasts_oob": True}, request)
    if money:
        found = {"project": project, "budget": budget(project), "budget_oob": True}
        html += render_to_string("_budget.html", found, request)
    return html


def _htmx(request: HttpRequest) -> bool:
    return bool(request.htmx)  # type: ignore[attr-defined]  # set by django_htmx's middleware
