"""`review TAKE_ID approve|reject|keep|redo|undo`: a verdict from the command line."""

from __future__ import annotations

import re
from typing import Any

from django.core.management.base import CommandParser

from dailies import review
from dailies.takes import take_document
from sequences import costs, orchestration
from sequences.errors import Refusal
from sequences.management.output import VerbCommand, project_of, sequences_of
from sequences.models import Take

NAMED = re.compile(r"(?P<code>[A-Za-z0-9][A-Za-z0-9_-]*)/[Tt](?P<number>\d+)")
OF_SHOTS = ("keep", "redo")


class Command(VerbCommand):
    help = (
        "Approve or reject a take, keep or redo shots of it, or take its verdict back (undo). With --make a redo also"
        " asks for the new take, which costs money: --dry-run shows the price, --yes confirms it."
    )
    project_option = "optional"

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("take", metavar="TAKE_ID", help="its id, or SEQ03/T2 with --project")
        parser.add_argument("decision", choices=["approve", "reject", *OF_SHOTS, "undo"])
        parser.add_argument("--shots", type=int, nargs="+", metavar="N", help="shots to keep or redo (default: all)")
        parser.add_argument("--reason", default="", metavar="R", help="why; its name or 1 to 9; a reject needs one")
        parser.add_argument("--note", default="", metavar="TEXT", help="what to change")
        parser.add_argument("--make", action="store_true", help="with redo: ask for the take that redoes the shots")
        parser.add_argument("--dry-run", action="store_true", help="with --make: show the price and change nothing")
        parser.add_argument("--yes", action="store_true", help="with --make: spend without asking")

    def run(self, **options: Any) -> dict[str, Any] | None:
        self._check_usage(options)
        take = self._take(options["take"], options["project"])
        if options["dry_run"]:
            return self._quote(take, options["shots"])
        getattr(self, f"_{options['decision']}")(take, options)
        fresh = _loaded().get(pk=take.pk)
        self.show(f"{fresh} is {fresh.state}.")
        return {"take": take_document(fresh)}

    def _check_usage(self, options: dict[str, Any]) -> None:
        if options["shots"] and options["decision"] not in OF_SHOTS:
            self.usage("--shots goes with keep or redo.")
        if options["make"] and options["decision"] != "redo":
            self.usage("--make goes with redo.")
        if (options["dry_run"] or options["yes"]) and not options["make"]:
            self.usage("--dry-run and --yes go with --make.")

    def _take(self, wanted: str, slug: str | None) -> Take:
        """The take `actor` may see. Raises Refusal, the same for a foreign one."""
        named = NAMED.fullmatch(wanted)
        found: Take | None = None
        if named and not slug:
            self.usage(f"{wanted} names a take of a project; add --project.")
        if named and slug:
            sequence = sequences_of(project_of(slug, self.actor), [named["code"].upper()])[0]
            found = _loaded().filter(sequence=sequence, number=int(named["number"])).first()
        elif wanted.isdigit():
            found = self._seen(slug).filter(pk=int(wanted)).first()
        if found is None:
            raise Refusal(f"There is no take {wanted}.", code="not_found", where="TAKE_ID")
        return found

    def _seen(self, slug: str | None) -> Any:
        """Takes `actor` may see, of one project when it is named. Raises Refusal."""
        if slug:
            return _loaded().filter(sequence__project=project_of(slug, self.actor))
        return _loaded().filter(sequence__project__memberships__user=self.actor) if self.actor else _loaded()

    def _quote(self, take: Take, shots: list[int] | None) -> dict[str, Any]:
        asked = orchestration.redo_quote(take=take, shots=_shots(take, shots))
        price = orchestration.admit([asked], 1, None)
        left = take.sequence.project.left_micros - price
        self.show(f"Redoing {_named(_shots(take, shots))} of {take} costs {costs.dollars(price)}.")
        today = costs.day_left(take.sequence.project)
        return {
            "take": take_document(take), "total": costs.amount(price), "cap_left": costs.amount(left),
            "day_left": None if today is None else costs.amount(today - price),
        }  # fmt: skip

    def _approve(self, take: Take, options: dict[str, Any]) -> None:
        review.approve(actor=self.actor, take=take, note=options["note"])

    def _reject(self, take: Take, options: dict[str, Any]) -> None:
        review.reject(actor=self.actor, take=take, reason=options["reason"], note=options["note"])

    def _undo(self, take: Take, options: dict[str, Any]) -> None:
        review.undo(actor=self.actor, take=take)

    def _keep(self, take: Take, options: dict[str, Any]) -> None:
        review.judge_shots(
            actor=self.actor,
            take=take,
            shots=_shots(take, options["shots"]),
            decision=options["decision"],
            reason=options["reason"],
            note=options["note"],
        )

    def _redo(self, take: Take, options: dict[str, Any]) -> None:
        self._keep(take, options)
        if not options["make"]:
            return
        price = self._confirmed(take, options)
        made = review.redo(actor=self.actor, take=take, shown_price=price)
        self.say(f"{made} is asked for, {costs.dollars(price)} set aside.")

    def _confirmed(self, take: Take, options: dict[str, Any]) -> int:
        """The price, once somebody has agreed to it. Raises Refusal."""
        marked = list(take.shot_verdicts.filter(decision="redo").values_list("number", flat=True))
        price = orchestration.admit([orchestration.redo_quote(take=take, shots=marked)], 1, None)
        if not options["yes"]:
            raise Refusal(
                f"Redoing {_named(marked)} of {take} costs {costs.dollars(price)}; add --yes to spend it."
                " The marks are kept.",
                code="not_confirmed",
                where="--yes",
            )
        return price


def _loaded() -> Any:
    return Take.objects.select_related("sequence__project")


def _shots(take: Take, shots: list[int] | None) -> list[int]:
    return shots or sorted(set(take.shots.values_list("number", flat=True)))


def _named(shots: list[int]) -> str:
    return f"shot{'s' if len(shots) > 1 else ''} {', '.join(map(str, shots))}"
