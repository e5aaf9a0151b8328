"""`jobs`: every call, what became of it, and when it is looked at again."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import CommandParser

from sequences.management.needing import waiting, words
from sequences.management.output import VerbCommand, project_of
from sequences.management.tables import show, table
from sequences.models import Project
from sequences.queries import documents
from sequences.states import LIVE_JOBS


class Command(VerbCommand):
    help = "List a project's jobs."

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("--live", action="store_true", help="only those that have not ended")
        parser.add_argument("--needs", action="store_true", help="only those that a person must decide")
        parser.add_argument("--bodies", action="store_true", help="with the frozen request and the JSON that was sent")

    def run(self, **options: Any) -> dict[str, Any]:
        project = project_of(options["project"], self.actor)
        document = documents.jobs(project, live=LIVE_JOBS if options["live"] else None)
        if options["needs"]:
            document = self._needing(project, document)
        if options["bodies"]:
            documents.bodies(project, document["jobs"])
        if options["needs"]:
            return document
        if not self.as_json:
            columns = ["id", "kind", "state", "endpoint", "attempts", "estimate", "cost", "look_again_at", "error"]
            right = {"id", "attempts", "estimate", "cost"}
            rows = [[job[name] for name in columns] for job in document["jobs"]]
            heads = [name.replace("_", " ") + (">" if name in right else "") for name in columns]
            show(self.stdout, table(heads, rows))
            self._bodies(document["jobs"] if options["bodies"] else [])
        return document

    def _bodies(self, jobs: list[dict[str, Any]]) -> None:
        for job in jobs:
            shown = job["request"] if job["body"] is None else job["body"]
            self.show(f"\n{job['id']}  {job['path']}\n{json.dumps(shown, ensure_ascii=False, indent=2)}")

    def _needing(self, project: Project, document: dict[str, Any]) -> dict[str, Any]:
        left = waiting(project)
        for matter, _ in left:
            self.show(words(matter))
        if not left:
            self.show("No call needs a decision.")
        ids = {row["job"] for _, row in left}
        jobs = [job for job in document["jobs"] if job["id"] in ids]
        return {"jobs": jobs, "waiting": [row for _, row in left]}
