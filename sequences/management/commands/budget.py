"""`budget`: a project's caps, and what is left of them; an owner sets them, with a reason."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from sequences import orchestration
from sequences.management.output import VerbCommand, project_of
from sequences.orchestration.budget import KEEP
from sequences.queries.costs.documents import budget_document


class Command(VerbCommand):
    help = "Show a project's budget, or set its cap or daily cap with a reason."

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("--cap", metavar="DOLLARS", help="the cap of the whole project, such as 100.00")
        parser.add_argument("--day", metavar="DOLLARS", help="what one UTC day may take; none for no daily cap")
        parser.add_argument("--why", metavar="TEXT", default="", help="the reason, which is kept; needed for a change")

    def run(self, **options: Any) -> dict[str, Any]:
        project = project_of(options["project"], self.actor)
        if options["cap"] is not None or options["day"] is not None:
            day = options["day"]
            project = orchestration.set_caps(
                actor=self.actor,
                project=project,
                cap=options["cap"],
                day=KEEP if day is None else None if day.lower() == "none" else day,
                why=options["why"],
            )
        document = budget_document(project)
        self._prose(document)
        return {"budget": document}

    def _prose(self, money: dict[str, Any]) -> None:
        self.show(f"${money['spent']} spent, ${money['held']} held, ${money['left']} left of ${money['cap']}.")
        if money["overrun"] != "0.00":
            self.show(f"Bills took ${money['overrun']} more than the cap.")
        day = money["day"]
        if day["cap"] is None:
            self.show("There is no daily cap.")
            return
        self.show(f"Today, {day['date']} (UTC): ${day['spent']} spent, ${day['held']} held, ${day['left']} left of"
                  f" ${day['cap']}.")  # fmt: skip
