"""`takes [CODE…]`: what was made, what each shot came from, its checks and what was said."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from dailies.takes import take_documents
from sequences.management.output import VerbCommand, project_of, sequences_of
from sequences.management.tables import show, table
from sequences.models import Take


class Command(VerbCommand):
    help = "List takes of a project, or of some of its sequences."

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("codes", nargs="*", metavar="CODE", help="only these sequences")

    def run(self, **options: Any) -> dict[str, Any]:
        project = project_of(options["project"], self.actor)
        takes = Take.objects.filter(sequence__project=project, sequence__deleted_at=None)
        if options["codes"]:
            takes = takes.filter(sequence__in=sequences_of(project, options["codes"]))
        documents = take_documents(takes.select_related("sequence").order_by("sequence__start", "number"))
        if not self.as_json:
            heads = ["id>", "take", "state", "mode", "seconds>", "cost>", "shots", "checks", "file"]
            show(self.stdout, table(heads, [_row(d) for d in documents]))
        return {"takes": documents}


def _row(take: dict[str, Any]) -> list[object]:
    shots = ", ".join(f"{s['shot']} r{s['revision']} {s['verdict'] or ''}".strip() for s in take["shots"])
    bad = ", ".join(f"{c['name']} {c['result']}" for c in take["checks"] if c["result"] != "pass")
    checks = bad or ("pass" if take["checks"] else "")
    name = f"{take['sequence']}/T{take['number']}"
    return [
        take["id"], name, take["state"], take["mode"], take["seconds"], f"${take['cost']}", shots, checks, take["file"]
    ]  # fmt: skip
