"""Every rule that the database holds has a row that breaks it, and the row is refused."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

from dailies import exporting, review
from dailies.models import Export, Note, ShotVerdict, Verdict
from sequences import orchestration
from sequences.models import (
    Attempt,
    Batch,
    BatchItem,
    Candidate,
    Check,
    Clip,
    DayBudget,
    Element,
    ElementImage,
    Grid,
    ImportedRecord,
    Job,
    LedgerEntry,
    Membership,
    Price,
    Project,
    PromptRevision,
    Receipt,
    Sequence,
    SequenceElement,
    Shot,
    Song,
    StartFrame,
    StyleRevision,
    Take,
    TakeShot,
    Upload,
    Waiver,
)
from tests import factories

pytestmark = pytest.mark.django_db


def constraints() -> list[tuple[type[models.Model], str]]:
    """Model and name of every constraint of ours."""
    found = [m for label in ("sequences", "dailies") for m in apps.get_app_config(label).get_models()]
    return [(model, str(c.name)) for model in found for c in model._meta.constraints]


def update(model: type[models.Model], **values: Any) -> Callable[[], object]:
    """A change of the oldest row; states too, which only `move` may write: the database must hold by itself."""
    return lambda: model._default_manager.filter(pk=model._default_manager.earliest("pk").pk).update(**values)


def again(model: type[models.Model], **values: Any) -> Callable[[], object]:
    """A second row like the oldest one, with `values` instead."""

    def copy() -> None:
        row = model._default_manager.earliest("pk")
        row.pk = None
        row._state.adding = True
        for name, value in values.items():
            setattr(row, name, value)
        row.save(force_insert=True)

    return copy


def dead(**values: Any) -> dict[str, Any]:
    """A job that has ended, so that only the rule under test is broken."""
    return {"state": "done", "token": "another", "request_id": "", **values}


LIVE = {"state": "queued", "look_again_at": timezone.now(), "deadline": timezone.now()}

BREAKING: dict[str, Callable[[], object]] = {
    "project_size_positive": update(Project, width=0),
    "project_rate_known": update(Project, rate="12"),
    "project_grid_known": update(Project, grid="5x5"),
    "project_money_not_negative": update(Project, held_micros=-1),
    "project_within_cap": update(Project, spent_micros=80_000_001),
    "project_caps_not_negative": update(Project, day_cap_micros=-1),
    "day_budget_once": again(DayBudget),
    "day_money_not_negative": update(DayBudget, spent_micros=-1),
    "day_within_cap": update(DayBudget, cap_micros=1, held_micros=2),
    "price_not_negative": again(Price, unit_price=-1),
    "upload_once": again(Upload),
    "imported_record_once": again(ImportedRecord),
    "membership_once": again(Membership),
    "membership_role_known": update(Membership, role="king"),
    "song_seconds_positive": update(Song, seconds=0),
    "sequence_code_once": again(Sequence),
    "sequence_starts_in_song": update(Sequence, start=Decimal("-0.001")),
    "sequence_length_positive": update(Sequence, start=2, end=2),
    "sequence_mode_known": update(Sequence, mode="solo"),
    "shot_number_once": again(Shot),
    "shot_seconds_positive": update(Shot, seconds=0),
    "shot_number_positive": update(Shot, number=0),
    "revision_number_once": again(PromptRevision),
    "revision_number_positive": again(PromptRevision, number=0),
    "element_key_once": again(Element),
    "element_kind_known": update(Element, kind="ghost"),
    "element_image_once": again(ElementImage),
    "sequence_element_once": again(SequenceElement),
    "grid_number_once": again(Grid, request_key="other"),
    "grid_request_once": again(Grid, number=99),
    "grid_state_known": update(Grid, state="lost"),
    "grid_layout_positive": update(Grid, rows=0),
    "grid_has_file": update(Grid, file=""),
    "grid_like_is_whole": update(Grid, like_cell=1),
    "grid_cuts_keep_found": update(Grid, cuts={"cols": [], "rows": []}),
    "candidate_once": again(Candidate),
    "candidate_cell_positive": update(Candidate, cell=0),
    "start_frame_number_once": again(StartFrame, state="superseded"),
    "one_start_frame_a_sequence": again(StartFrame, number=99, state="approved"),
    "one_frame_a_shot_and_use": lambda: [
        again(StartFrame, number=n, state="approved", shot=Shot.objects.earliest("pk"))() for n in (98, 99)
    ],
    "start_frame_use_known": update(StartFrame, use="mid"),
    "end_frame_has_shot": update(StartFrame, use="end"),
    "project_style_once": lambda: [again(StyleRevision)() for _ in range(2)],
    "sequence_style_once": lambda: [again(StyleRevision, sequence=Sequence.objects.earliest("pk"))() for _ in range(2)],
    "style_number_positive": again(StyleRevision, number=0),
    "waiver_of_one": update(Waiver, take=None),
    "waiver_has_reason": update(Waiver, why=""),
    "batch_number_once": again(Batch, request_key="other"),
    "batch_request_once": again(Batch, number=99),
    "batch_item_once": again(BatchItem),
    "batch_item_one_outcome": update(BatchItem, refusal="No."),
    "start_frame_state_known": update(StartFrame, state="lost"),
    "start_frame_source_known": update(StartFrame, source="dream"),
    "start_frame_from_grid_is_whole": update(StartFrame, source="grid"),
    "start_frame_from_take_is_whole": update(StartFrame, source="take"),
    "start_frame_upscaled_from_one": update(StartFrame, source="upscale"),
    "start_frame_has_file": update(StartFrame, file=""),
    "start_frame_request_once": lambda: [
        again(StartFrame, number=n, state="superseded", request_key="one-form")() for n in (98, 99)
    ],
    "start_frame_size_positive": update(StartFrame, height=0),
    "take_number_once": again(Take, request_key="other", state="rejected"),
    "take_request_once": again(Take, number=99, state="rejected"),
    "one_approved_take_a_sequence": again(Take, number=99, request_key="other", state="approved"),
    "take_state_known": update(Take, state="lost"),
    "take_mode_known": update(Take, mode="solo"),
    "take_has_file": update(Take, frames=0),
    "clip_frames_positive": update(Clip, frames=0),
    "take_shot_once": again(TakeShot),
    "take_shot_frames_positive": update(TakeShot, frames=0),
    "check_once": again(Check),
    "check_result_known": update(Check, result="hmm"),
    "job_state_known": update(Job, state="asleep"),
    "job_has_one_purpose": update(Job, take=None, grid=None),
    "one_live_job_a_call": lambda: [
        again(Job, **dead(**LIVE, kind="video", grid=None, take=Take.objects.earliest("pk"), call=7) | {"token": t})()
        for t in ("one", "two")
    ],
    "one_live_job_a_grid": lambda: [
        again(Job, **dead(**LIVE, kind="grid", take=None, grid=Grid.objects.earliest("pk")) | {"token": t})()
        for t in ("one", "two")
    ],
    "one_live_job_a_start_frame": lambda: [
        again(
            Job,
            **dead(**LIVE, kind="upscale", take=None, grid=None, start_frame=StartFrame.objects.earliest("pk"))
            | {"token": t},
        )()
        for t in ("one", "two")
    ],  # fmt: skip
    "request_id_once": lambda: again(Job, token="another", request_id=Job.objects.earliest("pk").request_id)(),
    "live_job_is_looked_at": update(Job, state="queued", look_again_at=None),
    "job_estimate_not_negative": update(Job, estimate_micros=-1),
    "job_late_known": update(Job, late="maybe"),
    "job_late_has_file": update(Job, late="kept"),
    "attempt_epoch_once": again(Attempt),
    "ledger_kind_once": again(LedgerEntry),
    "ledger_kind_known": again(LedgerEntry, kind="gift"),
    "ledger_amount_not_negative": lambda: again(
        LedgerEntry, kind="release", amount_micros=-1, job=LedgerEntry.objects.earliest("pk").job
    )(),
    "receipt_once": again(Receipt),
    "one_standing_verdict_a_take": again(Verdict),
    "verdict_decision_known": update(Verdict, decision="maybe", reason="other"),
    "reject_has_a_reason": update(Verdict, decision="reject", reason=""),
    "one_verdict_a_shot": again(ShotVerdict),
    "shot_verdict_decision_known": update(ShotVerdict, decision="burn"),
    "note_says_something": update(Note, text=""),
    "export_request_once": again(Export),
    "export_progress_is_a_part": update(Export, progress=1.5),
}


@pytest.fixture(scope="module")
def built(data_dir: Any, django_db_setup: None, django_db_blocker: Any) -> Any:
    """One row of everything, drawn once for the file."""
    from django.core.management import call_command

    with django_db_blocker.unblock():
        try:
            plan = factories.Plan(start_frame=True, elements=("mara",))
            project = factories.make_project(sequences=[plan], elements=["mara"])
            _everything(project)
            yield project
        finally:
            call_command("flush", interactive=False, verbosity=0)


def _everything(project: Project) -> None:
    element, sequence = project.elements.get(), project.sequences.get()
    orchestration.add_pictures(actor=None, element=element, uploads=[factories.picture_file()])
    Candidate.objects.create(grid=factories.make_grid_ready(sequence), cell=1)
    take = factories.make_take(sequence)
    review.judge_shots(actor=None, take=take, shots=[1], decision="keep")
    review.say(actor=None, take=take, text="lovely")
    review.approve(actor=None, take=take)
    exporting.request_export(actor=None, project=project)
    ImportedRecord.objects.create(project=project, source="older", key="1", sha256="a" * 64, raw={})
    Price.objects.create(endpoint="sketch/clip", unit_price="0.14", unit="second", fetched_at=timezone.now())
    StyleRevision.objects.create(project=project, number=1, prefix="35 mm")
    Waiver.objects.create(project=project, take=take, inputs_sha256="a" * 64, why="It looks right.")
    batch = Batch.objects.create(project=project, number=1, request_key="one")
    BatchItem.objects.create(batch=batch, sequence=sequence, take=take)
    Upload.objects.create(provider="fal", sha256="a" * 64, url="https://example.com/a.png", expires_at=timezone.now())


def test_every_constraint_has_its_breaking_row() -> None:
    names = [name for _, name in constraints()]
    assert len(names) == len(set(names)) and sorted(names) == sorted(BREAKING)


@pytest.mark.parametrize("name", BREAKING)
def test_the_database_refuses(built: Project, name: str) -> None:
    model = {known: model for model, known in constraints()}[name]
    fields = _fields(model, name)
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        BREAKING[name]()
    said = str(refused.value)
    # SQLite names the columns of a unique rule without a condition, and the rule itself otherwise
    assert name in said or all(f"{model._meta.db_table}.{column}" in said for column in fields), said


def _fields(model: type[models.Model], name: str) -> list[str]:
    """Columns of a unique rule; none for a check, whose name is always told."""
    rule = next(c for c in model._meta.constraints if c.name == name)
    if not isinstance(rule, models.UniqueConstraint) or connection.vendor != "sqlite":
        return ["-"]
    return [str(model._meta.get_field(field).column) for field in rule.fields]
