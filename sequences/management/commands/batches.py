"""`batches [N]`: batches and what became of each sequence; pause, resume, call off, go on, retry what was refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.management.base import CommandParser

from sequences import orchestration
from sequences.costs import dollars
from sequences.errors import Refusal
from sequences.management.ordering import admission_document, refusals_of, takes_of, tell_admission
from sequences.management.output import VerbCommand, moment, project_of
from sequences.management.tables import show, table
from sequences.management.working import confirm, wait_for
from sequences.models import Batch, Project
from sequences.orchestration.batches import let_through
from sequences.queries.batches import batch_row, batches_of, document

VERBS: dict[str, Callable[..., Any]] = {
    "pause": orchestration.pause_batch,
    "resume": orchestration.resume_batch,
    "cancel": orchestration.cancel_batch,
    "continue": orchestration.continue_batch,
}
HELP = {
    "pause": "send nothing more of batch N; what was sent goes on",
    "resume": "send on",
    "cancel": "call off what was not sent",
    "continue": "ask for what was not asked for when it broke off",
}


class Command(VerbCommand):
    help = "List batches, or show one with a result for each sequence; pause it, resume it, call it off."

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("number", nargs="?", type=int, metavar="N", help="show this batch")
        for name, said in HELP.items():
            parser.add_argument(f"--{name}", type=int, metavar="N", help=said)
        parser.add_argument("--retry", type=int, metavar="N", help="a new batch over what batch N refused")
        parser.add_argument("--yes", action="store_true", help="with --retry: spend without asking")
        parser.add_argument("--wait", action="store_true", help="until its takes are made; here when no worker runs")

    def run(self, **options: Any) -> dict[str, Any]:
        chosen = [name for name in (*VERBS, "retry") if options[name] is not None]
        if len(chosen) + (options["number"] is not None) > 1:
            self.usage("Name one batch, and one thing to do with it.")
        project = project_of(options["project"], self.actor)
        if not chosen and options["number"] is None:
            return self._list(project)
        number = options[chosen[0]] if chosen else options["number"]
        batch = _found(project, number)
        if chosen == ["retry"]:
            return self._retry(project, batch, options)
        if chosen:
            VERBS[chosen[0]](actor=self.actor, batch=batch)
            batch = _found(project, number)
        return self._one(batch, wait=options["wait"])

    def _list(self, project: Project) -> dict[str, Any]:
        found = list(batches_of(project))
        rows = [
            (b.number, moment(b.created_at), b.asked, b.refused, b.missing, b.making, dollars(b.price_micros),
             "paused" if b.paused_at else "")
            for b in found
        ]  # fmt: skip
        if not found:
            self.show(f"{project.slug} has no batch yet; request_takes --ready makes one.")
        elif not self.as_json:
            columns = ["batch>", "asked", "takes>", "refused>", "not asked for>", "being made>", "confirmed>", ""]
            show(self.stdout, table(columns, rows))
        return {"batches": [document(b) for b in found]} if self.as_json else {}

    def _one(self, batch: Batch, *, wait: bool) -> dict[str, Any]:
        failures = wait_for(self, takes_of(batch)) if wait and batch.paused_at is None else []
        self._tell(batch)
        if failures:
            self.fail("\n".join(failures), {"batch": document(batch)})
        return {"batch": document(batch)}

    def _tell(self, batch: Batch) -> None:
        if self.as_json:
            return
        found = batch_row(batch)
        rows = [
            (r.sequence.code, f"T{r.take.number}" if r.take else "", r.word, f"{r.done} of {r.calls}" if r.take else "",
             dollars(r.item.price_micros), dollars(r.cost), r.note)
            for r in found.items
        ]  # fmt: skip
        show(self.stdout, table(["sequence", "take", "stands", "calls", "confirmed>", "billed>", "note"], rows))
        self.show(f"Batch {batch.number} is {found.state}: {found.asked} asked for, {len(found.refused)} refused,"
                  f" {found.away} calls sent, {found.queued} not sent.")  # fmt: skip

    def _retry(self, project: Project, batch: Batch, options: dict[str, Any]) -> dict[str, Any]:
        """One answer over what was refused, without what has a take by now, then a new batch."""
        refused = batch.items.exclude(refusal="").select_related("sequence").filter(sequence__deleted_at=None)
        rows = list({item.sequence_id: item.sequence for item in refused}.values())
        if not rows:
            raise Refusal(f"Nothing of {batch} was refused; there is nothing to look at again.", code="not_allowed",
                          where=str(batch))  # fmt: skip
        asked: dict[str, Any] = {
            "project": project,
            "sequences": rows,
            "takes": batch.takes,
            "model": batch.model or None,
        }
        found = orchestration.admission(**asked)
        total = let_through(found)
        tell_admission(self, found)
        confirm(self, total, yes=options["yes"])
        made = orchestration.request_batch(actor=self.actor, shown_price=total, **asked)
        shown = {**self._one(made, wait=options["wait"]), "admission": admission_document(found)}
        if left := refusals_of(made):
            self.fail("\n".join(left), shown)
        return shown


def _found(project: Project, number: int) -> Batch:
    """Raises Refusal."""
    row = project.batches.filter(number=number).first() if 0 < number < 2**31 else None
    if row is None:
        raise Refusal(f"{project.slug} has no batch {number}.", code="not_found", where=str(number))
    row.project = project
    return row
