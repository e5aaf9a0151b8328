"""From draft to final: a take made again on another model, as it was made, one at a time or all approved drafts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from sequences import costs, offers, prices
from sequences.errors import Refusal
from sequences.models import Project, Take
from sequences.providers import catalogue
from sequences.providers.catalogue import Endpoint
from sequences.queries.drafts import approved_drafts, final_of

from . import takes as building
from ._jobs import form_key
from ._pinned import pinned_facts
from ._rules import MAKERS, require
from .making import admit, lock, ring_takes
from .quoting import Quote, quote

Actor = AbstractBaseUser | None


@dataclass(frozen=True, slots=True)
class Final:
    """A draft and what making it final would be; `problems` is empty when it can be asked for."""

    take: Take
    quote: Quote | None
    problems: tuple[str, ...]

    @property
    def price(self) -> int:
        """Micro-dollars; 0 for one that cannot be asked for."""
        return (self.quote.price or 0) if self.quote and not self.problems else 0

    @property
    def kept(self) -> str:
        """What stays as it was, in words."""
        seeded = self.quote is not None and self.quote.endpoint.takes("seed")
        return "seed, prompts, frames" if seeded else "prompts, frames; the model takes no seed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one draft of a batch: the take that was asked for, or why none was."""

    draft: Take
    made: Take | None
    refusal: str = ""


def final_models(project: Project) -> list[Endpoint]:
    """Video models that make finals and can be asked here; the project's own first, then those of its provider."""
    can = [e for e in catalogue.endpoints(kind="video", enabled=True) if not e.draft and not offers.missing(e.provider)]
    return sorted(can, key=lambda e: (e.id != project.model, e.provider != project.provider))


def final_model(project: Project, model: str | None = None) -> Endpoint:
    """The model finals go to: the one asked for, the project's, or without a setting the first that can be asked.

    Raises Refusal for one that makes drafts, or when there is none.
    """
    if model:
        try:
            found = catalogue.endpoint(model)
        except catalogue.UnknownEndpoint as error:
            raise Refusal(str(error), where="model") from None
        if found.draft:
            raise Refusal(f"{found.title} makes drafts; choose a model for finals.", where="model")
        return found
    can = final_models(project)
    if not can:
        raise Refusal(
            "No model for finals can be asked here; set a provider up first.", code="not_set_up", where="model"
        )
    return can[0]


def remake_quote(*, take: Take, model: str | None = None) -> Quote:
    """What making a take again on another model would be. Raises Refusal. Reads only."""
    if not take.file:
        raise Refusal(f"{take} is not finished; wait for it or retry it first.", code="not_allowed", where=str(take))
    return quote(pinned_facts(take), mode=take.mode, model=model)


def remake(
    *,
    actor: Actor,
    take: Take,
    model: str,
    key: str | None = None,
    shown_price: int | None = None,
) -> Take:
    """Ask for the take again on another model: same seed, prompt revisions, start frames, elements and style lines.

    The new take has this one as its parent; both stay. `shown_price` is what the person saw, in micro-dollars. Raises
    Refusal with every reason the model would not make it, over budget, or when the price has changed.
    """
    require(actor, take.sequence.project, *MAKERS)
    prices.sync(now=True)
    asked, key = remake_quote(take=take, model=model), form_key(key)
    known = _known(take, key)
    if known is not None:
        return known
    admit([asked], 1, shown_price)
    with transaction.atomic():
        lock([asked])
        known = _known(take, key)
        made = known or building.create_take(actor, asked, take.seed, f"{key}:1", 1, parent=take, remake=True)
    ring_takes([made])
    return Take.objects.select_related("sequence__project").get(pk=made.pk)


def _known(take: Take, key: str) -> Take | None:
    rows = Take.objects.filter(sequence=take.sequence_id, request_key=f"{key}:1")
    return rows.select_related("sequence__project").first()


def finals(*, project: Project, model: str | None = None) -> list[Final]:
    """Every approved draft of a project with the price of its final, in song order. Raises Refusal without a model."""
    endpoint = final_model(project, model)
    return [final(take=take, endpoint=endpoint) for take in approved_drafts(project)]


def final(*, take: Take, endpoint: Endpoint) -> Final:
    """One draft with the price of its final, or what stands against it."""
    there = final_of(take.redos.all(), take)
    if there is not None:
        return Final(take, None, (f"T{there.number} is its final already.",))
    try:
        asked = remake_quote(take=take, model=endpoint.id)
    except Refusal as refusal:
        return Final(take, None, (str(refusal),))
    problems = asked.problems or (() if asked.price is not None else (str(prices.refusal(endpoint)),))
    return Final(take, asked, tuple(problems))


def total(rows: Sequence[Final]) -> int:
    """What all that can be asked for come to, in micro-dollars."""
    return sum(row.price for row in rows)


def finalise(
    *,
    actor: Actor,
    project: Project,
    model: str | None = None,
    key: str | None = None,
    shown_price: int | None = None,
) -> list[Outcome]:
    """Make every approved draft of a project final: one price for all, a result for each.

    A draft that is refused leaves the others standing; those asked for before it are kept. `shown_price` is the total
    the person saw, in micro-dollars. Raises Refusal before anything is asked for: nothing to do, another price, over
    budget. The same key asks once.
    """
    require(actor, project, *MAKERS)
    key = form_key(key)
    earlier = Take.objects.filter(sequence__project=project, request_key=f"{key}:1").select_related(
        "parent", "sequence"
    )
    if done := [Outcome(take.parent, take) for take in earlier.order_by("sequence__start") if take.parent]:
        return done
    prices.sync(now=True)
    rows = finals(project=project, model=model)
    _admit(project, rows, shown_price)
    return [_outcome(actor, row, key) for row in rows]


def _admit(project: Project, rows: Sequence[Final], shown_price: int | None) -> None:
    if not any(not row.problems for row in rows):
        why = [f"{row.take}: {problem}" for row in rows for problem in row.problems]
        said = "\n".join(why) or "No sequence's approved take is a draft; there is nothing to make final."
        raise Refusal(said, code="not_ready", where="project")
    now = total(rows)
    if shown_price is not None and shown_price != now:
        raise Refusal(
            f"The price is {costs.dollars(now)} now, not {costs.dollars(shown_price)}; look again and confirm.",
            code="price_changed",
            where="price",
        )
    if refused := costs.refusal(project, now):
        raise refused


def _outcome(actor: Actor, row: Final, key: str) -> Outcome:
    if row.problems or row.quote is None:
        return Outcome(row.take, None, " ".join(row.problems))
    try:
        made = remake(actor=actor, take=row.take, model=row.quote.endpoint.id, key=key, shown_price=row.quote.price)
    except Refusal as refusal:
        return Outcome(row.take, None, str(refusal))
    return Outcome(row.take, made)
