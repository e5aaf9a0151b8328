"""Style lines as forms send them: only those that were changed on the page count, so that two people can write."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from sequences import orchestration
from sequences.models import Project, Sequence
from sequences.orchestration.styling import FIELDS
from sequences.planfile import tidy
from sequences.queries.history import STYLE_LABELS, style_history

from .access import member, person
from .asking import told
from .histories import Shown, asked_pair, history_page


def changed_lines(request: HttpRequest) -> dict[str, str]:
    """Lines by name that differ from what the page showed (`was_prefix`…); one that does not say so counts."""
    out = {}
    for name in FIELDS:
        value, was = request.POST.get(name), request.POST.get(f"was_{name}")
        if value is not None and (was is None or tidy(value) != tidy(was)):
            out[name] = value
    return out


def told_of_others(request: HttpRequest, owner: Project | Sequence, changed: dict[str, str]) -> str:
    """A sentence when a line that is about to be saved was changed by somebody since the page showed it."""
    names = [
        STYLE_LABELS[name].lower()
        for name in changed
        if (was := request.POST.get(f"was_{name}")) is not None and tidy(was) != getattr(owner, f"style_{name}")
    ]
    return f"“{', '.join(names).capitalize()}” was changed while you were writing." if names else ""


@require_safe
@member
def style_revisions(request: HttpRequest, project: Project) -> HttpResponse:
    """Every revision of the project's style lines, with the change between any two."""
    rows = style_history(project)
    shown = Shown(
        "Style lines", "style", rows, asked_pair(request, rows, f"The style of {project.slug}"),
        back=f"{reverse('project_edit', args=[project.slug])}#style", back_name="Setup",
    )  # fmt: skip
    return history_page(request, project, shown, {}, nav="setup")


@require_POST
@member
def style_restore(request: HttpRequest, project: Project, revision: int) -> HttpResponse:
    """Put earlier style lines of the project in force, as a new revision."""
    made = told(
        request,
        project,
        lambda: orchestration.restore_style(actor=person(request), project=project, number=revision),
    )
    again = f"The style lines say what s{revision} said"
    messages.success(request, f"{again}, as s{made.number}." if made else f"{again} already.")
    url = f"{reverse('project_edit', args=[project.slug])}#style"
    if request.htmx:  # type: ignore[attr-defined]  # set by django_htmx's middleware
        response = HttpResponse(status=204)
        response["HX-Redirect"] = url
        return response
    redirect = HttpResponseRedirect(url)
    redirect.status_code = 303
    return redirect
