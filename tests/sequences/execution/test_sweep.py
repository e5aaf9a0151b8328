"""What is due is rung for, and a bell that nobody answers is not rung again and again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from sequences import execution
from sequences.models import Job
from sequences.orchestration import making
from tests import factories
from tests.factories import Plan

pytestmark = pytest.mark.django_db(transaction=True)


def rest_of(job: Job) -> float:
    """Seconds until it is rung for again, once it is due and the sweep has come by."""
    Job.objects.filter(pk=job.pk).update(look_again_at=timezone.now() - timedelta(seconds=1))
    before = timezone.now()
    assert [w.id for w in execution.sweep() if w.kind == "job"] == [job.pk]
    job.refresh_from_db()
    assert job.look_again_at is not None
    return (job.look_again_at - before).total_seconds()


def test_a_bell_that_nobody_answers_is_rung_ever_more_seldom_until_somebody_does() -> None:
    project = factories.make_project(sequences=[Plan(start_frame=True)])
    making.request_takes(actor=None, sequences=[factories.sequence_of(project)])
    job = Job.objects.get()
    rests = [round(rest_of(job)) for _ in range(7)]
    assert rests == [4, 8, 16, 32, 64, 128, 128]
    Job.objects.filter(pk=job.pk).update(epoch=job.epoch + 1)  # somebody had it in hand
    assert round(rest_of(job)) == 4
