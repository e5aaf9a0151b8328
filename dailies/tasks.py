"""Celery doors of dailies, thin."""

from __future__ import annotations

import logging
import math
import time
from datetime import date
from typing import ClassVar

from celery import shared_task
from django.db import transaction

from dailies import exporting
from sequences import costs, orchestration
from sequences.errors import Refusal
from sequences.models import Project

log = logging.getLogger(__name__)

LOOK_EVERY = 2.0  # seconds between looks at refs folders
RING_AGAIN = 10.0  # seconds: a folder that is still being read is not rung for again at every look


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


class _Rung:
    """When this process has last looked at refs folders, and rung for a project, in seconds of the monotonic clock."""

    looked = -math.inf
    at: ClassVar[dict[int, float]] = {}


@shared_task(name="dailies.tasks.watch_refs", ignore_result=True)
def watch_refs() -> int:
    """Ring for projects whose watched refs folder has changed; it only compares times and sizes.

    It is asked more often than it looks, and rings for one project again only when the last bell may be lost.
    """
    now = time.monotonic()
    if now - _Rung.looked < LOOK_EVERY:
        return 0
    _Rung.looked = now
    due = [p.pk for p in orchestration.refs_changed() if now - _Rung.at.get(p.pk, -math.inf) > RING_AGAIN]
    for project_id in due:
        _Rung.at[project_id] = now
        try:
            look_at_refs.delay(project_id=project_id)
        except Exception as error:  # the next look rings again
            log.warning("the bell for the refs of project %s did not ring: %s", project_id, error)
    return len(due)


@shared_task(name="dailies.tasks.look_at_refs", ignore_result=True)
def look_at_refs(*, project_id: int) -> None:
    """Bring in what is new in the watched refs folder of a project."""
    project = Project.objects.filter(pk=project_id).first()
    if project is None:
        return
    try:
        orchestration.look_at_refs(actor=None, project=project)
    except Refusal as refusal:  # the folder has gone since
        log.info("refs of %s: %s", project.slug, refusal)
    finally:
        _Rung.at.pop(project_id, None)  # where worker and sweep are one process, a change is seen at once


def ring(export_id: int) -> None:
    """Ring once the transaction around us, if any, is committed."""
    transaction.on_commit(lambda: _ring(export_id), robust=True)


def _ring(export_id: int) -> None:
    try:
        render_export.delay(export_id=export_id)
    except Exception as error:  # the sweep rings again
        log.warning("the bell for export %s did not ring: %s", export_id, error)
