"""The frame of every command: documents, refusals, exit codes, ways of writing figures."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import CommandParser

from sequences.errors import Refusal
from sequences.management.output import (
    VerbCommand,
    dollars,
    moment,
    project_of,
    seconds,
    sequences_of,
)
from sequences.models import Membership, Project, Sequence
from sequences.transitions import NotAllowed, Stale

pytestmark = pytest.mark.django_db


class Echo(VerbCommand):
    """A command as the others are written."""

    project_option = "optional"
    raises: Exception | None = None

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("words", nargs="*")

    def run(self, **options: Any) -> dict[str, Any] | None:
        if self.raises:
            raise self.raises
        if options["words"] == ["both"]:
            self.usage("Give codes or --ready.")
        self.show("prose")
        self.say("remark")
        return {"words": options["words"], "length": Decimal("1.5"), "as": str(self.actor)}


def ran(*args: str, raises: Exception | None = None) -> tuple[int, str, str]:
    out, err = StringIO(), StringIO()
    command = Echo(stdout=out, stderr=err)
    command.raises = raises
    try:
        call_command(command, *args)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def test_json_is_the_only_thing_on_stdout() -> None:
    code, out, err = ran("sea", "--json")
    assert code == 0 and json.loads(out) == {"words": ["sea"], "length": 1.5, "as": "None"}
    assert err == "remark\n"


def test_without_json_people_read_prose() -> None:
    assert ran("sea") == (0, "prose\n", "remark\n")


def test_a_refusal_is_a_document_and_exit_1() -> None:
    refusal = Refusal("It costs more than is left.", code="over_budget", where="night-ferry")
    code, out, err = ran("--json", raises=refusal)
    assert code == 1 and err == "It costs more than is left.\n"
    assert json.loads(out) == {
        "error": {"code": "over_budget", "message": "It costs more than is left.", "where": "night-ferry"}
    }
    assert ran(raises=refusal) == (1, "", "It costs more than is left.\n")


@pytest.mark.parametrize(("error", "code"), [(Stale("Moved on."), "stale"), (NotAllowed("No."), "not_allowed")])
def test_a_refused_move_is_a_refusal(error: Exception, code: str) -> None:
    assert json.loads(ran("--json", raises=error)[1])["error"]["code"] == code


def test_wrong_usage_is_exit_2() -> None:
    assert ran("both") == (2, "", "Give codes or --ready. See --help.\n")


def test_user_is_who_acts() -> None:
    get_user_model().objects.create_user("ines")
    assert json.loads(ran("--json", "--user", "ines")[1])["as"] == "ines"
    assert ran("--user", "nobody")[::2] == (1, "There is no user nobody.\n")


def test_a_stranger_finds_no_project() -> None:
    project = Project.objects.create(slug="night-ferry", title="Night Ferry")
    ines = get_user_model().objects.create_user("ines")
    assert project_of("night-ferry") == project
    with pytest.raises(Refusal, match=r"^There is no project night-ferri\. Did you mean night-ferry\?$"):
        project_of("night-ferri")
    with pytest.raises(Refusal, match=r"^There is no project night-ferry\.$"):
        project_of("night-ferry", ines)
    Membership.objects.create(project=project, user=ines, role="reviewer")
    assert project_of("night-ferry", ines) == project


def test_codes_are_looked_up_in_the_order_asked() -> None:
    project = Project.objects.create(slug="night-ferry", title="Night Ferry")
    for n in (1, 2):
        Sequence.objects.create(project=project, code=f"SEQ0{n}", start=n, end=n + 1)
    assert [s.code for s in sequences_of(project, ["SEQ02", "SEQ01", "SEQ02"])] == ["SEQ02", "SEQ01"]
    with pytest.raises(Refusal, match=r"^night-ferry has no sequence SEQ09; it has SEQ01, SEQ02\.$"):
        sequences_of(project, ["SEQ09"])


@pytest.mark.parametrize(
    ("micros", "text"),
    [(80_000_000, "80.00"), (0, "0.00"), (123_400, "0.1234"), (1, "0.000001"), (2_500_000, "2.50"), (None, None)],
)
def test_money_is_text(micros: int | None, text: str | None) -> None:
    assert dollars(micros) == text


def test_times_are_numbers_and_moments_utc() -> None:
    assert (seconds(Decimal("14.000")), seconds(Decimal("14.25")), seconds(None)) == (14, 14.25, None)
    assert isinstance(seconds(Decimal("14.000")), int)
    noon = datetime(2026, 5, 1, 14, 0, tzinfo=timezone(timedelta(hours=2)))
    assert moment(noon) == "2026-05-01T12:00:00Z" == moment(datetime(2026, 5, 1, 12, tzinfo=UTC))
