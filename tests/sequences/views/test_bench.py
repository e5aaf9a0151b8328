"""The Sequence workbench through the front door: page, fragments, every verb with and without htmx."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from sequences.models import Grid, Project, PromptRevision, Sequence, Shot, Take
from sequences.models.plan import Role
from sequences.orchestration import casting, making, prompting
from tests import factories
from tests.factories import Plan

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
THREE = Plan(
    section="Chorus 1",
    prompts=("a stage under beams, @mara sings", "neon street, @dog runs", "a lantern"),
    seconds=(2, 1, 2),
    elements=("mara", "dog"),
    start_frame=True,
    length=4,
)


@pytest.fixture
def project(client: Client) -> Project:
    owner = factories.make_user()
    client.force_login(owner)
    return factories.make_project(owner, [THREE, Plan(section="Verse 2", length=3)], elements=("mara", "dog", "bell"))


@pytest.fixture
def sequence(project: Project) -> Sequence:
    return factories.sequence_of(project)


def shot_of(sequence: Sequence, number: int) -> Shot:
    return sequence.shots.get(number=number, deleted_at=None)


@pytest.fixture
def url(sequence: Sequence) -> Callable[..., str]:
    def build(name: str, *args: Any) -> str:
        return reverse(name, args=[sequence.project.slug, sequence.code, *args])

    return build


def page(client: Client, url: Callable[..., str], **query: str) -> str:
    response = client.get(url("sequence"), query)
    assert response.status_code == 200
    return response.content.decode()


def visible(html: str) -> str:
    """What is read, without tags and doubled white space."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


# the page


def test_shows_shots_fit_plan_and_bill(client: Client, url: Callable[..., str]) -> None:
    html = page(client, url)
    read = visible(html)
    assert "SEQ01 Chorus 1" in read
    assert "1 s too long. Shot 3 will be cut off at 0:04." in read
    assert "3 shots in 1 call" in read
    assert "Starts from upload F1" in read
    assert "Generate 2 takes $0.00" in read
    assert "a lantern" in html


def test_number_of_queries_does_not_grow_with_shots_or_takes(
    client: Client, sequence: Sequence, url: Callable[..., str], django_assert_num_queries: Any
) -> None:
    making.request_takes(actor=None, sequences=[sequence], takes=1)
    page(client, url)  # the session is warm
    with django_assert_num_queries(24):
        page(client, url)
    making.request_takes(actor=None, sequences=[sequence], takes=3)
    for shot in sequence.shots.all():
        prompting.revise(actor=None, shot=shot, text=f"{shot.number} again")
    with django_assert_num_queries(24):
        page(client, url)


def test_leads_to_the_neighbours(client: Client, project: Project, url: Callable[..., str]) -> None:
    assert reverse("sequence", args=[project.slug, "SEQ02"]) in page(client, url)


@pytest.mark.parametrize(
    "plan, said",
    [
        (Plan(prompts=(), seconds=(), length=3), "It has no shots; add one first."),
        (Plan(prompts=("",), seconds=(1,), start_frame=True), "Shot 1 has no prompt; write it first."),
        (Plan(), "It has no start frame; pick a cell of a grid or upload one."),
    ],
)
def test_says_why_nothing_can_be_generated(client: Client, plan: Plan, said: str) -> None:
    owner = factories.make_user()
    client.force_login(owner)
    made = factories.make_project(owner, [plan])
    html = client.get(reverse("sequence", args=[made.slug, "SEQ01"])).content.decode()
    assert said in visible(html)
    assert re.search(r'id="generate" disabled', html)


def test_says_what_was_asked_for_and_where(client: Client, sequence: Sequence, url: Callable[..., str]) -> None:
    factories.make_take(sequence, "rejected", why="Shot 3: hold on the lantern longer")
    html = page(client, url)
    assert "Asked on T1, shot 3" in visible(html)
    assert 'href="#shot3"' in html


def test_what_was_asked_for_stands_while_a_later_take_fails(
    client: Client, sequence: Sequence, url: Callable[..., str]
) -> None:
    factories.make_take(sequence, "rejected", why="warmer light")
    factories.make_take(sequence, "failed")
    read = visible(page(client, url))
    assert "Asked on T1: &ldquo;warmer light&rdquo;" in read
    assert "Go to the shots" in read


@pytest.mark.parametrize("path", ["", "plan/", "live/", "takes/"])
def test_strangers_see_nothing(client: Client, sequence: Sequence, url: Callable[..., str], path: str) -> None:
    client.force_login(factories.make_user())
    assert client.get(url("sequence") + path).status_code == 404


def test_a_foreign_shot_is_not_there(client: Client, sequence: Sequence, url: Callable[..., str]) -> None:
    other = factories.make_project()
    foreign = Shot.objects.get(sequence__project=other)
    assert client.post(url("shot_prompt", foreign.pk), {"text": "mine now"}).status_code == 404
    assert foreign.revisions.get().text != "mine now"


def test_reviewers_look_but_do_not_change(client: Client, project: Project, url: Callable[..., str]) -> None:
    client.force_login(factories.add_member(project, Role.REVIEWER))
    assert "You are a reviewer of Night Ferry" in page(client, url)
    response = client.post(url("shot_add"), headers=HTMX)
    assert response.status_code == 422
    assert "this takes an owner or an artist" in response.content.decode()


# prompts


def test_every_save_is_a_revision(client: Client, sequence: Sequence, url: Callable[..., str]) -> None:
    shot = shot_of(sequence, 1)
    response = client.post(url("shot_prompt", shot.pk), {"text": "a stage under blue beams"}, headers=HTMX)
    html = response.content.decode()
    assert PromptRevision.objects.filter(shot=shot).count() == 2
    assert f'id="rev-{shot.pk}"' in html
    assert "<ins>blue beams</ins>" in html
    assert "<textarea" not in html  # what is being written in is never swapped


def test_saving_the_same_words_is_no_revision(client: Client, sequence: Sequence, url: Callable[..., str]) -> None:
    shot = shot_of(sequence, 3)
    response = client.post(url("shot_prompt", shot.pk), {"text": " a lantern "})
    assert response.status_code == 303
    assert shot.revisions.count() == 1


def test_says_when_somebody_saved_meanwhile(client: Client, sequence: Sequence, url: Callable[..., str]) -> None:
    shot = shot_of(sequence, 3)
    prompting.revise(actor=None, shot=shot, text="a lantern, lit")
    asked = {"text": "a lantern, dark", "seen": "1"}
    html = client.post(url("shot_prompt", shot.pk), asked, headers=HTMX).content.decode()
    assert "Shot 3 became r2 while you were writing; yours is r3." in html


def test_restores_an_earlier_revision_as_a_new_one(client: Client, sequence: Sequence, url: Callable[..., str]) -> None:
    shot = shot_of(sequence, 3)
    prompting.revise(actor=None, shot=shot, text="something else")
    assert client.post(url("prompt_restore", shot.pk, 1)).status_code == 303
    assert list(shot.revisions.values_list("text", "source"))[-1] == ("a lantern", "restore r1")


def test_marks_unknown_names_and_counts_what_is_sent(
    client: Client, sequence: Sequence, url: Callable[..., str]
) -> None:
    shot = shot_of(sequence, 1)
    html = client.post(url("shot_prompt", shot.pk), {"text": "@ghost walks"}, headers=HTMX).content.decode()
    assert "@ghost?" in html
    assert "11/512" in html
    assert "@ghost is no element of this project; it is sent as a word." in html


def test_a_prompt_that_is_too_long_stops_the_button(
    client: Client, sequence: Sequence, url: Callable[..., str]
) -> None:
    shot = shot_of(sequence, 1)
    html = client.post(url("shot_prompt", shot.pk), {"text": "x" * 520}, headers=HTMX).content.decode()
    assert "shorten it by 8." in visible(html).replace("\n", " ")
    assert 'id="generate" disabled' in html


# shots


def test_adds_after_a_shot(client: Client, sequence: Sequence, url: Callable[..., str]) -> None:
    response = client.post(url("shot_add"), {"after": shot_of(sequence, 1).pk})
    assert response["Location"].endswith("#shot2")
    assert shot_of(sequence, 2).revisions.count() == 0
    assert shot_of(sequence, 3).revisions.get().text.startswith("neon")


def test_a_new_shot_is_drawn_before_it_is_written(client: Client, sequence: Sequence, url: Callable[..., str]) -> None:
    html = client.post(url("shot_add"), headers=HTMX).content.decode()
    assert 'id="shot4"' in html
    assert "Shot 4 has no prompt; write it first." in visible(html)


def test_deletes_with_a_way_back(client: Client, sequence: Sequence, url: Callable[..., str]) -> None:
    shot = shot_of(sequence, 2)
    html = client.post(url("shot_delete", shot.pk), headers=HTMX).content.decode()
    assert "Shot 2 deleted." in html
    assert 'id="shot3"' not in html
    html = client.post(url("shot_restore"), {"value": shot.pk}, headers=HTMX).content.decode()
    assert "Shot 2 is back." in html
    assert shot_of(sequence, 2).pk == shot.pk


def test_without_script_the_page_offers_the_way_back(
    client: Client, sequence: Sequence, url: Callable[..., str]
) -> None:
    shot = shot_of(sequence, 2)
    response = client.post(url("shot_delete", shot.pk), follow=True)
    html = response.content.decode()
    assert "The shot was deleted." in html
    assert f'name="value" value="{shot.pk}"' in html


def test_moves_by_button_and_by_order(client: Client, sequence: Sequence, url: Callable[..., str]) -> None:
    last = shot_of(sequence, 3)
    client.post(url("shot_move", last.pk), {"to": "up"})
    last.refresh_from_db()
    assert last.number == 2
    client.post(url("shot_order"), {"order": "2,1,3"}, headers=HTMX)
    last.refresh_from_db()
    assert last.number == 1


def test_an_order_that_names_no_shot_is_refused(client: Client, url: Callable[..., str]) -> None:
    response = client.post(url("shot_order"), {"order": "1,x"}, headers=HTMX)
    assert response.status_code == 422
    assert "names something that is no shot" in response.content.decode()


def test_seconds_change_the_fit_and_leave_the_field_alone(
    client: Client, sequence: Sequence, url: Callable[..., str]
) -> None:
    shot = shot_of(sequence, 3)
    html = client.post(url("shot_seconds", shot.pk), {"seconds": "1,0"}, headers=HTMX).content.decode()
    assert "The shots fill the section exactly." in html
    assert 'name="seconds"' not in html
    response = client.post(url("shot_seconds", shot.pk), {"seconds": "long"}, headers=HTMX)
    assert "is no number of seconds" in response.content.decode()


@pytest.mark.parametrize("how, seconds", [("trim", 1.0), ("scale", 1.6), ("whole", 1.0)])
def test_makes_the_shots_fit(
    client: Client, sequence: Sequence, url: Callable[..., str], how: str, seconds: float
) -> None:
    html = client.post(url("shot_fit"), {"how": how}, headers=HTMX).content.decode()
    assert "The shots fill the section exactly." in html
    assert float(shot_of(sequence, 3).seconds) == seconds


def test_a_solo_shot_gets_its_own_call(client: Client, sequence: Sequence, url: Callable[..., str]) -> None:
    html = client.post(url("shot_solo", shot_of(sequence, 3).pk), {"solo": "1"}, headers=HTMX).content.decode()
    assert "3 shots in 2 calls, mixed" in visible(html)
    assert "Starts from the last frame of call 1; waits for it" in html


# start frames


def picture(name: str = "mine.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, Path(factories.picture_file()).read_bytes(), "image/png")


def test_uploads_a_start_frame_for_the_sequence_and_for_one_shot(
    client: Client, sequence: Sequence, url: Callable[..., str]
) -> None:
    html = client.post(url("start_frame_upload"), {"picture": picture()}, headers=HTMX).content.decode()
    assert "SEQ01 starts from mine.png." in html
    shot = shot_of(sequence, 2)
    asked = {"picture": picture("own.png"), "shot": shot.pk}
    html = client.post(url("start_frame_upload"), asked, headers=HTMX).content.decode()
    assert "Own start frame, upload F3" in html
    assert shot.start_frames.get(state="approved").number == 3
    assert f'id="ownrow-{shot.pk}"' in html
    assert "Clear F3" in html


def test_a_file_that_is_no_picture_is_refused(client: Client, sequence: Sequence, url: Callable[..., str]) -> None:
    bad = SimpleUploadedFile("song.png", b"no picture at all", "image/png")
    response = client.post(url("start_frame_upload"), {"picture": bad}, headers=HTMX)
    assert response.status_code == 422
    assert "song.png" in response.content.decode()
    assert sequence.start_frames.count() == 1


def test_clears_and_uses_again(client: Client, sequence: Sequence, url: Callable[..., str]) -> None:
    html = client.post(url("start_frame_clear"), {"frame": "1"}, headers=HTMX).content.decode()
    assert "It has no start frame" in html
    client.post(url("start_frame_use"), {"frame": "1"})
    assert sequence.start_frames.get().state == "approved"


def test_starts_from_a_frame_of_a_take(client: Client, sequence: Sequence, url: Callable[..., str]) -> None:
    take = factories.make_take(sequence)
    html = client.post(url("start_frame_take"), {"take": "1", "frame": "12"}, headers=HTMX).content.decode()
    assert "T1, frame 12" in html
    response = client.post(url("start_frame_take"), {"take": "1", "frame": "999"}, headers=HTMX)
    assert f"has frames 0 to {(take.frames or 0) - 1}." in response.content.decode()


# elements


def test_lists_moves_and_removes_elements(client: Client, sequence: Sequence, url: Callable[..., str]) -> None:
    client.post(url("cast_add"), {"element": "bell"}, headers=HTMX)
    client.post(url("cast_move"), {"element": "bell", "to": "up"}, headers=HTMX)
    assert casting.cast_keys(sequence) == ["mara", "bell", "dog"]
    html = client.post(url("cast_remove"), {"element": "mara"}, headers=HTMX).content.decode()
    assert casting.cast_keys(sequence) == ["bell", "dog"]
    assert 'aria-label="List Mara"' in html  # its prompt still names it


def test_says_who_is_dropped_and_why(client: Client, project: Project, sequence: Sequence) -> None:
    for name in ("cat", "owl"):
        casting.add_element(actor=None, project=project, name=name)
    for n, element in enumerate(project.elements.all()):
        casting.add_pictures(actor=None, element=element, uploads=[factories.picture_file(64 + n, 64)])
    keys = ["mara", "dog", "bell", "cat"]
    casting.set_sequence_elements(actor=None, sequence=sequence, keys=keys)
    html = client.get(reverse("sequence", args=[project.slug, sequence.code])).content.decode()
    assert "3 a call with a start frame" in html
    assert "<del>cat</del>" in html
    assert "cat is left out: over the limit: 3 a call with a start frame." in visible(html)


# the plan and the click


def test_other_choices_reload_the_plan(client: Client, url: Callable[..., str]) -> None:
    html = client.get(url("take_plan"), {"mode": "per_shot", "takes": "3"}, headers=HTMX).content.decode()
    assert "3 shots in 3 calls" in visible(html)
    assert "Generate 3 takes" in visible(html)
    whole = client.get(url("take_plan"), {"mode": "per_shot"})
    assert "<html" in whole.content.decode()


def test_choices_that_cannot_be_are_said(client: Client, url: Callable[..., str]) -> None:
    html = client.get(url("take_plan"), {"takes": "99", "model": "argent/none"}, headers=HTMX).content.decode()
    assert "less than or equal to 20" in visible(html)
    assert "argent/none" in visible(html)
    assert 'id="generate" disabled' in html


def test_free_takes_start_at_once(client: Client, sequence: Sequence, url: Callable[..., str]) -> None:
    asked = {"mode": "per_shot", "takes": "2", "key": "k1", "shown_price": "0"}
    html = client.post(url("take_request"), asked, headers=HTMX).content.decode()
    assert 'id="take-2"' in html
    assert "Calls 2, 3 wait for the one before." in visible(html)
    assert "data-poll" in html
    client.post(url("take_request"), asked, headers=HTMX)  # the second click
    assert sequence.takes.count() == 2
    sequence.refresh_from_db()
    assert sequence.mode == "per_shot"


def test_what_costs_is_confirmed_first(client: Client, sequence: Sequence, url: Callable[..., str]) -> None:
    factories.priced()
    asked = {"takes": "2", "key": "k1", "shown_price": "1400000"}
    response = client.post(url("take_request"), asked, headers=HTMX)
    html = response.content.decode()
    assert response["HX-Retarget"] == "#dialog"
    assert "Spend $1.40" in visible(html)
    assert "$78.60" in html
    assert not sequence.takes.exists()
    html = client.post(url("take_request"), {**asked, "confirmed": "1"}, headers=HTMX).content.decode()
    assert "held <span" in html
    assert "$1.40" in html
    assert sequence.takes.count() == 2


def test_without_script_the_page_asks_and_the_answer_leads_back(
    client: Client, sequence: Sequence, url: Callable[..., str]
) -> None:
    factories.priced()
    asked = {"takes": "1", "key": "k1", "shown_price": "700000"}
    html = client.post(url("take_request"), asked).content.decode()
    assert re.search(r'<dialog[^>]+id="spend"[^>]* open', html)
    response = client.post(url("take_request"), {**asked, "confirmed": "1"})
    assert (response.status_code, response["Location"]) == (303, url("sequence") + "#takes")
    assert sequence.takes.count() == 1


def test_a_price_that_changed_spends_nothing(client: Client, sequence: Sequence, url: Callable[..., str]) -> None:
    factories.priced()
    asked = {"takes": "1", "key": "k1", "shown_price": "1", "confirmed": "1"}
    response = client.post(url("take_request"), asked, headers=HTMX)
    assert response.status_code == 422
    assert "The price is $0.70 now" in response.content.decode()
    assert not sequence.takes.exists()


def test_over_budget_is_said_before_the_click(client: Client, sequence: Sequence, url: Callable[..., str]) -> None:
    factories.priced("40")
    html = page(client, url)
    assert "Needs $400.00, $80.00 left. Short by $320.00" in visible(html)
    assert 'id="generate" disabled' in html


# works


def test_explores_a_grid_and_shows_it_being_made(client: Client, sequence: Sequence, url: Callable[..., str]) -> None:
    asked = {"grid_layout": "2x2", "grid_key": "g1", "grid_seed": "7"}
    html = client.post(url("explore"), asked, headers=HTMX).content.decode()
    assert 'class="frame gridwait"' in html
    grid = Grid.objects.get(sequence=sequence)
    assert (grid.rows, grid.cols, grid.seed) == (2, 2, 7)
    assert client.post(url("explore"), {"grid_layout": "9x9"}, headers=HTMX).status_code == 422


def test_cancels_and_says_what_it_costs(client: Client, sequence: Sequence, url: Callable[..., str]) -> None:
    factories.priced()
    take = factories.make_take(sequence, "making")
    assert "one that has begun may still be charged" in page(client, url)
    html = client.post(url("cancel"), {"kind": "take", "number": "1"}, headers=HTMX).content.decode()
    assert "T1 is being stopped" in html
    factories.finish(take)
    assert "Nothing was charged for what failed." in page(client, url)


def test_retries_what_failed_at_its_price(client: Client, sequence: Sequence, url: Callable[..., str]) -> None:
    factories.make_take(sequence, "failed")
    assert 'id="retry-take-1"' in page(client, url)
    html = client.post(url("retry"), {"kind": "take", "number": "1"}, headers=HTMX).content.decode()
    assert "T1 is tried again." in html
    assert Take.objects.get(sequence=sequence).state == "making"


@pytest.mark.parametrize(
    "asked, status", [({"kind": "cut", "number": "1"}, 422), ({"kind": "take", "number": "9"}, 404)]
)
def test_unknown_works_are_refused(client: Client, url: Callable[..., str], asked: dict[str, str], status: int) -> None:
    assert client.post(url("retry"), asked, headers=HTMX).status_code == status


# live


def poll_of(html: str) -> tuple[str, str]:
    """Address and tag of the region that polls itself."""
    found = re.search(r'<span id="live"[^>]*data-etag="([^"]+)"[^>]*hx-get="([^"]+)"', html)
    assert found, "nothing polls"
    unescape = {"&quot;": '"', "&amp;": "&"}
    tag, address = (re.sub("|".join(unescape), lambda m: unescape[m[0]], part) for part in found.groups())
    return address, tag


def test_polls_only_while_something_is_made(client: Client, sequence: Sequence, url: Callable[..., str]) -> None:
    assert "data-poll" not in page(client, url)
    take = factories.make_take(sequence, "making")
    address, tag = poll_of(page(client, url))
    assert client.get(address, headers={**HTMX, "If-None-Match": tag}).status_code == 304
    html = client.get(address, headers=HTMX).content.decode()
    assert 'id="take-1"' in html
    assert "<textarea" not in html
    factories.finish(take)
    html = client.get(address, headers={**HTMX, "If-None-Match": tag}).content.decode()
    assert "data-poll" not in html
    assert "T1 is made and waits for a look." in html
    assert "In review" in html
    assert 'id="takes"' in html


def test_a_poll_costs_few_queries(
    client: Client, sequence: Sequence, url: Callable[..., str], django_assert_num_queries: Any
) -> None:
    factories.make_take(sequence, "making")
    address, tag = poll_of(page(client, url))
    with django_assert_num_queries(15):
        client.get(address, headers={**HTMX, "If-None-Match": tag})


def test_a_pick_elsewhere_redraws_what_it_changes(client: Client, url: Callable[..., str]) -> None:
    html = client.get(url("bench_live"), {"all": "1"}, headers=HTMX).content.decode()
    assert 'id="startframe"' in html
    assert 'id="bill"' in html


# the sequence itself


def test_edits_name_stretch_and_mode(client: Client, sequence: Sequence, url: Callable[..., str]) -> None:
    asked = {"section": "Chorus", "start": "0:00", "end": "0:03.5", "section_mode": "per_shot"}
    response = client.post(url("sequence_edit"), asked)
    assert response.status_code == 303
    sequence.refresh_from_db()
    assert (sequence.section, float(sequence.end), sequence.mode) == ("Chorus", 3.5, "per_shot")


@pytest.mark.parametrize(
    "end, said", [("0:99", "write a time like 0:54.5"), ("0:06", "SEQ02"), ("0:00", "not after its start")]
)
def test_a_stretch_that_cannot_be_is_refused(
    client: Client, sequence: Sequence, url: Callable[..., str], end: str, said: str
) -> None:
    asked = {"section": "Chorus", "start": "0:00", "end": end, "section_mode": "multi_shot"}
    response = client.post(url("sequence_edit"), asked, headers=HTMX)
    assert response.status_code == 422
    assert said in response.content.decode()


def test_splits_and_merges(client: Client, project: Project, sequence: Sequence, url: Callable[..., str]) -> None:
    client.post(url("sequence_split"), {"at": "0:02"})
    assert [s.code for s in project.sequences.filter(deleted_at=None)] == ["SEQ01", "SEQ03", "SEQ02"]
    response = client.post(url("sequence_merge"), headers=HTMX)
    assert response["HX-Redirect"] == url("sequence")
    assert sequence.shots.filter(deleted_at=None).count() == 3


def test_the_last_one_has_nothing_to_merge_with(client: Client, project: Project) -> None:
    response = client.post(reverse("sequence_merge", args=[project.slug, "SEQ02"]), headers=HTMX)
    assert "nothing to join it with" in response.content.decode()


def test_a_deleted_sequence_comes_back(client: Client, sequence: Sequence, url: Callable[..., str]) -> None:
    response = client.post(url("sequence_delete"), follow=True)
    assert response.status_code == 410
    assert "SEQ01 was deleted" in response.content.decode()
    client.post(url("sequence_restore"))
    page(client, url)
