"""`finalise`: every approved draft of a project made again on the model for finals, with one price."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from sequences import orchestration
from sequences.costs import amount, day_left
from sequences.management.output import VerbCommand, project_of
from sequences.management.tables import show, table
from sequences.management.working import confirm, wait_for
from sequences.orchestration import finals
from sequences.orchestration.finals import Final, Outcome
from sequences.queries import documents


class Command(VerbCommand):
    help = "Make every approved draft final: same seed, prompts and frames on another model. One result for each."

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("--model", metavar="ID", help="catalogue id of the video endpoint (default: the project's)")
        parser.add_argument("--dry-run", action="store_true", help="show what it costs, ask for nothing")
        parser.add_argument("--yes", action="store_true", help="spend without asking")
        parser.add_argument("--wait", action="store_true", help="until they are made; here when no worker runs")

    def run(self, **options: Any) -> dict[str, Any]:
        project = project_of(options["project"], self.actor)
        endpoint = finals.final_model(project, options["model"])
        rows = finals.finals(project=project, model=endpoint.id)
        total = finals.total(rows)
        document = {
            "finals": [_row(row, endpoint.id) for row in rows], "total": amount(total),
            "cap_left": amount(project.left_micros), "day_left": amount(day_left(project)),
        }  # fmt: skip
        self._tell(rows, endpoint.title, document)
        if options["dry_run"]:
            return document
        confirm(self, total, yes=options["yes"])
        done = orchestration.finalise(actor=self.actor, project=project, model=endpoint.id, shown_price=total)
        return self._asked(done, document, wait=options["wait"])

    def _tell(self, rows: list[Final], title: str, document: dict[str, Any]) -> None:
        if self.as_json:
            return
        lines = [
            (str(row.take), row.kept if row.quote else "", f"${amount(row.price)}", " ".join(row.problems))
            for row in rows
        ]
        show(self.stdout, table(["draft", "kept", "final>", "left out because"], lines))
        ready = sum(not row.problems for row in rows)
        self.show(
            f"{ready} of {len(rows)} on {title}, ${document['total']}; ${document['cap_left']} is left before it."
        )

    def _asked(self, done: list[Outcome], document: dict[str, Any], *, wait: bool) -> dict[str, Any]:
        made = [one.made for one in done if one.made]
        refused = [f"{one.draft}: {one.refusal}" for one in done if one.refusal]
        failures = wait_for(self, made) if wait else []
        takes = {row["id"]: row for row in documents.asked_takes(made)}
        by_draft = {one.draft.pk: one for one in done}
        for row in document["finals"]:
            one = by_draft.get(row["draft"])
            row["take"] = takes[one.made.pk] if one and one.made else None
            row["problems"] = [one.refusal] if one and one.refusal else []
        self.show(f"{'Made' if wait else 'Asked for'}: {', '.join(map(str, made)) or 'nothing'}.")
        if refused or failures:
            self.fail("\n".join([*refused, *failures]), document)
        return document


def _row(row: Final, endpoint: str) -> dict[str, Any]:
    return {
        "draft": row.take.pk,
        "sequence": row.take.sequence.code,
        "number": row.take.number,
        "endpoint": endpoint,
        "seed": row.take.seed,
        "price": amount(row.price) if not row.problems else None,
        "problems": list(row.problems),
        "take": None,
    }
