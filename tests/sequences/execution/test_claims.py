"""Who holds what, and what is cleared away."""

from __future__ import annotations

import os
import time

import pytest

from sequences import execution, storage
from sequences.execution.claims import holder, proven_dead
from sequences.models import Heartbeat
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


def test_this_process_lives_and_another_number_does_not() -> None:
    host, boot, _, _ = holder().split("|")
    assert not proven_dead(holder())
    assert proven_dead(f"{host}|{boot}|4194303|1")
    assert proven_dead(f"{host}|before|{os.getpid()}|1")
    assert not proven_dead(f"elsewhere|{boot}|4194303|1")


def test_ones_own_beat_is_no_other_worker() -> None:
    execution.beat()
    assert not execution.worker_lives()
    Heartbeat.objects.update(owner="elsewhere|x|1|1")
    assert execution.worker_lives()


def test_the_first_beat_clears_away_what_was_left_half_written() -> None:
    project = factories.make_project(sequences=1)
    old, fresh = storage.scratch(project, ".mp4"), storage.scratch(project, ".mp4")
    for path in (old, fresh):
        path.write_bytes(b"half")
    os.utime(old, (time.time() - 7200,) * 2)
    execution.beat()
    assert (old.exists(), fresh.exists()) == (False, True)
