"""`replace_prompts FIND PUT`: search and replace in every prompt of a project, as one step that can be taken back."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from sequences import orchestration
from sequences.errors import Refusal
from sequences.management.output import VerbCommand, project_of
from sequences.management.tables import show, table
from sequences.models import Project
from sequences.orchestration import replacing
from sequences.orchestration.replacing import Hit, Search


class Command(VerbCommand):
    help = "Search and replace in the newest prompts of all shots, in grid and cell prompts and style lines."
    edits = True

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("find", nargs="?", metavar="FIND", help="the words to find; upper and lower case count")
        parser.add_argument("put", nargs="?", metavar="PUT", help="what is put in their place; may be empty")
        parser.add_argument("--words", action="store_true", help="whole words only")
        parser.add_argument("--any-case", action="store_true", help="upper and lower case are the same")
        parser.add_argument("--regex", action="store_true", help=r"FIND is a regular expression, PUT may name \1")
        parser.add_argument(
            "--only", nargs="+", metavar="KEY", help="only these texts, by the keys of --dry-run --json"
        )
        parser.add_argument("--dry-run", action="store_true", help="show every change, make none")
        parser.add_argument("--undo", metavar="WORD", help="take a replacement back, by the word it was answered with")

    def run(self, **options: Any) -> dict[str, Any]:
        project = project_of(options["project"], self.actor)
        if options["undo"]:
            return self._undone(project, options["undo"])
        if options["find"] is None or options["put"] is None:
            self.usage("Give FIND and PUT, or --undo WORD.")
        names = ("find", "put", "words", "regex", "any_case")
        search = Search(**{name: options[name] for name in names})
        if options["dry_run"]:
            found = replacing.hits(project=project, search=search)
            self._tell(found, "would be changed; nothing was")
            return {"hits": [_hit(hit) for hit in found], "replaced": 0, "undo": None}
        done = orchestration.replace_prompts(actor=self.actor, project=project, search=search, only=options["only"])
        self._tell(done.changes, "changed")
        self.say(f"To take it back: replace_prompts --project {project.slug} --undo {done.undo}")
        return {"hits": [_hit(hit) for hit in done.changes], "replaced": len(done.changes), "undo": done.undo}

    def _undone(self, project: Project, word: str) -> dict[str, Any]:
        back, left = orchestration.undo_replace(actor=self.actor, project=project, undo=word)
        if left and not back:
            raise Refusal(
                "All of these texts were changed since; nothing was taken back.", code="changed", where="--undo"
            )
        self.show(f"{back} texts are as before; {left} were changed since and stay.")
        return {"undone": back, "left": left}

    def _tell(self, found: list[Hit] | tuple[Hit, ...], what: str) -> None:
        if self.as_json:
            return
        show(self.stdout, table(["where", "was", "is"], [(hit.where, hit.old, hit.new) for hit in found]))
        self.show(f"{sum(hit.count for hit in found)} places in {len(found)} texts {what}.")


def _hit(hit: Hit) -> dict[str, Any]:
    return {
        "key": hit.key,
        "kind": hit.kind,
        "sequence": hit.code or None,
        "where": hit.where,
        "count": hit.count,
        "old": hit.old,
        "new": hit.new,
    }
