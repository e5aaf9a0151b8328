"""Costs through the front door, and the report behind them."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from sequences.models import Project
from sequences.queries.costs import costs_report
from tests import factories
from tests.factories import Plan

pytestmark = pytest.mark.django_db


def fresh(project: Project) -> Project:
    return Project.objects.get(pk=project.pk)


def spent_project() -> Project:
    """One approved at the second try, one paid for nothing, one in flight, one untouched."""
    factories.priced(second="0.14", picture="0.04")
    project = factories.make_project(sequences=[Plan(f"Part {n}", start_frame=n != 4) for n in range(1, 5)])
    first = factories.sequence_of(project, "SEQ01")
    factories.make_take(first, "rejected")
    factories.make_take(first, "approved")
    with factories.faults("crash:charged"):
        factories.finish(factories.make_take(factories.sequence_of(project, "SEQ02"), "making"))
    factories.make_take(factories.sequence_of(project, "SEQ03"), "making")
    return fresh(project)


def test_the_report_adds_up_to_what_the_project_spent(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    project = spent_project()
    report = costs_report(project)
    assert (report.cap, report.spent, report.held, report.left) == (80_000_000, 420_000, 140_000, 79_440_000)
    assert [(s.code, s.takes, s.spent, s.held) for s in report.by_sequence] == [
        ("SEQ01", 2, 280_000, 0),
        ("SEQ02", 1, 0, 0),
        ("SEQ03", 1, 0, 140_000),
        ("SEQ04", 0, 0, 0),
    ]
    assert [(u.sequence, u.work, u.spent) for u in report.unassigned] == [("SEQ02", "T1 call 1", 140_000)]
    assert [(m.endpoint, m.calls, m.kept, m.spent) for m in report.by_model] == [("sketch/clip", 3, 1, 420_000)]
    assert (report.approved_seconds, report.per_approved_second) == (1, 420_000)
    assert report.by_sequence[0].per_second == 280_000
    # two takes for one approval; the take that is being made may be the one
    assert (report.to_finish.open, report.to_finish.takes, report.to_finish.grids) == (3, (1.0, 4.0), (1.0, 3.0))
    assert (report.to_finish.low, report.to_finish.high) == (2 * 140_000 + 40_000, 3 * 4 * 140_000 + 3 * 40_000)
    assert report.to_finish.wide == "Wide because only 1 sequence is approved."

    client.force_login(project.members.get())
    with django_assert_num_queries(22):
        html = client.get(f"/p/{project.slug}/costs/").content.decode()
    for figure in ("$80.00", "$0.42", "Held for 1 call", "$0.32&ndash;$1.80", "Unassigned", "T1 call 1", "Sketch animatic"):
        assert figure in html

    factories.planning.delete_sequence(actor=None, sequence=factories.sequence_of(project))
    after = costs_report(fresh(project))
    assert [(s.code, s.section, s.spent) for s in after.by_sequence][-1] == ("SEQ01", "deleted", 280_000)
    assert sum(s.spent for s in after.by_sequence) + after.unassigned_total == after.spent


def test_a_new_project_has_no_figures_to_divide() -> None:
    report = costs_report(factories.make_project(sequences=0, song=False))
    assert (report.per_approved_second, report.by_model, report.unassigned) == (None, (), ())
    assert (report.to_finish.low, report.to_finish.high) == (0, 0)
