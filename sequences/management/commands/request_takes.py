"""`request_takes CODE…` or `--ready`: the call plan and its price, then the takes."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import CommandParser
from django.db.models import Max

from sequences import orchestration
from sequences.costs import amount, day_left
from sequences.management.ordering import admission_document, refusals_of, takes_of, tell_admission
from sequences.management.output import VerbCommand, project_of, sequences_of
from sequences.management.tables import show, table
from sequences.management.working import confirm, counted_right, wait_for
from sequences.models import Batch, Project, Take
from sequences.models.plan import Mode
from sequences.orchestration import Quote
from sequences.orchestration.batches import let_through
from sequences.orchestration.making import MOST_TAKES
from sequences.orchestration.showing import call_bodies, next_take
from sequences.queries import documents, load
from sequences.queries.batches import document as batch_document


class Command(VerbCommand):
    help = (
        "Ask for takes. Named sequences: all of them or none. --ready: a batch over whatever has no take yet, with a"
        " result for each. --dry-run shows the call plan and the price."
    )

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("codes", nargs="*", metavar="CODE", help="sequences, such as SEQ01 SEQ02")
        parser.add_argument("--ready", action="store_true", help="every sequence that is ready and has no take yet")
        parser.add_argument("--again", action="store_true", help="with --ready: also those that have a take")
        parser.add_argument("--takes", type=int, default=1, help="takes a sequence (default 1)")
        parser.add_argument("--mode", choices=Mode.values, help="default: each sequence's own")
        parser.add_argument("--model", metavar="ID", help="catalogue id of the video endpoint (default: the project's)")
        parser.add_argument("--seed", type=int, help="seed of the first take; the next ones count up")
        parser.add_argument("--dry-run", action="store_true", help="show the call plan and the price, ask for nothing")
        parser.add_argument(
            "--bodies", action="store_true", help="with --dry-run: the JSON each call would send; nothing is uploaded"
        )
        parser.add_argument("--yes", action="store_true", help="spend without asking")
        parser.add_argument("--wait", action="store_true", help="until they are made; here when no worker runs")

    def run(self, **options: Any) -> dict[str, Any] | None:
        if bool(options["codes"]) == options["ready"]:
            self.usage("Name sequences, or give --ready: one of the two.")
        if options["again"] and not options["ready"]:
            self.usage("--again is for --ready; sequences that are named get another take anyway.")
        if options["bodies"] and not options["dry_run"]:
            self.usage("--bodies shows what would be sent: give --dry-run with it.")
        counted_right(options["takes"], MOST_TAKES, "takes")
        project = project_of(options["project"], self.actor)
        return self._ready(project, options) if options["ready"] else self._named(project, options)

    def _named(self, project: Project, options: dict[str, Any]) -> dict[str, Any]:
        """All of them or none."""
        facts = load(project, sequences_of(project, options["codes"]))
        quotes = [orchestration.quote(f, mode=options["mode"], model=options["model"]) for f in facts]
        total = orchestration.admit(quotes, options["takes"], None)
        document = self._planned(project, quotes, total, options)
        if options["dry_run"]:
            return document
        confirm(self, total, yes=options["yes"])
        takes = orchestration.request_takes(
            actor=self.actor,
            sequences=[f.sequence for f in facts],
            shown_price=total,
            **{key: options[key] for key in ("takes", "mode", "model", "seed")},
        )
        return self._asked(takes, document, wait=options["wait"])

    def _ready(self, project: Project, options: dict[str, Any]) -> dict[str, Any]:
        """A batch: one answer over all of them, then a result for each."""
        asked = {key: options[key] for key in ("takes", "mode", "model", "again")}
        found = orchestration.admission(project=project, **asked)
        total = let_through(found) if found.answers else 0
        quotes = [a.quote for a in found.passing if a.quote]
        document = {**self._planned(project, quotes, total, options), "admission": admission_document(found)}
        if not found.answers:
            self.say(f"No sequence of {project.slug} is ready.")
            return document if options["dry_run"] else {**document, "takes": [], "batch": None}
        tell_admission(self, found)
        if options["dry_run"]:
            return document
        confirm(self, total, yes=options["yes"])
        # those that were priced, and no others that became ready meanwhile
        chosen = [a.facts.sequence for a in found.answers]
        batch = orchestration.request_batch(
            actor=self.actor, project=project, sequences=chosen, seed=options["seed"], shown_price=total, **asked
        )
        return self._asked(takes_of(batch), document, wait=options["wait"], batch=batch)

    def _planned(self, project: Project, quotes: list[Quote], total: int, options: dict[str, Any]) -> dict[str, Any]:
        document = plan_document(quotes, options["takes"], total, project)
        self._show_plan(document)
        if options["bodies"]:
            self._add_bodies(document, quotes, options["takes"], options["seed"])
        return document

    def _asked(
        self, takes: list[Take], document: dict[str, Any], *, wait: bool, batch: Batch | None = None
    ) -> dict[str, Any]:
        self.say(f"Asked for: {', '.join(map(str, takes)) or 'nothing'}.")
        failures = wait_for(self, takes) if wait else []
        document = {**document, "takes": documents.asked_takes(takes)}
        if batch is not None:
            document["batch"] = batch_document(batch)
            failures = [*refusals_of(batch), *failures]
        if failures:
            self.fail("\n".join(failures), document)
        if wait:
            self.show(f"Made: {', '.join(map(str, takes))}.")
        return document

    def _add_bodies(self, document: dict[str, Any], quotes: list[Quote], takes: int, seed: int | None) -> None:
        """`path` and `body` of every call; calls stand in the document sequence by sequence, take by take."""
        shown = (
            body
            for quote in quotes
            for first in [next_take(quote)]
            for n in range(takes)
            for body in call_bodies(quote, seed=None if seed is None else seed + n, number=first + n)
        )
        for call, body in zip(document["calls"], shown, strict=True):
            call |= {"path": body.path, "body": body.body}
            text = json.dumps(body.body, ensure_ascii=False, indent=2)
            self.show(f"\n{call['sequence']} T{call['take']} call {body.number}  {body.path}\n{body.problem or text}")

    def _show_plan(self, document: dict[str, Any]) -> None:
        if self.as_json:
            return
        rows = [
            (
                c["sequence"], f"T{c['take']}", ", ".join(map(str, c["shots"])), c["endpoint"], f"{c['seconds']:g} s",
                c["start"], ", ".join(c["elements"]),
                "; ".join(f"{d['element']} ({d['reason']})" for d in c["dropped"]), f"${c['price']}",
            )
            for c in document["calls"]
        ]  # fmt: skip
        columns = ["sequence", "take", "shots", "endpoint", "length>", "starts from", "elements", "left out", "price>"]
        show(self.stdout, table(columns, rows))
        today = f", ${document['day_left']} of today's" if document["day_left"] else ""
        left = f"${document['cap_left']} of the budget{today} is left before it."
        self.show(f"{len(rows)} calls, ${document['total']}; {left}")


def plan_document(quotes: list[Quote], takes: int, total: int, project: Project) -> dict[str, Any]:
    """Every call of every take, and what they come to."""
    calls = []
    for quote in quotes:
        last = quote.facts.sequence.takes.aggregate(n=Max("number"))["n"] or 0
        for take in range(last + 1, last + takes + 1):
            calls += [
                documents.call(c, code=quote.facts.sequence.code, take=take, endpoint=quote.endpoint_of(c).id)
                for c in quote.plan.calls
            ]
    return {
        "calls": calls, "total": amount(total), "cap_left": amount(project.left_micros),
        "day_left": amount(day_left(project)),
    }  # fmt: skip
