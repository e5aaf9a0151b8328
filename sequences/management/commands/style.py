"""`style [SEQ]`: read, write, compare and restore the lines that go into every call."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from sequences import orchestration
from sequences.management.output import VerbCommand, project_of, sequences_of
from sequences.management.revisions import number_of, tell_change, tell_history
from sequences.models import Project, Sequence, StyleRevision
from sequences.orchestration.styling import FIELDS, lines_of, style_revisions
from sequences.queries.history import STYLE_LABELS, style_history


class Command(VerbCommand):
    help = "Show or change the style lines of a project, or of one sequence, whose lines stand inside the project's."
    edits = True

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("code", nargs="?", metavar="SEQ", help="a sequence with lines of its own, as SEQ03")
        parser.add_argument("--prefix", metavar="TEXT", help="set the line before every prompt; empty takes it away")
        parser.add_argument("--suffix", metavar="TEXT", help="set the line after every prompt")
        parser.add_argument("--negative", metavar="TEXT", help="set what shall never be in the picture")
        one = parser.add_mutually_exclusive_group()
        one.add_argument("--history", action="store_true", help="every revision, newest first")
        one.add_argument("--diff", nargs=2, type=number_of, metavar=("S1", "S2"), help="the change between any two")
        one.add_argument("--restore", type=number_of, metavar="S", help="put an earlier revision in force")

    def run(self, **options: Any) -> dict[str, Any]:
        project = project_of(options["project"], self.actor)
        sequence = sequences_of(project, [options["code"]])[0] if options["code"] else None
        owner, whose = sequence or project, f"The style of {sequence.code if sequence else project.slug}"
        lines = {name: options[name] for name in FIELDS if options[name] is not None}
        if lines and (options["history"] or options["diff"] or options["restore"]):
            self.usage("Lines are not set together with --history, --diff or --restore.")
        if options["history"]:
            return tell_history(self, style_history(owner))
        if options["diff"]:
            return tell_change(self, style_history(owner), options["diff"], whose)
        if options["restore"] is not None:
            back = orchestration.restore_style(
                actor=self.actor, project=project, sequence=sequence, number=options["restore"]
            )
            return self._told(owner, back)
        if lines:
            made = orchestration.set_style(actor=self.actor, project=project, sequence=sequence, **lines)
            return self._told(owner, made)
        return self._shown(owner, None)

    def _told(self, owner: Project | Sequence, made: StyleRevision | None) -> dict[str, Any]:
        owner.refresh_from_db()
        if made is None:
            self.show("It says that already; nothing was written.")
        return self._shown(owner, made)

    def _shown(self, owner: Project | Sequence, made: StyleRevision | None) -> dict[str, Any]:
        lines = lines_of(owner)
        for name, label in STYLE_LABELS.items():
            self.show(f"{label}: {getattr(lines, name) or '(none)'}")
        newest = made or style_revisions(owner).last()
        if newest:
            self.show(f"Revision {newest}.")
        return {"style": {name: getattr(lines, name) for name in FIELDS}, "revision": newest.number if newest else None}
