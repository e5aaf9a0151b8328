"""`check_catalogue`: hold our data of the paid provider's models against its own descriptions."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from sequences import orchestration
from sequences.management.output import VerbCommand
from sequences.providers import catalogue


class Command(VerbCommand):
    help = "Compare every enabled model with the provider's live description of it; exit 1 when a call would break."
    project_option = None

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("--provider", default="fal", help="whose models (default fal)")

    def run(self, **options: Any) -> dict[str, Any]:
        provider = options["provider"]
        found = orchestration.check_catalogue(actor=self.actor, provider=provider)
        checked = [e.id for e in catalogue.endpoints(provider=provider, enabled=True)]
        rows = [{"endpoint": d.endpoint, "message": d.message, "breaks": d.breaks} for d in found]
        document = {"checked": checked, "differences": rows}
        for one in found:
            self.show(f"{'Breaks' if one.breaks else 'Differs'}: {one.message}")
        broken = sum(d.breaks for d in found)
        if broken:
            self.fail(f"{broken} of {len(found)} differences would break calls; correct the catalogue.", document)
        self.show(f"{len(checked)} models are as the catalogue says.")
        return document
