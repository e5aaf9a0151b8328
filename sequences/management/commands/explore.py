"""`explore CODE…`: grids of candidate frames."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction

from sequences import orchestration, prices
from sequences.costs import amount, day_left, dollars
from sequences.management.output import VerbCommand, project_of, sequences_of
from sequences.management.tables import show, table
from sequences.management.working import confirm, counted_right, wait_for
from sequences.models import Grid, Project
from sequences.orchestration.making import MOST_GRIDS
from sequences.queries import documents


class Command(VerbCommand):
    help = "Ask for grids of candidate frames for sequences: all of them or none."

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("codes", nargs="+", metavar="CODE", help="sequences, such as SEQ01 SEQ02")
        parser.add_argument("--layout", help="1x1, 2x2 or 3x3 (default: the project's)")
        parser.add_argument("--count", type=int, default=1, help="grids a sequence (default 1)")
        parser.add_argument("--seed", type=int, help="seed of the first grid; the next ones count up")
        parser.add_argument("--dry-run", action="store_true", help="only say what it costs")
        parser.add_argument("--yes", action="store_true", help="spend without asking")
        parser.add_argument("--wait", action="store_true", help="until they are drawn; here when no worker runs")

    def run(self, **options: Any) -> dict[str, Any] | None:
        counted_right(options["count"], MOST_GRIDS, "count")
        project = project_of(options["project"], self.actor)
        sequences = sequences_of(project, options["codes"])
        count = len(sequences) * options["count"]
        if options["dry_run"]:
            return self._rehearsed(project, count)
        confirm(self, self._price(project, count), yes=options["yes"])
        asked = {key: options[key] for key in ("layout", "count", "seed")}
        with transaction.atomic():
            grids = [g for s in sequences for g in orchestration.explore(actor=self.actor, sequence=s, **asked)]
        failures = wait_for(self, grids) if options["wait"] else []
        document = {"grids": [documents.grid(g) for g in grids]}
        self._table(grids)
        if failures:
            self.fail("\n".join(failures), document)
        return document

    def _rehearsed(self, project: Project, count: int) -> dict[str, Any]:
        price, title = self._price(project, count), orchestration.grid_endpoint(project).title
        self.show(f"{count} by {title}: {dollars(price)}, {dollars(project.left_micros)} left.")
        left = {"cap_left": amount(project.left_micros), "day_left": amount(day_left(project))}
        return {"grids": [], "total": amount(price), **left}

    def _price(self, project: Project, count: int) -> int:
        """Micro-dollars of so many grids. Raises Refusal while it is unknown."""
        prices.sync(now=True)
        endpoint = orchestration.grid_endpoint(project)
        price = endpoint.price(1)
        if price is None:
            raise prices.refusal(endpoint)
        return price * count

    def _table(self, grids: list[Grid]) -> None:
        if not self.as_json:
            rows = [(g.pk, g, g.state, f"{g.rows}x{g.cols}", documents.path(g.file)) for g in grids]
            show(self.stdout, table(["id>", "grid", "state", "layout", "file"], rows))
