"""Find whatever is due by looking at the rows: with this alone, and no broker, every job still finishes."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from sequences.models import Batch, Job, Take
from sequences.providers import registry
from sequences.queries.batches import PAUSED, held_back
from sequences.states import FOLLOWED_JOBS, LIVE_JOBS, ArtefactState, JobState

from . import accounts, background
from .claims import proven_dead
from .submit import PAUSED_LOOK
from .wake import Wake

REST, MOST_REST = 4.0, 600.0  # seconds until a job is rung for again
A_SECOND = 8  # bells a worker answers: the more jobs wait, the longer each rests, or bells pile up
MOST_DOUBLED = 5  # a bell that nobody answers is rung ever more seldom, up to 32 rests apart: they lie there still


def sweep(limit: int = 200) -> list[Wake]:
    """Jobs and takes whose time has come, oldest first, but for those somebody works on. Each is given a rest, so that
    a busy worker is not rung for the same job again and again.

    Calls with a provider that sends bills are one bell for all of them; of what waits to be sent to it, only as much is
    rung for as it has room for.
    """
    _free_the_dead()
    now = timezone.now()
    _leave_paused(now)
    paid = registry.paid_names()
    followed = Q(provider__in=paid, state__in=FOLLOWED_JOBS)
    due = Job.objects.filter(state__in=LIVE_JOBS, look_again_at__lte=now).order_by("look_again_at", "id")
    # most sweeps find nothing, or one kind of thing: ask what there is before asking for each
    kinds = set(due.order_by().values_list("provider", "state").distinct())
    batched = {(name, state) for name, state in kinds if name in paid and state in FOLLOWED_JOBS}
    queued = {(name, state) for name, state in kinds if state == JobState.QUEUED}
    jobs: list[int] = []
    if kinds - batched - queued:
        sent = due.exclude(followed).exclude(state=JobState.QUEUED.value)
        jobs += sent.values_list("pk", flat=True)[:limit]
    if queued:
        jobs += _to_send(due.filter(state=JobState.QUEUED.value), limit)
    takes = _takes_to_finish()
    if jobs:
        _rest(jobs, now)
    late = Job.objects.filter(late="awaited", look_again_at__lte=now).values_list("pk", flat=True)
    return [
        *([Wake("follow")] if batched else []),
        *(Wake("job", pk) for pk in jobs),
        *(Wake("take", pk) for pk in takes),
        *(Wake("late", pk) for pk in late[:limit]),
        *(Wake("account", name=name) for name in paid if background.due(name)),
    ]


_unanswered: dict[str, tuple[int, int]] = {}
"""By a job's token: its epoch when it was rung for, and how often since without anybody claiming it. Of this process
only: what it forgets costs a bell too many."""


def _rest(jobs: list[int], now: datetime) -> None:
    """Let jobs that are rung for rest: longer the more wait, and twice as long each time nobody has answered."""
    waiting = Job.objects.filter(state__in=[s for s in LIVE_JOBS if s not in FOLLOWED_JOBS]).count() if jobs else 0
    rest = min(MOST_REST, max(REST, waiting / A_SECOND))
    rows = Job.objects.filter(pk__in=jobs)
    by_times: dict[int, list[int]] = {}
    rung = {}
    for pk, token, epoch in rows.values_list("pk", "token", "epoch"):
        before = _unanswered.get(token)
        times = min(before[1] + 1, MOST_DOUBLED) if before and before[0] == epoch else 0
        rung[token] = (epoch, times)
        by_times.setdefault(times, []).append(pk)
    for times, some in by_times.items():
        rows.filter(pk__in=some).update(look_again_at=now + timedelta(seconds=min(MOST_REST, rest * 2**times)))
    _remember(rung)


def _remember(rung: dict[str, tuple[int, int]]) -> None:
    if len(_unanswered) > 20_000:  # jobs that ended long ago
        _unanswered.clear()
    _unanswered.update(rung)


def _to_send(queued: QuerySet[Job], limit: int) -> list[int]:
    """Of what waits to be sent: what was cancelled, and of each provider as much as it takes now. A call that goes on
    from another one waits for its end; the others keep their place in the line."""
    ripe = queued.filter(Q(after__isnull=True) | Q(after__finished_at__isnull=False), cancel_asked=False)
    out = list(queued.filter(cancel_asked=True).values_list("pk", flat=True)[:limit])
    for name in ripe.order_by().values_list("provider", flat=True).distinct():
        most = min(limit, accounts.free_places(name))
        out += ripe.filter(provider=name).values_list("pk", flat=True)[: max(0, int(most))]
    return out


def _leave_paused(now: datetime) -> None:
    """Calls whose batch is paused are not rung for: they would take the places of those that may be sent. One that
    can never be sent, because the call before it failed, is."""
    if Batch.objects.filter(paused_at__isnull=False).exists():
        due = Job.objects.filter(held_back(), state=JobState.QUEUED.value, look_again_at__lte=now, cancel_asked=False)
        due = due.filter(Q(after=None) | Q(after__finished_at=None) | Q(after__state=JobState.DONE.value))
        due.update(look_again_at=now + timedelta(seconds=PAUSED_LOOK), note=PAUSED)


def _takes_to_finish() -> list[int]:
    live = Job.objects.filter(take=OuterRef("pk"), state__in=LIVE_JOBS)
    now = timezone.now()
    idle = Take.objects.filter(~Exists(live), state=ArtefactState.MAKING.value)
    return list(idle.filter(Q(lease_until=None) | Q(lease_until__lte=now)).values_list("pk", flat=True))


def _free_the_dead() -> None:
    """End leases whose holder on this machine is proven dead, so that nobody waits for them to run out."""
    now = timezone.now()
    for model in (Job, Take):
        held = model._default_manager.filter(lease_until__gt=now)
        for row in held.only("pk", "epoch", "lease_owner"):
            if proven_dead(row.lease_owner):
                same = model._default_manager.filter(pk=row.pk, epoch=row.epoch)
                again = {"look_again_at": now} if model is Job else {}
                same.update(lease_until=now, **again)
