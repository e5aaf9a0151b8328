"""`enlarge SEQ03`: have a small start frame made larger."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from sequences import orchestration
from sequences.costs import amount, day_left, dollars
from sequences.errors import Refusal
from sequences.management.lookup import frame_of
from sequences.management.output import VerbCommand
from sequences.management.working import confirm, wait_for
from sequences.models import StartFrame
from sequences.orchestration import enlarging
from sequences.orchestration.enlarging import Enlargement
from sequences.queries import documents


class Command(VerbCommand):
    help = "Have a start frame made 2, 3 or 4 times larger; it takes the place of the one it is made from."
    project_option = "optional"

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("what", metavar="WHAT", help="SEQ03 (what it starts from), SEQ03/F2, or the frame's id")
        parser.add_argument("--factor", type=int, default=2, help="2, 3 or 4 (default 2)")
        parser.add_argument("--model", metavar="ID", help="the upscaler (default: the project's provider's)")
        parser.add_argument("--yes", action="store_true", help="spend without asking")
        parser.add_argument("--dry-run", action="store_true", help="only say what it costs")
        parser.add_argument("--wait", action="store_true", help="until it is made; here when no worker runs")

    def run(self, **options: Any) -> dict[str, Any]:
        frame = frame_of(options["what"], options["project"], self.actor)
        asked = self._asked(frame, options["factor"], options["model"])
        price = asked.price
        if price is None:
            raise Refusal(f"The price of {asked.endpoint.title} is unknown.", code="no_price", where="model")
        if options["dry_run"]:
            return self._rehearsed(frame, asked, price)
        confirm(self, price, yes=options["yes"])
        made = orchestration.upscale_start_frame(
            actor=self.actor, start_frame=frame, factor=asked.factor, model=asked.endpoint.id, shown_price=price
        )
        failures = wait_for(self, [made]) if options["wait"] else []
        document = {"start_frame": documents.larger_frame(made)}
        if failures:
            self.fail("\n".join(failures), document)
        self.show(f"{made}, {made.width} × {made.height}, {'is made' if made.file else 'is being made'} from {frame}.")
        return document

    def _asked(self, frame: StartFrame, factor: int, model: str | None) -> Enlargement:
        endpoint = orchestration.upscale_endpoint(frame.sequence.project, model)
        asked = enlarging.enlargement(frame, endpoint, factor)
        if asked.problem:
            raise Refusal(asked.problem, where="--factor")
        return asked

    def _rehearsed(self, frame: StartFrame, asked: Enlargement, price: int) -> dict[str, Any]:
        left = frame.sequence.project.left_micros
        self.show(
            f"{frame} {asked.factor} times larger, {asked.width} × {asked.height}, by {asked.endpoint.title}:"
            f" {dollars(price)}, {dollars(left)} left."
        )
        today = amount(day_left(frame.sequence.project))
        return {"start_frame": None, "total": amount(price), "cap_left": amount(left), "day_left": today}
