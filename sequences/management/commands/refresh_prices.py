"""`refresh_prices`: fetch what the paid provider charges today."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from sequences import orchestration, prices
from sequences.management.output import VerbCommand
from sequences.management.tables import show, table


class Command(VerbCommand):
    help = "Fetch the paid provider's prices and keep them with their unit and date; says which cannot be used."
    project_option = None

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("--provider", default="fal", help="whose prices (default fal)")

    def run(self, **options: Any) -> dict[str, Any]:
        done = orchestration.refresh_prices(actor=self.actor, provider=options["provider"])
        rows = [prices.document(e) for e in done.endpoints]
        document = {"told": len(done.told), "prices": rows}
        if not self.as_json:
            lines = [(r["endpoint"], r["price"] or "-", r["unit"], r["source"], r["date"]) for r in rows]
            show(self.stdout, table(["endpoint", "$>", "a", "from", "of"], lines))
        if gaps := [r["problem"] for r in rows if r["problem"]]:
            self.fail("\n".join(gaps), document)
        return document
