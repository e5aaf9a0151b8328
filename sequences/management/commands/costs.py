"""`costs`: what was spent, on what, and what finishing may take."""

from __future__ import annotations

from typing import Any

from sequences.management.output import VerbCommand, project_of
from sequences.management.tables import show, table
from sequences.queries import documents
from sequences.queries.costs import costs_report


class Command(VerbCommand):
    help = "Show where a project's money went and what finishing may still cost."

    def run(self, **options: Any) -> dict[str, Any]:
        document = documents.costs(costs_report(project_of(options["project"], self.actor)))
        if not self.as_json:
            self._prose(document)
        return document

    def _prose(self, document: dict[str, Any]) -> None:
        self.show(f"${document['spent']} spent and ${document['held']} held of ${document['cap']}.")
        names = ["sequence", "section", "stage", "takes", "spent", "held", "per_approved_second"]
        heads = ["sequence", "section", "stage", "takes>", "spent>", "held>", "an approved second>"]
        show(self.stdout, table(heads, [[row[name] for name in names] for row in document["by_sequence"]]))
        names = ["model", "calls", "kept", "spent"]
        heads = ["model", "calls>", "kept>", "spent>"]
        show(self.stdout, table(heads, [[row[name] for name in names] for row in document["by_model"]]))
        low, high = document["to_finish"]["low"], document["to_finish"]["high"]
        self.show(f"Paid for nothing: ${document['unassigned']}.")
        self.show("What finishing may take is unknown." if low is None else f"To finish: ${low} to ${high}.")
