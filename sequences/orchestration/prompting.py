"""Prompts: every change is a new revision, nothing that was written is ever overwritten."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from sequences.errors import Refusal
from sequences.models import PromptRevision, Shot

from . import _checks as checks
from ._rules import MAKERS, require
from .shots import living_sequence, living_shot

Actor = AbstractBaseUser | None


def revise(*, actor: Actor, shot: Shot, text: str, source: str = "typed") -> PromptRevision | None:
    """Save a prompt as the shot's next revision; None when it says what the newest one says already.

    White space at the ends does not count. Raises Refusal.
    """
    require(actor, shot.sequence.project, *MAKERS)
    with transaction.atomic():
        living_sequence(shot.sequence)
        return write_revision(actor, living_shot(shot), checks.text(text, "prompt"), source)


def restore(*, actor: Actor, shot: Shot, number: int) -> PromptRevision | None:
    """Make an earlier revision the current one, as a new revision; None when it says the same as the current one.

    Raises Refusal when there is no such revision.
    """
    require(actor, shot.sequence.project, *MAKERS)
    old = PromptRevision.objects.filter(shot=shot, number=number).first()
    if old is None:
        raise Refusal(f"{shot} has no revision r{number}.", code="not_found", where=str(shot))
    return revise(actor=actor, shot=shot, text=old.text, source=f"restore r{number}")


def copy_prompt(*, actor: Actor, from_shot: Shot, to_shots: Iterable[Shot]) -> list[PromptRevision]:
    """Give other shots of the project the current prompt of one; those that have it already are left alone.

    Raises Refusal.
    """
    targets = list(to_shots)
    require(actor, from_shot.sequence.project, *MAKERS)
    text = current_text(from_shot)
    if not text:
        raise Refusal(f"{from_shot} has no prompt to copy.", where=str(from_shot))
    if any(s.sequence.project_id != from_shot.sequence.project_id for s in targets):
        raise Refusal("Prompts are copied within one project only.", where="to_shots")
    with transaction.atomic():
        made = [revise(actor=actor, shot=target, text=text, source=f"copy of {from_shot}"[:60]) for target in targets]
    return [revision for revision in made if revision]


def copied_steps(made: Iterable[PromptRevision]) -> list[list[object]]:
    """Revisions that `copy_prompt` wrote, as `replacing.undo_word` wants them."""
    return [["shot", str(revision.shot_id), revision.number, ""] for revision in made]


def current_text(shot: Shot) -> str:
    """The newest revision's text, empty before the first."""
    newest = shot.revisions.order_by("-number").first()
    return newest.text if newest else ""


def write_revision(actor: Actor, shot: Shot, text: str, source: str) -> PromptRevision | None:
    """The row of a changed prompt, inside the caller's transaction; None when nothing changed."""
    newest = shot.revisions.order_by("-number").first()
    if text == (newest.text if newest else ""):
        return None
    return PromptRevision.objects.create(
        shot=shot,
        number=newest.number + 1 if newest else 1,
        text=text,
        author_id=actor.pk if actor else None,
        source=source[:60],
    )
