"""enlarge: which frame, what it costs, --wait, refusals; cancel and retry of what it asked for."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from sequences.models import Project, StartFrame
from sequences.providers import catalogue
from tests.commands import document, ran, refused, typed
from tests.factories import Plan, faults, make_project, sequence_of

pytestmark = pytest.mark.django_db

FRAME = {"id", "sequence", "grid", "cell", "box", "width", "height", "file", "number", "state", "of", "price", "jobs"}
IN = ("--project", "night-ferry")


@pytest.fixture
def project() -> Project:
    return make_project(sequences=[Plan(start_frame=True)], song=False)


def test_it_is_made_and_its_document_names_the_file(project: Project) -> None:
    small = StartFrame.objects.get()
    made = document("enlarge", "SEQ01", *IN, "--factor", 3, "--wait")["start_frame"]
    assert set(made) == FRAME | {"error"}
    assert (made["number"], made["state"], made["of"], made["price"]) == (2, "approved", small.pk, "0.00")
    assert Image.open(Path(made["file"])).size == (made["width"], made["height"]) == (1920, 1080)


def test_a_frame_is_named_by_number_or_id(project: Project) -> None:
    small = StartFrame.objects.get()
    assert document("enlarge", "SEQ01/F1", *IN, "--wait")["start_frame"]["of"] == small.pk
    assert document("enlarge", small.pk)["start_frame"]["of"] == small.pk


def test_a_dry_run_says_the_price_and_writes_nothing(project: Project) -> None:
    catalogue.override("sketch/upscale", price="0.10")
    told = document("enlarge", "SEQ01", *IN, "--dry-run")
    assert (told["start_frame"], told["total"], told["cap_left"]) == (None, "0.0922", "80.00")
    code, out, _ = ran("enlarge", "SEQ01", *IN, "--dry-run")
    assert code == 0
    assert out == "SEQ01/F1 2 times larger, 1280 × 720, by Sketch upscaler: $0.09, $80.00 left.\n"
    assert refused("enlarge", "SEQ01", *IN)["code"] == "not_confirmed"
    assert StartFrame.objects.count() == 1
    assert document("enlarge", "SEQ01", *IN, "--yes")["start_frame"]["price"] == "0.0922"


def test_refusals(project: Project) -> None:
    assert refused("enlarge", "SEQ01", *IN, "--factor", 9)["where"] == "factor"
    assert refused("enlarge", "SEQ01", *IN, "--model", "sketch/grid")["where"] == "model"
    assert refused("enlarge", "SEQ01/F7", *IN)["code"] == "not_found"
    assert refused("enlarge", "SEQ01")["where"] == "--project"
    sequence_of(project).start_frames.all().delete()
    assert refused("enlarge", "SEQ01", *IN)["message"] == "SEQ01 has no start frame; pick one first."
    assert typed("enlarge") == 2


def test_what_failed_is_told_and_tried_again(project: Project) -> None:
    with faults("moderation*1"):
        code, out, err = ran("enlarge", "SEQ01", *IN, "--wait")
        assert code == 1 and "SEQ01/F2 failed:" in err and out == ""
        assert document("retry", "SEQ01/F2", *IN, "--wait")["start_frame"]["state"] == "approved"


def test_it_is_stopped(project: Project) -> None:
    with faults("stuck"):
        document("enlarge", "SEQ01", *IN)
        assert document("cancel", "SEQ01/F2", *IN)["cancelled"] == {"what": "SEQ01/F2", "calls": 1}
