"""Find whatever is due by looking at the rows: with this alone, and no broker, every job still finishes."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from sequences.models import Job, Take
from sequences.states import LIVE_JOBS, ArtefactState

from .claims import proven_dead
from .wake import Wake

REST = 4


def sweep(limit: int = 200) -> list[Wake]:
    """Jobs and takes whose time has come, oldest first. Each is given a rest of some seconds, so that a busy worker is
    not rung for the same job again and again."""
    _free_the_dead()
    now = timezone.now()
    due = Job.objects.filter(state__in=LIVE_JOBS, look_again_at__lte=now).order_by("look_again_at", "id")
    jobs = list(due.values_list("pk", flat=True)[:limit])
    takes = _takes_to_finish()
    Job.objects.filter(pk__in=jobs).update(look_again_at=now + timedelta(seconds=REST))
    return [Wake("job", pk) for pk in jobs] + [Wake("take", pk) for pk in takes]


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
