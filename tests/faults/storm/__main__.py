"""`python -m tests.faults.storm --schedules 1000 --database sqlite --seed 1 [--only SEED] [--words]`."""

from __future__ import annotations

import argparse
import logging
import os
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

WORDS = {"double payment": "double payments", "invisible": "invisible", "over the cap": "over the cap"}


def options(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="storm", description=__doc__)
    parser.add_argument("--schedules", type=int, default=1000)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--seed", type=int, default=1, help="of the first schedule; each following one has the next")
    parser.add_argument("--only", type=int, nargs="*", help="these seeds")
    parser.add_argument("--words", action="store_true", help="say every schedule before it is played")
    parser.add_argument("--seconds", type=float, default=0, help="begin no schedule after so many")
    parser.add_argument("--without", default="", help="a rule of the real code to take away, see mutants.py")
    parser.add_argument("--most", type=int, default=5, help="stop after so many that failed")
    return parser.parse_args(words)


def main(words: list[str]) -> int:
    """Play schedules on a database made for them; 0 when every promise held."""
    given = options(words)
    if "STORM_INSIDE" in os.environ:
        return inside(given)
    if Path("/dev/shm").is_dir():  # files in memory: processes die here, machines do not
        tempfile.tempdir = "/dev/shm"
    from tests.faults import databases

    with databases.KINDS[given.database]() as environment:
        os.environ.update(environment, STORM_INSIDE="1", CELERY_BROKER_URL="memory://", STATIC_MANIFEST="0")
        try:
            return inside(given)
        finally:
            from django.db import connections

            connections.close_all()


def inside(given: argparse.Namespace) -> int:
    """With the environment of the database set."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "clientvideo.settings"
    import django
    from django.conf import settings

    relax(settings.DATABASES["default"])
    django.setup()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    logging.disable(logging.CRITICAL)
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    if given.without:
        from .mutants import MUTANTS

        MUTANTS[given.without]()
    seeds = given.only or list(range(given.seed, given.seed + given.schedules))
    return Storm(given, seeds).run()


def relax(database: dict[str, object]) -> None:
    """Processes die here, machines do not: a commit need not wait for the disk."""
    said = database["OPTIONS"]
    assert isinstance(said, dict)
    if "init_command" in said:
        said["init_command"] = said["init_command"].replace("synchronous=FULL", "synchronous=OFF")
    else:
        said["options"] = f"{said.get('options', '')} -c synchronous_commit=off"


class Storm:
    """Many schedules in one world."""

    def __init__(self, given: argparse.Namespace, seeds: list[int]) -> None:
        self.given, self.seeds = given, seeds
        self.accepted = self.played = 0
        self.failed: Counter[str] = Counter()

    def run(self) -> int:
        from django.db import connection

        from .world import opened

        began = time.monotonic()
        with opened() as world:
            for seed in self.seeds:
                self._one(world, seed)
                late = self.given.seconds and time.monotonic() - began > self.given.seconds
                if late or sum(self.failed.values()) >= self.given.most:
                    break
            forks = world.forks
        counts = ", ".join(f"{self.failed.pop(kind, 0)} {said}" for kind, said in WORDS.items())
        others = "".join(f", {count} {kind}" for kind, count in self.failed.items())
        seconds = time.monotonic() - began
        print(f"{self.played} schedules, {self.accepted:,} calls accepted, {counts}{others} "
              f"({connection.vendor}, {forks:,} processes, {seconds:.0f} s)", flush=True)  # fmt: skip
        return 1 if self.broken else 0

    broken = False

    def _one(self, world: object, seed: int) -> None:
        from sequences import storage

        from . import judge
        from .play import Play, stands
        from .schedule import made
        from .world import World

        assert isinstance(world, World)
        schedule = made(seed)
        if self.given.words:
            print(schedule.words(), flush=True)
        world.fresh()
        play = Play(world, schedule)
        self.played += 1
        try:
            self.accepted += len(play.run())
            if self.played == 1 and play.jobs.exists():
                judge.guarded(play.project, play.jobs[0])
        except Exception as error:
            self.broken = True
            self.failed[error.kind if isinstance(error, judge.Broken) else "broken off"] += 1
            told = str(error) if isinstance(error, judge.Broken) else traceback.format_exc()
            print(f"FAILED {schedule.words()}\n  {told}{stands(play.jobs)}", flush=True)
            clear_away(play)
        shutil.rmtree(storage.root() / "projects" / play.project.slug, ignore_errors=True)


def clear_away(play: object) -> None:
    """What failed must not fail the next ones: its jobs are ended outside of all rules."""
    from django.db import connection

    from sequences.models import Job

    project = play.project  # type: ignore[attr-defined]  # imported late, after the settings
    connection.close()
    Job.objects.filter(project=project).update(state="failed", look_again_at=None, late="")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
