"""Admin: every model browsable and searchable, history closed, repairs through the verbs."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.apps import apps
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dailies import review
from sequences.models import Event, Job, LedgerEntry, Project, Receipt, Sequence, Take, Upload
from sequences.orchestration import casting, staling
from tests import bulk, factories
from tests.factories import Plan
from tests.sequences import silent

pytestmark = pytest.mark.django_db(transaction=True)

MODELS = [m for app in ("sequences", "dailies") for m in apps.get_app_config(app).get_models()]
EDITABLE = {"project", "membership", "sequence", "element"}


@pytest.fixture
def operator(client: Client) -> Client:
    client.force_login(factories.make_user("operator", is_staff=True, is_superuser=True))
    return client


def address(model: type[Model], page: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@pytest.fixture
def take() -> Take:
    plan = Plan(prompts=("@mara on a pier",), elements=("mara",), start_frame=True)
    project = factories.make_project(sequences=[plan], elements=["mara"])
    made = factories.make_take(factories.sequence_of(project))
    factories.make_grid_ready(factories.sequence_of(project))
    review.judge_shots(actor=None, take=made, shots=[1], decision="keep")
    review.say(actor=None, take=made, text="Hold longer", frame=3)
    review.reject(actor=None, take=made, reason="motion")
    return made


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.__name__)
def test_every_model_is_registered_and_searchable(model: type[Model]) -> None:
    assert admin.site.is_registered(model)
    assert admin.site.get_model_admin(model).search_fields


def test_every_list_search_and_row_opens(operator: Client, take: Take) -> None:
    for model in MODELS:
        for query in ("", "?q=SEQ01"):
            assert operator.get(address(model, "changelist") + query).status_code == 200, model
        row = model._default_manager.first()
        if row is not None:
            assert operator.get(address(model, "change", row.pk)).status_code == 200, model


def test_history_cannot_be_added_changed_or_deleted(operator: Client, take: Take) -> None:
    for model in MODELS:
        assert operator.get(address(model, "add")).status_code == 403, model
        row = model._default_manager.first()
        if row is not None:
            assert operator.post(address(model, "delete", row.pk)).status_code == 403, model
            closed = operator.post(address(model, "change", row.pk), {"state": "done"}).status_code
            assert (closed == 403) is (model._meta.model_name not in EDITABLE), model


def test_a_row_links_to_what_it_belongs_to(operator: Client, take: Take) -> None:
    page = operator.get(address(Job, "changelist")).content.decode()
    assert address(Take, "change", take.pk) in page
    assert address(Sequence, "change", take.sequence_id) in page


def test_a_repair_goes_through_the_verb(operator: Client, take: Take) -> None:
    sequence = take.sequence
    form = {"section": "Chorus", "start_0": "", "start": "0", "end": "1", "mode": "per_shot", "grid_prompt": ""}
    assert operator.post(address(Sequence, "change", sequence.pk), form).status_code == 302
    sequence.refresh_from_db()
    assert (sequence.section, sequence.mode) == ("Chorus", "per_shot")


def test_a_repair_the_verb_refuses_says_why_and_writes_nothing(operator: Client, take: Take) -> None:
    form = {"section": "Late", "start": "0", "end": "9000", "mode": "multi_shot", "grid_prompt": ""}
    page = operator.post(address(Sequence, "change", take.sequence_id), form, follow=True).content.decode()
    assert "song" in page
    take.sequence.refresh_from_db()
    assert take.sequence.end == Decimal("1.000")


def test_actions_call_the_verbs(operator: Client) -> None:
    project = factories.make_project(sequences=[Plan(start_frame=True)])
    take = factories.make_take(factories.sequence_of(project), "making")
    act(operator, Take, "stop", take.pk)
    factories.finish(take)
    assert take.state == "failed"
    act(operator, Job, "ask_again", take.jobs.get().pk)
    factories.finish(take)
    assert take.state == "waiting"
    assert Event.objects.filter(actor__username="operator").count() == 2


def test_an_action_that_is_refused_says_why(operator: Client, take: Take) -> None:
    page = act(operator, Take, "ask_again", take.pk)
    assert f"{take} has not failed; there is nothing to retry." in page


def test_an_artist_does_not_come_in(client: Client) -> None:
    client.force_login(factories.make_user())
    assert client.get(address(Project, "changelist")).status_code == 302
    assert client.get(address(LedgerEntry, "changelist")).status_code == 302


def act(client: Client, model: type[Model], action: str, *rows: int) -> str:
    form = {"action": action, "_selected_action": [str(pk) for pk in rows]}
    return client.post(address(model, "changelist"), form, follow=True).content.decode()


@pytest.fixture
def lost() -> Iterator[Job]:
    """A call of a paid provider that nobody knows about, and must have shown by now."""
    with silent.provider():
        yield silent.later(silent.project_with_call()[1])


def test_a_lost_call_is_decided_on_a_page_between(operator: Client, lost: Job) -> None:
    asked = act(operator, Job, "write_off", lost.pk)
    assert "SEQ01 T1" in asked and 'name="why"' in asked and Job.objects.get().state == "unsure"
    form = {"action": "write_off", "_selected_action": [str(lost.pk)], "decided": "1"}
    assert "Write down why" in operator.post(address(Job, "changelist"), form, follow=True).content.decode()
    operator.post(address(Job, "changelist"), {**form, "why": "support cannot tell"})
    entry = LedgerEntry.objects.get(kind="settle")
    assert entry.actor and (entry.actor.get_username(), entry.job.state) == ("operator", "failed")


def test_never_arrived_and_found_need_a_word_and_a_number(operator: Client, lost: Job) -> None:
    form = {"_selected_action": [str(lost.pk)], "decided": "1"}
    page = operator.post(address(Job, "changelist"), {**form, "action": "found"}, follow=True).content.decode()
    assert "Type the request number" in page
    page = operator.post(address(Job, "changelist"), {**form, "action": "absent"}, follow=True).content.decode()
    assert "Look at the service" in page
    operator.post(address(Job, "changelist"), {**form, "action": "absent", "looked": "1"})
    assert Job.objects.get().state == "absent"


def test_nothing_secret_is_shown(operator: Client, lost: Job) -> None:
    signed = "https://files.example/a.png?sig=SECRET"
    # what has a token in it is kept for finding calls again, and shown to nobody
    Job.objects.update(result_ref={"ref": signed}, error=f"could not fetch {signed}")
    receipt = Receipt.objects.create(
        provider="sketch", kind="submit", job=lost, body={"status_url": signed}, body_sha256="1"
    )
    upload = Upload.objects.create(provider="sketch", sha256="2", url=signed, expires_at=timezone.now())
    pages = [(Job, lost.pk), (Receipt, receipt.pk), (Upload, upload.pk)]
    for model, pk in pages:
        for url in (address(model, "changelist"), address(model, "change", pk)):
            html = operator.get(url).content.decode()
            assert "SECRET" not in html and lost.token not in html, url
    assert "https://files.example/a.png" in operator.get(address(Job, "change", lost.pk)).content.decode()


def test_figures_are_proven_and_counted_anew(operator: Client, take: Take) -> None:
    project = take.sequence.project
    asked = {"_selected_action": project.pk, "index": 0}
    url = reverse("admin:sequences_project_changelist")
    assert "1 as the ledger says." in operator.post(url, {**asked, "action": "prove"}, follow=True).content.decode()
    Project.objects.filter(pk=project.pk).update(held_micros=10_000)
    told = operator.post(url, {**asked, "action": "prove"}, follow=True).content.decode()
    assert "Night-ferry: held is $0.01, the ledger says $0.00." in told
    assert "1 counted anew." in operator.post(url, {**asked, "action": "recount"}, follow=True).content.decode()
    assert Project.objects.get(pk=project.pk).held_micros == 0


def test_a_waiver_is_taken_back_by_its_verb(operator: Client) -> None:
    project = bulk.large_project(1, 1, starring=1)
    casting.edit_element(actor=None, element=project.elements.get(key="mara"), name="Marla")
    take = Take.objects.get(sequence__project=project)
    given = staling.waive(actor=None, artefact=take, why="fine as it is")
    sent = {"action": "take_back", "_selected_action": [given.pk]}
    shown = operator.post("/admin/sequences/waiver/", sent, follow=True).content.decode()
    assert "1 taken back." in shown
    given.refresh_from_db()
    assert given.withdrawn_at is not None
