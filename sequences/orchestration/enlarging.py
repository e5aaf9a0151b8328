"""Verb on a start frame that is small: have it made larger by an upscaler.

The larger one is a start frame of its own, in the making until its call has ended. It takes the place of the frame it
was made from when that one is still in use; execution does that when it brings the picture home.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from sequences import costs, offers, prices
from sequences.errors import Refusal
from sequences.models import Project, Sequence, StartFrame
from sequences.providers import catalogue, fitness
from sequences.providers.base import Picture, UpscaleRequest, to_json
from sequences.providers.catalogue import Endpoint
from sequences.states import ArtefactState
from sequences.transitions import born

from ._jobs import create_job, form_key, new_seed, next_number
from ._rules import MAKERS, require
from .making import ring_jobs

FACTORS = (2, 3, 4)
MOST_MEGAPIXELS = 64


@dataclass(frozen=True, slots=True)
class Enlargement:
    """What making a frame `factor` times larger would bring and cost. `problem` says why it cannot be asked for, empty
    when it can."""

    endpoint: Endpoint
    request: UpscaleRequest
    factor: int
    width: int
    height: int
    problem: str = ""

    @property
    def units(self) -> Decimal:
        """Megapixels of the result: what an upscaler is paid by."""
        return fitness.units(self.request)

    @property
    def price(self) -> int | None:
        """Micro-dollars, None while unknown."""
        return self.endpoint.price(self.units)

    @property
    def seconds(self) -> float:
        """How long it usually takes."""
        return self.endpoint.expected_seconds(self.units)


def upscalers(project: Project) -> list[Endpoint]:
    """What can make a picture larger here: the project's own provider's first. Only of providers that are set up."""
    prices.sync()
    known = [e for e in catalogue.endpoints(kind="upscale", enabled=True) if not offers.missing(e.provider)]
    return sorted(known, key=lambda e: e.provider != project.provider)


def upscale_endpoint(project: Project, model: str | None = None) -> Endpoint:
    """The upscaler asked for, else the first of the project's provider, else the first there is.

    Raises Refusal when there is no such endpoint, it is not enabled or set up, or it does not enlarge pictures.
    """
    known = upscalers(project)
    if not known:
        raise Refusal("No model here makes pictures larger.", code="not_found", where="model")
    found = next((e for e in known if e.id == model), None) if model else known[0]
    if found is None:
        listed = ", ".join(e.id for e in known)
        raise Refusal(f'model is "{model}"; pictures are enlarged by {listed}.', where="model")
    return found


def enlargement(frame: StartFrame, endpoint: Endpoint, factor: int, *, seed: int = 0) -> Enlargement:
    """What enlarging a frame would be. Raises Refusal for a factor nobody has. Reads only."""
    if factor not in FACTORS:
        raise Refusal(f"Factor is {factor}; it must be one of {', '.join(map(str, FACTORS))}.", where="factor")
    source = Picture(frame.file, frame.sha256, frame.width, frame.height)
    request = UpscaleRequest(endpoint.id, source, float(factor), seed)
    wide, high = frame.width * factor, frame.height * factor
    return Enlargement(endpoint, request, factor, wide, high, _problem(endpoint, request, wide, high))


def _problem(endpoint: Endpoint, request: UpscaleRequest, width: int, height: int) -> str:
    if width * height > MOST_MEGAPIXELS * fitness.MEGA:
        return (
            f"{request.factor:g} times larger is {width} × {height}, more than {MOST_MEGAPIXELS} megapixels; choose a"
            f" smaller factor."
        )
    return " ".join(map(str, fitness.problems(endpoint, request)))


def enough(width: int, height: int, least: int) -> int:
    """The smallest factor after which no edge is under `least` pixels; the largest there is when none suffices."""
    short = min(width, height)
    return next((f for f in FACTORS if short * f >= least), FACTORS[-1])


def upscale_start_frame(
    *,
    actor: AbstractBaseUser | None,
    start_frame: StartFrame,
    factor: int = 2,
    model: str | None = None,
    key: str | None = None,
    shown_price: int | None = None,
) -> StartFrame:
    """Ask for a start frame made 2, 3 or 4 times larger; the new frame is returned, in the making.

    `shown_price` is what the person saw, in micro-dollars. Raises Refusal (no picture yet, too large a result, being
    enlarged already, over budget, the price is unknown or has changed).
    """
    sequence = start_frame.sequence
    require(actor, sequence.project, *MAKERS)
    key = form_key(key)
    if known := _asked_before(sequence, key):
        return known
    prices.sync(now=True)
    asked = _admitted(start_frame, factor, model, shown_price)
    with transaction.atomic():
        Sequence.objects.select_for_update().get(pk=sequence.pk)
        known = _asked_before(sequence, key)
        made = known or _create(actor, start_frame, asked, key)
    ring_jobs(made.jobs.all())
    return made


def _asked_before(sequence: Sequence, key: str) -> StartFrame | None:
    return sequence.start_frames.filter(request_key=key).select_related("sequence__project").first()


def _admitted(frame: StartFrame, factor: int, model: str | None, shown_price: int | None) -> Enlargement:
    project = frame.sequence.project
    if not frame.file:
        raise Refusal(f"{frame} has no picture yet; wait for it.", code="not_allowed", where=str(frame))
    endpoint = upscale_endpoint(project, model)
    asked = enlargement(frame, endpoint, factor, seed=new_seed())
    if asked.problem:
        raise Refusal(asked.problem, where="factor")
    if asked.price is None:
        raise prices.refusal(endpoint)
    if shown_price is not None and shown_price != asked.price:
        raise Refusal(
            f"The price is {costs.dollars(asked.price)} now, not {costs.dollars(shown_price)}; look again and confirm.",
            code="price_changed",
            where="price",
        )
    return asked


def _create(actor: AbstractBaseUser | None, parent: StartFrame, asked: Enlargement, key: str) -> StartFrame:
    """The larger frame in the making with its job, hold and first events, inside the caller's transaction."""
    sequence = parent.sequence
    running = parent.larger.filter(state=ArtefactState.MAKING.value).first()
    if running:
        raise Refusal(f"F{parent.number} is being enlarged already, as F{running.number}; wait for it or stop it.",
                      code="not_allowed", where=str(parent))  # fmt: skip
    frame = StartFrame.objects.create(
        sequence=sequence,
        shot=parent.shot,
        use=parent.use,
        number=next_number(sequence.start_frames),
        source="upscale",
        parent=parent,
        # where it was cut stays known, so that the crop can be adjusted again
        grid=parent.grid,
        cell=parent.cell,
        box=parent.box,
        take=parent.take,
        take_frame=parent.take_frame,
        request_key=key,
        width=asked.width,
        height=asked.height,
        created_by_id=actor.pk if actor else None,
    )
    born(frame, actor=actor, why=f"{asked.factor} times {parent}")
    request = to_json(asked.request) | {"label": f"{sequence.code} F{frame.number}"}
    create_job(sequence.project, sequence, asked.endpoint, request, units=asked.units, actor=actor, start_frame=frame)
    return frame
