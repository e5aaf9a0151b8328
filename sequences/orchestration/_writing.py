"""The rows of a plan: what changed is changed, what is new is made, what is gone is deleted and can be restored."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone

from sequences.models import Element, Project, Sequence, Shot
from sequences.planfile import Plan, PlanElement, PlanSequence, PlanShot

from ._sources import usual_folder
from .budget import change_cap
from .casting import KeptPicture, create_image, write_cast
from .projects import assign
from .prompting import write_revision
from .songs import KeptSong, set_song
from .styling import write_style

Actor = AbstractBaseUser | None


@dataclass(slots=True)
class Changes:
    """Counted while writing."""

    revisions: int = 0
    removed: list[str] = field(default_factory=list)


def write_plan(
    actor: Actor, project: Project, plan: Plan, song: KeptSong | None, pictures: dict[str, list[KeptPicture]]
) -> Changes:
    """Bring a project's rows to what the plan says, inside the caller's transaction."""
    changes = Changes()
    _write_project(actor, project, plan, song)
    elements = _write_elements(project, plan, pictures, changes)
    known = {s.code: s for s in project.sequences.order_by("deleted_at", "id")}
    # living rows win over deleted ones of the same code, younger deleted ones over older
    known |= {s.code: s for s in project.sequences.filter(deleted_at=None)}
    kept = set()
    for position, wanted in enumerate(plan.sequences):
        row = known.get(wanted.code) or Sequence(project=project, code=wanted.code)
        _write_sequence(actor, row, wanted, position, elements, changes)
        kept.add(row.pk)
    for row in project.sequences.filter(deleted_at=None).exclude(pk__in=kept):
        row.deleted_at = timezone.now()
        row.save(update_fields=["deleted_at"])
        changes.removed.append(row.code)
    return changes


def _write_project(actor: Actor, project: Project, plan: Plan, song: KeptSong | None) -> None:
    assign(project, plan.project)
    change_cap(actor, project, plan.project.budget, "imported plan")
    if plan.song:
        project.song_file = plan.song.file
    elif song:
        project.song_file = song.name
    project.save()
    write_style(actor, project, plan.style, "import")
    if song:
        set_song(project, song)


def _write_elements(
    project: Project, plan: Plan, pictures: dict[str, list[KeptPicture]], changes: Changes
) -> dict[str, Element]:
    known = {e.key: e for e in project.elements.order_by("deleted_at", "id")}
    known |= {e.key: e for e in project.elements.filter(deleted_at=None)}
    written = {}
    for position, wanted in enumerate(plan.elements):
        row = known.get(wanted.key) or Element(project=project, key=wanted.key)
        row.kind, row.name, row.description = wanted.kind, wanted.name, wanted.description
        row.position, row.deleted_at = position, None
        row.refs = wanted.refs or _found_refs(wanted, pictures)
        row.save()
        if wanted.key in pictures:
            _write_pictures(row, pictures[wanted.key])
        written[row.key] = row
    for row in project.elements.filter(deleted_at=None).exclude(key__in=written):
        row.deleted_at = timezone.now()
        row.save(update_fields=["deleted_at"])
        changes.removed.append(f"@{row.key}")
    return written


def _found_refs(element: PlanElement, pictures: dict[str, list[KeptPicture]]) -> str:
    """An element without `refs` whose pictures lay in the usual folder has that folder from now on."""
    return usual_folder(element) if pictures.get(element.key) else ""


def _write_pictures(element: Element, pictures: list[KeptPicture]) -> None:
    wanted = {p.sha256: p for p in pictures}
    element.images.exclude(sha256__in=wanted).delete()
    there = {image.sha256: image for image in element.images.all()}
    for position, picture in enumerate(wanted.values()):
        if (image := there.get(picture.sha256)) is None:
            create_image(element, picture, position)
        elif (image.position, image.name) != (position, picture.name):
            image.position, image.name = position, picture.name
            image.save(update_fields=["position", "name"])


def _write_sequence(
    actor: Actor, row: Sequence, wanted: PlanSequence, position: int, elements: dict[str, Element], changes: Changes
) -> None:
    row.section, row.mode, row.grid_prompt = wanted.section, wanted.mode, wanted.grid_prompt
    row.start, row.end, row.position, row.deleted_at = wanted.start, wanted.end, position, None
    row.cell_prompts = list(wanted.cell_prompts)
    row.save()
    write_style(actor, row, wanted.style, "import")
    write_cast(row, [elements[key] for key in wanted.elements])
    known = {s.number: s for s in row.shots.order_by("deleted_at", "id")}
    known |= {s.number: s for s in row.shots.filter(deleted_at=None)}
    for number, shot in enumerate(wanted.shots, 1):
        _write_shot(actor, known.get(number) or Shot(sequence=row, number=number), shot, changes)
    for gone in row.shots.filter(deleted_at=None, number__gt=len(wanted.shots)).order_by("number"):
        gone.deleted_at = timezone.now()
        gone.save(update_fields=["deleted_at"])
        changes.removed.append(str(gone))


def _write_shot(actor: Actor, row: Shot, wanted: PlanShot, changes: Changes) -> None:
    row.seconds, row.solo, row.deleted_at = wanted.seconds, wanted.solo, None
    row.divided, row.model = wanted.divided, wanted.model
    row.save()
    if write_revision(actor, row, wanted.prompt, "import"):
        changes.revisions += 1
