"""`retry SEQ03/T2`: ask again for what failed."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from sequences import orchestration, prices
from sequences.management.lookup import artefact_of
from sequences.management.output import VerbCommand
from sequences.management.working import confirm, wait_for
from sequences.models import Grid, Job, StartFrame, Take
from sequences.providers import catalogue, fitness
from sequences.providers.base import from_json
from sequences.queries import documents
from sequences.states import JobState


class Command(VerbCommand):
    help = "Ask again for the failed calls of a grid, take or larger start frame; finished calls are kept."

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("what", metavar="WHAT", help="SEQ03/G1, SEQ03/T2 or SEQ03/F2")
        parser.add_argument("--yes", action="store_true", help="spend without asking")
        parser.add_argument("--wait", action="store_true", help="until it is made; here when no worker runs")

    def run(self, **options: Any) -> dict[str, Any]:
        artefact = artefact_of(options["what"], options["project"], self.actor)
        confirm(self, price_again(artefact), yes=options["yes"])
        orchestration.retry(actor=self.actor, artefact=artefact)
        failures = wait_for(self, [artefact]) if options["wait"] else []
        document = _document(artefact)
        if failures:
            self.fail("\n".join(failures), document)
        self.show(f"{artefact} {'is made' if options['wait'] else 'is being made again'}.")
        return document


def _document(artefact: Grid | Take | StartFrame) -> dict[str, Any]:
    if isinstance(artefact, Grid):
        return {"grids": [documents.grid(artefact)]}
    if isinstance(artefact, Take):
        return {"takes": documents.asked_takes([artefact])}
    return {"start_frame": documents.larger_frame(artefact)}


def price_again(artefact: Grid | Take | StartFrame) -> int:
    """Micro-dollars, at today's price, of the calls a retry asks for: the newest job of every call that is not done.

    Raises Refusal while a price is unknown.
    """
    prices.sync(now=True)
    newest = {job.call: job for job in artefact.jobs.order_by("id")}
    return sum(_price(job) for job in newest.values() if job.state != JobState.DONE)


def _price(job: Job) -> int:
    endpoint = catalogue.endpoint(job.endpoint)
    price = endpoint.price(fitness.units(from_json(job.request)))
    if price is None:
        raise prices.refusal(endpoint)
    return price
