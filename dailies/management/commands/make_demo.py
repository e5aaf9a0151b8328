"""`make_demo`: the demo project, made through the verbs, as far as it is asked for."""

from __future__ import annotations

import hashlib
import json
import time
from fractions import Fraction
from typing import Any

from django.core.management.base import CommandParser

from clientvideo.signin import local_user
from dailies import cut as cuts
from dailies import exporting
from dailies.demo import LIVE, Director, finish_line, project_of_demo
from dailies.documents import export_document
from dailies.models import Export
from sequences import execution
from sequences.errors import Refusal
from sequences.management import demomark, leash
from sequences.management.bars import JobBars
from sequences.management.output import VerbCommand
from sequences.models import Job, Project
from sequences.orchestration.demo import cut_down, demo_plan
from sequences.planfile import Plan
from sequences.queries import load

WORKER_PATIENCE = 60.0  # seconds in which a studio that has just started has a worker, on a busy machine too
SMALL = {"size": (640, 360), "seconds": 30.0, "sequences": 4}


class Command(VerbCommand):
    help = (
        "Make the demo project Night Ferry through the verbs, or go on with it where it stands. Alone it plans the "
        "project; --live fills the board; --complete takes every sequence to an approved take and renders the cut."
    )
    project_option = None
    quiet = False
    # The checks import every page; the studio is waiting for the first picture.
    requires_system_checks: list[str] = []

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("--live", action="store_true", help="ask for grids, takes and verdicts: a full board")
        parser.add_argument("--complete", action="store_true", help="approve a take of every sequence, render the cut")
        parser.add_argument("--wait", action="store_true", help="do the work here when no worker is running")
        parser.add_argument("--small", action="store_true", help="640 x 360, 30 s, 4 sequences: the loop in a minute")
        parser.add_argument("--size", metavar="WxH", type=_size, help="frame size of a new demo (default 1280x720)")
        parser.add_argument("--seconds", type=float, help="length of a new demo's song (default 178)")
        parser.add_argument("--sequences", type=int, help="only the first so many sequences")
        parser.add_argument(
            "--fresh", action="store_true", help="refuse when the demo is there already instead of going on with it"
        )

    def run(self, **options: Any) -> dict[str, Any]:
        if options["wait"] and not (options["live"] or options["complete"]):
            self.usage("--wait goes with --live or --complete.")
        leash.hold()
        self.quiet = options["verbosity"] == 0
        project = self._project(options)
        if options["live"]:
            self._walk(Director(project, LIVE, self.say), options["wait"])
        if not options["complete"]:
            demomark.write(project.slug, finished=demomark.slug() is not None and options["live"])
            return {"project": {"slug": project.slug, "sequences": project.sequences.filter(deleted_at=None).count()}}
        self._complete(project, options["wait"])
        return self._export(project)

    def say(self, text: str) -> None:
        """With -v 0 nothing: the studio's terminal is for its own words."""
        if not self.quiet:
            super().say(text)

    def _project(self, options: dict[str, Any]) -> Project:
        plan = _plan(options)
        if options["fresh"] and Project.objects.filter(slug=(plan or demo_plan()).project.slug).exists():
            raise Refusal("The demo is there already; leave out --fresh to go on with it.", code="slug_taken")
        project, made = project_of_demo(plan)
        if not made and plan:
            self.say(f"{project.slug} is there already and keeps its size and length.")
        self.say(f"{project.slug} {'made' if made else 'goes on'}.")
        return project

    def _walk(self, director: Director, wait: bool) -> None:
        if not wait:
            _need_worker()
        with JobBars(lambda: Job.objects.filter(project=director.project), self.stderr) as bars:
            director.tell = bars.say if not self.quiet else director.tell
            execution.drain(director.round, tick=bars.tick)

    def _complete(self, project: Project, wait: bool) -> None:
        director = Director(project, finish_line(project))
        self._walk(director, wait)
        if director.fallen:
            self.fail("\n".join(director.fallen.values()))

    def _export(self, project: Project) -> dict[str, Any]:
        demomark.write(project.slug, finished=True)
        export = exporting.wait_for(
            exporting.request_export(actor=local_user(), project=project, key=_export_key(project))
        )
        if export.error:
            self.fail(f"The cut could not be rendered: {export.error}")
        document = export_document(export)
        made, wanted = document["export"]["frames"], round(Fraction(project.song.seconds) * project.frame_rate)
        if made != wanted:
            self.fail(f"The cut has {made} frames and the song {wanted}.", document)
        self.show(document["export"]["file"])
        self.say(f"{made} frames at {project.rate} a second: as long as the song.")
        return document


def _plan(options: dict[str, Any]) -> Plan | None:
    """The plan of a demo smaller than the shipped one; None for that. Raises Refusal."""
    given = {key: options[key] for key in ("size", "seconds", "sequences") if options[key] is not None}
    asked: dict[str, Any] = {**(SMALL if options["small"] else {}), **given}
    return cut_down(demo_plan(), **asked) if asked else None


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    return int(width), int(height)


def _need_worker() -> None:
    """Raises Refusal when nobody would do the work."""
    deadline = time.monotonic() + WORKER_PATIENCE
    while not execution.worker_lives():
        if time.monotonic() > deadline:
            raise Refusal("No worker is running; start the studio, or add --wait to work here.", code="no_worker")
        time.sleep(0.2)


def _export_key(project: Project) -> str:
    """The same cut is rendered once; after a failed rendering it is tried again."""
    cut = cuts.build(project, load(project)).as_data()
    digest = hashlib.sha256(json.dumps(cut, sort_keys=True, default=str).encode()).hexdigest()[:16]
    stem = f"demo:cut:{digest}"
    failed = Export.objects.filter(project=project, request_key__startswith=stem).exclude(error="").count()
    return f"{stem}:{failed}"
