"""Dailies through the front door: what waits, the take on screen, every verdict with and without htmx."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from dailies import review
from dailies.models import Note, ShotVerdict, Verdict
from sequences import orchestration
from sequences.models import Check, Project, Sequence, StartFrame, Take
from sequences.models.plan import Role
from sequences.orchestration import prompting
from tests import factories
from tests.factories import Plan

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
TWO = Plan(section="Verse", prompts=("a pier at dawn, slow push in", "a lamp on deck"), seconds=(1, 1))


@pytest.fixture
def project(client: Client) -> Project:
    owner = factories.make_user("mira")
    client.force_login(owner)
    return factories.make_project(owner, [TWO, Plan(section="Chorus")])


@pytest.fixture
def sequence(project: Project) -> Sequence:
    return factories.sequence_of(project)


def url(name: str, take: Take, *more: Any) -> str:
    return reverse(name, args=[take.sequence.project.slug, take.sequence.code, take.number, *more])


def home(project: Project) -> str:
    return reverse("dailies", args=[project.slug])


def words(html: str) -> str:
    """Text without tags, white space folded."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def shown(client: Client, address: str, **headers: str) -> str:
    response = client.get(address, headers=headers or None)
    assert response.status_code == 200
    return response.content.decode()


def form_of(html: str) -> dict[str, str]:
    """Hidden fields of the verdict form, as the page rendered them."""
    form = html[html.index('id="verdicts"') :]
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form)
    return {name: value for name, value in fields if name != "csrfmiddlewaretoken"}


def judge(client: Client, take: Take, decision: str, htmx: bool = True, **fields: str) -> Any:
    sent = {**form_of(shown(client, url("dailies_take", take))), "decision": decision, **fields}
    return client.post(url("dailies_verdict", take), sent, headers=HTMX if htmx else None)


def state(take: Take) -> str:
    return Take.objects.get(pk=take.pk).state


# --- what is on the page


def test_nothing_waits_and_what_is_in_flight(client: Client, project: Project, sequence: Sequence) -> None:
    html = shown(client, home(project))
    assert "Nothing waits and nothing is being made." in html and "empty calm" in html
    factories.make_take(sequence, "making")
    html = shown(client, home(project))
    assert re.search(r"1 sequence is being made\. The first take is due in about \d+\ss\.", html)


def test_the_calm_page_polls_until_something_waits(client: Client, project: Project, sequence: Sequence) -> None:
    first = client.get(home(project), headers=HTMX)
    calm = {**HTMX, "If-None-Match": first["ETag"]}
    assert client.get(home(project), headers=calm).status_code == 304
    factories.make_take(sequence)
    after = client.get(home(project), headers=calm)
    assert after.status_code == 200 and 'id="verdicts"' in after.content.decode()


def test_an_open_pick_leads_to_the_picker(client: Client, project: Project, sequence: Sequence) -> None:
    factories.make_grid_ready(sequence)
    html = shown(client, home(project))
    picker = reverse("picker", args=[project.slug, "SEQ01"])
    assert f'href="{picker}?grid=1" hx-get="{picker}?grid=1" hx-target="#dialog"' in html
    assert "1 grid waits for a pick." in html


def test_the_oldest_take_is_on_screen_and_the_next_has_the_key(
    client: Client, project: Project, sequence: Sequence
) -> None:
    take, second = factories.make_take(sequence), factories.make_take(sequence)
    html = shown(client, home(project))
    assert f'src="/media/{take.file}"' in html and 'preload="metadata"' in html
    assert re.search(rf'href="{url("dailies_take", second)}"[^>]*data-key="n ArrowDown"', html)
    assert 'data-shots="[[1, 0, 24], [2, 24, 48]]"' in html and 'data-frames="48"' in html
    assert f'name="seen" value="{take.sha256}"' in html


def test_prompts_are_those_of_the_take_beside_the_take_before(client: Client, sequence: Sequence) -> None:
    factories.make_take(sequence, seed=7)
    shot = sequence.shots.get(number=1)
    prompting.revise(actor=None, shot=shot, text="a pier at dusk, slow push in")
    second = factories.make_take(sequence, mode="per_shot", seed=8)
    prompting.revise(actor=None, shot=shot, text="something else that T2 never saw")
    html = shown(client, url("dailies_take", second))
    assert "a pier at <del>dawn,</del><ins>dusk,</ins> slow push in" in html
    assert 'a lamp on deck <span class="hint">Same as T1.</span>' in html
    assert "something else" not in html
    assert "Mode <del>Multi-shot</del> <ins>Per shot</ins>" in html and "Seed <del>7</del> <ins>8</ins>" in html
    first = shown(client, url("dailies_take", Take.objects.get(number=1)))
    assert "first take" in first and "<del>" not in first


def test_slate_and_checks_tell_how_it_was_made(client: Client, sequence: Sequence) -> None:
    factories.priced("0.14")
    take = factories.make_take(sequence, seed=48213907)
    Check.objects.filter(take=take, name="frozen").update(result="fail", measured="9 frames", spans=[[21, 29]])
    html = shown(client, url("dailies_take", take))
    text = words(html)
    request_id = take.jobs.get().request_id
    assert "Model Sketch animatic Mode Multi-shot Seed 48213907 Start frame F1 Cost $0.28" in text
    assert request_id and request_id in html
    assert '<a href="#player" data-seek-frame="21">21&ndash;29</a>' in html
    assert 'style="--t:21; --len:9"' in html
    assert re.search(r"1 of \d failed", text)


def test_a_take_without_a_picture_says_so(client: Client, sequence: Sequence) -> None:
    making = factories.make_take(sequence, "making")
    html = shown(client, url("dailies_take", making))
    assert "T1 is being made" in html and "<video" not in html and 'value="approve"' not in html
    waiting = {**HTMX, "If-None-Match": client.get(url("dailies_take", making), headers=HTMX)["ETag"]}
    assert client.get(url("dailies_take", making), headers=waiting).status_code == 304
    factories.finish(making)
    assert "<video" in shown(client, url("dailies_take", making), **waiting)


def test_pages_of_others_are_not_there(client: Client, sequence: Sequence) -> None:
    take = factories.make_take(sequence)
    stranger = Client()
    stranger.force_login(factories.make_user())
    for address in (home(sequence.project), url("dailies_take", take), reverse("dailies_queue", args=["night-ferry"])):
        assert stranger.get(address).status_code == 404
    for name, more in (("verdict", ()), ("undo", ()), ("redo", ()), ("shot", (1,)), ("note", ())):
        sent = {"decision": "approve", "seen": take.sha256, "s1": "redo", "text": "x"}
        assert stranger.post(url(f"dailies_{name}", take, *more), sent).status_code == 404
    assert state(take) == "waiting" and not ShotVerdict.objects.exists() and not Note.objects.exists()
    assert client.get(url("dailies_take", take).replace("T1", "T9")).status_code == 404


# --- verdicts


def test_approve_brings_the_next_with_a_way_back(client: Client, project: Project, sequence: Sequence) -> None:
    take = factories.make_take(sequence)
    following = factories.make_take(factories.sequence_of(project, "SEQ02"))
    response = judge(client, take, "approve", note="lovely")
    html = response.content.decode()
    assert state(take) == "approved" and Verdict.objects.get().note == "lovely"
    assert response["HX-Push-Url"] == url("dailies_take", following)
    assert f'src="/media/{following.file}"' in html and "SEQ01 T1 approved." in html
    assert f'hx-post="{url("dailies_undo", take)}"' in html
    assert '<span class="count" id="waiting" hx-swap-oob="true">1</span>' in html
    assert re.search(rf'action="{url("dailies_undo", take)}".*?data-key="u"', html, re.S)


def test_after_the_last_one_it_is_calm(client: Client, project: Project, sequence: Sequence) -> None:
    response = judge(client, factories.make_take(sequence), "approve")
    assert response["HX-Push-Url"] == home(project) and "Nothing to review" in response.content.decode()


def test_without_script_it_redirects(client: Client, project: Project, sequence: Sequence) -> None:
    take = factories.make_take(sequence)
    response = judge(client, take, "reject", htmx=False, reason="motion", s1="redo", s2="keep", r1="hands", n1="six")
    assert (response.status_code, response["Location"]) == (303, home(project))
    assert state(take) == "rejected"
    assert list(ShotVerdict.objects.values_list("number", "decision", "reason", "note")) == [
        (1, "redo", "hands", "six")
    ]
    assert "SEQ01 T1 rejected." in shown(client, home(project))


def test_undo_returns_to_the_take(client: Client, sequence: Sequence) -> None:
    take = factories.make_take(sequence)
    judge(client, take, "approve")
    second = factories.make_take(sequence)
    judge(client, second, "approve")
    response = client.post(url("dailies_undo", second), headers=HTMX)
    assert response["HX-Push-Url"] == url("dailies_take", second)
    assert "SEQ01 T2 waits for a verdict again." in response.content.decode()
    assert (state(take), state(second)) == ("approved", "waiting")
    plain = client.post(url("dailies_undo", take))
    assert (plain.status_code, plain["Location"]) == (303, url("dailies_take", take))


def test_a_reject_without_reason_keeps_what_was_written(client: Client, sequence: Sequence) -> None:
    take = factories.make_take(sequence)
    response = judge(client, take, "reject", note="no")
    assert response.status_code == 422 and response["HX-Reswap"] == "none"
    assert "A reject needs a reason; choose one of identity, hands," in response.content.decode()
    assert state(take) == "waiting"


def test_the_reason_of_a_shot_stands_for_the_take(client: Client, sequence: Sequence) -> None:
    take = factories.make_take(sequence)
    judge(client, take, "reject", s1="keep", s2="redo", r2="frozen")
    assert Verdict.objects.get().reason == "frozen"


def test_judged_meanwhile_is_said_and_shown(client: Client, sequence: Sequence) -> None:
    take = factories.make_take(sequence)
    fields = {**form_of(shown(client, url("dailies_take", take))), "decision": "approve"}
    review.reject(actor=None, take=take, reason="motion", note="mine")
    response = client.post(url("dailies_verdict", take), fields, headers=HTMX)
    html = response.content.decode()
    assert response.status_code == 422
    assert "SEQ01/T1 is rejected; only a take that waits can be judged. Undo its verdict first." in html
    assert "&ldquo;mine&rdquo;" in html and 'value="approve"' not in html


def test_the_file_that_was_looked_at_is_checked(client: Client, sequence: Sequence) -> None:
    take = factories.make_take(sequence)
    other = judge(client, take, "approve", seen="0" * 64)
    assert "SEQ01/T1 has changed since you looked; look again." in other.content.decode()
    unseen = judge(client, take, "approve", seen="")
    assert "Nothing says which file of SEQ01/T1 you looked at; open it again." in unseen.content.decode()
    assert state(take) == "waiting"


def test_an_unknown_decision_is_refused(client: Client, sequence: Sequence) -> None:
    response = judge(client, factories.make_take(sequence), "burn")
    assert response.status_code == 422 and "Decision: Select a valid choice." in response.content.decode()


# --- shots


def test_a_mark_is_saved_at_once_and_prices_the_redo(client: Client, sequence: Sequence) -> None:
    factories.priced("0.14")
    take = factories.make_take(sequence)
    response = client.post(url("dailies_shot", take, 2), {"s1": "redo", "s2": "redo", "n2": "freezes"}, headers=HTMX)
    text = words(response.content.decode())
    assert "Reject, redo shot 2 $0.14 R" in text and "The other shots are reused at no cost." in text
    assert list(ShotVerdict.objects.values_list("number", "decision", "note")) == [(2, "redo", "freezes")]
    back = client.post(url("dailies_shot", take, 2), {"s2": "keep"}, headers=HTMX)
    assert "redo shot" not in words(back.content.decode())


def test_reject_and_redo_asks_for_the_new_take(client: Client, sequence: Sequence) -> None:
    factories.priced("0.14")
    take = factories.make_take(sequence)
    client.post(url("dailies_shot", take, 2), {"s2": "redo"}, headers=HTMX)
    html = judge(client, take, "redo", reason="motion", s2="redo").content.decode()
    assert "SEQ01 T1 rejected. T2 is asked for, redoing shot 2, $0.14 set aside." in html
    assert 'id="budget"' in html and "held <span" in html
    made = Take.objects.get(number=2)
    assert made.parent == take and state(take) == "rejected"
    undone = client.post(url("dailies_undo", take), headers=HTMX).content.decode()
    assert "SEQ01 T1 waits for a verdict again. T2 is still being made from it." in undone


def test_a_double_click_asks_once(client: Client, sequence: Sequence) -> None:
    take = factories.make_take(sequence)
    review.judge_shots(actor=None, take=take, shots=[2], decision="redo")
    review.reject(actor=None, take=take, reason="motion")
    fields = form_of(shown(client, url("dailies_take", take)))
    for _ in range(2):
        assert client.post(url("dailies_redo", take), fields, headers=HTMX).status_code == 200
    assert Take.objects.count() == 2


def test_a_redo_over_budget_is_said_before_and_refused_after(client: Client, sequence: Sequence) -> None:
    take = factories.make_take(sequence)
    fields = {**form_of(shown(client, url("dailies_take", take))), "redo": "2", "shown_price": "140000"}
    factories.priced("0.14")
    orchestration.set_budget(actor=None, project=sequence.project, cap="0.05", why="less")
    marked = client.post(url("dailies_shot", take, 2), {"s2": "redo"}, headers=HTMX).content.decode()
    sentence = "This costs $0.14 and $0.05 of the $0.05 budget is left."
    assert sentence in marked and 'value="redo"' not in marked
    asked = {**fields, "decision": "redo", "reason": "motion", "s2": "redo"}
    response = client.post(url("dailies_verdict", take), asked, headers=HTMX)
    assert response.status_code == 422 and sentence in response.content.decode()
    assert state(take) == "waiting" and Take.objects.count() == 1


def test_other_marks_than_the_button_said_spend_nothing(client: Client, sequence: Sequence) -> None:
    take = factories.make_take(sequence)
    review.judge_shots(actor=None, take=take, shots=[2], decision="redo")
    response = judge(client, take, "redo", reason="motion", s1="redo", s2="redo")
    assert "Other shots are marked redo now; look at the price and reject again." in response.content.decode()
    assert state(take) == "waiting" and Take.objects.count() == 1


def test_a_reviewer_judges_and_marks_but_does_not_spend(client: Client, sequence: Sequence) -> None:
    take = factories.make_take(sequence)
    client.force_login(factories.add_member(sequence.project, Role.REVIEWER))
    marked = client.post(url("dailies_shot", take, 2), {"s2": "redo"}, headers=HTMX).content.decode()
    assert "Marked to redo: 2. An owner or artist asks for the new take." in marked and 'value="redo"' not in marked
    assert "Start from this frame" not in shown(client, url("dailies_take", take))
    spent = judge(client, take, "redo", reason="motion", s2="redo", redo="2")
    assert "You are a reviewer of Night Ferry; this takes an owner or an artist." in spent.content.decode()
    assert state(take) == "waiting"
    judge(client, take, "reject", reason="motion", s2="redo")
    assert state(take) == "rejected" and Take.objects.count() == 1


def test_marks_alone_are_kept(client: Client, sequence: Sequence) -> None:
    take = factories.make_take(sequence)
    response = judge(client, take, "", htmx=False, s1="redo", n1="again")
    assert (response.status_code, response["Location"]) == (303, url("dailies_take", take))
    assert state(take) == "waiting" and ShotVerdict.objects.get().note == "again"


# --- after the verdict, notes, queue


def test_a_judged_take_shows_who_said_what(client: Client, sequence: Sequence) -> None:
    take = factories.make_take(sequence)
    judge(client, take, "reject", reason="off_beat", note="half a bar late")
    html = shown(client, url("dailies_take", take))
    assert "by mira," in html and "Off the beat" in html and "half a bar late" in html
    assert "Undo the verdict" in html and html.count('data-key="u"') == 1


def test_notes_seek(client: Client, sequence: Sequence) -> None:
    take = factories.make_take(sequence)
    html = client.post(
        url("dailies_note", take), {"text": "<b>drops</b>", "frame": "30"}, headers=HTMX
    ).content.decode()
    assert '<a class="tc" href="#player" data-seek-frame="30">00:00:01:06</a>' in html
    assert "&lt;b&gt;drops&lt;/b&gt;" in html and 'id="notedots" hx-swap-oob="true"' in html
    late = client.post(url("dailies_note", take), {"text": "x", "frame": "48"}, headers=HTMX)
    assert late.status_code == 422 and "Frame is 48; SEQ01/T1 has frames 0 to 47." in late.content.decode()
    odd = client.post(url("dailies_note", take), {"text": "x", "frame": "ten"}, headers=HTMX)
    assert odd.status_code == 422 and "Frame: Enter a whole number." in odd.content.decode()
    plain = client.post(url("dailies_note", take), {"text": "whole", "frame": ""})
    assert plain.status_code == 303 and Note.objects.filter(frame=None, text="whole").exists()


def test_a_frame_on_screen_becomes_the_start_frame(client: Client, sequence: Sequence) -> None:
    take = factories.make_take(sequence)
    address = reverse("start_frame_take", args=[sequence.project.slug, sequence.code])
    assert f'action="{address}"' in shown(client, url("dailies_take", take))
    client.post(address, {"take": str(take.number), "frame": "30"}, headers=HTMX)
    assert StartFrame.objects.get(state="approved").take_frame == 30


def test_the_queue_answers_304_until_it_changes(client: Client, project: Project, sequence: Sequence) -> None:
    factories.make_take(sequence)
    address = reverse("dailies_queue", args=[project.slug]) + "?at=SEQ01/T1"
    first = client.get(address, headers=HTMX)
    unchanged = {**HTMX, "If-None-Match": first["ETag"]}
    assert client.get(address, headers=unchanged).status_code == 304
    assert first["ETag"].strip('"') in shown(client, home(project))
    factories.make_take(sequence)
    after = client.get(address, headers=unchanged)
    assert after.status_code == 200 and after.content.decode().count("<video") == 0
    assert 'id="waiting" hx-swap-oob="true">2<' in after.content.decode()


def test_every_page_counts_what_waits(client: Client, project: Project, sequence: Sequence) -> None:
    factories.make_take(sequence)
    factories.make_grid_ready(factories.sequence_of(project, "SEQ02"))
    for name in ("board", "dailies", "elements", "costs", "cut"):
        assert 'id="waiting">2</span>' in shown(client, reverse(name, args=[project.slug])), name


def test_the_page_of_three_takes_asks_24_questions(
    client: Client, project: Project, sequence: Sequence, django_assert_num_queries: Any
) -> None:
    for _ in range(3):
        factories.make_take(sequence)
    client.get(home(project))
    with django_assert_num_queries(24):
        client.get(home(project))
    with django_assert_num_queries(6):
        client.get(reverse("dailies_queue", args=[project.slug]), headers=HTMX)
