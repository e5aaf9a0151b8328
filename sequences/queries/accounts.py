"""How the accounts of providers stand, in the sentences every door shows. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from sequences import offers
from sequences.models import Account, Job, Project
from sequences.providers import catalogue
from sequences.states import FOLLOWED_JOBS, LIVE_JOBS, JobState

WITH_PROVIDER = (*FOLLOWED_JOBS, JobState.SUBMITTING.value, JobState.UNSURE.value, JobState.READY.value)


@dataclass(frozen=True, slots=True)
class Standing:
    """One provider's account. `state` is open, resting or shut; `setup` says what it lacks here, empty when nothing.

    `waiting` calls have not been sent, `away` calls are with the provider or on their way back.
    """

    provider: str
    state: str
    why: str
    since: datetime | None
    until: datetime | None
    setup: str
    waiting: int
    away: int

    @property
    def is_open(self) -> bool:
        """Whether calls are sent."""
        return self.state == "open"

    @property
    def headline(self) -> str:
        """What is so, in a few words."""
        if self.state == "shut":
            return f"{self.provider} is closed."
        if self.state == "resting":
            return f"{self.provider} rests."
        return f"{self.provider} is open." if not self.setup else f"{self.provider} {self.setup}."

    @property
    def cause(self) -> str:
        """What happened, as a sentence; empty for an open account."""
        if self.is_open or not self.why:
            return ""
        return self.why if self.why.endswith((".", "!", "?")) else f"{self.why}."

    @property
    def goes_on(self) -> str:
        """What waits, what goes on all the same; empty for an open account."""
        if self.is_open:
            return ""
        waits = f"{_calls(self.waiting)} for it" if self.waiting else "New calls wait"
        return f"Nothing is sent to it: {waits[0].lower()}{waits[1:]}. What it has already is followed and collected."

    @property
    def way_on(self) -> str:
        """What ends it."""
        if self.state == "shut":
            return "It stays closed until a project owner or an operator opens it."
        return "It is tried again by itself." if self.state == "resting" else ""

    @property
    def said(self) -> str:
        """All of it."""
        return " ".join(part for part in (self.headline, self.cause, self.goes_on, self.way_on) if part)


def _calls(number: int) -> str:
    return f"{number} call{'' if number == 1 else 's'} wait{'s' if number == 1 else ''}"


def standings(names: Iterable[str] | None = None) -> list[Standing]:
    """Accounts of these providers, else of all the catalogue knows, by name. Two queries."""
    wanted = sorted(set(names) if names is not None else {e.provider for e in catalogue.endpoints()})
    rows = {row.provider: row for row in Account.objects.filter(provider__in=wanted)}
    live = Job.objects.filter(provider__in=wanted, state__in=LIVE_JOBS).values_list("provider", "state")
    found = list(live)
    return [_standing(rows.get(name) or Account(provider=name), [s for p, s in found if p == name]) for name in wanted]


def _standing(row: Account, states: list[str]) -> Standing:
    state = "shut" if row.shut else "resting" if row.rest_until and row.rest_until > timezone.now() else "open"
    return Standing(
        provider=row.provider,
        state=state,
        why=row.why if state != "open" else "",
        since=row.since if state != "open" else None,
        until=row.rest_until if state == "resting" else None,
        setup=offers.missing(row.provider),
        waiting=sum(s == JobState.QUEUED for s in states),
        away=sum(s in WITH_PROVIDER for s in states),
    )


def in_trouble() -> Q:
    """Accounts that nothing is sent to."""
    return Q(shut=True) | Q(rest_until__gt=timezone.now())


def counting_trouble(projects: QuerySet[Project]) -> QuerySet[Project]:
    """The same projects with `account_trouble`: whether any account is shut or rests, in the query that loads them."""
    return projects.annotate(account_trouble=Exists(Account.objects.filter(in_trouble())))


def troubled(project: Project) -> list[Standing]:
    """Accounts the project depends on, its own provider's or one with a live call of it, that nothing is sent to."""
    live = Job.objects.filter(project=project, provider=OuterRef("provider"), state__in=LIVE_JOBS)
    rows = Account.objects.filter(in_trouble()).filter(Q(provider=project.provider) | Exists(live))
    names = list(rows.values_list("provider", flat=True))
    return standings(names) if names else []


def used_by(project: Project) -> list[Standing]:
    """Accounts of the project's own provider and of every one it has asked. Four queries."""
    asked = Job.objects.filter(project=project).order_by().values_list("provider", flat=True).distinct()
    return standings({project.provider, *asked})
