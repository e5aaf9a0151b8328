"""`request_takes CODE…` or `--ready`: the call plan and its price, then the takes."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import CommandParser
from django.db.models import Max

from sequences import orchestration
from sequences.costs import amount, day_left
from sequences.management.output import VerbCommand, project_of, sequences_of
from sequences.management.tables import show, table
from sequences.management.working import confirm, counted_right, wait_for
from sequences.models import Project, Take
from sequences.models.plan import Mode
from sequences.orchestration import Quote
from sequences.orchestration.making import MOST_TAKES
from sequences.orchestration.showing import call_bodies, next_take
from sequences.queries import SequenceFacts, documents, load, stage


class Command(VerbCommand):
    help = "Ask for takes of sequences: all of them or none. --dry-run shows the call plan and the price."

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("codes", nargs="*", metavar="CODE", help="sequences, such as SEQ01 SEQ02")
        parser.add_argument("--ready", action="store_true", help="every sequence that is ready")
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
        if options["bodies"] and not options["dry_run"]:
            self.usage("--bodies shows what would be sent: give --dry-run with it.")
        counted_right(options["takes"], MOST_TAKES, "takes")
        project = project_of(options["project"], self.actor)
        facts = self._chosen(project, options["codes"])
        quotes = [orchestration.quote(f, mode=options["mode"], model=options["model"]) for f in facts]
        total = orchestration.admit(quotes, options["takes"], None) if quotes else 0
        document = plan_document(quotes, options["takes"], total, project)
        self._show_plan(document)
        if options["bodies"]:
            self._add_bodies(document, quotes, options["takes"], options["seed"])
        if options["dry_run"] or not quotes:
            return document if options["dry_run"] else {**document, "takes": []}
        confirm(self, total, yes=options["yes"])
        takes = orchestration.request_takes(
            actor=self.actor,
            sequences=[f.sequence for f in facts],
            shown_price=total,
            **{key: options[key] for key in ("takes", "mode", "model", "seed")},
        )
        return self._asked(takes, document, wait=options["wait"])

    def _chosen(self, project: Project, codes: list[str]) -> list[SequenceFacts]:
        if codes:
            return load(project, sequences_of(project, codes))
        ready = [f for f in load(project) if stage(f) == "ready"]
        if not ready:
            self.say(f"No sequence of {project.slug} is ready.")
        return ready

    def _asked(self, takes: list[Take], document: dict[str, Any], *, wait: bool) -> dict[str, Any]:
        self.say(f"Asked for: {', '.join(map(str, takes))}.")
        failures = wait_for(self, takes) if wait else []
        document = {**document, "takes": documents.asked_takes(takes)}
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
                documents.call(c, code=quote.facts.sequence.code, take=take, endpoint=quote.endpoint.id)
                for c in quote.plan.calls
            ]
    return {
        "calls": calls, "total": amount(total), "cap_left": amount(project.left_micros),
        "day_left": amount(day_left(project)),
    }  # fmt: skip
