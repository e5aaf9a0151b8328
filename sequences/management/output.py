"""What every command shares: the options, one JSON document or prose, and how a refusal ends.

With --json stdout carries one JSON document and nothing else; prose goes to stderr. Exit codes: 0 done,
1 refused or failed, 2 wrong usage. Money is dollars as text, times are seconds as numbers, moments ISO 8601 UTC.
"""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, ClassVar, NoReturn

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.core.management.base import BaseCommand, CommandParser

from sequences import orchestration
from sequences.errors import Refusal
from sequences.models import Project, Sequence
from sequences.orchestration.stale_words import sentence
from sequences.transitions import MoveError, Stale

MICRO = 1_000_000


class VerbCommand(BaseCommand):
    """A thin door to a verb. Subclasses write `options(parser)` and `run(**options)`.

    `run` returns the document of --json (or None when there is none) and raises Refusal, as the verbs do.
    What people read without --json goes through `show` (the answer, stdout) and `say` (remarks, stderr).
    `project_option` is "required", "optional" or None and adds --project SLUG. What `edits` a plan says afterwards
    which takes that has made stale and what refreshing them costs.
    """

    project_option: ClassVar[str | None] = "required"
    edits: ClassVar[bool] = False
    as_json = False
    actor: AbstractBaseUser | None = None

    def add_arguments(self, parser: CommandParser) -> None:
        """The options every verb has, then the command's own."""
        if self.project_option:
            parser.add_argument(
                "--project",
                metavar="SLUG",
                required=self.project_option == "required",
                help="the project's slug, as in its plan file and its address",
            )
        parser.add_argument("--json", action="store_true", dest="as_json", help="one JSON document on stdout")
        parser.add_argument(
            "--user", metavar="NAME", help="act as this person, with their rights; else as machine owner"
        )
        self.options(parser)

    def options(self, parser: CommandParser) -> None:
        """The command's own arguments."""

    @abstractmethod
    def run(self, **options: Any) -> dict[str, Any] | None:
        """Call the verb. Raises Refusal or MoveError."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Run, then print the document or the refusal."""
        self.as_json = options["as_json"]
        try:
            self.actor = user_of(options["user"])
            document = self._noticed(options)
        except (Refusal, MoveError) as refusal:
            self.refuse(refusal)
        if document is not None and self.as_json:
            self.write_json(document)

    def edited(self, options: dict[str, Any]) -> str:
        """The slug of the project that is edited; empty when there is none yet."""
        return str(options.get("project") or "")

    def _noticed(self, options: dict[str, Any]) -> dict[str, Any] | None:
        project = Project.objects.filter(slug=self.edited(options)).first() if self.edits else None
        if project is None:
            return self.run(**options)
        done = orchestration.noticing(project=project, edit=lambda: self.run(**options))
        if done.report.rows:
            self.say(f"{sentence(done.report)} See: stale --project {project.slug}")
        return done.value

    def show(self, text: str) -> None:
        """A line of the answer for people; with --json it is left out, the document says it."""
        if not self.as_json:
            self.stdout.write(text)

    def say(self, text: str) -> None:
        """A remark beside the answer, on stderr."""
        self.stderr.write(text, style_func=str)

    def write_json(self, document: dict[str, Any]) -> None:
        """The one document on stdout."""
        self.stdout.write(json.dumps(document, ensure_ascii=False, indent=2, default=plain))

    def refuse(self, refusal: Refusal | MoveError) -> NoReturn:
        """Say why nothing was done and exit 1."""
        if self.as_json:
            self.write_json({"error": error_of(refusal)})
        self.say(str(refusal))
        raise SystemExit(1)

    def fail(self, message: str, document: dict[str, Any] | None = None) -> NoReturn:
        """Something was done and did not end well (a waited-for job failed): the document stands, exit 1."""
        if self.as_json and document is not None:
            self.write_json(document)
        self.say(message)
        raise SystemExit(1)

    def usage(self, message: str) -> NoReturn:
        """Options that do not go together: say so and exit 2."""
        self.say(f"{message} See --help.")
        raise SystemExit(2)


def error_of(refusal: Refusal | MoveError) -> dict[str, str]:
    """A refusal as the `error` object of --json."""
    if isinstance(refusal, Refusal):
        return {"code": refusal.code, "message": str(refusal), "where": refusal.where}
    code = "stale" if isinstance(refusal, Stale) else "not_allowed"
    return {"code": code, "message": str(refusal), "where": ""}


def user_of(name: str | None) -> AbstractBaseUser | None:
    """The person named with --user; None stands for the owner of the machine. Raises Refusal."""
    if name is None:
        return None
    user_model = get_user_model()
    try:
        return user_model._default_manager.get_by_natural_key(name)
    except user_model.DoesNotExist:
        raise Refusal(f"There is no user {name}.", code="not_found", where="--user") from None


def project_of(slug: str, actor: AbstractBaseUser | None = None) -> Project:
    """The project with this slug that `actor` may see. Raises Refusal, the same for a foreign project."""
    seen = Project.objects.all() if actor is None else Project.objects.filter(memberships__user_id=actor.pk)
    if project := seen.filter(slug=slug).first():
        return project
    near = get_close_matches(slug, seen.values_list("slug", flat=True), n=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    raise Refusal(f"There is no project {slug}.{hint}", code="not_found", where="--project")


def sequences_of(project: Project, codes: Iterable[str]) -> list[Sequence]:
    """Living sequences with these codes, in the order asked. Raises Refusal naming the unknown codes."""
    living = {s.code: s for s in project.sequences.filter(deleted_at=None)}
    wanted = list(dict.fromkeys(codes))
    if missing := [code for code in wanted if code not in living]:
        known = ", ".join(living) or "none"
        raise Refusal(
            f"{project.slug} has no sequence {', '.join(missing)}; it has {known}.",
            code="not_found",
            where=", ".join(missing),
        )
    return [living[code] for code in wanted]


def dollars(micros: int | None) -> str | None:
    """Micro-dollars as text with two to six decimals: 80.00, 0.1234."""
    if micros is None:
        return None
    whole, _, part = f"{Decimal(micros).scaleb(-6):.6f}".rstrip("0").partition(".")
    return f"{whole}.{part:0<2}"


def moment(when: datetime | None) -> str | None:
    """A moment as ISO 8601 in UTC, seconds exact to the microsecond that is stored."""
    return when.astimezone(UTC).isoformat().replace("+00:00", "Z") if when else None


def seconds(value: Decimal | float | None) -> float | int | None:
    """Seconds as a JSON number: whole ones without a point."""
    if value is None:
        return None
    return int(value) if value == int(value) else float(value)


def plain(value: object) -> Any:
    """Decimals and moments inside a document. Raises TypeError for what JSON has no word for."""
    if isinstance(value, Decimal):
        return seconds(value)
    if isinstance(value, datetime):
        return moment(value)
    raise TypeError(f"{type(value).__name__} has no place in a JSON document")
