"""`reconcile`: settle the jobs of which nobody knows whether the provider took them, by looking."""

from __future__ import annotations

from typing import Any

from dailies.management.commands.sweep import moves, newest_event
from sequences import execution
from sequences.management.output import VerbCommand, project_of
from sequences.models import Job
from sequences.states import JobState


class Command(VerbCommand):
    help = "Look after every job in state unsure, once; with --project only those of one project."
    project_option = "optional"

    def run(self, **options: Any) -> dict[str, Any]:
        unsure = Job.objects.filter(state=JobState.UNSURE.value)
        if options["project"]:
            unsure = unsure.filter(project=project_of(options["project"], self.actor))
        elif self.actor is not None:
            unsure = unsure.filter(project__memberships__user_id=self.actor.pk)
        ids = list(unsure.values_list("pk", flat=True))
        since = newest_event()
        for job in ids:
            execution.step(job)
        moved = [row for row in moves(since) if row["job"] in ids]
        still = len(ids) - len({row["job"] for row in moved})
        self.show(f"{len(ids)} unsure, {still} still are.")
        return {"moved": moved}
