"""The list of what is stale, and the question before an edit, through the front door."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from sequences.models import Element, ElementImage, Project, StartFrame, Take, Waiver
from sequences.models.plan import Role
from sequences.orchestration import casting, staling
from tests import bulk, factories

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def project(client: Client) -> Project:
    """Two sequences with @mara and one with @dog; an approved and a waiting take each; 0.50 a take to refresh."""
    owner = factories.make_user()
    client.force_login(owner)
    factories.priced("0.0625")
    return bulk.large_project(3, 2, starring=2, owner=owner)


def swap_pictures(project: Project, key: str = "mara") -> None:
    element = project.elements.get(key=key)
    ids = [image.pk for image in element.images.all()]
    casting.order_pictures(actor=None, element=element, ids=ids[::-1])


def url(project: Project, name: str = "stale", *args: Any) -> str:
    return reverse(name, args=[project.slug, *args])


def fields(html: str) -> dict[str, list[str]]:
    """Hidden fields of the form that refreshes or saves."""
    form = re.search(r'<form id="(?:ask|refresh)form".*?</form>', html, re.S)
    assert form, html
    out: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form[0]):
        out.setdefault(name, []).append(value)
    return out


def text(response: HttpResponse) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_nothing_stale_says_so(client: Client, project: Project) -> None:
    shown = text(client.get(url(project)))
    assert "No take is stale" in shown
    assert "Nothing refreshes itself" in shown


def test_lists_takes_by_sequence_with_causes_and_prices(client: Client, project: Project) -> None:
    swap_pictures(project)
    shown = text(client.get(url(project)))
    assert "4 takes are stale" in shown
    assert "T1, T2 Approved $1.00" in shown
    assert "@mara has other pictures or another name now." in shown
    assert "All 4 takes $2.00 SEQ01 and SEQ02 go back to review." in shown
    assert "Only those not approved $1.00 SEQ01, 1 take, SEQ02, 1 take." in shown
    assert "SEQ03" not in shown


def test_number_of_queries_does_not_grow(client: Client, django_assert_num_queries: Any) -> None:
    owner = factories.make_user()
    client.force_login(owner)
    small = bulk.large_project(2, 1, starring=2, owner=owner)
    large = bulk.large_project(6, 4, starring=6, owner=owner)
    for each in (small, large):
        swap_pictures(each)
    client.get(url(small))
    for each in (small, large):
        with django_assert_num_queries(16):
            assert client.get(url(each), headers=HTMX).status_code == 200


def test_refreshes_those_not_approved_and_tells_each(client: Client, project: Project) -> None:
    swap_pictures(project)
    sent = fields(client.get(url(project)).content.decode())
    client.post(url(project, "stale_refresh"), {**sent, "stale": "refresh_unapproved"})
    made = Take.objects.filter(sequence__project=project, state="making")
    assert [str(t) for t in made.order_by("sequence__code")] == ["SEQ01/T3", "SEQ02/T3"]
    shown = text(client.get(url(project)))
    assert "Asked for again: SEQ01/T2 as T3, SEQ02/T2 as T3." in shown
    assert "2 takes are stale" in shown
    assert "SEQ01/T2 T3 comes in its place and is being made." in shown


def test_a_second_click_pays_once(client: Client, project: Project) -> None:
    swap_pictures(project)
    sent = {**fields(client.get(url(project)).content.decode()), "stale": "refresh"}
    client.post(url(project, "stale_refresh"), sent)
    client.post(url(project, "stale_refresh"), sent)
    assert Take.objects.filter(sequence__project=project, state="making").count() == 4


def test_another_price_than_shown_is_refused_over_the_new_list(client: Client, project: Project) -> None:
    swap_pictures(project)
    sent = fields(client.get(url(project)).content.decode())
    factories.priced("0.125")
    answer = client.post(url(project, "stale_refresh"), {**sent, "stale": "refresh"}, headers=HTMX)
    assert answer.status_code == 422
    assert "The price is $4.00 now, not $2.00" in text(answer)
    assert "All 4 takes $4.00" in text(answer)
    assert not Take.objects.filter(sequence__project=project, state="making").exists()


@pytest.mark.parametrize("wrong", [{"stale": "everything"}, {"stale": "refresh", "stale_take": "1:x"}])
def test_a_strange_form_is_refused(client: Client, project: Project, wrong: dict[str, str]) -> None:
    swap_pictures(project)
    assert client.post(url(project, "stale_refresh"), wrong, headers=HTMX).status_code == 422


def test_waives_with_a_reason_and_takes_it_back(client: Client, project: Project) -> None:
    swap_pictures(project)
    sent = {"name": ["SEQ01/T1", "SEQ01/T2"], "why": "she is seen from behind"}
    assert client.post(url(project, "stale_waive"), sent).status_code == 303
    shown = text(client.get(url(project)))
    assert "2 takes are stale" in shown
    assert "Waived (2)" in shown
    assert "“she is seen from behind”" in shown
    client.post(url(project, "stale_take_back"), {"name": "SEQ01/T1"})
    assert "3 takes are stale" in text(client.get(url(project)))
    client.post(url(project, "stale_take_back"), {"name": "SEQ01/T2"})
    assert Waiver.objects.filter(withdrawn_at=None).count() == 0


def test_a_waiver_needs_a_tick_and_a_reason(client: Client, project: Project) -> None:
    swap_pictures(project)
    for sent, said in (({"why": "fine"}, "Tick what"), ({"name": "SEQ01/T1", "why": " "}, "Say why it looks right")):
        answer = client.post(url(project, "stale_waive"), sent, headers=HTMX)
        assert answer.status_code == 422
        assert said in text(answer)


def test_set_aside_is_listed_and_used_all_the_same(client: Client, project: Project) -> None:
    take = Take.objects.get(sequence__code="SEQ03", number=2)
    Take.objects.filter(pk=take.pk).update(set_aside="The style lines have changed.")
    shown = text(client.get(url(project)))
    assert "SEQ03/T2 The style lines have changed. What it was made from is asked for again now." in shown
    client.post(url(project, "stale_use"), {"name": "SEQ03/T2"})
    assert Take.objects.get(pk=take.pk).set_aside == ""
    assert client.post(url(project, "stale_use"), {"name": "SEQ03/T2"}, headers=HTMX).status_code == 422


def test_strangers_and_what_is_not_there_are_404(client: Client, project: Project) -> None:
    assert client.post(url(project, "stale_waive"), {"name": "SEQ09/T1", "why": "x"}).status_code == 404
    assert client.post(url(project, "stale_use"), {"name": "SEQ01/F1"}).status_code == 404
    client.force_login(factories.make_user())
    assert client.get(url(project)).status_code == 404


def test_a_reviewer_sees_and_changes_nothing(client: Client, project: Project) -> None:
    swap_pictures(project)
    client.force_login(factories.add_member(project, Role.REVIEWER))
    assert "refreshing and waiving take an owner or an artist" in text(client.get(url(project)))
    sent = fields(client.get(url(project)).content.decode())
    assert client.post(url(project, "stale_refresh"), {**sent, "stale": "refresh"}, headers=HTMX).status_code == 422
    assert client.post(url(project, "stale_waive"), {"name": "SEQ01/T1", "why": "x"}, headers=HTMX).status_code == 422
    assert not Take.objects.filter(state="making").exists()
    assert not Waiver.objects.exists()


def test_an_edit_that_makes_takes_stale_asks_first_and_saves_nothing(client: Client, project: Project) -> None:
    element = project.elements.get(key="mara")
    answer = client.post(url(project, "element_edit", "mara"), {"name": "Marla"}, headers=HTMX)
    assert answer["HX-Retarget"] == "#dialog"
    shown = text(answer)
    assert "This edit makes 4 takes stale" in shown
    assert "Save, refresh 4 takes $2.00" in shown
    assert "Discard the edit" in shown
    assert Element.objects.get(pk=element.pk).name == "Mara"


@pytest.mark.parametrize(("choice", "made"), [("save", 0), ("refresh_unapproved", 2), ("refresh", 4)])
def test_the_question_sends_the_edit_again(client: Client, project: Project, choice: str, made: int) -> None:
    address = url(project, "element_edit", "mara")
    asked = client.post(address, {"name": "Marla & Mo"}, headers=HTMX).content.decode()
    sent = {k: [v.replace("&amp;", "&") for v in values] for k, values in fields(asked).items()}
    answer = client.post(address, {**sent, "stale": choice}, headers=HTMX)
    assert answer.status_code == 200
    assert project.elements.get(key="mara").name == "Marla & Mo"
    assert Take.objects.filter(state="making").count() == made
    client.post(address, {**sent, "stale": choice}, headers=HTMX)
    assert Take.objects.filter(state="making").count() == made


def test_without_script_the_question_is_a_page(client: Client, project: Project) -> None:
    address = url(project, "element_edit", "mara")
    html = client.post(address, {"name": "Marla"}).content.decode()
    assert "<html" in html
    assert f'action="{address}"' in html
    answer = client.post(address, {**fields(html), "stale": "save"})
    assert answer.status_code == 303
    assert project.elements.get(key="mara").name == "Marla"


def test_a_price_that_changed_meanwhile_saves_and_refreshes_nothing(client: Client, project: Project) -> None:
    address = url(project, "element_edit", "mara")
    sent = fields(client.post(address, {"name": "Marla"}, headers=HTMX).content.decode())
    factories.priced("0.125")
    said = text(client.post(address, {**sent, "stale": "refresh"}, headers=HTMX))
    assert "The edit is saved. Nothing was refreshed: The price is $4.00 now" in said
    assert project.elements.get(key="mara").name == "Marla"
    assert not Take.objects.filter(state="making").exists()


def test_an_edit_that_makes_nothing_stale_asks_nothing(client: Client, project: Project) -> None:
    sent = {"description": "told in words only when she is not shown"}
    assert "stale" not in text(client.post(url(project, "element_edit", "mara"), sent, headers=HTMX))


@pytest.mark.parametrize("how", ["order", "remove", "delete", "style", "section", "boundary"])
def test_every_edit_of_the_plan_asks(client: Client, project: Project, how: str) -> None:
    images = list(ElementImage.objects.filter(element__key="mara"))
    ids = ",".join(str(i.pk) for i in images[::-1])
    last = project.sequences.get(code="SEQ03")
    posts: dict[str, tuple[str, dict[str, str]]] = {
        "order": (url(project, "picture_order", "mara"), {"order": ids}),
        "remove": (url(project, "picture_remove", "mara", images[0].pk), {}),
        "delete": (url(project, "element_delete", "mara"), {}),
        "style": (url(project, "style_set"), {"prefix": "16 mm", "suffix": "", "negative": ""}),
        "section": (url(project, "row_edit", last.code), {"start": "0:16", "end": "0:23"}),
        "boundary": (url(project, "boundary_move"), {"left": last.code, "right": "", "at": "23"}),
    }
    address, sent = posts[how]
    answer = client.post(address, sent, headers=HTMX)
    assert answer["HX-Retarget"] == "#dialog"
    assert "stale" in text(answer)
    assert staling.stale_report(project=Project.objects.get(pk=project.pk)).rows == ()
    again = {**fields(answer.content.decode()), "stale": "save"}
    assert client.post(address, again, headers=HTMX).status_code == 200
    assert staling.stale_report(project=Project.objects.get(pk=project.pk)).takes


def test_an_autosaved_prompt_tells_what_it_costs_and_marks_the_workbench(client: Client, project: Project) -> None:
    sequence = project.sequences.get(code="SEQ03")
    shot = sequence.shots.get(number=2)
    answer = client.post(url(project, "shot_prompt", "SEQ03", shot.pk), {"text": "@dog barks"}, headers=HTMX)
    html = answer.content.decode()
    assert "This makes SEQ03/T1, SEQ03/T2 stale; refreshing them costs" in text(answer)
    assert f'href="{url(project)}"' in html
    assert re.search(r'id="mark-take-1" hx-swap-oob="true"><a class="status stale"', html)
    back = "@dog walks along pier 9, slow push in"
    assert back == shot.revisions.first().text
    answer = client.post(url(project, "shot_prompt", "SEQ03", shot.pk), {"text": back}, headers=HTMX)
    assert re.search(r'id="mark-take-1" hx-swap-oob="true">\s*</p>', answer.content.decode())


def test_marks_stand_beside_the_status_everywhere(client: Client, project: Project) -> None:
    swap_pictures(project)
    Take.objects.filter(sequence__code="SEQ03", number=2).update(set_aside="The style lines have changed.")
    StartFrame.objects.all().update(file="f.png")
    pages = {
        "board": (url(project, "board"), ["In review Stale , SEQ01/T1", "4 stale takes", "T2 set aside"]),
        "workbench": (url(project, "sequence", "SEQ01"), ["In review Stale , SEQ01/T1", "Stale , SEQ01/T2"]),
        "dailies": (url(project, "dailies_take", "SEQ01", 2), ["Stale , SEQ01/T2", "Set aside"]),
        "aside": (url(project, "dailies_take", "SEQ03", 2), ["T2 was set aside. The style lines have changed."]),
        "cut": (url(project, "cut"), ["Stale , SEQ01/T1"]),
    }
    for name, (address, said) in pages.items():
        shown = text(client.get(address))
        for words in said:
            assert words in shown, (name, words)


def test_a_waived_one_says_so_beside_its_status(client: Client, project: Project) -> None:
    swap_pictures(project)
    for name in ("SEQ01/T1", "SEQ01/T2"):
        client.post(url(project, "stale_waive"), {"name": name, "why": "fine as it is"})
    assert "Stale, waived : fine as it is" in text(client.get(url(project, "board")))
