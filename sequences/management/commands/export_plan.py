"""`export_plan --project SLUG`: the project as a plan file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from sequences import orchestration
from sequences.errors import Refusal
from sequences.management.output import VerbCommand, project_of
from sequences.media.files import written


class Command(VerbCommand):
    help = "Write the project's plan to stdout or a file, as TOML, or as JSON with --json or a .json name."

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("--out", type=Path, metavar="FILE", help="write here instead of stdout")

    def run(self, **options: Any) -> None:
        out: Path | None = options["out"]
        plan = orchestration.export_plan(actor=self.actor, project=project_of(options["project"], self.actor))
        as_json = self.as_json or (out is not None and out.suffix.lower() == ".json")
        text = orchestration.plan_text(plan, as_json=as_json)
        if out is None:
            self.stdout.write(text, ending="")
            return
        try:
            with written(out) as part:
                part.write_text(text, encoding="utf-8")
        except OSError as error:
            reason = error.strerror or str(error)
            raise Refusal(f"{out} cannot be written: {reason}.", code="not_written", where="--out") from error
        self.say(f"{plan.project.slug} is written to {out}.")
