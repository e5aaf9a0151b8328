"""`explore CODE…`: grids of candidate frames, `--cell "1=…"` says what a panel shows;
`explore --like SEQ03/G1 --cell 2` asks for more like one of them."""

from __future__ import annotations

import re
from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction

from sequences import orchestration, prices
from sequences.costs import amount, day_left, dollars
from sequences.errors import Refusal
from sequences.management.lookup import grid_of
from sequences.management.output import VerbCommand, project_of, sequences_of
from sequences.management.tables import show, table
from sequences.management.working import confirm, counted_right, wait_for
from sequences.models import Grid, Project, Sequence
from sequences.orchestration import panels
from sequences.orchestration.making import MOST_GRIDS
from sequences.queries import documents

SAID = re.compile(r"\d{1,4}=.*", re.DOTALL)


class Command(VerbCommand):
    help = "Ask for grids of candidate frames for sequences: all of them or none."

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("codes", nargs="*", metavar="CODE", help="sequences, such as SEQ01 SEQ02")
        parser.add_argument("--like", metavar="GRID_ID", help="more like a cell of this grid, such as SEQ03/G1")
        parser.add_argument(
            "--cell",
            action="append",
            default=[],
            metavar="N or N=TEXT",
            help='with --like: which cell, from 1; else what a panel shows, as "1=a pier"; repeat it; it is kept',
        )
        parser.add_argument(
            "--cells-from-shots", action="store_true", help="panels show what the first shots' prompts say; kept"
        )
        parser.add_argument("--layout", help="1x1, 2x2 or 3x3 (default: the project's, with --like that grid's)")
        parser.add_argument("--count", type=int, default=1, help="grids a sequence (default 1)")
        parser.add_argument("--seed", type=int, help="seed of the first grid; the next ones count up; not with --like")
        parser.add_argument("--dry-run", action="store_true", help="only say what it costs")
        parser.add_argument("--yes", action="store_true", help="spend without asking")
        parser.add_argument("--wait", action="store_true", help="until they are drawn; here when no worker runs")

    def run(self, **options: Any) -> dict[str, Any] | None:
        counted_right(options["count"], MOST_GRIDS, "count")
        project = project_of(options["project"], self.actor)
        self._checked(options)
        like = grid_of(options["like"], options["project"], self.actor) if options["like"] else None
        sequences = [] if like else sequences_of(project, options["codes"])
        count = options["count"] * (1 if like else len(sequences))
        if options["dry_run"]:
            return self._rehearsed(project, count)
        confirm(self, self._price(project, count), yes=options["yes"])
        grids = self._more_like(like, options) if like else self._explored(sequences, options)
        failures = wait_for(self, grids) if options["wait"] else []
        document = {"grids": [documents.grid(g) for g in grids]}
        self._table(grids)
        if failures:
            self.fail("\n".join(failures), document)
        return document

    def _checked(self, options: dict[str, Any]) -> None:
        """Options that go together. Ends with a usage error when they do not."""
        if bool(options["codes"]) == bool(options["like"]):
            self.usage("Name sequences, or a grid with --like: one of the two.")
        cells, told = options["cell"], options["cells_from_shots"]
        if options["like"] and (len(cells) != 1 or not cells[0].isdecimal() or told):
            self.usage("--like and --cell go together: which grid, and which cell of it.")
        if not options["like"] and not all(SAID.fullmatch(cell) for cell in cells):
            self.usage('Without --like a cell is what a panel shows, such as --cell "1=a pier at dawn".')
        if cells and told:
            self.usage("Say what panels show with --cell or with --cells-from-shots: one of the two.")
        if options["like"] and options["seed"] is not None:
            self.usage("--like has a seed of its own; leave out --seed.")

    def _explored(self, sequences: list[Sequence], options: dict[str, Any]) -> list[Grid]:
        asked = {key: options[key] for key in ("layout", "count", "seed")}
        with transaction.atomic():
            for sequence in sequences:
                self._describe(sequence, options)
            return [g for s in sequences for g in orchestration.explore(actor=self.actor, sequence=s, **asked)]

    def _describe(self, sequence: Sequence, options: dict[str, Any]) -> None:
        """Keep what the panels are to show, as on the page."""
        texts = list(sequence.cell_prompts)
        if options["cells_from_shots"]:
            texts = panels.texts_of_shots(sequence)
        for cell in options["cell"]:
            number, _, text = cell.partition("=")
            place = int(number)
            if not 1 <= place <= panels.MOST_CELLS:
                raise Refusal(f"Cell is {place}; grids have cells 1 to {panels.MOST_CELLS}.", where="--cell")
            texts += [""] * (place - len(texts))
            texts[place - 1] = text
        if texts != sequence.cell_prompts:
            orchestration.set_cell_prompts(actor=self.actor, sequence=sequence, texts=texts)

    def _more_like(self, grid: Grid, options: dict[str, Any]) -> list[Grid]:
        asked = {key: options[key] for key in ("layout", "count")}
        return orchestration.more_like(actor=self.actor, grid=grid, cell=int(options["cell"][0]), **asked)

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
