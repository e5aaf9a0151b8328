"""`cancel SEQ03/T2`: stop what is in flight of a grid, take or larger start frame."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from sequences import orchestration
from sequences.management.lookup import artefact_of
from sequences.management.output import VerbCommand


class Command(VerbCommand):
    help = "Ask every live call of a grid, take or larger start frame to stop. What finishes all the same is kept."

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("what", metavar="WHAT", help="SEQ03/G1, SEQ03/T2 or SEQ03/F2")

    def run(self, **options: Any) -> dict[str, Any]:
        artefact = artefact_of(options["what"], options["project"], self.actor)
        asked = orchestration.cancel(actor=self.actor, artefact=artefact)
        self.show(f"{asked} {'call' if asked == 1 else 'calls'} of {artefact} asked to stop.")
        return {"cancelled": {"what": str(artefact), "calls": asked}}
