"""Celery doors of dailies, thin."""

from __future__ import annotations

import logging

from celery import shared_task
from django.db import transaction

from dailies import exporting

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


def ring(export_id: int) -> None:
    """Ring once the transaction around us, if any, is committed."""
    transaction.on_commit(lambda: _ring(export_id), robust=True)


def _ring(export_id: int) -> None:
    try:
        render_export.delay(export_id=export_id)
    except Exception as error:  # the sweep rings again
        log.warning("the bell for export %s did not ring: %s", export_id, error)
