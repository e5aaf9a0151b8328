"""The Elements page through the front door: who is there, their pictures, who goes where."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from sequences.models import Element, Project
from sequences.models.plan import Role
from sequences.orchestration import casting
from tests import factories
from tests.factories import Plan

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
KEYS = ("mara", "ferryman", "lantern", "dog")


@pytest.fixture
def project(client: Client) -> Project:
    owner = factories.make_user()
    client.force_login(owner)
    return factories.make_project(owner, [Plan(start_frame=True, elements=KEYS), Plan()], elements=KEYS)


def with_pictures(project: Project) -> None:
    for n, element in enumerate(project.elements.all()):
        casting.add_pictures(actor=None, element=element, uploads=[factories.picture_file(64 + n, 64)])


def url(project: Project, name: str = "elements", *args: Any) -> str:
    return reverse(name, args=[project.slug, *args])


def picture(width: int, name: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, Path(factories.picture_file(width, 48)).read_bytes(), "image/png")


def test_shows_each_with_key_words_and_places(client: Client, project: Project) -> None:
    html = client.get(url(project)).content.decode()
    assert "@ferryman" in html
    assert "a lantern" in html
    assert "SEQ01: Mara left out, rank 1: has no reference picture. Take off" in html
    assert "SEQ02: Mara not used. Add" in html


def test_says_where_it_is_left_out_and_why(client: Client, project: Project) -> None:
    with_pictures(project)
    html = client.get(url(project)).content.decode()
    assert "SEQ01: Lantern sent, rank 3" in html
    assert "SEQ01: Dog left out, rank 4: over the limit: 3 a call with a start frame" in html
    assert "Left out in 1 of 1." in html


def test_a_project_without_any_says_what_they_are(client: Client) -> None:
    owner = factories.make_user()
    client.force_login(owner)
    html = client.get(url(factories.make_project(owner))).content.decode()
    assert "No elements yet" in html


def test_number_of_queries_does_not_grow(client: Client, project: Project, django_assert_num_queries: Any) -> None:
    client.get(url(project))
    with django_assert_num_queries(14):
        client.get(url(project))
    for n in range(5):
        casting.add_element(actor=None, project=project, name=f"extra {n}")
    with_pictures(project)
    with django_assert_num_queries(14):
        client.get(url(project))


def test_strangers_see_nothing(client: Client, project: Project) -> None:
    client.force_login(factories.make_user())
    assert client.get(url(project)).status_code == 404
    assert client.post(url(project, "element_delete", "mara")).status_code == 404


def test_reviewers_change_nothing(client: Client, project: Project) -> None:
    client.force_login(factories.add_member(project, Role.REVIEWER))
    response = client.post(url(project, "element_edit", "mara"), {"name": "Mine"}, headers=HTMX)
    assert response.status_code == 422
    assert project.elements.get(key="mara").name == "Mara"


def test_adds_one_with_pictures(client: Client, project: Project) -> None:
    sent = [picture(70, "front.png"), picture(71, "side.png")]
    asked = {"name": "Ferry bell", "kind": "prop", "description": "a cracked bell", "pictures": sent}
    response = client.post(url(project, "element_add"), asked)
    assert response["Location"].endswith("#el-ferry-bell")
    made = project.elements.get(key="ferry-bell")
    assert [p.name for p in made.images.all()] == ["front.png", "side.png"]


def test_a_bad_picture_adds_no_element(client: Client, project: Project) -> None:
    bad = SimpleUploadedFile("b.png", b"words", "image/png")
    asked = {"name": "Ferry bell", "kind": "prop", "pictures": [picture(70, "a.png"), bad]}
    response = client.post(url(project, "element_add"), asked, headers=HTMX)
    assert response.status_code == 422
    assert not project.elements.filter(key="ferry-bell").exists()


@pytest.mark.parametrize(
    "asked, said",
    [
        ({"name": "", "kind": "prop"}, "Name: This field is required."),
        ({"name": "Mara", "key": "mara", "kind": "prop"}, "There is an element @mara already."),
        ({"name": "Bell", "kind": "ghost"}, "ghost"),
    ],
)
def test_refuses_what_cannot_be(client: Client, project: Project, asked: dict[str, str], said: str) -> None:
    response = client.post(url(project, "element_add"), asked, headers=HTMX)
    assert response.status_code == 422
    assert said in response.content.decode().replace("&quot;", '"')
    assert project.elements.count() == 4


def test_saves_one_field_and_keeps_the_others(client: Client, project: Project) -> None:
    words = {"description": "a woman in a yellow coat"}
    html = client.post(url(project, "element_edit", "mara"), words, headers=HTMX).content.decode()
    mara = project.elements.get(key="mara")
    assert (mara.name, mara.description) == ("Mara", "a woman in a yellow coat")
    assert 'id="words-mara"' in html
    assert "<textarea" not in html  # what is being written in is never swapped
    html = client.post(url(project, "element_edit", "mara"), {"name": "Mara B"}, headers=HTMX).content.decode()
    assert 'id="elementset"' in html
    assert 'id="matrix"' in html


def test_deletes_with_a_way_back(client: Client, project: Project) -> None:
    gone = project.elements.get(key="dog")
    html = client.post(url(project, "element_delete", "dog"), headers=HTMX).content.decode()
    assert "Dog deleted." in html
    assert 'id="el-dog"' not in html
    html = client.post(url(project, "element_restore"), {"value": gone.pk}, headers=HTMX).content.decode()
    assert 'id="el-dog"' in html
    follow = client.post(url(project, "element_delete", "dog"), follow=True).content.decode()
    assert f'name="value" value="{gone.pk}"' in follow


def images(project: Project) -> list[str]:
    return [p.name for p in Element.objects.get(project=project, key="mara").images.all()]


def test_orders_and_removes_pictures(client: Client, project: Project) -> None:
    sent = {"pictures": [picture(70, "a.png"), picture(71, "b.png"), picture(72, "c.png")]}
    client.post(url(project, "picture_add", "mara"), sent, headers=HTMX)
    by_name = {p.name: p.pk for p in project.elements.get(key="mara").images.all()}
    client.post(url(project, "picture_move", "mara", by_name["b.png"]), {"to": "left"}, headers=HTMX)
    assert images(project) == ["b.png", "a.png", "c.png"]
    client.post(url(project, "picture_move", "mara", by_name["c.png"]), {"to": "front"})
    assert images(project) == ["c.png", "b.png", "a.png"]
    client.post(url(project, "picture_remove", "mara", by_name["b.png"]), headers=HTMX)
    assert images(project) == ["c.png", "a.png"]


def test_a_file_that_is_no_picture_adds_none(client: Client, project: Project) -> None:
    sent = {"pictures": [picture(70, "a.png"), SimpleUploadedFile("b.png", b"words", "image/png")]}
    response = client.post(url(project, "picture_add", "mara"), sent, headers=HTMX)
    assert response.status_code == 422
    assert "b.png" in response.content.decode()
    assert images(project) == []


def test_moves_in_the_order_of_the_project(client: Client, project: Project) -> None:
    client.post(url(project, "element_order"), {"element": "dog", "to": "up"}, headers=HTMX)
    order = project.elements.order_by("position").values_list("key", flat=True)
    assert list(order) == ["mara", "ferryman", "dog", "lantern"]


def test_the_matrix_lists_and_takes_off(client: Client, project: Project) -> None:
    client.post(url(project, "element_list"), {"element": "dog", "sequence": "SEQ02"}, headers=HTMX)
    second = factories.sequence_of(project, "SEQ02")
    assert casting.cast_keys(second) == ["dog"]
    client.post(url(project, "element_list"), {"element": "dog", "sequence": "SEQ02"})
    assert casting.cast_keys(second) == []
