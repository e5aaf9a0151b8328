"""`costs`: what was spent, on what, and what finishing may take; `--prove` and `--mend` hold it against the ledger."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from sequences import orchestration
from sequences.costs import amount
from sequences.management.output import VerbCommand, project_of
from sequences.management.tables import show, table
from sequences.models import Project
from sequences.queries.costs import costs_report, ledger
from sequences.queries.costs.documents import costs_document, ledger_document
from sequences.queries.proof import Wrong

TABLES = {
    "by_sequence": ("sequence", "section", "stage", "takes>", "spent>", "held>", "failed>", "per_approved_second>"),
    "by_take": ("sequence", "take>", "state", "model", "calls>", "failed>", "spent>", "held>"),
    "by_model": ("model", "calls>", "kept>", "failed>", "spent>", "per_kept_second>"),
    "by_revision": ("sequence", "shot>", "revision>", "takes", "state", "spent>"),
    "ledger": ("at", "kind", "sequence", "work", "model", "estimate>", "amount>", "held_after>", "spent_after>", "why"),
}


class Command(VerbCommand):
    help = "Show where a project's money went and what finishing may still cost."

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("--ledger", action="store_true", help="every entry of the ledger too, the newest first")
        parser.add_argument("--prove", action="store_true", help="hold the figures against the ledger; exit 1 if wrong")
        parser.add_argument("--mend", action="store_true", help="count the figures anew from the ledger")

    def run(self, **options: Any) -> dict[str, Any]:
        if options["prove"] and options["mend"]:
            self.usage("Give --prove or --mend: one of the two.")
        project = project_of(options["project"], self.actor)
        if options["prove"]:
            return self._proved(project)
        mended = orchestration.recount(actor=self.actor, project=project) if options["mend"] else None
        document = costs_document(costs_report(project_of(options["project"], self.actor)))
        if options["ledger"]:
            document["ledger"] = [ledger_document(row) for row in ledger(project, size=None).rows]
        if mended is not None:
            document["mended"] = [_wrong(row) for row in mended]
        if not self.as_json:
            self._prose(document, mended)
        return document

    def _proved(self, project: Project) -> dict[str, Any]:
        wrong = orchestration.prove(actor=self.actor, project=project)
        document = {"wrong": [_wrong(row) for row in wrong]}
        if wrong:
            mend = f"Nothing more is held for {project.slug} until: costs --project {project.slug} --mend"
            self.fail("\n".join([*map(str, wrong), mend]), document)
        self.show(f"The figures of {project.slug} are what its ledger says.")
        return document

    def _prose(self, document: dict[str, Any], mended: list[Wrong] | None) -> None:
        for row in mended or []:
            self.show(f"Mended: {row}")
        if mended == []:
            self.show("Nothing was wrong.")
        self.show(f"${document['spent']} spent and ${document['held']} held of ${document['cap']}.")
        if document["overrun"] != "0.00":
            self.show(f"Bills took ${document['overrun']} more than the cap.")
        if document["day"]["cap"]:
            self.show(f"${document['day']['left']} of today's ${document['day']['cap']} is left (UTC).")
        for name, columns in TABLES.items():
            self._table(columns, document.get(name, []))
        failed = document["failed"]
        self.show(f"{failed['calls']} attempts brought nothing; ${failed['spent']} was paid for them.")
        self.show(f"Paid for nothing: ${document['unassigned']}.")
        ends = document["to_finish"]
        low, high = ends["low"], ends["high"]
        known = f"To finish: ${low} to ${high}. {ends['wide']}".rstrip()
        self.show("What finishing may take is unknown." if low is None else known)

    def _table(self, columns: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
        if rows:
            names = [column.removesuffix(">") for column in columns]
            heads = [column.replace("_", " ") for column in columns]
            show(self.stdout, table(heads, [[_cell(row[name]) for name in names] for row in rows]))


def _cell(value: Any) -> Any:
    return ", ".join(map(str, value)) if isinstance(value, list) else value


def _wrong(row: Wrong) -> dict[str, Any]:
    return {
        "day": row.day.isoformat() if row.day else None,
        "counter": row.counter,
        "have": amount(row.have),
        "ledger": amount(row.ledger),
    }
