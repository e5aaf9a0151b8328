"""`reconcile`: ask about every call of which nobody knows, or that does not end; say what is known and what to do."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from dailies.management.commands.sweep import moves, newest_event
from sequences import execution
from sequences.management.needing import waiting, words
from sequences.management.output import VerbCommand, project_of
from sequences.models import Job, Project
from sequences.queries.needs import needs
from sequences.states import JobState


class Command(VerbCommand):
    help = (
        "Look after every unsure or overdue job, once; with --project only those of one project. Sends nothing again."
    )
    project_option = "optional"

    def run(self, **options: Any) -> dict[str, Any]:
        projects = self._projects(options["project"])
        asked = Job.objects.filter(Q(state=JobState.UNSURE.value) | needs(), project__in=projects).exclude(late="kept")
        ids = list(asked.order_by("id").values_list("pk", flat=True))
        since = newest_event()
        for job in ids:
            execution.ask_now(job)
        moved = [row for row in moves(since) if row["job"] in ids]
        for row in moved:
            self.show(f"job {row['job']}: {row['from']} → {row['to']}{': ' + row['why'] if row['why'] else ''}")
        left = [pair for project in projects for pair in waiting(project)]
        for matter, _ in left:
            self.show(words(matter))
        still = Job.objects.filter(pk__in=ids, state=JobState.UNSURE.value).count()
        self.show(f"{len(ids)} asked about, {still} of them still unsure; {len(left)} need a decision.")
        return {"moved": moved, "waiting": [row for _, row in left]}

    def _projects(self, slug: str | None) -> list[Project]:
        if slug:
            return [project_of(slug, self.actor)]
        seen: QuerySet[Project] = Project.objects.order_by("slug")
        return list(seen if self.actor is None else seen.filter(memberships__user_id=self.actor.pk))
