"""`decide 41 found --request-id ID`: what became of a call that nobody knows about, or that does not end."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from sequences.costs import amount, dollars
from sequences.management.needing import job_of
from sequences.management.output import VerbCommand
from sequences.models import Job
from sequences.orchestration import deciding, joining
from sequences.queries.needs import name_of

WAYS = ("found", "absent", "write-off", "again", "use", "dismiss")


class Command(VerbCommand):
    help = "Decide about a call that needs a person: jobs --needs lists them. Nothing is sent again by this."

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("what", metavar="WHAT", help="the id of a job, or SEQ03/T2 when one call of it needs it")
        parser.add_argument(
            "how",
            choices=WAYS,
            help="found: it is in the service's list; absent: it never arrived; write-off: count it as spent;"
            " again: ask for another hour; use: let what came late join what it was for;"
            " dismiss: put it away",
        )
        parser.add_argument("--request-id", metavar="ID", help="found: its number in the service's own list")
        parser.add_argument("--looked", action="store_true", help="absent: you looked, and it is not in that list")
        parser.add_argument("--machine-down", action="store_true", help="absent: the machine that sent it is off")
        parser.add_argument("--why", metavar="TEXT", help="write-off: kept with the ledger entry")

    def run(self, **options: Any) -> dict[str, Any]:
        self._check(options)
        job = job_of(options["what"], options["project"], self.actor)
        was = job.state
        self._decide(job, options)
        job.refresh_from_db()
        self.show(f"{name_of(job)} is {job.state} now{_money(job)}.")
        return {"decided": {"job": job.pk, "what": name_of(job), "how": options["how"], "from": was, "to": job.state,
                            "request_id": job.request_id, "cost": amount(job.cost_micros)}}  # fmt: skip

    def _check(self, options: dict[str, Any]) -> None:
        """Options that belong to another way are a mistake worth stopping for."""
        belongs = {"request_id": "found", "looked": "absent", "machine_down": "absent", "why": "write-off"}
        for name, way in belongs.items():
            if options[name] and options["how"] != way:
                self.usage(f"--{name.replace('_', '-')} goes with {way}.")

    def _decide(self, job: Job, options: dict[str, Any]) -> None:
        if options["how"] == "found":
            deciding.found(actor=self.actor, job=job, request_id=options["request_id"] or "")
        elif options["how"] == "absent":
            deciding.absent(actor=self.actor, job=job, looked=options["looked"], machine_down=options["machine_down"])
        elif options["how"] == "write-off":
            deciding.write_off(actor=self.actor, job=job, why=options["why"] or "")
        elif options["how"] == "again":
            deciding.ask_again(actor=self.actor, job=job)
        elif options["how"] == "use":
            joining.use_late(actor=self.actor, job=job)
        else:
            deciding.dismiss_late(actor=self.actor, job=job)


def _money(job: Job) -> str:
    if job.state == "absent":
        return f"; {dollars(job.estimate_micros)} was given back"
    return f"; {dollars(job.cost_micros)} counts as spent" if job.cost_micros is not None else ""
