"""The Cut through the front door: what plays, what is missing, and its exports in every state."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from dailies import exporting, review
from dailies.models import Export
from sequences import storage
from sequences.models import Heartbeat, Project, Take
from sequences.models.plan import Role
from sequences.orchestration import planning, prompting
from tests import factories
from tests.factories import Plan

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
PLANS = [
    Plan("Verse", length=1.5),
    Plan("Chorus", prompts=("the sea in a storm",)),
    Plan("Bridge", start_frame=True),
    Plan("Outro", prompts=("dawn over the harbour",)),
]


@pytest.fixture
def owner(client: Client) -> Any:
    person = factories.make_user("mira")
    client.force_login(person)
    return person


@pytest.fixture
def project(owner: Any, request: pytest.FixtureRequest) -> Project:
    """An approved take that is held, one that waits, a start frame, a slate, and half a second of nothing."""
    made = factories.make_project(owner, PLANS, title=request.node.name.partition("[")[0])
    factories.make_take(factories.sequence_of(made), "approved")
    factories.make_take(factories.sequence_of(made, "SEQ02"))
    return made


@pytest.fixture
def plain(owner: Any, request: pytest.FixtureRequest) -> Project:
    """A second of slate under a song: quick to make, quick to render."""
    return factories.make_project(owner, title=request.node.name)


def url(project: Project, name: str = "cut") -> str:
    return reverse(name, args=[project.slug])


def shown(client: Client, address: str, **headers: str) -> str:
    response = client.get(address, headers=headers or None)
    assert response.status_code == 200
    return response.content.decode()


def words(html: str) -> str:
    """Text without tags, white space folded."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def part(html: str, name: str) -> str:
    """The markup from an element's id to the end of its section."""
    begin = html.index(f'id="{name}"')
    return html[begin : html.index("</section>", begin)]


def played(html: str) -> list[dict[str, Any]]:
    found = re.search(r'<script id="cut-data" type="application/json">(.*?)</script>', html, re.S)
    assert found
    return json.loads(found[1])


def key_of(html: str) -> str:
    found = re.search(r'name="key" value="([^"]+)"', html)
    assert found
    return found[1]


def test_the_player_gets_every_segment_in_song_order(client: Client, project: Project) -> None:
    html = shown(client, url(project))
    data = played(html)
    assert [(d["code"], d["kind"], d["start"], d["end"], d["tag"]) for d in data] == [
        ("SEQ01", "take", 0, 1.5, "SEQ01 T1"),
        ("SEQ02", "take", 1.5, 2.5, "SEQ02 T1, not approved"),
        ("SEQ03", "start_frame", 2.5, 3.5, "SEQ03, start frame"),
        ("SEQ04", "slate", 3.5, 4.5, "SEQ04, slate"),
        ("hole-108", "slate", 4.5, 5, "No sequence"),
    ]
    assert [client.get(d["src"]).status_code for d in data[:3]] == [200, 200, 200]
    assert data[0]["frames"] == 24 and data[3]["lines"] == ["dawn over the harbour"]
    assert 'data-rate="24" data-seconds="5"' in html
    assert project.song.file in html and html.count("<audio") == 1
    assert "hx-" not in html[html.index('id="player"') : html.index('id="gaps"')]  # nothing near the player polls


def test_the_list_says_what_each_is_shown_as_and_how_it_fits(client: Client, project: Project) -> None:
    html = shown(client, url(project))
    rows = [words(r) for r in re.findall(r'<li data-code="[^"]+".*?</li>', html, re.S)]
    assert rows == [
        "01 Verse T1 0:00 1.5 Last picture held 12 frames",
        "02 Chorus T1, not approved 1.0",
        "03 Bridge Start frame 1.0",
        "04 Outro Slate 1.0",
        "No sequence 0:04.5 0.5",
    ]
    take = Take.objects.get(sequence__project=project, sequence__code="SEQ01")
    assert f'href="/media/{take.file}" data-seek-time="0"' in html  # without script the row opens the file
    lane = html[html.index('class="lane"') :]
    assert take.shots.get().thumb in lane and lane.count("--len:") == 5 + 3


def test_a_take_longer_than_its_section_is_trimmed(client: Client, plain: Project) -> None:
    row = factories.sequence_of(plain)
    factories.make_take(row)
    planning.edit_sequence(actor=None, sequence=row, end="0.750")
    html = shown(client, url(plain))
    assert "Trimmed by 6 frames" in html and played(html)[0]["frames"] == 24


def test_gaps_lead_to_where_something_can_be_done(client: Client, project: Project) -> None:
    gaps = part(shown(client, url(project)), "gaps")
    assert "4, 0:03.5 of 0:05" in words(gaps)
    assert re.findall(r'<a class="btn([^"]*)" href="([^"]+)">([^<]+)<', gaps) == [
        (" primary", reverse("dailies_take", args=[project.slug, "SEQ02", 1]), "Review SEQ02 T1"),
        ("", reverse("sequence", args=[project.slug, "SEQ03"]), "Open SEQ03"),
        ("", reverse("sequence", args=[project.slug, "SEQ04"]), "Open SEQ04"),
        ("", reverse("project_edit", args=[project.slug]) + "#sequences", "Plan a sequence"),
    ]


def test_a_rejected_take_stays_in_the_cut_until_there_is_a_better_one(client: Client, plain: Project) -> None:
    take = factories.make_take(factories.sequence_of(plain))
    review.reject(actor=None, take=take, reason="motion")
    html = shown(client, url(plain))
    assert played(html)[0]["tag"] == "SEQ01 T1, rejected" and "Open SEQ01" in part(html, "gaps")


def test_a_whole_cut_has_no_gaps(client: Client, owner: Any) -> None:
    whole = factories.make_project(owner, [Plan(seconds=(2,))])
    factories.make_take(factories.sequence_of(whole), "approved")
    html = shown(client, url(whole))
    assert "None. Every sequence plays its approved take." in words(part(html, "gaps"))
    assert "1 of 1 approved" in words(html) and 'class="btn primary end" id="export-mp4"' in html


def test_a_project_without_a_song_says_so_and_cannot_be_exported(client: Client, owner: Any) -> None:
    silent = factories.make_project(owner, song=False)
    html = shown(client, url(silent))
    assert "No song yet: the cut plays silently, timed by the clock" in words(html)
    assert "<audio" not in html and 'id="export-mp4" disabled' in html
    response = client.post(url(silent, "cut_export"), headers=HTMX)
    assert response.status_code == 422 and "has no song yet; upload one, then export." in response.content.decode()
    assert not Export.objects.exists()


def test_a_song_without_sequences_plays_a_slate(client: Client, owner: Any) -> None:
    html = shown(client, url(factories.make_project(owner, [])))
    assert "No sequence is planned, so a slate runs under the song." in words(html)
    assert [(d["kind"], d["end"]) for d in played(html)] == [("slate", 2)]


def test_an_empty_project_starts_with_the_song(client: Client, owner: Any) -> None:
    html = shown(client, url(factories.make_project(owner, [], song=False)))
    assert "Start with the song" in html and "cut-data" not in html and "data-cutplayer" not in html


def test_an_export_shows_at_once_and_polls_until_it_is_done(client: Client, plain: Project) -> None:
    page = shown(client, url(plain))
    assert "hx-trigger" not in part(page, "exports")
    asked = {"key": key_of(page), "format": "mp4"}
    first = client.post(url(plain, "cut_export"), asked, headers=HTMX)
    html = first.content.decode()
    export = Export.objects.get()
    assert f'id="export-{export.pk}" aria-busy="true"' in html and "Waiting for the worker" in html
    assert 'hx-trigger="every 2s"' in html and 'id="export-mp4" disabled' in html
    assert key_of(html) != asked["key"]
    client.post(url(plain, "cut_export"), asked, headers=HTMX)
    assert Export.objects.count() == 1

    poll = f"{url(plain, 'cut_exports')}?running={export.pk}"
    same = client.get(poll, headers={**HTMX, "If-None-Match": first["ETag"]})
    assert (same.status_code, same.content) == (304, b"")
    until = timezone.now() + timedelta(minutes=1)
    Export.objects.update(progress=0.43, lease_until=until)
    moved = client.get(poll, headers={**HTMX, "If-None-Match": first["ETag"]})
    assert moved.status_code == 200 and "Rendering 43 %" in words(moved.content.decode())
    Export.objects.update(lease_until=None)
    exporting.render(export.pk)
    done = client.get(poll, headers={**HTMX, "If-None-Match": moved["ETag"]}).content.decode()
    assert "hx-trigger" not in part(done, "exports") and "The cut is exported." in done


def test_a_finished_export_says_what_it_is(client: Client, plain: Project) -> None:
    response = client.post(url(plain, "cut_export"))
    assert (response.status_code, response["Location"]) == (303, url(plain) + "#exports")
    export = Export.objects.get()
    exporting.render(export.pk)
    export.refresh_from_db()
    html = part(shown(client, url(plain)), "exports")
    text = words(html)
    name = export.file.rpartition("/")[2]
    assert name in text and "0:02 , 48 frames" in text and export.facts["sha256"][:12] in text
    assert "Gaps: SEQ01 as slate, a hole." in text and "Current" in text
    file = client.get(f"/media/{export.file}?download=1")
    assert f'href="/media/{export.file}?download=1"' in html
    assert file["Content-Disposition"] == f'attachment; filename="{name}"'
    assert len(b"".join(file.streaming_content)) == export.facts["bytes"]  # type: ignore[arg-type]  # a served file streams


def test_an_export_is_older_once_the_cut_shows_something_else(client: Client, plain: Project) -> None:
    row = factories.sequence_of(plain)
    client.post(url(plain, "cut_export"))
    exporting.render(Export.objects.get().pk)
    prompting.revise(actor=None, shot=row.shots.get(), text="other words on the slate")
    assert "Older SEQ01 changed since" in words(part(shown(client, url(plain)), "exports"))
    client.post(url(plain, "cut_export"))
    newest, older = re.findall(r'id="export-(\d+)"', shown(client, url(plain)))
    assert int(newest) > int(older)


def test_a_verdict_alone_leaves_an_export_current(client: Client, plain: Project) -> None:
    take = factories.make_take(factories.sequence_of(plain))
    client.post(url(plain, "cut_export"))
    exporting.render(Export.objects.get().pk)
    review.approve(actor=None, take=take)
    assert "Current" in words(part(shown(client, url(plain)), "exports"))


def test_a_failed_export_says_why_and_can_be_tried_again(client: Client, plain: Project) -> None:
    take = factories.make_take(factories.sequence_of(plain))
    place = storage.absolute(take.file)
    kept = place.read_bytes()
    place.unlink()
    client.post(url(plain, "cut_export"))
    export = Export.objects.get()
    exporting.render(export.pk)
    poll = client.get(f"{url(plain, 'cut_exports')}?running={export.pk}", headers=HTMX).content.decode()
    assert f"The export failed. The video {place.name} does not exist." in words(poll)
    html = part(shown(client, url(plain)), "exports")
    assert f"The video {place.name} does not exist." in html and f'id="again-{export.pk}"' in html
    place.write_bytes(kept)
    client.post(url(plain, "cut_export"), {"key": key_of(html)})
    exporting.render(Export.objects.latest("pk").pk)
    assert "Current" in words(part(shown(client, url(plain)), "exports"))


def test_an_export_that_nobody_renders_says_so(client: Client, plain: Project) -> None:
    client.post(url(plain, "cut_export"))
    Export.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    text = words(part(shown(client, url(plain)), "exports"))
    assert "No worker is running. Start the studio and it goes on." in text
    Heartbeat.objects.create(owner="elsewhere|boot|1|1", seen_at=timezone.now())
    assert "Waiting for the worker" in words(part(shown(client, url(plain)), "exports"))


def test_a_reviewer_may_export_and_strangers_see_nothing(client: Client, plain: Project) -> None:
    client.force_login(factories.add_member(plain, Role.REVIEWER))
    assert client.post(url(plain, "cut_export")).status_code == 303
    client.force_login(factories.make_user())
    assert client.get(url(plain)).status_code == 404
    assert client.get(url(plain, "cut_exports")).status_code == 404
    assert client.post(url(plain, "cut_export")).status_code == 404
    client.logout()
    assert client.get(url(plain)).status_code == 302
    assert Export.objects.count() == 1


def test_reading_never_writes_and_writing_needs_a_post(client: Client, plain: Project) -> None:
    assert client.get(url(plain, "cut_export")).status_code == 405
    assert client.post(url(plain)).status_code == 405
    assert client.post(url(plain, "cut_export"), {"format": "gif"}, headers=HTMX).status_code == 422
    assert not Export.objects.exists()


@pytest.mark.parametrize("sequences", [1, 6])
def test_the_page_asks_as_often_whatever_there_is(
    client: Client, owner: Any, sequences: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    project = factories.make_project(owner, sequences)
    for _ in range(sequences):
        client.post(url(project, "cut_export"))
    with django_assert_num_queries(14):
        shown(client, url(project))
    tag = client.get(url(project, "cut_exports"))["ETag"]
    with django_assert_num_queries(4):
        assert client.get(url(project, "cut_exports"), headers={"If-None-Match": tag}).status_code == 304
