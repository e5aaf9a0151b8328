"""The worker's look at refs folders: rung for when they change, by task and by the sweep command."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from dailies import tasks
from sequences.models import Project
from sequences.orchestration import refs
from tests.commands import document
from tests.factories import make_project

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return make_project(sequences=0, elements=["mara"], song=False)


@pytest.fixture
def folder(project: Project, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The watched folder with one picture; the task looks as often as it is asked."""
    monkeypatch.setattr(tasks, "LOOK_EVERY", 0.0)
    there = refs.watched(project)
    draw(there, "a.png", 1)
    yield there
    shutil.rmtree(there.parent)


def draw(folder: Path, name: str, colour: int) -> None:
    path = folder / "characters/mara" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (40, 40), (colour, 0, 0)).save(path)
    os.utime(path, (1, 1))


def names(project: Project) -> list[str]:
    return [image.name for image in project.elements.get().images.all()]


def test_the_worker_brings_in_what_is_new(project: Project, folder: Path) -> None:
    assert tasks.watch_refs() == 1
    assert tasks.watch_refs() == 0  # the bell has rung
    tasks.look_at_refs(project_id=project.pk)
    assert names(project) == ["a.png"]
    assert tasks.watch_refs() == 0
    draw(folder, "b.png", 2)
    assert tasks.watch_refs() == 1
    tasks.look_at_refs(project_id=project.pk)
    assert names(project) == ["a.png", "b.png"]


def test_the_sweep_command_looks_too(project: Project, folder: Path) -> None:
    document("sweep", "--once")
    assert names(project) == ["a.png"]


def test_a_folder_of_nobody_is_left_alone(project: Project, folder: Path) -> None:
    tasks.look_at_refs(project_id=project.pk)
    draw(folder.parent / "nobody", "x.png", 3)
    assert tasks.watch_refs() == 0
    tasks.look_at_refs(project_id=0)
