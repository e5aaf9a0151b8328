"""`export_cut --format mp4 [--out FILE]`: the cut as it stands, as a file."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from rich.progress import Progress

from dailies import exporting
from dailies.documents import export_document
from dailies.models import Export
from sequences.errors import Refusal
from sequences.management.output import VerbCommand, project_of
from sequences.management.tables import console_of
from sequences.media.files import written


class Command(VerbCommand):
    help = "Render the cut as it stands now: approved takes, else the best there is, under the song."

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("--format", default="mp4", help="mp4 (the default)")
        parser.add_argument("--out", type=Path, metavar="FILE", help="also put it here")
        parser.add_argument("--wait", action="store_true", help="taken for granted: an export is waited for")

    def run(self, **options: Any) -> dict[str, Any]:
        project = project_of(options["project"], self.actor)
        out: Path | None = options["out"]
        if out is not None and not out.resolve().parent.is_dir():
            raise Refusal(f"There is no folder {out.resolve().parent}.", code="not_written", where="--out")
        export = exporting.request_export(actor=self.actor, project=project, format=options["format"])
        self._follow(export)
        if export.error:
            self.fail(f"The cut could not be rendered: {export.error}", {"error": _error(export)})
        document = export_document(export)
        if out is not None:
            document["export"]["file"] = _copied(Path(document["export"]["file"]), out)
        self._tell(document["export"])
        return document

    def _follow(self, export: Export) -> None:
        console = console_of(self.stderr)
        with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
            bar = progress.add_task("Rendering the cut", total=1.0)
            exporting.wait_for(export, tick=lambda row: progress.update(bar, completed=row.progress))

    def _tell(self, export: dict[str, Any]) -> None:
        self.show(export["file"])
        gaps = ", ".join(f"{g['sequence'] or 'between sequences'} ({g['shown_as']})" for g in export["gaps"])
        self.say(f"{export['seconds']:g} s, {export['frames']} frames.{f' Not approved: {gaps}.' if gaps else ''}")


def _error(export: Export) -> dict[str, str]:
    return {"code": "failed", "message": export.error, "where": "export"}


def _copied(source: Path, out: Path) -> str:
    try:
        with written(out) as part:
            shutil.copyfile(source, part)
    except OSError as error:
        reason = error.strerror or str(error)
        raise Refusal(
            f"{out} cannot be written: {reason}. The film is at {source}.", code="not_written", where="--out"
        ) from error
    return str(out.resolve())
