"""Projects, grids and takes for tests, made through the verbs and the real engine on tiny pictures.

Times are seconds of the song, prices dollars. What draws (`make_grid_ready`, `make_take`) runs the sketch studio in
this process at 160 x 90; one take of two seconds needs well under a second.
"""

from __future__ import annotations

import functools
import itertools
import math
import tempfile
import time
import wave
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from PIL import Image

from sequences import execution, transitions
from sequences.models import Element, Grid, Job, Membership, Project, Sequence, SequenceElement, Take
from sequences.models.plan import Role
from sequences.orchestration import making, picking, planning, projects, shots, songs
from sequences.providers import catalogue, registry
from sequences.states import LIVE_JOBS, ArtefactState

WIDTH, HEIGHT = 160, 90
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Plan:
    """A sequence to be made: one prompt and length a shot. An empty prompt stays unwritten."""

    section: str = "Verse"
    prompts: tuple[str, ...] = ("a pier at dawn, slow push in",)
    seconds: tuple[float, ...] = (1,)
    mode: str = "multi_shot"
    solo: tuple[int, ...] = ()
    elements: tuple[str, ...] = ()
    start_frame: bool = False
    length: float = field(default=0)


def make_user(name: str | None = None, **fields: Any) -> AbstractUser:
    """A person who can sign in; `client.force_login(user)` lets them."""
    name = name or f"user{next(_numbers)}"
    user = get_user_model()(username=name, email=f"{name}@example.com", **fields)
    user.set_unusable_password()
    user.save()
    return user


def add_member(project: Project, role: Role = Role.ARTIST, name: str | None = None) -> AbstractUser:
    """One more person of the project."""
    user = make_user(name)
    Membership.objects.create(project=project, user=user, role=role)
    return user


def make_project(
    owner: AbstractUser | None = None,
    sequences: Iterable[Plan] | int = 1,
    *,
    title: str = "Night Ferry",
    budget: str = "80.00",
    song: bool = True,
    elements: Iterable[str] = (),
    **fields: Any,
) -> Project:
    """A project of tiny pictures. `sequences` are plans, or how many ready ones of one shot each to make.

    Each gets its own stretch of the song. `elements` are keys; without pictures of their own.
    """
    owner = owner or make_user()
    # tiny projects chain calls and take frames of takes too
    catalogue.override("sketch/clip", min_start_edge=64)
    plans = [Plan(section=f"Part {n + 1}") for n in range(sequences)] if isinstance(sequences, int) else list(sequences)
    asked = {"width": WIDTH, "height": HEIGHT, "rate": "24", "grid": "1x1", "client": "Halogen Coast", **fields}
    project = projects.new_project(actor=owner, title=title, budget=budget, **asked)
    for position, key in enumerate(elements):
        Element.objects.create(project=project, key=key, name=key.title(), description=f"a {key}", position=position)
    at = 0.0
    for plan in plans:
        make_sequence(project, plan, at)
        at += _length(plan)
    if song:
        songs.upload_song(actor=None, project=project, upload=song_file(max(2, math.ceil(at))))
    return Project.objects.get(pk=project.pk)


def _length(plan: Plan) -> float:
    return plan.length or float(sum(plan.seconds)) or 4.0


def make_sequence(project: Project, plan: Plan | None = None, at: float = 0.0) -> Sequence:
    """One sequence with its shots, from second `at` of the song."""
    plan = plan or Plan()
    sequence = planning.add_sequence(
        actor=None, project=project, start=at, end=at + _length(plan), section=plan.section, mode=plan.mode
    )
    for number, (prompt, seconds) in enumerate(zip(plan.prompts, plan.seconds, strict=True), start=1):
        shots.add_shot(actor=None, sequence=sequence, prompt=prompt, seconds=seconds, solo=number in plan.solo)
    for position, key in enumerate(plan.elements):
        element = Element.objects.get(project=project, key=key)
        SequenceElement.objects.create(sequence=sequence, element=element, position=position)
    if plan.start_frame:
        make_start_frame(sequence)
    return sequence


def sequence_of(project: Project, code: str = "SEQ01") -> Sequence:
    """A sequence by its code."""
    return project.sequences.get(code=code)


def make_start_frame(sequence: Sequence) -> Any:
    """Set an uploaded start frame; quick, nothing is drawn."""
    return picking.upload_start_frame(actor=None, sequence=sequence, upload=picture_file())


def make_grid_ready(sequence: Sequence, layout: str = "1x1") -> Grid:
    """A drawn grid that waits for a pick."""
    with small_grids():
        grid = making.explore(actor=None, sequence=sequence, layout=layout)[0]
        run(Job.objects.filter(grid=grid))
    grid.refresh_from_db()
    return grid


def make_take(sequence: Sequence, state: str = "waiting", why: str = "", **asked: Any) -> Take:
    """A take that is `making` (asked for only), `waiting`, `approved`, `rejected` or `failed`, by the real engine.

    A sequence without a start frame gets one. `asked` goes to `request_takes` (mode, seed, model).
    """
    if not sequence.start_frames.filter(state="approved").exists():
        make_start_frame(sequence)
    if state == "failed":
        with faults("moderation"):
            return _drawn(sequence, asked)
    if state == "making":
        return making.request_takes(actor=None, sequences=[sequence], **asked)[0]
    take = _drawn(sequence, asked)
    if state in ("approved", "rejected"):
        transitions.move(take, ArtefactState(state), why=why or state)
    return take


def _drawn(sequence: Sequence, asked: dict[str, Any]) -> Take:
    take = making.request_takes(actor=None, sequences=[sequence], **asked)[0]
    finish(take)
    return take


def finish(take: Take) -> Take:
    """Work until the take is made or has failed; its row is brought up to date."""
    _work(lambda: Take.objects.get(pk=take.pk).state != ArtefactState.MAKING)
    take.refresh_from_db()
    return take


def run(jobs: Any) -> None:
    """Work until none of the jobs is live."""
    _work(lambda: not jobs.filter(state__in=LIVE_JOBS).exists())


def _work(done: Callable[[], bool], patience: float = 30) -> None:
    """Drain, but say where things stand when that takes too long, instead of standing still."""
    until = time.monotonic() + patience

    def ended() -> bool:
        if done():
            return True
        assert time.monotonic() < until, f"not done after {patience} s: {_stands()}"
        return False

    execution.drain(ended, pause=0.05)


def _stands() -> list[str]:
    return [f"{j} {j.state} {j.note} {j.error}" for j in Job.objects.all()]


@contextmanager
def small_grids(edge: int = 640) -> Iterator[None]:
    """Grids are drawn `edge` pixels long, so that tests are quick."""
    was = catalogue.endpoint("sketch/grid").long_edge
    catalogue.override("sketch/grid", long_edge=edge)
    try:
        yield
    finally:
        catalogue.override("sketch/grid", long_edge=was)


@contextmanager
def faults(*rules: str, **options: Any) -> Iterator[None]:
    """The sketch studio goes wrong in the ways its `options` module names, like `crash:charged` or `refused@SEQ02`."""
    from sequences import offers
    from sequences.providers.sketch import Options, Sketch, parse_faults

    # a home of its own: faults are counted on disk
    home = Path(tempfile.mkdtemp(dir=settings.DATA_DIR, prefix="sketch-"))
    registry.register(Sketch(home, Path(settings.MEDIA_ROOT), Options(faults=parse_faults(rules), **options)))
    try:
        yield
    finally:
        registry.offer("sketch", offers.sketch, idempotent=True)


def priced(second: str = "0.14", picture: str = "0.04") -> None:
    """Rehearse prices in dollars a second and a picture until the test ends."""
    catalogue.override("sketch/clip", price=second)
    catalogue.override("sketch/grid", price=picture)


def song_file(seconds: int = 4) -> Path:
    """A WAV file of a tone that swells and falls, made once a run."""
    return _cached(f"song-{seconds}.wav", lambda path: _write_tone(path, seconds))


def picture_file(width: int = 640, height: int = 360) -> Path:
    """A PNG large enough to start from, made once a run."""
    return _cached(f"still-{width}x{height}.png", lambda path: _gradient(width, height).save(path))


def _gradient(width: int, height: int) -> Image.Image:
    return Image.linear_gradient("L").resize((width, height))


def _cached(name: str, write: Callable[[Path], object]) -> Path:
    path = _cache() / name
    if not path.exists():
        write(path)
    return path


@functools.cache
def _cache() -> Path:
    return Path(tempfile.mkdtemp(dir=settings.DATA_DIR, prefix="made-"))


def _write_tone(path: Path, seconds: int, rate: int = 8000) -> None:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", "not compressed"))
        n = np.arange(seconds * rate)
        file.writeframes((20000 * np.sin(n / rate) ** 2 * np.sin(n / 9)).astype("<i2").tobytes())
