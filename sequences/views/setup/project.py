"""The project itself: details, style lines, budget, check limits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from sequences.errors import Refusal
from sequences.forms.projects import CapForm, DetailsForm, LimitsForm, StyleForm, Worded, dollars
from sequences.media.checks.limits import Limits
from sequences.models import Project
from sequences.orchestration import projects as verbs
from sequences.orchestration import set_budget, set_style
from sequences.views.access import member, person
from sequences.views.asking import edited
from sequences.views.styles import changed_lines, told_of_others

from .answers import MAKERS, OWNERS, kept, needs, saved, told


@require_POST
@member
@needs(*OWNERS)
def details_set(request: HttpRequest, project: Project) -> HttpResponse:
    """Title, client, frame, rate, provider, models, grid layout, slate."""
    form = DetailsForm(request.POST)
    return _answer(request, project, form, verbs.edit_project, lambda: form.changes(), "The project is saved.")


@require_POST
@member
@needs(*MAKERS)
def style_set(request: HttpRequest, project: Project) -> HttpResponse:
    """Lines that go into every call."""
    form = StyleForm(request.POST)
    changed = changed_lines(request)
    others = told_of_others(request, project, changed)
    said = f"{others} The style lines are saved; takes asked for from now on use them.".strip()
    return _answer(request, project, form, set_style, lambda: changed, said)


@require_POST
@member
@needs(*OWNERS)
def budget_set(request: HttpRequest, project: Project) -> HttpResponse:
    """The cap, with the reason for it."""
    form = CapForm(request.POST)

    def asked() -> dict[str, Any]:
        return {"cap": dollars(form.cleaned_data["cap"]), "why": form.cleaned_data["why"]}

    return _answer(request, project, form, set_budget, asked, "The cap is set.")


@require_POST
@member
@needs(*MAKERS)
def limits_set(request: HttpRequest, project: Project) -> HttpResponse:
    """Limits of the automatic checks."""
    form = LimitsForm(request.POST)
    said = "The limits are saved; takes checked from now on are held against them."
    return _answer(request, project, form, verbs.set_check_limits, lambda: {"limits": form.cleaned_data}, said)


@require_POST
@member
@needs(*MAKERS)
def limits_reset(request: HttpRequest, project: Project) -> HttpResponse:
    """Limits as a new project has them."""
    try:
        verbs.set_check_limits(actor=person(request), project=project, limits=Limits().to_dict())
    except Refusal as refusal:
        return told(request, project, ("limits",), refusal)
    messages.success(request, "The limits are as a new project has them.")
    return saved(request, project, ("limits",), anchor="limits")


def _answer(
    request: HttpRequest,
    project: Project,
    form: Worded,
    verb: Callable[..., object],
    asked: Callable[[], dict[str, Any]],
    said: str,
) -> HttpResponse:
    """Call the verb with what the form says; what it refuses stands beside its field."""
    parts = (form.part,)
    if form.is_valid():
        try:
            done = _done(request, project, lambda: verb(actor=person(request), project=project, **asked()), form.part)
        except Refusal as refusal:
            return kept(request, project, parts, form.part, form, refusal)
        if isinstance(done, HttpResponse):
            return done
        messages.success(request, said)
        return saved(request, project, parts, anchor=form.part)
    return kept(request, project, parts, form.part, form)


def _done(request: HttpRequest, project: Project, edit: Callable[[], object], part: str) -> object:
    """What the verb returned, or the question that comes first: new style lines would make takes stale."""
    return edited(request, project, edit) if part == "style" else edit()
