"""Progress of live jobs as bars on stderr; where that is no terminal, nothing is drawn."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Any

from django.db.models import QuerySet
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from sequences.management.tables import console_of
from sequences.models import Job
from sequences.states import JOB_WORDS, LIVE_JOBS


class JobBars:
    """One bar a live job of `jobs()`, from when it is first seen until it ends. Call `tick` between steps of work."""

    def __init__(self, jobs: Callable[[], QuerySet[Job]], stream: Any) -> None:
        self.jobs = jobs
        self.console = console_of(stream)
        self.progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[word]}"),
            TimeElapsedColumn(),
            console=self.console,
            transient=True,
            disable=not self.console.is_terminal,
        )
        self.bars: dict[int, TaskID] = {}

    def __enter__(self) -> JobBars:
        self.progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.progress.stop()

    def say(self, line: str) -> None:
        """A line above the bars."""
        self.progress.console.print(line, markup=False, highlight=False, soft_wrap=True)

    def tick(self) -> None:
        """Bring the bars up to date."""
        if self.progress.disable:
            return
        live = {
            j.pk: j
            for j in self.jobs()
            .filter(state__in=LIVE_JOBS)
            .select_related("grid__sequence", "take__sequence", "start_frame__sequence")
        }
        for pk in [pk for pk in self.bars if pk not in live]:
            self.progress.remove_task(self.bars.pop(pk))
        for pk, job in live.items():
            if pk not in self.bars:
                self.bars[pk] = self.progress.add_task(label(job), total=1.0, word="")
            self.progress.update(self.bars[pk], completed=job.progress or 0.0, word=JOB_WORDS[job.state])


def label(job: Job) -> str:
    """`SEQ03/T2 call 1`, `SEQ03/G1`, `SEQ03/F2`."""
    call = f" call {job.call}" if job.take_id else ""
    return f"{job.grid or job.take or job.start_frame}{call}"
