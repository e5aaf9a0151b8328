"""Setup through the front door: details, style, budget, limits, members and the plan file."""

from __future__ import annotations

import pytest
from django.test import Client

from sequences.models import Project
from sequences.models.plan import Role
from sequences.planfile import parse
from tests import factories
from tests.sequences.views.setting_up import BOTH, at, body, done, post, refused, three

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(client: Client) -> Project:
    return three(client)


# --- project, style, budget, limits -------------------------------------------------------------------------------

DETAILS = {
    "title": "Day Ferry",
    "client": "X",
    "size": "1080x1080",
    "rate": "25",
    "provider": "sketch",
    "grid": "3x3",
}


@BOTH
def test_details_are_saved(client: Client, project: Project, headers: dict[str, str]) -> None:
    asked = {**DETAILS, "model": "sketch/clip", "grid_model": "sketch/grid"}
    done(post(client, at(project, "details_set"), asked, headers), headers, "details")
    now = Project.objects.get()
    assert (now.title, now.width, now.height, now.rate, now.grid) == ("Day Ferry", 1080, 1080, "25", "3x3")
    assert (now.model, now.grid_model, now.slate) == ("sketch/clip", "sketch/grid", False)


def test_details_keep_what_was_typed(client: Client, project: Project) -> None:
    for asked, said in (
        ({"title": " "}, "Title is empty; write something."),
        (
            {"size": "own", "width": "641", "height": "360"},
            "Width is 641; it must be an even number from 64 to 8192.",
        ),
        ({"model": "other/film"}, "model is &quot;other/film&quot;; sketch films with sketch/clip."),
        (
            {"grid_model": "other/grid"},
            "grid_model is &quot;other/grid&quot;; sketch draws grids with sketch/grid.",
        ),
    ):
        form = {**DETAILS, "client": "Typed anew", **asked}
        html = refused(client, at(project, "details_set"), form, said)
        assert 'value="Typed anew"' in html
        assert Project.objects.get().title == "Night Ferry"


@BOTH
def test_style_lines(client: Client, project: Project, headers: dict[str, str]) -> None:
    asked = {"prefix": "35 mm", "suffix": "grain", "negative": "text"}
    done(post(client, at(project, "style_set"), asked, headers), headers, "style")
    assert Project.objects.get().style_prefix == "35 mm"
    long = refused(
        client,
        at(project, "style_set"),
        {"suffix": "x" * 2001},
        "Suffix has 2001 characters; 2000 is the most.",
    )
    assert "x" * 2001 in long


@BOTH
def test_cap_with_its_reason_and_history(client: Client, project: Project, headers: dict[str, str]) -> None:
    done(
        post(client, at(project, "budget_set"), {"cap": "$95.50", "why": "one more chorus"}, headers),
        headers,
        "cap",
    )
    html = body(client.get(at(project, "project_edit")))
    assert Project.objects.get().cap_micros == 95_500_000
    assert "$80.00 &rarr; $95.50" in html
    assert "one more chorus" in html


def test_cap_is_refused(client: Client, project: Project) -> None:
    for asked, said in (
        ({"cap": "95"}, "Say why the cap changes; the reason is kept with it."),
        ({"cap": "", "why": "oops"}, "Budget is &quot;&quot;; write dollars such as"),
        ({"cap": "12,5", "why": "comma"}, "Budget is &quot;12,5&quot;; write dollars such as"),
        (
            {"cap": "0", "why": "stop"},
            "$0.00 is below $0.14, which is spent or promised already; set at least that.",
        ),
    ):
        Project.objects.update(spent_micros=140_000)
        refused(client, at(project, "budget_set"), asked, said)
        assert Project.objects.get().cap_micros == 80_000_000


LIMITS = {
    "duration_frames": "2", "black_seconds": "0.5", "frozen_seconds": "1", "extra_cuts": "1", "missing_cuts": "1",
    "start_match": "0.8", "start_match_warn": "0.7",
}  # fmt: skip


@BOTH
def test_limits_are_set_and_reset(client: Client, project: Project, headers: dict[str, str]) -> None:
    done(post(client, at(project, "limits_set"), LIMITS, headers), headers, "limits")
    assert Project.objects.get().check_limits["duration_frames"] == 2
    html = done(post(client, at(project, "limits_reset"), {}, headers), headers, "limits")
    assert not headers or 'value="0.25"' in html
    assert Project.objects.get().check_limits["duration_frames"] == 1


def test_limits_are_refused(client: Client, project: Project) -> None:
    for asked, said in (
        ({"duration_frames": "many"}, "“Length off by” must be a number"),
        ({"black_seconds": "61"}, "“Longest black” must be between 0 and 60, not 61."),
        ({"extra_cuts": "1.5"}, "“Unplanned cuts” must be a whole number, not 1.5."),
        (
            {"start_match_warn": "0.9"},
            "“Start frame, warn from” must not be higher than “Start frame likeness”.",
        ),
    ):
        html = refused(client, at(project, "limits_set"), {**LIMITS, **asked}, said)
        assert f'value="{next(iter(asked.values()))}"' in html
        assert Project.objects.get().check_limits == {}


# --- members ------------------------------------------------------------------------------------------------------


@BOTH
def test_members_come_change_and_go(client: Client, project: Project, headers: dict[str, str]) -> None:
    ben = factories.make_user("ben")
    done(
        post(client, at(project, "member_add"), {"user": " BEN ", "role": "artist"}, headers),
        headers,
        "member",
    )
    done(post(client, at(project, "member_role", ben.pk), {"role": "reviewer"}, headers), headers, "member")
    assert project.memberships.get(user=ben).role == Role.REVIEWER
    done(post(client, at(project, "member_remove", ben.pk), {}, headers), headers, "member")
    assert project.memberships.count() == 1


def test_members_are_refused(client: Client, project: Project) -> None:
    for name, said in (
        ("", "Write the user name of the person to let in."),
        ("nobody", "There is nobody called &quot;nobody&quot; here; an administrator adds people."),
        ("ida", "ida is in Night Ferry already, as owner."),
    ):
        refused(client, at(project, "member_add"), {"user": name, "role": "artist"}, said)
        assert project.memberships.count() == 1


@pytest.mark.parametrize(("verb", "data"), [("member_role", {"role": "artist"}), ("member_remove", {})])
def test_the_last_owner_stays(client: Client, project: Project, verb: str, data: dict[str, str]) -> None:
    ida = project.memberships.get().user_id
    refused(client, at(project, verb, ida), data, "ida is the only owner of Night Ferry;")
    assert project.memberships.get().role == Role.OWNER


@BOTH
def test_who_leaves_goes_home(client: Client, project: Project, headers: dict[str, str]) -> None:
    person = factories.add_member(project, Role.REVIEWER)
    client.force_login(person)
    response = post(client, at(project, "member_remove", person.pk), {}, headers)
    assert response.headers.get("HX-Redirect" if headers else "Location") == "/"
    assert project.memberships.count() == 1


# --- plan file ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["toml", "json"])
def test_plan_goes_out(client: Client, project: Project, kind: str) -> None:
    response = client.get(at(project, f"plan_{kind}"))
    assert response["Content-Disposition"] == f'attachment; filename="night-ferry.{kind}"'
    plan = parse(response.content, f"plan.{kind}")
    assert [s.section for s in plan.sequences] == ["Intro", "Verse", "Outro"]
