"""Kill the whole studio with SIGKILL at random moments while takes are in flight; then let it finish and look.

    python -m tests.faults.kill_studio --kills 50 --takes 12 --seed 1

Starts the real studio (web, worker, sketch) on its own data folder, asks for the takes, kills and restarts it, and at
the end holds the database and the files against each other: every take complete, no clip twice, no file half-written,
no money twice. Prints one line a kill with the phase it hit, and `N kills, N takes, 0 wrong` at the end; exits 1 when
anything is wrong. The pauses are long enough for some work to end between two kills, so that every phase is hit.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

from tests import migrated

ROOT = Path(__file__).resolve().parents[2]
# Most kills come at any moment; the short phases are also waited for, or chance would hardly find them.
AIMS = ("", "", "submit", "", "collect", "", "join")


def main(words: list[str] | None = None) -> int:
    """Run the whole thing; 0 when nothing is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--takes", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--width", type=int, default=640)
    parser.add_argument("--seconds", type=int, default=2, help="of each take")
    parser.add_argument("--slower", type=float, default=0.2, help="seconds added to every drawing")
    parser.add_argument("--shortest", type=float, default=2.0, help="seconds from a start to its kill, at least")
    parser.add_argument("--longest", type=float, default=8.0, help="seconds from a start to its kill, at most")
    parser.add_argument("--patience", type=float, default=300.0, help="seconds to finish after the last kill")
    options = parser.parse_args(words)
    with tempfile.TemporaryDirectory(prefix="kill-studio-") as folder:
        return run(options, Path(folder))


def run(options: argparse.Namespace, folder: Path) -> int:
    """Plan, kill, finish, judge."""
    environment = {**os.environ, "DATA_DIR": str(folder / "data"), "SKETCH_SLOWER": str(options.slower),
                   "SKETCH_PRICE_SECOND": "0.01", "JOB_LEASE_SECONDS": "6",
                   "STATIC_MANIFEST": "0"}  # fmt: skip
    migrated.studio(folder / "data")
    os.environ.update(environment)
    os.environ["DJANGO_SETTINGS_MODULE"] = "clientvideo.settings"
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    project = plan(options)
    dice = random.Random(options.seed)
    studio, hit = Studio(environment), Counter[str]()
    for number in range(1, options.kills + 1):
        studio.start()
        pause = moment(project, dice.uniform(options.shortest, options.longest), AIMS[number % len(AIMS)])
        found = phases(project)
        studio.kill()
        hit.update(found)
        print(f"kill {number:3d} after {pause:4.1f} s: {', '.join(found) or 'idle'}; {states(project)}", flush=True)
        again(project)
    studio.start()
    finished = wait(project, options.patience)
    studio.stop()
    wrong = judge(project) + ([] if finished else [f"not finished within {options.patience:g} s: {states(project)}"])
    print(*wrong, sep="\n", end="\n" if wrong else "")
    print("kills that hit: " + ", ".join(f"{phase} {count}" for phase, count in hit.most_common()))
    print(f"{options.kills} kills, {total(project)} takes, {len(wrong)} wrong")
    return 1 if wrong else 0


class Studio:
    """The studio as its own process group, on a free port."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; the worker is what matters, so nobody waits for the web server."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [sys.executable, "manage.py", "studio", "--port", str(port), "--no-demo"]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=self.environment, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def kill(self) -> None:
        """SIGKILL for every process of the studio at once."""
        assert self.process is not None
        for pid in family(self.process.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """Ctrl-C."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.kill()


def family(pid: int) -> list[int]:
    """A process and everything it started, however deep (proc(5): field 4 of stat is the parent)."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    members = [pid]
    for member in members:
        members += [child for child, parent in parents.items() if parent == member]
    return members


def plan(options: argparse.Namespace) -> object:
    """A project of that many sequences, each with a start frame, and a take asked for of each."""
    from sequences import orchestration
    from tests import factories

    height = options.width * 9 // 16 // 2 * 2
    plans = [
        factories.Plan(prompts=("a pier at dawn, push in", "neon street, pan left"),
                       seconds=(options.seconds / 2, options.seconds / 2), start_frame=True,
                       mode="per_shot" if n % 2 else "multi_shot")
        for n in range(options.takes)
    ]  # fmt: skip
    project = factories.make_project(sequences=plans, width=options.width, height=height)
    orchestration.request_takes(actor=None, sequences=list(project.sequences.all()))
    return project


def again(project: object) -> None:
    """Keep takes in flight: whoever is finished is asked for once more, up to twice as many."""
    from sequences import orchestration
    from sequences.models import Take

    making = Take.objects.filter(sequence__project=project, state="making").values("sequence")
    idle = list(project.sequences.exclude(pk__in=making))  # type: ignore[attr-defined]  # a Project
    if idle:
        orchestration.request_takes(actor=None, sequences=idle[:2])


def states(project: object) -> dict[str, int]:
    """How the jobs stand."""
    from sequences.models import Job

    return dict(Counter(Job.objects.filter(project=project).values_list("state", flat=True)))


def moment(project: object, pause: float, aim: str) -> float:
    """Wait for the moment of the kill: `pause` seconds, or sooner when work of the phase `aim` is seen."""
    began = time.monotonic()
    while (waited := time.monotonic() - began) < pause and not (aim and aim in phases(project)):
        time.sleep(0.003)
    return waited


def phases(project: object) -> list[str]:
    """What the living worker is at."""
    from sequences.execution.claims import proven_dead
    from sequences.models import Job, Take

    jobs, takes = Job.objects.filter(project=project), Take.objects.filter(sequence__project=project)
    claims = {
        "submit": jobs.filter(state="submitting"),
        "collect": jobs.filter(state="ready", lease_until__isnull=False),
        "join": takes.filter(state="making", lease_until__isnull=False),
    }
    busy = [name for name, rows in claims.items() if any(not proven_dead(row.lease_owner) for row in rows)]
    return [*busy, *(["draw"] if jobs.filter(state="processing").exists() else [])]


def total(project: object) -> int:
    """Takes asked for."""
    from sequences.models import Take

    return Take.objects.filter(sequence__project=project).count()


def wait(project: object, patience: float) -> bool:
    """Until no take is being made."""
    from sequences.models import Take

    end = time.monotonic() + patience
    while time.monotonic() < end:
        if not Take.objects.filter(sequence__project=project, state="making").exists():
            return True
        time.sleep(0.5)
    return False


def judge(project: object) -> list[str]:
    """Everything that is wrong, in sentences."""
    from django.db.models import Count, Sum

    from sequences import storage
    from sequences.media import files, video
    from sequences.models import Clip, Job, LedgerEntry, Take

    wrong = [f"{t} is {t.state}: {t.error}" for t in Take.objects.exclude(state="waiting")]
    for take in Take.objects.filter(state="waiting"):
        path = storage.absolute(take.file)
        if files.sha256_of(path) != take.sha256 or video.probe(path).frames != take.frames:
            wrong.append(f"{take}: its file is not what its row says")
    twice = Clip.objects.values("take", "job__call").annotate(n=Count("pk")).filter(n__gt=1)
    wrong += [f"take {row['take']} call {row['job__call']} has {row['n']} clips" for row in twice]
    twice_jobs = Job.objects.values("take", "call").annotate(n=Count("pk")).filter(n__gt=1)
    wrong += [f"take {row['take']} call {row['call']} was asked {row['n']} times" for row in twice_jobs]
    wrong += [f"{clip}: bytes differ from its hash" for clip in Clip.objects.all()
              if files.sha256_of(storage.absolute(clip.file)) != clip.sha256]  # fmt: skip
    named = {storage.absolute(name) for model in (Take, Clip) for name in model.objects.values_list("file", flat=True)}
    for path in storage.root().rglob("*.mp4"):
        if "tmp" not in path.parts and path not in named:
            wrong.append(f"{path} is in its place and no row names it")
    wrong += [f"{path} is half-written and named by a row" for path in named if ".part" in path.name]
    calls = sum(1 for _ in Path(os.environ["DATA_DIR"]).glob("sketch/sk_*/request.json"))
    if calls != Job.objects.count():
        wrong.append(f"the provider was asked for {calls} calls and there are {Job.objects.count()} jobs")
    project.refresh_from_db()  # type: ignore[attr-defined]  # a Project
    settled = LedgerEntry.objects.filter(kind="settle").aggregate(n=Sum("amount_micros"))["n"] or 0
    if (project.held_micros, project.spent_micros) != (0, settled):  # type: ignore[attr-defined]  # a Project
        wrong.append(f"money: held {project.held_micros}, spent {project.spent_micros}, settled {settled}")  # type: ignore[attr-defined]  # a Project
    return wrong


if __name__ == "__main__":
    raise SystemExit(main())
