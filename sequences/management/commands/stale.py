"""`stale`: what edits have made stale, why, and what refreshing it costs; refresh, waive, use what was set aside."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from sequences import orchestration
from sequences.costs import amount, day_left
from sequences.errors import Refusal
from sequences.management.output import VerbCommand, moment, project_of, sequences_of
from sequences.management.tables import show, table
from sequences.management.working import confirm, wait_for
from sequences.models import Project, StartFrame, Take
from sequences.orchestration.staling import Refresh, Refreshed, Report
from sequences.queries import documents
from sequences.queries import stale as reading
from sequences.queries.stale import Artefact

VERBS = ("refresh", "waive", "take_back", "use")


class Command(VerbCommand):
    help = "Show what edits have made stale and what refreshing costs. Nothing refreshes itself."

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("codes", nargs="*", metavar="SEQ", help="sequences, such as SEQ01 SEQ02 (default: all)")
        parser.add_argument(
            "--refresh", nargs="+", metavar="WHAT", help="ask again for: all, unapproved, or takes such as SEQ01/T2"
        )
        parser.add_argument("--yes", action="store_true", help="with --refresh: spend without asking")
        parser.add_argument("--wait", action="store_true", help="with --refresh: until they are made")
        parser.add_argument(
            "--waive", nargs="+", metavar="NAME", help="say that SEQ01/T2, SEQ01/G1… are right as they are"
        )
        parser.add_argument("--reason", help="with --waive: why; kept with the name of --user")
        parser.add_argument("--take-back", nargs="+", metavar="NAME", help="take waivers back")
        parser.add_argument("--use", nargs="+", metavar="NAME", help="use takes or grids that were set aside")

    def run(self, **options: Any) -> dict[str, Any]:
        if sum(bool(options[verb]) for verb in VERBS) > 1:
            self.usage("Give one of --refresh, --waive, --take-back and --use at a time.")
        if bool(options["waive"]) != (options["reason"] is not None):
            self.usage("--waive and --reason go together.")
        project = project_of(options["project"], self.actor)
        orchestration.require(self.actor, project)
        if options["refresh"]:
            return self._refresh(project, options)
        said = self._decided(project, options)
        sequences = sequences_of(project, options["codes"]) if options["codes"] else None
        found = document(project, orchestration.stale_report(project=project, sequences=sequences))
        if said:
            self.show(said)
        else:
            self._tell(found)
        return found

    def _decided(self, project: Project, options: dict[str, Any]) -> str:
        """Waive, take back or use; what was done, empty when nothing was asked. Names are looked up before any."""
        for verb in VERBS[1:]:
            found = [named(project, name) for name in options[verb] or ()]
            for each in found:
                self._do(verb, each, options["reason"])
            if found:
                told = {"waive": "Waived", "take_back": "Not waived any more", "use": "Used again"}[verb]
                return f"{told}: {', '.join(map(str, found))}."
        return ""

    def _do(self, verb: str, artefact: Artefact, reason: str | None) -> None:
        if verb == "waive":
            orchestration.waive(actor=self.actor, artefact=artefact, why=reason or "")
        elif verb == "take_back":
            orchestration.withdraw_waiver(actor=self.actor, artefact=artefact)
        elif isinstance(artefact, StartFrame):
            raise Refusal(f"{artefact} is a start frame; only grids and takes are set aside.", where=str(artefact))
        else:
            orchestration.use_again(actor=self.actor, artefact=artefact)

    def _refresh(self, project: Project, options: dict[str, Any]) -> dict[str, Any]:
        report = orchestration.stale_report(project=project)
        rows = chosen(project, report, options["refresh"], options["codes"])
        found = document(project, Report(tuple(rows)))
        self._tell(found)
        total = sum(r.price or 0 for r in rows)
        confirm(self, total, yes=options["yes"])
        takes = [r.take for r in rows if r.take]
        done = orchestration.refresh(actor=self.actor, project=project, takes=takes, shown_price=total)
        return self._asked(done, found, wait=options["wait"])

    def _asked(self, done: list[Refreshed], found: dict[str, Any], *, wait: bool) -> dict[str, Any]:
        made = [one.made for one in done if one.made]
        refused = [f"{one.take}: {one.refusal}" for one in done if one.refusal]
        failures = wait_for(self, made) if wait else []
        found = {**found, "takes": documents.asked_takes(made), "refused": refused}
        self.show(f"{'Made' if wait else 'Asked for'}: {', '.join(map(str, made)) or 'nothing'}.")
        if refused or failures:
            self.fail("\n".join([*refused, *failures]), found)
        return found

    def _tell(self, found: dict[str, Any]) -> None:
        if self.as_json:
            return
        for part, columns in (("stale", ["stale", "standing", "refresh>", "why"]), ("aside", ["set aside", "why"])):
            if rows := [tuple(_cells(row)) if part == "stale" else (row["name"], row["why"]) for row in found[part]]:
                show(self.stdout, table(columns, rows))
        if not found["stale"]:
            self.show("Nothing is stale.")
            return
        self.show(
            f"Refreshing all costs ${found['all']}, those not approved ${found['unapproved']};"
            f" ${found['cap_left']} is left before it."
        )


def _cells(row: dict[str, Any]) -> list[str]:
    price = f"${row['price']}" if row["price"] is not None else ""
    waived = row["waived"]
    note = f" Waived by {waived['by'] or 'the machine’s owner'}: {waived['why']}" if waived else ""
    note += f" T{row['instead']} comes in its place." if row["instead"] else ""
    return [row["name"], row["state"], price, " ".join([*row["why"], *row["problems"]]) + note]


def named(project: Project, name: str) -> Artefact:
    """The grid, frame or take of that name. Raises Refusal."""
    if (found := reading.named(project, name)) is None:
        raise Refusal(f"{project.slug} has no {name}; name one like SEQ01/T2.", code="not_found", where=name)
    return found


def chosen(project: Project, report: Report, what: list[str], codes: list[str]) -> list[Refresh]:
    """The rows of a report that are meant, in song order. Raises Refusal."""
    if what[0] in ("all", "unapproved") and len(what) == 1:
        within = {s.code for s in sequences_of(project, codes)} if codes else None
        rows = report.takes if what[0] == "all" else report.unapproved
        return [r for r in rows if within is None or r.stale.facts.sequence.code in within]
    wanted = {named(project, name) for name in what}
    if wrong := [str(w) for w in wanted if not isinstance(w, Take)]:
        raise Refusal(f"{wrong[0]} is no take; explore or pick again instead.", where=wrong[0])
    stale = {r.take: r for r in report.rows if r.take}
    if fresh := [str(w) for w in wanted if w not in stale]:
        raise Refusal(f"{fresh[0]} is not stale; there is nothing to refresh.", code="not_allowed", where=fresh[0])
    return [r for r in report.rows if r.take in wanted]


def document(project: Project, report: Report) -> dict[str, Any]:
    """Everything stale and set aside, with what refreshing costs in dollars."""
    return {
        "stale": [_row(r) for r in report.rows],
        "aside": [{"name": str(row), "why": row.set_aside} for row in reading.set_aside(project)],
        "all": amount(report.all_micros),
        "unapproved": amount(report.unapproved_micros),
        "cap_left": amount(project.left_micros),
        "day_left": amount(day_left(project)),
    }


def _row(row: Refresh) -> dict[str, Any]:
    stale, waiver = row.stale, row.stale.waiver
    return {
        "name": stale.name,
        "kind": stale.kind,
        "state": stale.artefact.state,
        "why": [c.sentence for c in stale.causes],
        "shots": list(stale.shots),
        "price": amount(row.price),
        "problems": list(row.problems),
        "instead": stale.instead.number if stale.instead else None,
        "waived": None if waiver is None else {
            "why": waiver.why, "by": waiver.created_by.get_username() if waiver.created_by else None,
            "at": moment(waiver.created_at),
        },
    }  # fmt: skip
