"""Costs through the front door, and the report behind them."""

from __future__ import annotations

import csv
from io import StringIO

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from sequences import costs, orchestration
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
    with django_assert_num_queries(23):
        html = client.get(f"/p/{project.slug}/costs/").content.decode()
    for figure in (
        "$80.00",
        "$0.42",
        "Held for 1 call",
        "$0.32&ndash;$1.80",
        "Unassigned",
        "T1 call 1",
        "Sketch animatic",
    ):
        assert figure in html

    factories.planning.delete_sequence(actor=None, sequence=factories.sequence_of(project))
    after = costs_report(fresh(project))
    assert [(s.code, s.section, s.spent) for s in after.by_sequence][-1] == ("SEQ01", "deleted", 280_000)
    assert sum(s.spent for s in after.by_sequence) + after.unassigned_total == after.spent


def test_a_new_project_has_no_figures_to_divide() -> None:
    report = costs_report(factories.make_project(sequences=0, song=False))
    assert (report.per_approved_second, report.by_model, report.unassigned) == (None, (), ())
    assert (report.to_finish.low, report.to_finish.high) == (0, 0)


def test_every_state_of_the_page(client: Client) -> None:
    factories.priced(second="1.00")
    project = factories.make_project(sequences=0, song=False, budget="3.00")
    client.force_login(project.members.get())
    url = f"/p/{project.slug}/costs/"

    def shown() -> str:
        return client.get(url).content.decode()

    empty = shown()
    assert "No sequences yet." in empty and "Nothing has been asked for yet" in empty and "not planned" in empty
    sequence = factories.make_sequence(project, Plan(start_frame=True))
    take = factories.make_take(sequence, "making")
    busy = shown()
    assert "Held for 1 call" in busy and "none heard" in busy and "1 × $1" in busy
    assert "At 1.0 to 3.0 takes an approval, the cap may be short by up to" in busy
    assert "Wide because nothing is approved yet." in busy
    costs.settle(take.jobs.get(), 4_500_000)
    over = shown()
    assert "Bills took <b" in over and "$1.50" in over and "Nothing more is promised until the cap is raised." in over
    assert '<b class="tc">$1.50</b> over' in over  # in the bar
    orchestration.set_caps(actor=None, project=project, cap="90", day="8", why="more")
    Project.objects.update(held_micros=1)
    orchestration.prove(actor=None, project=project)
    frozen = shown()
    assert "does not add up, so nothing more is asked for" in frozen and "$3.50</b> today" in frozen


def test_what_is_done_says_so(client: Client) -> None:
    factories.priced(second="0.10")
    project = factories.make_project(sequences=1)
    factories.make_take(factories.sequence_of(project), "approved")
    client.force_login(project.members.get())
    html = client.get(f"/p/{project.slug}/costs/").content.decode()
    assert "Every sequence is approved." in html and "may be short" not in html
    for name in ("seq", "take", "model", "rev"):
        assert f'name="by" value="{name}"' in html and f'class="table by-{name}"' in html


CAPS = {"cap": "95.50", "day": "10", "why": "one more chorus"}


@pytest.mark.parametrize("htmx", [False, True])
def test_the_caps_are_set_with_a_reason(client: Client, htmx: bool) -> None:
    project = factories.make_project(sequences=0, song=False)
    client.force_login(project.members.get())
    url, headers = f"/p/{project.slug}/costs/cap/", {"HX-Request": "true"} if htmx else {}
    opened = client.get(url, headers=headers).content.decode()
    assert 'value="80.00"' in opened and ("data-open" if htmx else " open>") in opened
    assert ("<html" in opened) is not htmx
    for sent, sentence in (
        ({**CAPS, "why": " "}, "Say why the cap changes; the reason is kept with it."),
        ({**CAPS, "cap": "12,5"}, "Budget is &quot;12,5&quot;; write dollars such as"),
        ({**CAPS, "day": "ten"}, "Daily cap is &quot;ten&quot;; write dollars such as"),
    ):
        answer = client.post(url, sent, headers=headers)
        assert answer.status_code == 422 and sentence in answer.content.decode()
        assert sent["cap"] in answer.content.decode()
    assert fresh(project).cap_micros == 80_000_000
    done = client.post(url, CAPS, headers=headers)
    where = f"/p/{project.slug}/costs/"
    assert (done.headers["HX-Redirect"] if htmx else done.headers["Location"]) == where
    assert done.status_code == (200 if htmx else 303)
    row = fresh(project)
    assert (row.cap_micros, row.day_cap_micros) == (95_500_000, 10_000_000)
    html = client.get(where).content.decode()
    assert "The caps are set" in html and "$10.00 a day" in html and "$10.00 today" in html
    client.post(url, {**CAPS, "day": "", "why": "in a hurry"}, headers=headers)
    assert fresh(project).day_cap_micros is None
    assert "one more chorus" in client.get(url, headers=headers).content.decode()


def test_others_see_why_they_may_not(client: Client) -> None:
    project = factories.make_project(sequences=0, song=False)
    client.force_login(factories.add_member(project))
    html = client.get(f"/p/{project.slug}/costs/").content.decode()
    assert "Raising the cap takes an owner." in html and "costs/cap/" not in html
    dialog = client.get(f"/p/{project.slug}/costs/cap/").content.decode()
    assert "Raising the cap takes an owner of Night Ferry." in dialog and 'form="capsform" disabled' in dialog
    client.post(f"/p/{project.slug}/costs/cap/", CAPS)
    refused = client.post(f"/p/{project.slug}/costs/cap/", CAPS, headers={"HX-Request": "true"})
    assert refused.status_code == 422 and "You are an artist of Night Ferry" in refused.content.decode()
    assert fresh(project).cap_micros == 80_000_000


def test_the_ledger_on_the_page_and_as_csv(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    project = spent_project()
    monkeypatch.setattr("sequences.views.costs.SIZE", 3)
    client.force_login(project.members.get())
    url = f"/p/{project.slug}/costs/"
    first = client.get(url).content.decode()
    assert "7 entries" in first and "Show 4 older" in first and "Newer" not in first
    second = client.get(f"{url}?page=2").content.decode()
    assert "Show 1 older" in second and "?page=1#ledger" in second
    settled = client.get(f"{url}?kind=settle&sequence=SEQ01").content.decode()
    assert "2 entries" in settled and '<option value="settle" selected>' in settled
    assert "No entry like that." in client.get(f"{url}?kind=late").content.decode()

    for wild in ("?page=-1", "?page=99999999999999", "?kind=x&sequence=y", "?page=x"):
        assert client.get(url + wild).status_code == 200

    answer = client.get(f"{url}ledger.csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="night-ferry-ledger.csv"'
    rows = list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))))
    assert [(r["entry"], r["sequence"], r["amount"], r["spent after"]) for r in rows][:3] == [
        ("hold", "SEQ03", "0.14", "0.42"), ("settle", "SEQ02", "0.14", "0.42"), ("hold", "SEQ02", "0.14", "0.28")
    ]  # fmt: skip
    only = client.get(f"{url}ledger.csv?kind=settle").content.decode()
    assert only.count("\n") == 4


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_the_csv_is_a_formula(client: Client, start: str) -> None:
    """Reasons come from people and providers."""
    factories.priced(second="0.10")
    project = factories.make_project(sequences=[Plan(start_frame=True)], song=False)
    job = factories.make_take(factories.sequence_of(project), "making").jobs.get()
    costs.release(job, why=f'{start}HYPERLINK("http://example.com")')
    client.force_login(project.members.get())
    text = client.get(f"/p/{project.slug}/costs/ledger.csv").content.decode("utf-8-sig")
    cells = [cell for row in csv.reader(StringIO(text)) for cell in row]
    assert f'\'{start}HYPERLINK("http://example.com")'.replace("\r", "\n") in [c.replace("\r", "\n") for c in cells]
    assert not [cell for cell in cells if cell[:1] in "=+-@\t\r" and cell]


def test_dear_names_are_shown_not_run(client: Client) -> None:
    factories.priced(second="0.10")
    project = factories.make_project(sequences=[Plan("<script>", start_frame=True)], song=False)
    job = factories.make_take(factories.sequence_of(project), "making").jobs.get()
    costs.release(job, why="<script>alert(1)</script>")
    client.force_login(project.members.get())
    html = client.get(f"/p/{project.slug}/costs/").content.decode()
    assert "<script>alert" not in html and "&lt;script&gt;alert(1)" in html


def test_every_button_that_spends_knows_the_day(client: Client) -> None:
    """Board, its dialog and the sequence say it before the click, with the sentence of the command."""
    factories.priced(second="1.00")
    project = factories.make_project(sequences=[Plan(start_frame=True)], song=False)
    orchestration.set_day_cap(actor=None, project=project, cap="0.60", why="slowly")
    client.force_login(project.members.get())
    sentence = "This costs $1.00 and $0.60 of today&#x27;s $0.60 is left."
    base = f"/p/{project.slug}/"
    assert "over the budget" in client.get(base).content.decode()
    for address in ("run/?takes=1", "SEQ01/?takes=1"):
        html = client.get(base + address).content.decode()
        assert sentence in html and "disabled" in html, address
    answer = client.post(base + "run/", {"codes": "SEQ01", "takes": "1", "shown_price": "1000000"})
    assert answer.status_code == 422 and sentence in answer.content.decode()
