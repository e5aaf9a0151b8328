"""Style lines of a project and of its sequences: every change is a revision, nothing that was written is lost."""

from __future__ import annotations

from dataclasses import asdict

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet

from sequences.errors import Refusal
from sequences.models import Project, Sequence, StyleRevision
from sequences.planfile import PlanStyle

from . import _checks as checks
from ._rules import MAKERS, locked, require
from .shots import living_sequence

Actor = AbstractBaseUser | None
FIELDS = ("prefix", "suffix", "negative")


def set_style(
    *,
    actor: Actor,
    project: Project,
    sequence: Sequence | None = None,
    prefix: str | None = None,
    suffix: str | None = None,
    negative: str | None = None,
    source: str = "typed",
) -> StyleRevision | None:
    """Set the lines that go into every call of a project, or of one sequence of it; what is None stays.

    Returns the new revision, None when the lines say the same as before. Raises Refusal.
    """
    require(actor, project, *MAKERS)
    asked = {name: value for name, value in zip(FIELDS, (prefix, suffix, negative), strict=True) if value is not None}
    with transaction.atomic():
        owner = _owner(project, sequence)
        return write_style(actor, owner, checks.style_values(asdict(lines_of(owner)) | asked), source)


def restore_style(
    *, actor: Actor, project: Project, number: int, sequence: Sequence | None = None
) -> StyleRevision | None:
    """Make earlier style lines those in force, as a new revision; None when they say the same as now.

    Raises Refusal when there is no such revision.
    """
    require(actor, project, *MAKERS)
    old = style_revisions(sequence or project).filter(number=number).first()
    if old is None:
        whose = sequence.code if sequence else project.slug
        raise Refusal(f"The style lines of {whose} have no revision s{number}.", code="not_found", where=f"s{number}")
    return set_style(
        actor=actor, project=project, sequence=sequence, prefix=old.prefix, suffix=old.suffix, negative=old.negative,
        source=f"restore s{number}",
    )  # fmt: skip


def lines_of(owner: Project | Sequence) -> PlanStyle:
    """The lines in force."""
    return PlanStyle(owner.style_prefix, owner.style_suffix, owner.style_negative)


def style_revisions(owner: Project | Sequence) -> QuerySet[StyleRevision]:
    """Revisions of a project's own lines or of a sequence's, oldest first."""
    if isinstance(owner, Sequence):
        return StyleRevision.objects.filter(sequence=owner)
    return StyleRevision.objects.filter(project=owner, sequence=None)


def write_style(actor: Actor, owner: Project | Sequence, lines: PlanStyle, source: str) -> StyleRevision | None:
    """The rows of changed lines, inside the caller's transaction; None when nothing changed."""
    if lines == lines_of(owner):
        return None
    for name in FIELDS:
        setattr(owner, f"style_{name}", getattr(lines, name))
    owner.save(update_fields=[f"style_{name}" for name in FIELDS])
    newest = style_revisions(owner).last()
    return StyleRevision.objects.create(
        project_id=owner.project_id if isinstance(owner, Sequence) else owner.pk,
        sequence=owner if isinstance(owner, Sequence) else None,
        number=newest.number + 1 if newest else 1,
        author_id=actor.pk if actor else None,
        source=source[:60],
        **asdict(lines),
    )


def _owner(project: Project, sequence: Sequence | None) -> Project | Sequence:
    row = locked(project)
    if sequence is None:
        return row
    if sequence.project_id != row.pk:
        raise Refusal(f"{sequence.code} is no sequence of {row.slug}.", code="not_found", where=sequence.code)
    return living_sequence(sequence)
