"""`accounts`: how each provider's account stands; close one, or open it again."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from sequences import orchestration
from sequences.management.output import VerbCommand
from sequences.queries import documents
from sequences.queries.accounts import Standing, standings


class Command(VerbCommand):
    help = "Show whether calls are sent to each provider. --close stops sending, --open starts it again."
    project_option = None

    def options(self, parser: CommandParser) -> None:
        one = parser.add_mutually_exclusive_group()
        one.add_argument("--open", metavar="PROVIDER", help="send to it again")
        one.add_argument("--close", metavar="PROVIDER", help="send nothing to it; what it has is still collected")
        parser.add_argument("--why", default="", help="the reason, with --close")

    def run(self, **options: Any) -> dict[str, Any]:
        if options["why"] and not options["close"]:
            self.usage("--why belongs to --close.")
        if options["close"]:
            orchestration.close_account(actor=self.actor, provider=options["close"], why=options["why"])
        elif options["open"]:
            orchestration.reopen_account(actor=self.actor, provider=options["open"])
        found = standings()
        for row in found:
            self.show(f"{row.said}{_figures(row)}")
        return {"accounts": [documents.account(row) for row in found]}


def _figures(row: Standing) -> str:
    return f" With it: {row.away}, waiting: {row.waiting}." if row.away or row.waiting else ""
