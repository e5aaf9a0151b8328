"""One answer over a selection of sequences before anything is asked for: go, confirm the price, or why not. Reads only.

Money is micro-dollars.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Literal

from django.conf import settings

from sequences import costs, prices
from sequences.callplan import Call
from sequences.errors import Refusal
from sequences.models import Project
from sequences.models import Sequence as SequenceRow
from sequences.queries import SequenceFacts, load, stage
from sequences.queries.stages import is_ready
from sequences.states import ArtefactState

from .making import MOST_TAKES
from .quoting import Quote, quote, video_endpoint

Outcome = Literal["pass", "skipped", "blocked"]
Verdict = Literal["pass", "confirm", "blocked"]
HAS = {
    ArtefactState.MAKING.value: "is being made",
    ArtefactState.WAITING.value: "waits for a verdict",
    ArtefactState.APPROVED.value: "is approved",
}
"""Takes that make another one of the same sequence more than what is missing."""


@dataclass(frozen=True)
class Answer:
    """What one sequence of a selection is told; `reasons` say why it is skipped or blocked."""

    facts: SequenceFacts
    quote: Quote | None
    outcome: Outcome
    reasons: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        """SEQ01."""
        return self.facts.sequence.code

    @property
    def price(self) -> int | None:
        """Of one take; None while it is unknown."""
        return self.quote.price if self.quote else None

    @property
    def unpriced(self) -> bool:
        """Everything is there but a price."""
        return self.outcome == "blocked" and self.quote is not None and not self.quote.problems


@dataclass(frozen=True, slots=True)
class Tier:
    """Calls of one model, size and length together. `estimate` is None while the price is unknown."""

    endpoint: str
    title: str
    size: str
    seconds: float
    calls: int
    codes: tuple[str, ...]
    estimate: int | None


@dataclass(frozen=True)
class Admission:
    """The answer over a selection: one `Answer` a sequence, and `takes` of each that passes."""

    project: Project
    answers: tuple[Answer, ...]
    takes: int

    @cached_property
    def passing(self) -> tuple[Answer, ...]:
        """What would be asked for."""
        return tuple(a for a in self.answers if a.outcome == "pass")

    @property
    def skipped(self) -> tuple[Answer, ...]:
        """What has a take already."""
        return tuple(a for a in self.answers if a.outcome == "skipped")

    @property
    def blocked(self) -> tuple[Answer, ...]:
        """What cannot be asked for."""
        return tuple(a for a in self.answers if a.outcome == "blocked")

    @property
    def unpriced(self) -> tuple[Answer, ...]:
        """What nobody knows the price of."""
        return tuple(a for a in self.answers if a.unpriced)

    @cached_property
    def tiers(self) -> tuple[Tier, ...]:
        """Everything that passes or lacks only a price, by model, size and length of call; known prices first."""
        found: dict[tuple[str, str, str, float], list[tuple[str, Call]]] = {}
        for answer in (*self.passing, *self.unpriced):
            for call in answer.quote.plan.calls if answer.quote else ():
                found.setdefault(_tier_of(answer, call), []).append((answer.code, call))
        made = [self._tier(key, calls) for key, calls in found.items()]
        return tuple(sorted(made, key=lambda tier: tier.estimate is None))

    def _tier(self, key: tuple[str, str, str, float], calls: list[tuple[str, Call]]) -> Tier:
        each = [call.price for _, call in calls]
        known = None if None in each else sum(p for p in each if p is not None) * self.takes
        codes = tuple(dict.fromkeys(code for code, _ in calls))
        return Tier(*key, calls=len(calls) * self.takes, codes=codes, estimate=known)

    @property
    def known(self) -> int:
        """What everything costs whose price is known."""
        return sum(tier.estimate or 0 for tier in self.tiers)

    @property
    def total(self) -> int | None:
        """What everything costs; None while one price is unknown."""
        return None if any(tier.estimate is None for tier in self.tiers) else self.known

    @cached_property
    def left(self) -> int:
        """What may be promised now, before this."""
        return costs.left_now(self.project)

    @property
    def after(self) -> int:
        """What is left then; below zero when it does not fit."""
        return self.left - self.known

    @property
    def short(self) -> int:
        """How much is missing; 0 when it fits."""
        return max(0, -self.after)

    @cached_property
    def refused(self) -> Refusal | None:
        """What stands against the whole: a cap, or money that does not add up."""
        return costs.refusal(self.project, self.known) if self.passing else None

    @property
    def limit(self) -> int:
        """Up to this much nothing is asked first."""
        return ask_first()

    @property
    def verdict(self) -> Verdict:
        """blocked: nothing can be asked for; confirm: look at the price first; pass: it is under the limit."""
        if not self.passing or self.refused:
            return "blocked"
        return "pass" if self.total is not None and self.total <= self.limit else "confirm"

    @property
    def may_ask(self) -> bool:
        """Whether it can be asked for as it is: not while a price is missing."""
        return self.verdict != "blocked" and self.total is not None

    @property
    def reasons(self) -> list[str]:
        """Everything that stands against it: gaps of sequences, prices nobody knows, then the cap."""
        gaps = [a for a in self.blocked if not a.unpriced]
        said = [f"{a.code}: {reason}" for a in (*gaps, *self.unpriced) for reason in a.reasons]
        if not self.passing and not self.blocked:
            said += [f"{a.code}: {reason}" for a in self.skipped for reason in a.reasons]
        return [*said, *([str(self.refused)] if self.refused else [])]

    @property
    def fitting(self) -> tuple[Answer, ...]:
        """Of what passes, as many in song order as the money left pays for."""
        out: list[Answer] = []
        left = 0 if self.refused and self.refused.code == "frozen" else self.left
        for answer in self.passing:
            cost = (answer.price or 0) * self.takes
            if cost <= left:
                left -= cost
                out.append(answer)
        return tuple(out)

    @property
    def sentence(self) -> str:
        """The answer in one sentence."""
        n, skipped = len(self.passing), len(self.skipped)
        has = f" {skipped} {'has' if skipped == 1 else 'have'} a take already." if skipped else ""
        if self.verdict == "blocked":
            return f"Blocked: nothing was started or charged.{has}"
        what = f"{n} sequence{'' if n == 1 else 's'}, {self.takes} take{'' if self.takes == 1 else 's'} each"
        if self.total is None:
            return f"Confirm: {what}; no total, because one price is not known.{has}"
        how = "under" if self.verdict == "pass" else "over"
        word = "Pass" if self.verdict == "pass" else "Confirm"
        limit = costs.dollars(self.limit)
        return f"{word}: {what}, {costs.dollars(self.total)}, {how} the ask-first limit of {limit}.{has}"


def ask_first() -> int:
    """The ask-first limit of this installation, from its settings."""
    return int(Decimal(str(settings.TAKES_ASK_FIRST)) * costs.MICROS)


def admission(
    *,
    project: Project,
    sequences: Sequence[SequenceRow] | None = None,
    takes: int = 1,
    mode: str | None = None,
    model: str | None = None,
    again: bool = False,
) -> Admission:
    """The answer over these sequences, in song order; without any named over all that are ready.

    What has a take that is being made, waits or is approved is skipped, unless `again`. Raises Refusal for a number of
    takes, a mode or a model that there is not.
    """
    if not 1 <= takes <= MOST_TAKES:
        raise Refusal(f"Takes is {takes}; ask for 1 to {MOST_TAKES} at a time.", where="takes")
    if model:
        video_endpoint(project, model)
    found = load(project, sequences)
    chosen = found if sequences is not None else [f for f in found if offered(f, again=again)]
    return weigh(project, [answer_of(f, mode=mode, model=model, again=again) for f in chosen], takes)


def weigh(project: Project, answers: Sequence[Answer], takes: int) -> Admission:
    """The answer over sequences that were asked one by one."""
    return Admission(project, tuple(answers), takes)


def offered(facts: SequenceFacts, *, again: bool = False) -> bool:
    """Whether a selection that names nobody means this sequence."""
    return stage(facts) == "ready" or (again and is_ready(facts))


def answer_of(
    facts: SequenceFacts, *, mode: str | None = None, model: str | None = None, again: bool = False
) -> Answer:
    """What one sequence is told. No query."""
    try:
        asked = quote(facts, mode=mode, model=model)
    except Refusal as refusal:
        if refusal.where == "mode":
            raise
        return Answer(facts, None, "blocked", (str(refusal),))
    has = () if again else takes_there(facts)
    if has:
        return Answer(facts, asked, "skipped", has)
    if asked.problems:
        return Answer(facts, asked, "blocked", asked.problems)
    if asked.price is None:
        return Answer(facts, asked, "blocked", (str(prices.refusal(asked.unpriced or asked.endpoint)),))
    return Answer(facts, asked, "pass")


def takes_there(facts: SequenceFacts) -> tuple[str, ...]:
    """`T2 waits for a verdict.`: the takes because of which nothing is missing."""
    return tuple(f"T{t.number} {HAS[t.state]}." for t in facts.takes if t.state in HAS)


def _tier_of(answer: Answer, call: Call) -> tuple[str, str, str, float]:
    assert answer.quote is not None, "only what is planned has calls"
    endpoint, project = answer.quote.endpoint_of(call), answer.facts.project
    size = endpoint.resolution or f"{min(project.width, project.height)}p"
    return endpoint.id, endpoint.title, size, call.seconds


__all__ = ["Admission", "Answer", "Tier", "admission", "answer_of", "ask_first", "offered", "takes_there", "weigh"]
