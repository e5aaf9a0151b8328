"""Reference pictures made of what is there: crops, cells, frames, and those put back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from sequences import orchestration as verbs
from sequences import storage
from sequences.errors import Refusal
from sequences.models import Element, ElementImage, Project
from tests import factories
from tests.factories import Plan, make_project, sequence_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return make_project(sequences=[Plan(elements=("mara",))], elements=["mara", "dog"], song=False)


@pytest.fixture
def mara(project: Project, tmp_path: Path) -> Element:
    element = project.elements.get(key="mara")
    paths = []
    for n in range(2):
        paths.append(tmp_path / f"side {n}.png")
        Image.radial_gradient("L").resize((96 + n, 64)).save(paths[-1])
    verbs.add_pictures(actor=None, element=element, uploads=paths)
    return element


def names(element: Element) -> list[str]:
    return [image.name for image in element.images.order_by("position")]


def pixels(image: ElementImage) -> Image.Image:
    return Image.open(storage.absolute(image.file)).convert("RGB")


def test_a_crop_is_a_new_picture_behind_the_old_one(mara: Element) -> None:
    old = mara.images.all()[0]
    before = storage.absolute(old.file).read_bytes()
    made = verbs.crop_picture(actor=None, image=old, box=(10, 4, 40, 50))
    assert names(mara) == ["side 0.png", "side 0, cropped.png", "side 1.png"]
    assert (made.width, made.height, made.source) == (40, 50, "crop of side 0.png")
    assert pixels(made).tobytes() == pixels(old).crop((10, 4, 50, 54)).tobytes()
    assert storage.absolute(old.file).read_bytes() == before
    assert verbs.crop_picture(actor=None, image=old, box=(10, 4, 40, 50)).pk == made.pk


def test_a_crop_may_be_the_front_or_take_the_place_of_the_old_one(mara: Element) -> None:
    second = mara.images.all()[1]
    made = verbs.crop_picture(actor=None, image=second, box=(0, 0, 40, 40), front=True)
    assert names(mara) == ["side 1, cropped.png", "side 0.png", "side 1.png"]
    verbs.crop_picture(actor=None, image=mara.images.get(name="side 0.png"), box=(0, 0, 40, 40), replace=True)
    assert names(mara) == ["side 1, cropped.png", "side 0, cropped.png", "side 1.png"]
    assert made.position == 0


@pytest.mark.parametrize(
    ("box", "said"),
    [
        ((60, 0, 40, 40), "The crop leaves side 0.png of 96 × 64 pixels; move it inside."),
        ((-1, 0, 40, 40), "The crop leaves side 0.png of 96 × 64 pixels; move it inside."),
        ((0, 0, 40, 31), "A crop of 40 × 31 pixels is too small; 32 is the least."),
    ],
)
def test_a_crop_lies_inside(mara: Element, box: Any, said: str) -> None:
    with pytest.raises(Refusal) as caught:
        verbs.crop_picture(actor=None, image=mara.images.all()[0], box=box)
    assert (str(caught.value), caught.value.code) == (said, "bad_crop")
    assert len(names(mara)) == 2


def test_a_cell_of_a_grid(project: Project, mara: Element) -> None:
    grid = factories.make_grid_ready(sequence_of(project), "2x2")
    made = verbs.picture_from_cell(actor=None, element=mara, grid=grid, cell=3)
    assert (made.name, made.source) == ("SEQ01-G1-cell-3.png", "cell 3 of SEQ01/G1")
    assert [made.width, made.height] == grid.cells[2][2:]
    x, y, _, _ = grid.cells[2]
    front = verbs.picture_from_cell(actor=None, element=mara, grid=grid, cell=3, box=(x, y, 50, 60), front=True)
    assert (front.width, front.height, names(mara)[0]) == (50, 60, front.name)
    with pytest.raises(Refusal, match=r"^Cell is 5; SEQ01/G1 has cells 1 to 4\.$"):
        verbs.picture_from_cell(actor=None, element=mara, grid=grid, cell=5)
    stranger = make_project(song=False, elements=["mara"], title="Other").elements.get()
    with pytest.raises(Refusal, match="belongs to another project"):
        verbs.picture_from_cell(actor=None, element=stranger, grid=grid, cell=1)


def test_a_frame_of_a_take(project: Project, mara: Element) -> None:
    take = factories.make_take(sequence_of(project))
    made = verbs.picture_from_take(actor=None, element=mara, take=take, frame=12)
    assert (made.name, made.source) == ("SEQ01-T1-frame-12.png", "frame 12 of SEQ01/T1")
    assert (made.width, made.height) == (take.width, take.height)
    assert verbs.picture_from_take(actor=None, element=mara, take=take, frame=12, box=(5, 5, 33, 44)).width == 33
    with pytest.raises(Refusal, match=r"^Frame is 24; SEQ01/T1 has frames 0 to 23\.$"):
        verbs.picture_from_take(actor=None, element=mara, take=take, frame=24)
    making = factories.make_take(sequence_of(project), "making")
    with pytest.raises(Refusal, match=r"^SEQ01/T2 has no picture yet; wait for it\.$"):
        verbs.picture_from_take(actor=None, element=mara, take=making, frame=0)


def test_a_picture_that_was_taken_off_comes_back_to_its_place(mara: Element) -> None:
    first = mara.images.all()[0]
    verbs.remove_picture(actor=None, image=first)
    back = verbs.restore_picture(
        actor=None, element=mara, sha256=first.sha256[:16], name=first.name, source=first.source, position=0
    )
    assert names(mara) == ["side 0.png", "side 1.png"]
    assert (back.sha256, back.file, back.source, back.width) == (first.sha256, first.file, "upload", 96)
    for wrong in ("0" * 64, "../../x", ""):
        with pytest.raises(Refusal, match="never had a picture"):
            verbs.restore_picture(actor=None, element=mara, sha256=wrong)


def test_a_dozen_holds_for_crops_too(mara: Element) -> None:
    old = mara.images.all()[0]
    for n in range(10):
        verbs.crop_picture(actor=None, image=old, box=(n, 0, 32, 32))
    with pytest.raises(Refusal, match=r"^@mara would have 13 pictures; 12 is the most\.$"):
        verbs.crop_picture(actor=None, image=old, box=(20, 0, 32, 32))
