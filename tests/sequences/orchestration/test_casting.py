"""Elements, their pictures, and who has priority."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from sequences import orchestration as verbs
from sequences import storage
from sequences.errors import Refusal
from sequences.models import Element, Project
from tests.factories import Plan, make_project, make_sequence, picture_file, sequence_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return make_project(sequences=[Plan(elements=("mara", "dog"))], elements=["mara", "dog", "ferry"], song=False)


def cast(project: Project) -> list[str]:
    rows = sequence_of(project).sequence_elements.order_by("position")
    return [e.element.key for e in rows if e.element.deleted_at is None]


def pictures(folder: Path) -> list[Path]:
    paths = []
    for n, suffix in enumerate(("png", "jpg", "webp")):
        paths.append(folder / f"side-{n}.{suffix}")
        Image.new("RGB", (64 + n, 48), (n * 80, 0, 0)).save(paths[-1])
    return paths


def test_a_name_makes_a_key(project: Project) -> None:
    element = verbs.add_element(actor=None, project=project, name=" Brass lantern ", kind="prop", description="old")
    assert (element.key, element.name, element.kind, element.position) == ("brass-lantern", "Brass lantern", "prop", 3)
    with pytest.raises(Refusal, match=r"^There is an element @mara already\.$"):
        verbs.add_element(actor=None, project=project, name="Mara")
    with pytest.raises(Refusal, match='^Kind is "animal"; use character, prop or place'):
        verbs.add_element(actor=None, project=project, name="Cat", kind="animal")
    with pytest.raises(Refusal, match="^Key is "):
        verbs.add_element(actor=None, project=project, name="Cat", key="a cat")


def test_an_edit_keeps_the_key(project: Project) -> None:
    element = project.elements.get(key="mara")
    row = verbs.edit_element(actor=None, element=element, name="Mara B", description="in yellow")
    assert (row.key, row.name, row.description) == ("mara", "Mara B", "in yellow")


def test_a_deleted_element_comes_back_to_its_places(project: Project) -> None:
    mara = project.elements.get(key="mara")
    verbs.delete_element(actor=None, element=mara)
    assert cast(project) == ["dog"]
    verbs.restore_element(actor=None, element=mara)
    assert cast(project) == ["mara", "dog"]
    verbs.delete_element(actor=None, element=mara)
    verbs.add_element(actor=None, project=project, name="Mara")
    with pytest.raises(Refusal, match=r"^There is another element @mara now\.$"):
        verbs.restore_element(actor=None, element=mara)


def test_priority(project: Project) -> None:
    sequence = sequence_of(project)
    verbs.set_sequence_elements(actor=None, sequence=sequence, keys=["ferry", "mara", "dog"])
    verbs.move_element(actor=None, sequence=sequence, key="dog", up=True)
    assert cast(project) == ["ferry", "dog", "mara"]
    verbs.move_element(actor=None, sequence=sequence, key="mara", up=False)
    verbs.move_element(actor=None, sequence=sequence, key="ferry", up=False)
    assert cast(project) == ["dog", "ferry", "mara"]
    for keys, sentence in (
        (["mara", "cat"], "There is no element @cat."),
        (["mara", "mara"], "Name each element once."),
    ):
        with pytest.raises(Refusal) as caught:
            verbs.set_sequence_elements(actor=None, sequence=sequence, keys=keys)
        assert str(caught.value) == sentence
    assert cast(project) == ["dog", "ferry", "mara"]


def test_elements_have_an_order(project: Project) -> None:
    verbs.order_elements(actor=None, project=project, keys=["ferry", "mara", "dog"])
    assert list(project.elements.values_list("key", flat=True)) == ["ferry", "mara", "dog"]
    with pytest.raises(Refusal, match="^Name each once: "):
        verbs.order_elements(actor=None, project=project, keys=["ferry"])


def test_pictures_are_kept_by_what_they_are(project: Project, tmp_path: Path) -> None:
    mara = project.elements.get(key="mara")
    paths = pictures(tmp_path)
    lying = SimpleUploadedFile("../portrait.jpg", paths[0].read_bytes())
    made = verbs.add_pictures(actor=None, element=mara, uploads=[*paths[1:], lying])
    assert [(i.name, i.width, i.position) for i in made] == [
        ("side-1.jpg", 65, 0), ("side-2.webp", 66, 1), ("portrait.jpg", 64, 2)
    ]  # fmt: skip
    assert made[2].file == f"projects/night-ferry/elements/mara/{made[2].sha256}.png"
    assert storage.absolute(made[2].file).read_bytes() == paths[0].read_bytes()
    assert verbs.add_pictures(actor=None, element=mara, uploads=paths) == []


def test_the_first_picture_is_frontal(project: Project, tmp_path: Path) -> None:
    mara = project.elements.get(key="mara")
    a, b, c = verbs.add_pictures(actor=None, element=mara, uploads=pictures(tmp_path))
    verbs.order_pictures(actor=None, element=mara, ids=[c.pk, a.pk, b.pk])
    assert list(mara.images.values_list("pk", flat=True)) == [c.pk, a.pk, b.pk]
    verbs.remove_picture(actor=None, image=c)
    first = mara.images.first()
    assert first and first.pk == a.pk


def test_one_bad_picture_refuses_them_all(project: Project, tmp_path: Path) -> None:
    bad = tmp_path / "notes.png"
    bad.write_text("no picture")
    mara = project.elements.get(key="mara")
    with pytest.raises(Refusal) as caught:
        verbs.add_pictures(actor=None, element=mara, uploads=[picture_file(), bad])
    assert (caught.value.code, caught.value.where) == ("bad_picture", "notes.png")
    assert str(caught.value) == "The picture notes.png is not a picture; send a PNG, JPEG or WebP file."
    assert not mara.images.exists()


def test_a_dozen_pictures_is_the_most(project: Project, tmp_path: Path) -> None:
    paths = []
    for n in range(13):
        paths.append(tmp_path / f"{n:02}.png")
        Image.new("RGB", (32, 32), (n, n, n)).save(paths[-1])
    with pytest.raises(Refusal, match=r"^@mara would have 13 pictures; 12 is the most\.$"):
        verbs.add_pictures(actor=None, element=Element.objects.get(key="mara"), uploads=paths)


def test_the_order_of_a_cast_names_exactly_those_listed(project: Project) -> None:
    sequence = sequence_of(project)
    verbs.order_cast(actor=None, sequence=sequence, keys=["dog", "mara"])
    assert cast(project) == ["dog", "mara"]
    with pytest.raises(Refusal, match=r"^Name each once: mara, dog\.$"):
        verbs.order_cast(actor=None, sequence=sequence, keys=["dog", "ferry"])
    verbs.order_cast(actor=None, sequence=sequence)
    assert cast(project) == ["mara", "dog"]


def test_sequences_in_the_order_of_the_project_follow_it(project: Project) -> None:
    own = make_sequence(project, Plan(elements=("dog", "mara")), 10)
    verbs.order_elements(actor=None, project=project, keys=["ferry", "dog", "mara"])
    assert cast(project) == ["dog", "mara"]
    verbs.order_elements(actor=None, project=project, keys=["mara", "dog", "ferry"])
    assert cast(project) == ["mara", "dog"]
    # an order of its own that has met the project's goes on with it
    assert [e.element.key for e in own.sequence_elements.order_by("position")] == ["mara", "dog"]


def test_a_newcomer_takes_its_place_in_the_order_of_the_project(project: Project) -> None:
    sequence = sequence_of(project)
    verbs.order_elements(actor=None, project=project, keys=["mara", "ferry", "dog"])
    verbs.list_element(actor=None, sequence=sequence, key="ferry")
    verbs.list_element(actor=None, sequence=sequence, key="ferry")
    assert cast(project) == ["mara", "ferry", "dog"]
    verbs.set_sequence_elements(actor=None, sequence=sequence, keys=["dog", "mara"])
    verbs.list_element(actor=None, sequence=sequence, key="ferry")
    assert cast(project) == ["dog", "mara", "ferry"]
    with pytest.raises(Refusal, match="There is no element @cat"):
        verbs.list_element(actor=None, sequence=sequence, key="cat")
