"""Verbs that ask for work, from the workbench: takes, grids, retry, cancel."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from sequences.errors import Refusal
from sequences.forms.bench import ExploreForm, SpendForm, cell_texts
from sequences.forms.reading import posted, whole
from sequences.models import Grid, Project, Sequence, StartFrame, Take
from sequences.orchestration import making, panels, planning
from sequences.views.access import member, person, sequence_or_404

from .answers import FRAMES, GRIDS, TAKES, answer, drawn, home, leave
from .context import USUAL_TAKES, context
from .show import spend_dialog

Work = Grid | Take | StartFrame
KINDS: dict[str, type[Work]] = {"grid": Grid, "take": Take, "frame": StartFrame}
SHOWN_IN: dict[type[Work], tuple[tuple[str, ...], str]] = {
    Grid: (GRIDS, "grids"),
    Take: (TAKES, "takes"),
    StartFrame: ((*FRAMES, "live"), "startframe"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@member
def take_request(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """Ask for takes. What costs money is shown once more and confirmed; what is free starts at once."""
    sequence = sequence_or_404(project, code)
    if request.method != "POST":
        return _list(request, project, sequence)
    asked = posted(request, SpendForm)
    # what was shown as free and is not any more is refused by the verb
    if not asked["confirmed"] and asked["shown_price"] != 0:
        found = context(request, project, sequence)
        if found["bill"].total:
            return spend_dialog(request, project, {**found, "key": asked["key"] or found["key"]})
    made = making.request_takes(
        actor=person(request),
        sequences=[sequence],
        takes=asked["takes"] or USUAL_TAKES,
        mode=asked["mode"] or None,
        model=asked["model"] or None,
        seed=asked["seed"],
        key=asked["key"] or None,
        shown_price=asked["shown_price"],
    )
    if asked["mode"] and asked["mode"] != sequence.mode:
        planning.edit_sequence(actor=person(request), sequence=sequence, mode=asked["mode"])
    named = ", ".join(f"T{t.number}" for t in made)
    messages.success(request, f"{named} asked for.")
    return answer(request, project, sequence, (*TAKES, "nospend", "section"), anchor="takes", money=True)


def _list(request: HttpRequest, project: Project, sequence: Sequence) -> HttpResponse:
    if not request.htmx:  # type: ignore[attr-defined]  # set by django_htmx's middleware
        return leave(request, home(project, sequence, "takes"))
    return HttpResponse(drawn(request, "takes", context(request, project, sequence)))


@require_POST
@member
def explore(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """Ask for a grid."""
    sequence = sequence_or_404(project, code)
    asked = posted(request, ExploreForm)
    save_cells(request, sequence)
    made = making.explore(
        actor=person(request),
        sequence=sequence,
        layout=asked["grid_layout"] or None,
        seed=asked["grid_seed"],
        prompt=asked["grid_prompt"] or None,
        key=asked["grid_key"] or None,
    )
    messages.success(request, f"Grid {made[0].number} asked for.")
    return answer(request, project, sequence, GRIDS, anchor="grids", money=True)


@require_POST
@member
def grid_cells(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """Keep what the panels are to show; with `fill` the first shots' prompts."""
    sequence = sequence_or_404(project, code)
    fill = "fill" in request.POST
    texts = panels.texts_of_shots(sequence) if fill else cell_texts(request) or []
    panels.set_cell_prompts(actor=person(request), sequence=sequence, texts=texts)
    count = sum(bool(text) for text in sequence.cell_prompts)
    said = f"{count} panel{'' if count == 1 else 's'} described." if count else "Panels are as they come."
    messages.success(request, said)
    return answer(request, project, sequence, ("cellnotes", "gridhint"), anchor="grids")


def save_cells(request: HttpRequest, sequence: Sequence) -> None:
    """Keep the descriptions that came along with a form, when they have changed."""
    texts = cell_texts(request)
    if texts is None:
        return
    while texts and not texts[-1].strip():
        texts.pop()
    if texts != sequence.cell_prompts:
        panels.set_cell_prompts(actor=person(request), sequence=sequence, texts=texts)


@require_POST
@member
def retry(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """Ask again for what failed of a grid or take."""
    sequence = sequence_or_404(project, code)
    work = _work(request, sequence)
    making.retry(actor=person(request), artefact=work)
    messages.success(request, f"{_named(work)} is tried again.")
    return _shown(request, project, work)


@require_POST
@member
def cancel(request: HttpRequest, project: Project, code: str) -> HttpResponse:
    """Stop what is in flight of a grid or take."""
    sequence = sequence_or_404(project, code)
    work = _work(request, sequence)
    making.cancel(actor=person(request), artefact=work)
    messages.success(request, f"{_named(work)} is being stopped; what finishes all the same is kept.")
    return _shown(request, project, work)


def _shown(request: HttpRequest, project: Project, work: Work) -> HttpResponse:
    """Only the list it stands in: a sequence of many takes is a long page."""
    parts, anchor = SHOWN_IN[type(work)]
    return answer(request, project, work.sequence, parts, anchor=anchor, money=True)


def _work(request: HttpRequest, sequence: Sequence) -> Work:
    """The grid, take or start frame that `kind` and `number` name."""
    number, kind = whole(request, "number"), request.POST.get("kind", "")
    if kind not in KINDS:
        raise Refusal(f'Kind is "{kind}"; it must be grid, take or frame.', where="kind")
    found: Work | None = KINDS[kind]._default_manager.filter(sequence=sequence, number=number).first()
    if found is None:
        raise Http404(f"There is no {kind} {number} of {sequence.code}.")
    found.sequence = sequence
    return found


def _named(work: Work) -> str:
    if isinstance(work, Grid):
        return f"Grid {work.number}"
    return f"{'T' if isinstance(work, Take) else 'F'}{work.number}"
