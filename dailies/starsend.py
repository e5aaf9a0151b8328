"""Old work with its verdicts: what the script era approved or rejected is judged here in the same words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractBaseUser

from dailies import review
from dailies.models import Reason
from sequences import orchestration
from sequences.errors import Refusal
from sequences.models import Take
from sequences.orchestration import Decided, StarsendReport
from sequences.states import ArtefactState

NOTE = "as the script era's record says"


@dataclass(frozen=True, slots=True)
class BroughtIn:
    """An import with the verdicts that came of it, and sentences about those that did not."""

    report: StarsendReport
    approved: int = 0
    rejected: int = 0
    remarks: tuple[str, ...] = ()


def import_starsend(*, actor: AbstractBaseUser | None, dry_run: bool = False, **options: Any) -> BroughtIn:
    """`orchestration.import_starsend` and then its verdicts, each in a transaction of its own.

    A take that was ever judged here is left alone, and so is a sequence whose approved take is another one. Raises
    Refusal as the import does.
    """
    report = orchestration.import_starsend(actor=actor, dry_run=dry_run, **options)
    if dry_run:
        said = [d.decision for d in report.decided if not d.take]
        return BroughtIn(report, said.count("approved"), said.count("rejected"))
    counts, remarks = {"approved": 0, "rejected": 0}, []
    for decided in report.decided:
        try:
            counts[decided.decision] += _judge(actor, decided)
        except Refusal as refusal:
            remarks.append(f"{decided.record}: {refusal}")
    return BroughtIn(report, counts["approved"], counts["rejected"], tuple(remarks))


def _judge(actor: AbstractBaseUser | None, decided: Decided) -> bool:
    """Give one take the verdict of its record; False when people have the word already."""
    take = Take.objects.select_related("sequence__project").get(pk=decided.take)
    if take.state != ArtefactState.WAITING or take.verdicts.exists():
        return False
    if decided.decision == "rejected":
        review.reject(actor=actor, take=take, reason=Reason.OTHER, note=NOTE)
        return True
    if take.sequence.takes.filter(state=ArtefactState.APPROVED.value).exists():
        raise Refusal(f"{take} was approved there; another take of {take.sequence.code} is approved here and stays.")
    review.approve(actor=actor, take=take, note=NOTE)
    return True
