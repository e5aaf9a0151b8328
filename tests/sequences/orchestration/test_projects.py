"""Projects, style, budget and members."""

from __future__ import annotations

import pytest

from sequences import orchestration as verbs
from sequences.errors import Refusal
from sequences.models import Event, Membership, Project
from tests.factories import add_member, make_project, make_take, make_user, priced, sequence_of

pytestmark = pytest.mark.django_db


def refused(code: str, text: str):
    """A refusal with this code and exactly this sentence."""

    class _Refused:
        def __enter__(self) -> None:
            self.raises = pytest.raises(Refusal)
            self.caught = self.raises.__enter__()

        def __exit__(self, *args: object) -> bool:
            swallowed = bool(self.raises.__exit__(*args))
            assert (self.caught.value.code, str(self.caught.value)) == (code, text)
            return swallowed

    return _Refused()


def test_the_asker_owns_what_they_make() -> None:
    ines = make_user("ines")
    project = verbs.new_project(actor=ines, title="  Night Ferry ", budget="80.5", client="Halogen Coast")
    assert (project.slug, project.title, project.cap_micros) == ("night-ferry", "Night Ferry", 80_500_000)
    assert verbs.role_of(ines, project) == "owner"
    assert verbs.new_project(actor=ines, title="Night Ferry").slug == "night-ferry-2"


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"title": " "}, "Title is empty; write something."),
        ({"title": "A", "width": 1281}, "Width is 1281; it must be an even number from 64 to 8192."),
        ({"title": "A", "rate": "23"}, 'Rate is "23"; use 24, 25, 30, 24000/1001 or 30000/1001.'),
        ({"title": "A", "budget": "ten"}, 'Budget is "ten"; write dollars such as "80.00", not below 0.'),
        ({"title": "A", "model": "x/y"}, 'model is "x/y"; sketch films with sketch/clip.'),
        ({"title": "A", "slug": "a b"}, 'Slug is "a b"; use letters and digits with single hyphens between.'),
    ],
)
def test_wrong_values_are_one_sentence(values: dict[str, object], sentence: str) -> None:
    with refused("bad_input", sentence):
        verbs.new_project(actor=make_user(), **values)  # type: ignore[arg-type]  # wrong on purpose
    assert not Project.objects.exists()


def test_an_unknown_provider_names_those_there_are() -> None:
    with pytest.raises(Refusal, match=r'^provider is "nobody"; this studio has .*sketch.*\.$'):
        verbs.new_project(actor=None, title="A", provider="nobody")


def test_a_slug_is_used_once() -> None:
    verbs.new_project(actor=None, title="A", slug="a")
    with refused("slug_taken", "There is a project a already; choose another slug."):
        verbs.new_project(actor=None, title="B", slug="a")


def test_fields_change_and_the_slug_stays() -> None:
    project = make_project(song=False)
    owner = project.members.get()
    row = verbs.edit_project(actor=owner, project=project, title="Day Ferry", rate="25", slate=False)
    row.refresh_from_db()
    assert (row.title, row.rate, row.slate, row.slug) == ("Day Ferry", "25", False, project.slug)
    assert row.cap_micros == project.cap_micros
    with refused("not_allowed", "slug cannot be changed here."):
        verbs.edit_project(actor=owner, project=project, slug="other")
    with refused("bad_input", "Height is 91; it must be an even number from 64 to 8192."):
        verbs.edit_project(actor=owner, project=project, title="Lost", height=91)
    row.refresh_from_db()
    assert row.title == "Day Ferry"


def test_style_goes_in_whole() -> None:
    project = make_project(song=False)
    verbs.set_style(actor=None, project=project, prefix=" 35 mm \r\n film ", negative="text")
    row = Project.objects.get(pk=project.pk)
    assert (row.style_prefix, row.style_suffix, row.style_negative) == ("35 mm \n film", "", "text")


def test_limits_of_checks_are_numbers_in_range() -> None:
    project = make_project(song=False)
    verbs.set_check_limits(actor=None, project=project, limits={"black_seconds": "0.5"})
    row = verbs.set_check_limits(actor=None, project=project, limits={"extra_cuts": 2})
    assert (row.check_limits["black_seconds"], row.check_limits["extra_cuts"]) == (0.5, 2)
    with refused("bad_input", "“Unplanned cuts” must be between 0 and 50, not 99."):
        verbs.set_check_limits(actor=None, project=project, limits={"extra_cuts": 99})
    with pytest.raises(Refusal, match="^There is no limit “cuts”; the limits are "):
        verbs.set_check_limits(actor=None, project=project, limits={"cuts": 1})


def test_a_budget_never_falls_below_what_is_promised() -> None:
    priced("0.50")
    project = make_project()
    make_take(sequence_of(project), "making")
    with refused("below_spent", "$0.25 is below $0.50, which is spent or promised already; set at least that."):
        verbs.set_budget(actor=None, project=project, cap="0.25")
    assert verbs.set_budget(actor=None, project=project, cap="0.50", why="enough").cap_micros == 500_000
    event = Event.objects.get(subject="project")
    assert (event.was, event.now, event.why) == ("80.00", "0.50", "enough")


def test_the_last_owner_stays() -> None:
    project = make_project(song=False)
    owner, other = project.members.get(), make_user("tom")
    verbs.add_member(actor=owner, project=project, user=other, role="artist")
    with refused("last_owner", f"{owner} is the only owner of Night Ferry; make somebody else owner first."):
        verbs.change_role(actor=owner, project=project, user=owner, role="artist")
    with refused("last_owner", f"{owner} is the only owner of Night Ferry; make somebody else owner first."):
        verbs.remove_member(actor=owner, project=project, user=owner)
    verbs.change_role(actor=owner, project=project, user=other, role="owner")
    verbs.remove_member(actor=owner, project=project, user=owner)
    assert list(Membership.objects.values_list("user__username", "role")) == [("tom", "owner")]


def test_members_are_added_once_with_a_known_role() -> None:
    project = make_project(song=False)
    tom = add_member(project, name="tom")
    with refused("bad_input", "tom is in Night Ferry already, as artist."):
        verbs.add_member(actor=None, project=project, user=tom)
    with refused("bad_input", 'There is no role "king"; use one of owner, artist, reviewer.'):
        verbs.change_role(actor=None, project=project, user=tom, role="king")
    with refused("not_found", "anna is not in Night Ferry."):
        verbs.remove_member(actor=None, project=project, user=make_user("anna"))


def test_anyone_may_leave() -> None:
    project = make_project(song=False)
    tom = add_member(project, name="tom")
    verbs.remove_member(actor=tom, project=project, user=tom)
    assert verbs.role_of(tom, project) is None
