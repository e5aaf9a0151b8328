"""Pictures of an element through the front door: where they come from, what is cut and comes back; refs folders."""

from __future__ import annotations

import io
import os
import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from sequences.models import Element, Project
from sequences.models.plan import Role
from sequences.orchestration import casting, refs
from tests import factories
from tests.factories import Plan

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def project(client: Client) -> Project:
    owner = factories.make_user()
    client.force_login(owner)
    return factories.make_project(owner, [Plan(elements=("mara",))], elements=("mara", "dog"), song=False)


@pytest.fixture
def mara(project: Project) -> Element:
    element = project.elements.get(key="mara")
    casting.add_pictures(actor=None, element=element, uploads=[factories.picture_file(90, 70)])
    casting.add_pictures(actor=None, element=element, uploads=[factories.picture_file(91, 70)])
    return element


def url(project: Project, name: str, *args: Any) -> str:
    return reverse(name, args=[project.slug, *args])


def drawn(colour: int = 1) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (48, 48), (colour, 0, 0)).save(out, "PNG")
    return out.getvalue()


def sizes(element: Element) -> list[tuple[int, int]]:
    return [(p.width, p.height) for p in element.images.order_by("position")]


def said(response: Any) -> str:
    return response.content.decode().replace("&quot;", '"').replace("&#x27;", "'")


def test_the_dialog_offers_files_cells_and_frames(client: Client, project: Project, mara: Element) -> None:
    here = url(project, "picture", "mara")
    html = said(client.get(here, headers=HTMX))
    assert '<dialog class="dialog addpic"' in html and "<html" not in html
    assert "You confirm that you may use this picture." in html and 'name="pictures"' in html
    assert "No grid of this project has a picture yet." in said(client.get(f"{here}?from=grid", headers=HTMX))
    assert "No take of this project has a picture yet." in said(client.get(f"{here}?from=take"))
    assert "<html" in said(client.get(here))  # without script a page of its own
    assert client.get(f"{here}?from=grid&grid=SEQ01/G7").status_code == 404
    for crop in ("9", "x", "9" * 30):
        assert client.get(f"{here}?crop={crop}").status_code == 404


def test_a_crop_makes_a_new_picture(client: Client, project: Project, mara: Element) -> None:
    old = mara.images.all()[0]
    html = said(client.get(f"{url(project, 'picture', 'mara')}?crop={old.pk}", headers=HTMX))
    assert 'data-cropper data-w="90" data-h="70"' in html and "Crop still-90x70.png" in html
    box = {"x": "5", "y": "6", "w": "40", "h": "40"}
    html = said(client.post(url(project, "picture_crop", "mara", old.pk), {**box, "as": "reference"}, headers=HTMX))
    assert sizes(mara) == [(90, 70), (40, 40), (91, 70)]
    assert 'id="elementset"' in html and "is a picture of @mara" in html
    client.post(url(project, "picture_crop", "mara", old.pk), {**box, "w": "50", "h": "50", "as": "front"})
    assert sizes(mara)[0] == (50, 50)


def test_a_crop_in_the_place_of_the_old_one_has_a_way_back(client: Client, project: Project, mara: Element) -> None:
    old = mara.images.all()[0]
    asked = {"x": "0", "y": "0", "w": "40", "h": "40", "replace": "1"}
    html = said(client.post(url(project, "picture_crop", "mara", old.pk), asked, headers=HTMX))
    assert sizes(mara) == [(40, 40), (91, 70)]
    found = re.search(r'name="value" value="([^"]+)"', html)
    assert found and "gave way to its crop" in html
    client.post(url(project, "picture_restore"), {"value": found[1]}, headers=HTMX)
    assert sizes(mara) == [(90, 70), (40, 40), (91, 70)]


@pytest.mark.parametrize(
    ("box", "sentence"),
    [
        ({"x": "60", "y": "0", "w": "40", "h": "40"}, "The crop leaves still-90x70.png of 90 × 70 pixels"),
        ({"x": "6", "y": "0", "w": "4"}, "A crop needs x, y, width and height."),
        ({}, "Say what to cut"),
        ({"x": "a", "y": "0", "w": "4", "h": "4"}, "X: Enter a whole number."),
    ],
)
def test_a_crop_that_cannot_be_is_refused(
    client: Client, project: Project, mara: Element, box: dict[str, str], sentence: str
) -> None:
    old = mara.images.all()[0]
    response = client.post(url(project, "picture_crop", "mara", old.pk), box, headers=HTMX)
    assert response.status_code == 422 and sentence in said(response)
    assert len(sizes(mara)) == 2


def test_a_cell_and_a_frame_become_pictures(client: Client, project: Project, mara: Element) -> None:
    sequence = factories.sequence_of(project)
    grid = factories.make_grid_ready(sequence, "2x2")
    take = factories.make_take(sequence)
    here = url(project, "picture", "mara")
    assert said(client.get(f"{here}?from=grid", headers=HTMX)).count('name="cell"') == 4
    assert 'max="23"' in said(client.get(f"{here}?from=take&take=seq01/t1", headers=HTMX))
    client.post(url(project, "picture_cell", "mara"), {"grid": "SEQ01/G1", "cell": "2"}, headers=HTMX)
    assert sizes(mara)[2] == (grid.cells[1][2], grid.cells[1][3])
    box = {"x": "1", "y": "2", "w": "40", "h": "41"}
    client.post(url(project, "picture_frame", "mara"), {"take": "SEQ01/T1", "frame": "3", **box, "as": "front"})
    assert sizes(mara)[0] == (40, 41)
    assert mara.images.all()[0].source == f"frame 3 of {take}"
    for grid_name in ("SEQ01/G9", "G"):
        asked = {"grid": grid_name, "cell": "1"}
        assert client.post(url(project, "picture_cell", "mara"), asked).status_code == 404
    asked = {"take": "SEQ01/Tx", "frame": "1"}
    assert client.post(url(project, "picture_frame", "mara"), asked).status_code == 404


def test_a_removed_picture_comes_back(client: Client, project: Project, mara: Element) -> None:
    first = mara.images.all()[0]
    follow = client.post(url(project, "picture_remove", "mara", first.pk), follow=True)
    found = re.search(r'name="value" value="([^"]+)"', said(follow))
    assert found and "still-90x70.png is off @mara" in said(follow)
    assert sizes(mara) == [(91, 70)]
    client.post(url(project, "picture_restore"), {"value": found[1]})
    assert sizes(mara) == [(90, 70), (91, 70)]
    assert client.post(url(project, "picture_restore"), {"value": found[1] + "x"}).status_code == 404


def test_pictures_take_the_posted_order(client: Client, project: Project, mara: Element) -> None:
    ids = [str(p.pk) for p in mara.images.all()]
    client.post(url(project, "picture_order", "mara"), {"order": ",".join(reversed(ids))}, headers=HTMX)
    assert sizes(mara) == [(91, 70), (90, 70)]
    for order in ("", "a,b", ids[0]):
        response = client.post(url(project, "picture_order", "mara"), {"order": order}, headers=HTMX)
        assert response.status_code == 422


def test_the_page_warns_of_small_pictures_and_finds_words(client: Client, project: Project, mara: Element) -> None:
    html = said(client.get(url(project, "elements")))
    assert ", under 512.</b> 2 pictures are small. Likeness may suffer." in html
    html = said(client.get(f"{url(project, 'elements')}?q=@MARA"))
    assert 'id="el-mara"' in html and 'id="el-dog"' not in html
    html = said(client.get(f"{url(project, 'elements')}?q=nobody"))
    assert 'id="el-mara"' not in html and '<li class="calm" id="nonefound">' in html


def test_a_reviewer_adds_and_crops_nothing(client: Client, project: Project, mara: Element) -> None:
    client.force_login(factories.add_member(project, Role.REVIEWER))
    old = mara.images.all()[0]
    assert "pictures are added by owners and artists" in said(client.get(url(project, "picture", "mara"), headers=HTMX))
    box = {"x": "0", "y": "0", "w": "40", "h": "40"}
    assert client.post(url(project, "picture_crop", "mara", old.pk), box, headers=HTMX).status_code == 422
    sent = {"files": SimpleUploadedFile("a.png", drawn()), "path": "characters/mara/a.png"}
    assert client.post(url(project, "refs_import"), sent, headers=HTMX).status_code == 422
    assert len(sizes(mara)) == 2


# refs folders


def test_a_folder_comes_in_file_by_file(client: Client, project: Project) -> None:
    files = [
        SimpleUploadedFile("1.png", drawn(1)),
        SimpleUploadedFile("bad.png", b"x"),
        SimpleUploadedFile("1.png", drawn(3)),
    ]
    paths = ["night-ferry/refs/characters/mara/1.png", "night-ferry/refs/characters/mara/bad.png",
             "night-ferry/refs/props/bell/1.png"]  # fmt: skip
    html = said(client.post(url(project, "refs_import"), {"files": files, "path": paths}, headers=HTMX))
    assert "1 element and 2 pictures came in, 0 known already; 1 thing left out." in html
    assert "characters/mara/bad.png is left out" in html and 'id="el-bell"' in html
    assert project.elements.get(key="mara").images.get().source == "folder characters/mara"


def test_a_zip_of_the_folder_does_too(client: Client, project: Project) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("mine/places/pier/a.png", drawn(4))
    sent = {"zip": SimpleUploadedFile("refs.zip", packed.getvalue())}
    client.post(url(project, "refs_import"), sent, follow=True)
    assert project.elements.get(key="pier").kind == "place"


@pytest.mark.parametrize(
    ("paths", "sentence"),
    [
        (["../../characters/mara/a.png"], "leads out of the folder"),
        (["/characters/mara/a.png"], "leads out of the folder"),
        (["mara/a.png"], "What was sent has no characters, props or places folder."),
        ([], "No folder came along"),
        (["characters/" + "m" * 300 + "/a.png"], "cannot be written"),
    ],
)
def test_a_folder_that_cannot_be_is_refused(client: Client, project: Project, paths: list[str], sentence: str) -> None:
    sent = {"files": SimpleUploadedFile("a.png", drawn()), "path": paths}
    response = client.post(url(project, "refs_import"), sent, headers=HTMX)
    assert response.status_code == 422 and sentence in said(response)
    assert project.elements.count() == 2


@pytest.fixture
def watched(project: Project) -> Iterator[Path]:
    there = refs.watched(project)
    (there / "characters/mara").mkdir(parents=True)
    yield there
    shutil.rmtree(there.parent)


def test_the_watched_folder_is_shown_and_looked_at(client: Client, project: Project, watched: Path) -> None:
    assert "It has not been looked at yet." in said(client.get(url(project, "elements")))
    for name, content in (("a.png", drawn(5)), ("half.png", drawn(6)[:60])):
        (watched / "characters/mara" / name).write_bytes(content)
        os.utime(watched / "characters/mara" / name, (1, 1))
    client.post(url(project, "refs_look"), headers=HTMX)
    html = said(client.get(url(project, "elements")))
    assert "0 elements and 1 picture came in, 0 known already; 1 thing left out." in html
    assert "characters/mara/half.png is left out" in html and "Import now" in html


def test_without_a_watched_folder_the_page_says_how(client: Client, project: Project) -> None:
    assert "refs/night-ferry/characters/mara/" in said(client.get(url(project, "elements")))
    assert client.post(url(project, "refs_look"), headers=HTMX).status_code == 422


# who goes first, on the workbench


def test_a_cast_takes_the_posted_order_and_the_projects(client: Client, project: Project) -> None:
    sequence = factories.sequence_of(project)
    client.post(url(project, "cast_add", "SEQ01"), {"element": "dog"}, headers=HTMX)
    html = said(client.post(url(project, "cast_order", "SEQ01"), {"order": "dog,mara"}, headers=HTMX))
    assert casting.cast_keys(sequence) == ["dog", "mara"]
    assert 'data-item="dog"' in html and "order</button>" in html
    assert "SEQ01</a>" in said(client.get(url(project, "elements"))).split('id="order"')[1].split("</section>")[0]
    client.post(url(project, "cast_order", "SEQ01"), {"order": ""})
    assert casting.cast_keys(sequence) == ["mara", "dog"]
    assert client.post(url(project, "cast_order", "SEQ01"), {"order": "mara"}, headers=HTMX).status_code == 422
