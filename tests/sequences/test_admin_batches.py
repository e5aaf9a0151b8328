"""Admin pauses and resumes batches through the verbs."""

from __future__ import annotations

import pytest
from django.test import Client

from sequences import orchestration
from sequences.models import Batch
from tests import factories
from tests.factories import Plan

pytestmark = pytest.mark.django_db


def test_pause_and_resume_from_the_list() -> None:
    project = factories.make_project(sequences=[Plan(start_frame=True)])
    batch = orchestration.request_batch(actor=None, project=project)
    client = Client()
    operator = factories.make_user("root", is_staff=True, is_superuser=True)
    client.force_login(operator)

    def act(action: str) -> str:
        form = {"action": action, "_selected_action": [batch.pk]}
        return client.post("/admin/sequences/batch/", form, follow=True).content.decode()

    assert "1 paused." in act("pause")
    assert Batch.objects.get().paused_by == operator
    assert "1 resumed." in act("resume")
    assert Batch.objects.get().paused_at is None
    factories.finish(batch.items.get().take)  # type: ignore[arg-type]  # it has one
    assert "Everything of batch 1 was sent; there is nothing to pause." in act("pause")
