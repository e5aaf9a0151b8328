"""The paid provider in tests: a fake of it that is told what to do wrong, our settings for it, and hours in no time.

`Bench.work()` answers bells and jumps to the next moment that anything is due, on our clock and on the fake's alike, so
that an hour of looks takes a second. The fake's ledger says what was really accepted and billed.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import time_machine
from django.conf import settings
from django.test import Client, override_settings
from django.utils import timezone

from sequences import execution, offers, orchestration, prices
from sequences.models import Account, Grid, Job, Project, Sequence, Take
from sequences.providers import registry
from sequences.providers.fal import Fal, Timeouts
from sequences.states import LIVE_JOBS, ArtefactState
from tests import factories
from tests.fakes.fal import InProcessFal
from tests.fakes.fal.hooks import Letter

CLIP = "fal-ai/kling-video/v3/standard/image-to-video"
GRID = "fal-ai/nano-banana-2"
SHORT = Timeouts(connect=3, submit=1.0, call=1.0, idle=0.4, download=0.8, upload=2)
CALM = {
    "concurrency": 100,
    "duration": 20.0,
    "cancel_delay": 2.0,
    "listing_lag": 0.0,
    "listing_running": False,
    "picture_scale": 0.1,
    "video_edge": 64,
    "validate": "submit",
    "check_images": False,
    "webhooks_to": "",
    "start_frames": False,
}
GRID_PRICE, TAKE_PRICE = 120_000, 252_000  # micro-dollars of one call: a 2K picture, three seconds
PUBLIC = "https://studio.example"


def calm() -> InProcessFal:
    """A fake that is not started yet; every run takes 20 of its seconds."""
    return InProcessFal(**{name: CALM[name] for name in ("concurrency", "duration", "picture_scale", "video_edge")})


def settings_for(fal: InProcessFal, public: str = "") -> dict[str, Any]:
    """Django settings of a studio that calls this fake. With `public`, webhooks are asked for."""
    env = fal.env()
    names = [name for name in env if name not in ("FAL_MEDIA_HOSTS", "OUTBOUND_ALLOW_LOOPBACK")]
    return {
        **{name: env[name] for name in names},
        "FAL_MEDIA_HOSTS": [env["FAL_MEDIA_HOSTS"]],
        "FAL_CONCURRENCY": 30,
        "OUTBOUND_ALLOW_LOOPBACK": True,
        "PUBLIC_BASE_URL": public,
        "ALLOWED_HOSTS": ["*"],
    }


def offer(timeouts: Timeouts = SHORT, **changes: Any) -> None:
    """Offer the provider as `offers` does, with shorter waits."""

    def made() -> Fal:
        options = replace(offers.fal_options(), timeouts=timeouts, **changes)
        return Fal(options, Path(settings.MEDIA_ROOT), offers.Uploads("fal"))

    registry.offer("fal", made)


@contextmanager
def bench(fal: InProcessFal, public: str = "") -> Iterator[Bench]:
    """The studio set up for a running fake, from nothing; undone at the end."""
    fal.control(clear_faults=True, config=CALM, prices=LISTED)
    fal.reset()
    with time_machine.travel(datetime.now().astimezone(), tick=True) as clock:
        with override_settings(**settings_for(fal, public)):
            offers.install()
            offer()
            prices.fetch("fal")  # as the studio does when it starts: bills are only counted with a price that was told
            try:
                yield Bench(fal, clock)
            finally:
                fal.control(listen=True)
                registry.withdraw("fal")
        fal.reset()


LISTED: dict[str, str] = {CLIP: "0.084", GRID: "0.08"}


@dataclass
class Bench:
    """A studio, its provider, and the hands on both clocks."""

    fal: InProcessFal
    clock: Any

    # --- Ask ---

    def project(self, *plans: factories.Plan, **fields: Any) -> Project:
        """A project whose clips and grids are the paid provider's, 160 x 90, $80."""
        asked = {"provider": "fal", "model": CLIP, "grid_model": GRID, **fields}
        models = {name: asked.pop(name) for name in ("provider", "model", "grid_model")}
        made = factories.make_project(sequences=plans or [plan()], **asked)
        Project.objects.filter(pk=made.pk).update(**models)
        return Project.objects.get(pk=made.pk)

    def sequence(self, **fields: Any) -> Sequence:
        """One sequence, ready for a take."""
        return factories.sequence_of(self.project(**fields))

    def grid(self, sequence: Sequence | None = None, **asked: Any) -> Job:
        """Ask for one grid of one cell ($0.12): the cheapest call there is."""
        sequence = sequence or self.sequence()
        return orchestration.explore(actor=None, sequence=sequence, layout="1x1", **asked)[0].jobs.get()

    def take(self, sequence: Sequence | None = None, **asked: Any) -> Take:
        """Ask for one take of three seconds, one call ($0.252)."""
        return orchestration.request_takes(actor=None, sequences=[sequence or self.sequence()], **asked)[0]

    # --- Work ---

    def step(self, job: Job) -> Job:
        """Answer one bell for the job and return its row."""
        execution.step(job.pk)
        return fresh(job)

    def round(self) -> None:
        """Answer everything that is due now, and what that rings for."""
        wakes = execution.sweep()
        while wakes:
            wakes += [wake for wake in execution.answer(wakes.pop(0)) if wake not in wakes]

    def sent(self, job: Job) -> Job:
        """Work until the job has left the line."""
        self.work(until=lambda: fresh(job).state not in ("queued", "submitting"))
        return fresh(job)

    def made(self, *jobs: Job) -> None:
        """Work until the provider has made these, and we know it; nothing of them is collected yet."""
        for job in jobs:
            self.sent(job)
        self.jump(25)
        Job.objects.filter(pk__in=[job.pk for job in jobs]).update(look_again_at=timezone.now())
        execution.follow_due()
        assert {fresh(job).state for job in jobs} == {"ready"}, stands()

    def work(self, until: Callable[[], bool] | None = None, *, hours: float = 4, patient: bool = False) -> None:
        """Sweep and answer until nothing is live (or `until` holds), jumping over every wait.

        After `hours` of the studio's time it is an error, or the end when `patient`.
        """
        last = timezone.now() + timedelta(hours=hours)
        done = until or quiet
        while not done():
            self.round()
            if done():
                return
            if timezone.now() > last:
                assert patient, f"not done after {hours} h: {stands()}"
                return
            self.jump(next_due())

    def jump(self, seconds: float) -> None:
        """Let time pass on both sides, and what the fake does in it happen."""
        self.clock.shift(seconds)
        self.fal.control(advance=seconds)
        self.settle()

    def settle(self) -> None:
        """Wait until the fake has drawn what is due and delivered its webhooks."""
        fake = self.fal.fake

        async def quiet_fake() -> None:
            for _ in range(3):
                await asyncio.sleep(0.001)
            while pending := {*fake.queue._tasks, *fake.hooks._tasks}:
                await asyncio.wait(pending)
                await asyncio.sleep(0.001)

        asyncio.run_coroutine_threadsafe(quiet_fake(), self.fal._loop).result(30)

    # --- Judge ---

    def totals(self) -> dict[str, Any]:
        """Of the fake's own ledger: how many posts it saw, calls it accepted, results it billed; dollars billed."""
        return self.fal.ledger()["totals"]

    @property
    def accepted(self) -> int:
        return int(self.totals()["accepted"])

    @property
    def posts(self) -> int:
        return int(self.totals()["post"])

    @property
    def billed_micros(self) -> int:
        return int(Decimal(self.totals()["billed_usd"]) * 1_000_000)

    def settled(self, project: Project) -> None:
        """Closing check: the ledger of the fake and ours agree, and nothing is held or live."""
        project.refresh_from_db()
        assert not Job.objects.filter(state__in=LIVE_JOBS).exists(), stands()
        assert (project.held_micros, project.spent_micros) == (0, self.billed_micros)

    # --- Webhooks ---

    def hook(self, job: Job, variant: str = "", **args: Any) -> int:
        """Post the webhook the fake would send for the job through Django's own client; returns the status."""
        return post(self.letter(job, variant, **args))

    def letter(self, job: Job, variant: str = "", **args: Any) -> Letter:
        """What the fake would send now; `variant` is one of its ways to get it wrong, with its arguments."""
        theirs = self.fal.fake.queue.jobs[fresh(job).request_id or self.lost()]
        return self.fal.fake.hooks.letter(theirs, {variant: args} if variant else {})

    def lost(self) -> str:
        """The number of the newest call the fake accepted, known to us or not."""
        return str(self.fal.ledger()["accepted"][-1]["request_id"])

    def know_keys(self) -> None:
        """Fetch the keys of webhooks, as the sweep does."""
        from sequences.execution import background

        background.look_after("fal")


def post(letter: Letter) -> int:
    """Bring a webhook to the door as it is; returns the status."""
    path, headers = urlsplit(letter.url).path, dict(letter.headers)
    kind = headers.pop("content-type")
    return Client().post(path, letter.body, content_type=kind, headers=headers).status_code


def plan(**changes: Any) -> factories.Plan:
    """A shot of three seconds, as short as the model makes one, with its start frame."""
    return factories.Plan(**{"prompts": ("a pier at dawn",), "seconds": (3,), "start_frame": True, **changes})


def fresh(job: Job) -> Job:
    """The row as it is now."""
    return Job.objects.get(pk=job.pk)


def quiet() -> bool:
    """Whether nothing is live, being made, or awaited."""
    making = ArtefactState.MAKING.value
    live = Job.objects.filter(state__in=LIVE_JOBS).exists() or Job.objects.filter(late="awaited").exists()
    return not (live or Take.objects.filter(state=making).exists() or Grid.objects.filter(state=making).exists())


def next_due() -> float:
    """Seconds until anything has to be looked at, at least one."""
    now = timezone.now()
    looks = [*Job.objects.filter(look_again_at__gt=now).values_list("look_again_at", flat=True)]
    rests = [*Account.objects.filter(rest_until__gt=now).values_list("rest_until", flat=True)]
    waits = [(when - now).total_seconds() for when in (*looks, *rests)]
    return max(1.0, min(waits, default=60.0))


def stands() -> list[str]:
    """Where every job is, for a test that fails."""
    return [f"{job} {job.state} {job.error_code} {job.note} {job.error}" for job in Job.objects.all()]


def moves(job: Job) -> list[str]:
    """The states a job went through."""
    from sequences.models import Event

    return [event.now for event in Event.objects.filter(subject="job", subject_id=job.pk)]


def money(project: Project) -> tuple[int, int]:
    """Held and spent, in micro-dollars."""
    project.refresh_from_db()
    return project.held_micros, project.spent_micros


def digest(value: Any) -> str:
    """Of anything that can be written as JSON."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()
