"""The board through the front door: every stage, money before the click, and changes that arrive by themselves."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from sequences.models import Project, Take
from sequences.orchestration import making
from tests import factories
from tests.factories import Plan

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
READY = Plan(start_frame=True)


def signed_in(project: Project) -> Client:
    client = Client()
    client.force_login(project.members.get())
    return client


def page(project: Project, client: Client | None = None, path: str = "") -> str:
    response = (client or signed_in(project)).get(f"/p/{project.slug}/{path}")
    assert response.status_code == 200
    return response.content.decode()


def card(html: str, code: str = "SEQ01") -> str:
    """The text of one card, without markup."""
    found = re.search(rf'<article class="card" id="{code.lower()}".*?</article>', html, re.S)
    assert found, f"no card {code}"
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split())


def hidden(html: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', html)
    assert found, f"no field {name}"
    return found[1]


def poll(client: Client, project: Project, seen: str, **headers: str) -> Any:
    return client.get(f"/p/{project.slug}/live/", {"seen": seen}, headers={**HTMX, **headers})


def spend(client: Client, project: Project, **changed: Any) -> Any:
    """Open the dialog of everything ready and press its button."""
    html = client.get(f"/p/{project.slug}/run/", headers=HTMX).content.decode()
    codes = set(re.findall(r'name="codes" value="([^"]*)"', html))
    fields = {name: hidden(html, name) for name in ("takes", "shown_price", "key", "next")}
    return client.post(f"/p/{project.slug}/run/", {**fields, "codes": sorted(codes), **changed}, headers=HTMX)


def test_a_board_of_twelve_needs_fifteen_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    project = factories.make_project(sequences=[READY] * 12)
    for code in ("SEQ01", "SEQ02", "SEQ03"):
        factories.make_take(factories.sequence_of(project, code), "making")
    factories.make_take(factories.sequence_of(project, "SEQ12"))
    client = signed_in(project)
    with django_assert_num_queries(15):
        page(project, client)


def test_an_unchanged_poll_is_304_in_five_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    project = factories.make_project(sequences=[READY] * 12)
    factories.make_take(factories.sequence_of(project), "making")
    client = signed_in(project)
    tag = poll(client, project, "")["ETag"]
    with django_assert_num_queries(5):
        response = poll(client, project, "", **{"If-None-Match": tag})
    assert (response.status_code, response.content) == (304, b"")


def test_cards_say_what_their_stage_means() -> None:
    factories.priced()
    project = factories.make_project(
        sequences=[
            Plan("Intro", ("", "a pier"), (2, 2)),
            Plan("Verse", ("a pier", "a boat"), (2, 2), solo=(2,)),
            Plan("Chorus", ("a pier",), (2,), "per_shot", start_frame=True),
            Plan("Bridge", (), (), length=3),
        ]
    )
    html = page(project)
    assert card(html, "SEQ01") == (
        "No frame yet SEQ01 Intro 0:00&ndash;0:04 Draft $0.00 2 shots, no takes Multi-shot"
        " 1 of 2 prompts written Write shot 1"
    )
    assert "Mixed 2 prompts written, no start frame Explore a grid $0.04" in card(html, "SEQ02")
    assert "Per shot 1 prompt, no elements, start frame set Generate 2 takes $0.56" in card(html, "SEQ03")
    assert "No shots yet Add a shot" in card(html, "SEQ04")


def test_a_drawn_grid_asks_for_a_pick() -> None:
    project = factories.make_project()
    factories.make_grid_ready(factories.sequence_of(project), "2x2")
    html = page(project)
    assert "Grid 1 SEQ01" in card(html)
    assert "1 grid, 4 frames to choose from Pick start frame" in card(html)
    assert f'href="/p/{project.slug}/SEQ01/pick/" hx-get' in html


@pytest.mark.parametrize(
    ("state", "why", "said"),
    [
        ("waiting", "", "In review $0.14 1 shot, 1 take Multi-shot T1"),
        ("approved", "second viewing", "T1 approved: “second viewing” Play in cut"),
        ("rejected", "Hold on longer.", "T1: “Hold on longer.” Revise prompts"),
        ("failed", "", "T1: Call 1: The prompt was held back by the content filter. Not charged. Retry $0.14"),
    ],
)
def test_a_take_shows_on_its_card(state: str, why: str, said: str) -> None:
    factories.priced()
    project = factories.make_project()
    factories.make_take(factories.sequence_of(project), state, why)
    assert said in card(page(project))


def test_a_charged_failure_says_so() -> None:
    factories.priced()
    project = factories.make_project(sequences=[READY])
    with factories.faults("crash:charged"):
        take = making.request_takes(actor=None, sequences=[factories.sequence_of(project)])[0]
        factories.finish(take)
    assert "Failed $0.14" in card(page(project))
    assert "Charged. Retry $0.14" in card(page(project))


@pytest.mark.parametrize(("fault", "said"), [("crash:free", "Not charged."), ("crash:charged", " Charged.")])
def test_a_failed_grid_says_whether_it_was_charged(fault: str, said: str) -> None:
    factories.priced()
    project = factories.make_project()
    with factories.faults(fault):
        factories.make_grid_ready(factories.sequence_of(project))
    assert re.search(rf"Failed .* Grid 1: .*{said} Retry \$0.04", card(page(project)))


def test_work_in_flight_shows_a_bar_and_polls() -> None:
    project = factories.make_project(sequences=[READY, READY])
    assert "every 2s" not in page(project)
    factories.make_take(factories.sequence_of(project), "making")
    html = page(project)
    assert "<progress" in html
    assert "T1 queued Open setup" in card(html)
    assert 'hx-trigger="every 2s' in html


def test_the_map_covers_the_whole_song_and_names_what_is_unplanned() -> None:
    project = factories.make_project(sequences=[READY, Plan(start_frame=True, seconds=(3,))], song=False)
    factories.songs.upload_song(actor=None, project=project, upload=factories.song_file(6))
    html = page(project)
    spans = html.split('class="spans"')[1].split("</ol>")[0]
    assert re.findall(r'<li style="--len:([\d.]+)"( data-status="ready")?', spans) == [
        ("1", ' data-status="ready"'),
        ("3", ' data-status="ready"'),
        ("2", ""),
    ]
    assert html.count('<path data-status="ready" d="M') == 2
    assert 'preload="none"' in html


def test_an_empty_board_leads_on_and_a_finished_one_plays() -> None:
    project = factories.make_project(sequences=0, song=False)
    html = page(project)
    assert "Import a plan" in html and "Add the first sequence" in html and "Upload the song" in html
    factories.make_take(factories.make_sequence(project), "approved")
    assert "Play the cut" in page(project)


def test_run_all_ready_names_its_price_everywhere() -> None:
    factories.priced()
    project = factories.make_project(
        sequences=[Plan(start_frame=True, elements=("mara", "bob", "dog", "cat")), READY, Plan()],
        elements=("mara", "bob", "dog", "cat"),
    )
    client = signed_in(project)
    html = page(project, client)
    assert 'Run all ready (2) <span class="price">$0.56</span>' in html
    assert "$79.44</span> left after" in html
    dialog = client.get(f"/p/{project.slug}/run/", headers=HTMX).content.decode()
    assert "Run 2 ready sequences?" in dialog and "data-open" in dialog
    assert "SEQ01 leaves out" in dialog and "no reference picture" in dialog
    assert hidden(dialog, "shown_price") == "560000"
    assert "SEQ03" not in dialog
    whole = page(project, client, "run/?takes=1&codes=SEQ02")
    assert "Generate SEQ02?" in whole and hidden(whole, "shown_price") == "140000" and "<html" in whole


def test_spending_starts_takes_and_shows_them_at_once() -> None:
    project = factories.make_project(sequences=[READY, READY, Plan()])
    client = signed_in(project)
    seen = hidden(page(project, client), "seen")
    response = spend(client, project, seen=seen)
    html = response.content.decode()
    assert response.status_code == 200
    assert Take.objects.count() == 4
    assert "Generating" in card(html, "SEQ01") and "Generating" in card(html, "SEQ02")
    assert 'id="seq03"' not in html
    assert "every 2s" in html and "load delay" in html
    assert 'id="budget"' in html and 'id="waiting"' in html and '<div id="dialog" hx-swap-oob="innerHTML">' in html
    assert "4 takes asked for." in html
    assert "<audio" not in html


def test_a_second_click_pays_nothing() -> None:
    project = factories.make_project(sequences=[READY])
    client = signed_in(project)
    first = client.get(f"/p/{project.slug}/run/", headers=HTMX).content.decode()
    fields = {name: hidden(first, name) for name in ("codes", "takes", "shown_price", "key")}
    for _ in range(2):
        client.post(f"/p/{project.slug}/run/", fields, headers=HTMX)
    assert Take.objects.count() == 2


def test_a_price_that_changed_is_shown_again_instead_of_spent() -> None:
    factories.priced(second="0.14")
    project = factories.make_project(sequences=[READY])
    client = signed_in(project)
    response = spend(client, project, shown_price="3", takes="3")
    assert response.status_code == 422
    assert response["HX-Retarget"] == "#dialog"
    html = response.content.decode()
    assert "The price is $0.42 now, not $0.0000" in html
    assert (hidden(html, "takes"), hidden(html, "shown_price")) == ("3", "420000")
    assert not Take.objects.exists()


def test_over_the_budget_the_button_is_shut_and_says_why() -> None:
    factories.priced(second="50")
    project = factories.make_project(sequences=[READY], budget="20")
    client = signed_in(project)
    dialog = client.get(f"/p/{project.slug}/run/", headers=HTMX).content.decode()
    assert "This costs $100.00 and $20.00 of the $20.00 budget is left." in dialog and "disabled" in dialog
    assert "over the budget" in page(project, client)
    assert spend(client, project).status_code == 422
    assert not Take.objects.exists()


def test_what_cannot_run_is_listed_with_its_reason() -> None:
    project = factories.make_project(sequences=[Plan("Intro", ("a" * 600,), (1,), start_frame=True)])
    client = signed_in(project)
    dialog = client.get(f"/p/{project.slug}/run/?codes=SEQ01", headers=HTMX).content.decode()
    assert "SEQ01 will not run. Shot 1&#x27;s prompt is 600 characters" in dialog
    assert "Spend" not in dialog


def test_with_nothing_ready_the_dialog_says_what_ready_means() -> None:
    project = factories.make_project(sequences=[Plan()])
    client = signed_in(project)
    assert "Run all ready" not in page(project, client)
    dialog = client.get(f"/p/{project.slug}/run/", headers=HTMX).content.decode()
    assert "Nothing to run" in dialog and "A sequence is ready when" in dialog
    response = client.post(f"/p/{project.slug}/run/", {"takes": "1", "shown_price": "0"})
    assert response.status_code == 422 and "No sequence was named" in response.content.decode()
    assert client.get(f"/p/{project.slug}/run/?codes=SEQ09", headers=HTMX).status_code == 404


@pytest.mark.parametrize("takes", ["0", "21", "many", "-1"])
def test_a_number_of_takes_that_is_none(takes: str) -> None:
    project = factories.make_project(sequences=[READY])
    response = signed_in(project).get(f"/p/{project.slug}/run/?takes={takes}", headers=HTMX)
    assert response.status_code == 422
    assert f"Takes is {takes}; ask for 1 to 20 at a time." in response.content.decode()


def test_exploring_and_retrying_from_the_card() -> None:
    project = factories.make_project(sequences=[Plan(), READY])
    factories.make_take(factories.sequence_of(project, "SEQ02"), "failed")
    client = signed_in(project)
    html = page(project, client)
    fields = {"key": hidden(html, "key"), "seen": hidden(html, "seen")}
    first = client.post(f"/p/{project.slug}/run/SEQ01/", {**fields, "verb": "explore"}, headers=HTMX)
    assert "Exploring" in card(first.content.decode(), "SEQ01")
    plain = client.post(f"/p/{project.slug}/run/SEQ02/", {**fields, "verb": "retry"})
    assert (plain.status_code, plain["Location"]) == (303, f"/p/{project.slug}/")
    assert "Generating" in card(page(project, client), "SEQ02")
    again = client.post(f"/p/{project.slug}/run/SEQ02/", {**fields, "verb": "retry"}, headers=HTMX)
    assert again.status_code == 422 and "Nothing of SEQ02 has failed" in again.content.decode()


def test_a_poll_brings_the_end_and_then_stops() -> None:
    project = factories.make_project(sequences=[READY, READY])
    take = factories.make_take(factories.sequence_of(project), "making")
    client = signed_in(project)
    seen = hidden(page(project, client), "seen")
    factories.finish(take)
    html = poll(client, project, seen).content.decode()
    assert "In review" in card(html, "SEQ01")
    assert 'id="seq02"' not in html
    assert "SEQ01 T1 is ready to review." in html
    assert 'id="songmap"' in html and 'id="count-review" hx-swap-oob="true">1<' in html
    assert "every 2s" not in html and "<audio" not in html and "<dialog" not in html


def test_a_poll_tells_a_failure_as_an_alert() -> None:
    project = factories.make_project(sequences=[READY])
    with factories.faults("moderation"):
        take = factories.make_take(factories.sequence_of(project), "making")
        client = signed_in(project)
        seen = hidden(page(project, client), "seen")
        factories.finish(take)
    html = poll(client, project, seen).content.decode()
    assert 'role="alert"' in html and "SEQ01 T1 failed: Call 1: The prompt was held back" in html


def test_strangers_find_nothing_and_reviewers_may_not_spend() -> None:
    project = factories.make_project(sequences=[READY])
    stranger = Client()
    stranger.force_login(factories.make_user())
    for path in ("", "live/", "run/", "costs/"):
        assert stranger.get(f"/p/{project.slug}/{path}").status_code == 404
    assert stranger.post(f"/p/{project.slug}/run/SEQ01/", {"verb": "explore"}).status_code == 404
    assert Client().get(f"/p/{project.slug}/").status_code == 302
    reviewer = Client()
    reviewer.force_login(factories.add_member(project, factories.Role.REVIEWER))
    response = spend(reviewer, project)
    assert (response.status_code, response["HX-Retarget"]) == (422, "#dialog")
    assert "You are a reviewer" in response.content.decode()
    assert not Take.objects.exists()
