"""Celery doors of dailies, thin."""

from __future__ import annotations

import logging
from datetime import date

from celery import shared_task
from django.db import transaction

from dailies import exporting
from sequences import costs, orchestration
from sequences.models import Project

log = logging.getLogger(__name__)


@shared_task(name="dailies.tasks.render_export", ignore_result=True)
def render_export(*, export_id: int) -> None:
    """Render one export."""
    exporting.render(export_id)


@shared_task(name="dailies.tasks.sweep", ignore_result=True)
def sweep() -> int:
    """Ring for exports that nobody works on."""
    due = exporting.due()
    for export_id in due:
        _ring(export_id)
    return len(due)


class _Proved:
    """The UTC day on which this process has proven the money last."""

    on: date | None = None


@shared_task(name="dailies.tasks.prove", ignore_result=True)
def prove() -> int:
    """Once a day and process: hold every project's figures against its ledger, and freeze what does not add up.

    Returns how many projects are wrong. It is asked for far more often than it works, so that no night is missed.
    """
    if _Proved.on == costs.today():
        return 0
    wrong = [p.slug for p in Project.objects.all() if orchestration.prove(actor=None, project=p)]
    if wrong:
        log.error("the ledger does not add up for %s: see doctor", ", ".join(wrong))
    _Proved.on = costs.today()
    return len(wrong)


def ring(export_id: int) -> None:
    """Ring once the transaction around us, if any, is committed."""
    transaction.on_commit(lambda: _ring(export_id), robust=True)


def _ring(export_id: int) -> None:
    try:
        render_export.delay(export_id=export_id)
    except Exception as error:  # the sweep rings again
        log.warning("the bell for export %s did not ring: %s", export_id, error)
