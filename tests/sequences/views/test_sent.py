"""What is sent, before and after: on pages and by command, with nothing secret in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from sequences.models import Job, Project
from sequences.models.plan import Role
from sequences.orchestration import add_pictures, shots
from sequences.providers import registry
from tests import factories, paid
from tests.commands import document, ran
from tests.fakes.fal import InProcessFal

pytestmark = pytest.mark.django_db

THREE = factories.Plan(
    prompts=("a pier at dawn with @mara", "@mara looks back, key lighting", "an empty stage"),
    seconds=(5, 6, 7),
    elements=("mara",),
    start_frame=True,
)


@pytest.fixture(scope="module")
def running() -> Iterator[InProcessFal]:
    with paid.calm() as fal:
        yield fal


@pytest.fixture
def desk(running: InProcessFal) -> Iterator[paid.Bench]:
    with paid.bench(running) as bench:
        yield bench


def drafted(desk: paid.Bench, client: Client) -> Project:
    owner = factories.make_user()
    client.force_login(owner)
    project = desk.project(THREE, owner=owner, elements=["mara"], width=640, height=360)
    add_pictures(actor=None, element=project.elements.get(), uploads=[factories.picture_file()])
    return project


def bodies(html: str) -> list[dict[str, object]]:
    found = re.findall(r'<pre class="json"[^>]*>(.*?)</pre>', html, re.DOTALL)
    return [json.loads(unescape(text)) for text in found]


def test_the_body_is_shown_before_and_is_the_one_that_is_sent(desk: paid.Bench, client: Client) -> None:
    """What the page shows, with names for addresses, is what the provider gets, call by call."""
    project = drafted(desk, client)
    sequence = factories.sequence_of(project)
    url = reverse("take_bodies", args=[project.slug, sequence.code])
    before = bodies(client.get(url).content.decode())
    assert desk.posts == 0 and not Job.objects.exists()
    assert [b["duration"] for b in before] == ["11", "7"]
    assert before[0]["start_image_url"] == "start frame F1, 640 × 360"
    assert before[1]["start_image_url"] == "last frame of call 1, 640 × 360"
    element = {"frontal_image_url": "Mara, picture 1, 640 × 360",
               "reference_image_urls": ["Mara, picture 1, 640 × 360"]}  # fmt: skip
    assert before[0]["elements"] == [element]

    take = desk.take(sequence)
    desk.sent(take.jobs.get(call=1))
    job = take.jobs.get(call=1)
    sent = client.get(reverse("take_sent", args=[project.slug, sequence.code, take.number])).content.decode()
    after = bodies(sent)
    assert after[0] == before[0]
    assert after[0].keys() == job.wire["body"].keys()
    assert after[0]["multi_prompt"] == job.wire["body"]["multi_prompt"]
    assert "Not sent yet." in sent and "Starts from the last frame of call 1." in sent


def test_nothing_secret_is_shown(desk: paid.Bench, client: Client) -> None:
    """Addresses of uploads, the job's token, the key, and a query somebody pasted into a prompt stay inside."""
    project = drafted(desk, client)
    sequence = factories.sequence_of(project)
    shots.add_shot(actor=None, sequence=sequence, prompt="like https://a.example/x.png?token=hush", seconds=3)
    take = desk.take(sequence)
    desk.sent(take.jobs.get(call=1))
    job = take.jobs.get(call=1)
    Job.objects.filter(pk=job.pk).update(
        wire={**job.wire, "body": {**job.wire["body"], "end_image_url": "https://v3.fal.media/files/z/y.png?sig=hush"}}
    )
    address = job.wire["body"]["start_image_url"]
    page = client.get(reverse("take_sent", args=[project.slug, sequence.code, take.number])).content.decode()
    shown = page + json.dumps(document("jobs", "--project", project.slug, "--bodies"))
    shown += client.get(reverse("take_bodies", args=[project.slug, sequence.code])).content.decode()
    key = registry.get("fal").options.key  # type: ignore[attr-defined]  # the paid provider's
    assert address.startswith("http") and key
    for secret in (address, job.token, key, "hush", "?"):
        assert secret not in "".join(re.findall(r'<pre class="json"[^>]*>.*?</pre>', page, re.DOTALL))
    for secret in (address, job.token, key, "sig=hush"):
        assert secret not in shown
    assert "a file that was uploaded" in shown and "key lighting" in shown


def test_a_body_that_the_model_would_refuse_says_why(desk: paid.Bench, client: Client) -> None:
    project = drafted(desk, client)
    sequence = factories.sequence_of(project)
    shots.add_shot(actor=None, sequence=sequence, prompt="words " * 200, seconds=3)
    html = client.get(reverse("take_bodies", args=[project.slug, sequence.code])).content.decode()
    assert "It cannot be put together as it stands" in html


def test_the_free_artist_is_sent_the_frozen_request(client: Client) -> None:
    owner = factories.make_user()
    client.force_login(owner)
    project = factories.make_project(owner, [factories.Plan(start_frame=True)])
    sequence = factories.sequence_of(project)
    asked = client.get(reverse("take_bodies", args=[project.slug, sequence.code]), {"seed": "7"})
    (body,) = bodies(asked.content.decode())
    take = factories.make_take(sequence, seed=7)
    sent = client.get(
        reverse("take_sent", args=[project.slug, sequence.code, take.number]), headers={"HX-Request": "true"}
    ).content.decode()
    assert "<html" not in sent
    assert bodies(sent) == [body] == [take.jobs.get().request]


def test_a_seed_nobody_has_chosen_is_not_made_up(client: Client) -> None:
    owner = factories.make_user()
    client.force_login(owner)
    project = factories.make_project(owner, [factories.Plan(start_frame=True)])
    html = client.get(reverse("take_bodies", args=[project.slug, "SEQ01"])).content.decode()
    assert bodies(html)[0]["seed"] == "a new one"


def test_bodies_by_command(desk: paid.Bench, client: Client) -> None:
    project = drafted(desk, client)
    asked = ("request_takes", "SEQ01", "--project", project.slug, "--takes", "2", "--dry-run", "--bodies")
    calls = document(*asked)["calls"]
    assert [(c["take"], c["path"], c["body"]["duration"]) for c in calls] == [
        (take, paid.CLIP, seconds) for take in (1, 2) for seconds in ("11", "7")
    ]
    code, out, _ = ran(*asked)
    assert code == 0 and "SEQ01 T2 call 2" in out and "start frame F1, 640 × 360" in out
    assert ran(*asked[:-2], "--bodies")[0] == 2
    desk.sent(desk.take(factories.sequence_of(project)).jobs.get(call=1))
    first, second = document("jobs", "--project", project.slug, "--bodies")["jobs"]
    assert first["body"]["start_image_url"] == "start frame F1, 640 × 360" and first["path"] == paid.CLIP
    assert second["body"] is None and second["request"]["shots"][0]["prompt"] == "an empty stage"


def test_a_reviewer_may_read_it_and_a_stranger_may_not(client: Client) -> None:
    project = factories.make_project(sequences=[factories.Plan(start_frame=True)])
    client.force_login(factories.add_member(project, Role.REVIEWER))
    url = reverse("take_bodies", args=[project.slug, "SEQ01"])
    assert client.get(url).status_code == 200
    client.force_login(factories.make_user())
    assert client.get(url).status_code == 404
