"""Batches: one order over a selection, asked for item by item. A refused item never undoes a paid one.

The batch and what it promises are written first; then every item is a transaction of its own. Whoever is killed in the
middle leaves items that were not asked for yet: the same key, or `continue_batch`, goes on with exactly those.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from sequences import costs, prices
from sequences.errors import Refusal
from sequences.models import Batch, BatchItem, Job, Project, Take
from sequences.models import Sequence as SequenceRow
from sequences.queries import load
from sequences.queries.batches import CALLED_OFF, PAUSED, still_open, unsent

from . import takes as building
from ._jobs import DAY, form_key, next_number
from ._rules import MAKERS, locked, require
from .admitting import HAS, Admission, admission
from .making import lock, ring_jobs, ring_takes
from .quoting import Quote, quote

Actor = AbstractBaseUser | None


def request_batch(
    *,
    actor: Actor,
    project: Project,
    sequences: Sequence[SequenceRow] | None = None,
    takes: int = 1,
    mode: str | None = None,
    model: str | None = None,
    seed: int | None = None,
    again: bool = False,
    key: str | None = None,
    shown_price: int | None = None,
) -> Batch:
    """Ask for `takes` takes of each sequence (of all that are ready when none is named): one price, a result for each.

    What has a take already is left out unless `again`; what is blocked is kept with its reasons as a refused item.
    `shown_price` is the total the person saw, in micro-dollars. Raises Refusal before anything is asked for: nothing
    can be, a price is unknown or has changed, over a cap. The same key asks once, and goes on with what a killed
    process left.
    """
    require(actor, project, *MAKERS)
    if sequences is not None and not sequences:
        raise Refusal("No sequence was named; name one or more, or ask for those that are ready.", where="sequences")
    key = form_key(key)
    batch = project.batches.filter(request_key=key).first()
    if batch is None:
        prices.sync(now=True)
        asked_at = timezone.now()
        found = admission(project=project, sequences=sequences, takes=takes, mode=mode, model=model, again=again)
        let_through(found, shown_price)
        chosen = {"model": model or "", "mode": mode or "", "seed": seed}
        batch = _promise(actor, found, chosen, key, asked_at)
    _ask(actor, batch)
    return batch


def continue_batch(*, actor: Actor, batch: Batch) -> Batch:
    """Ask for what was promised and not asked for yet, each at the price that was confirmed.

    Raises Refusal when nothing is missing.
    """
    require(actor, batch.project, *MAKERS)
    if not still_open(batch).exists():
        raise Refusal(f"Everything of {batch} was asked for; there is nothing to go on with.", code="not_allowed",
                      where=str(batch))  # fmt: skip
    prices.sync(now=True)
    _ask(actor, batch)
    return batch


def let_through(found: Admission, shown_price: int | None = None) -> int:
    """What may be asked for, in micro-dollars. Raises Refusal with every reason, or says that the price is unknown or
    has changed."""
    if not found.passing:
        why = "\n".join(found.reasons) or "No sequence is ready; there is nothing to ask for."
        raise Refusal(why, code="no_price" if found.unpriced else "not_ready", where="sequences")
    if found.total is None:
        raise Refusal("\n".join(found.reasons), code="no_price", where="model")
    if shown_price is not None and shown_price != found.total:
        raise Refusal(
            f"The price is {costs.dollars(found.total)} now, not {costs.dollars(shown_price)}; look again and confirm.",
            code="price_changed",
            where="price",
        )
    if found.refused:
        raise Refusal("\n".join(found.reasons), code=found.refused.code, where=found.refused.where)
    return found.total


def _promise(actor: Actor, found: Admission, chosen: dict[str, Any], key: str, asked_at: datetime) -> Batch:
    """The batch and one row for each take it will ask for, before any is; whoever was first with the key wins."""
    with transaction.atomic():
        project = locked(found.project)
        there = project.batches.filter(request_key=key).first()
        if there is not None:
            return there
        batch = Batch.objects.create(
            project=project,
            number=next_number(project.batches),
            request_key=key,
            takes=found.takes,
            **chosen,
            price_micros=found.total or 0,
            created_by_id=actor.pk if actor else None,
        )
        # what was asked for elsewhere since the price was told counts as there
        Batch.objects.filter(pk=batch.pk).update(created_at=asked_at)
        batch.created_at = asked_at
        BatchItem.objects.bulk_create(_items(batch, found))
    return batch


def _items(batch: Batch, found: Admission) -> Iterator[BatchItem]:
    for answer in found.answers:
        row = answer.facts.sequence
        if answer.outcome == "pass":
            for nth in range(1, found.takes + 1):
                yield BatchItem(batch=batch, sequence=row, nth=nth, price_micros=answer.price or 0)
        elif answer.outcome == "blocked":
            yield BatchItem(batch=batch, sequence=row, refusal=" ".join(answer.reasons))


def _ask(actor: Actor, batch: Batch) -> None:
    """Ask for every item that has no outcome yet, each in its own transaction."""
    rows = still_open(batch).select_related("sequence__project").order_by("sequence__start", "sequence_id", "nth")
    for _, group in groupby(rows, key=lambda item: item.sequence_id):
        items = list(group)
        try:
            asked = _quoted(batch, items[0].sequence)
        except Refusal as refusal:
            _refuse(items, refusal)
            continue
        for item in items:
            _ask_one(actor, batch, item, asked)


def _quoted(batch: Batch, row: SequenceRow) -> Quote:
    """Raises Refusal with every reason why it cannot be asked for now."""
    if row.deleted_at is not None:
        raise Refusal(f"{row.code} was deleted.", code="not_found", where=row.code)
    asked = quote(load(row.project, [row])[0], mode=batch.mode or None, model=batch.model or None)
    if asked.problems:
        raise Refusal(" ".join(asked.problems), code="not_ready", where=row.code)
    if asked.price is None:
        raise prices.refusal(asked.unpriced or asked.endpoint)
    return asked


def _refuse(items: Sequence[BatchItem], refusal: Refusal) -> None:
    said = " ".join(str(refusal).splitlines())
    BatchItem.objects.filter(pk__in=[i.pk for i in items], take=None, refusal="").update(refusal=said)


def _ask_one(actor: Actor, batch: Batch, item: BatchItem, asked: Quote) -> None:
    """One take with its hold, its jobs and its item, or the sentence why there is none."""
    try:
        with transaction.atomic():
            lock([asked])
            row = BatchItem.objects.select_for_update().get(pk=item.pk)
            if row.take_id or row.refusal:
                return
            _as_confirmed(batch, row, asked)
            take = building.create_take(actor, asked, batch.seed, f"{batch.request_key}:{row.nth}", row.nth)
            row.take = take
            row.save(update_fields=["take"])
    except Refusal as refusal:
        _refuse([item], refusal)
        return
    ring_takes([take])


def _as_confirmed(batch: Batch, item: BatchItem, asked: Quote) -> None:
    """Raises Refusal when the price is another one, or somebody else asked for a take of this sequence meanwhile."""
    if asked.price != item.price_micros:
        raise Refusal(
            f"The price is {costs.dollars(asked.price)} now, not {costs.dollars(item.price_micros)}.",
            code="price_changed",
            where="price",
        )
    others = Take.objects.filter(sequence=item.sequence_id, state__in=HAS, created_at__gte=batch.created_at)
    there = others.exclude(batch_items__batch=batch).order_by("number").first()
    if there is not None:
        raise Refusal(f"T{there.number} was asked for meanwhile and {HAS[there.state]}.", code="not_allowed")


def pause_batch(*, actor: Actor, batch: Batch) -> Batch:
    """Send nothing more of a batch: what is with a provider goes on, what is queued waits. Pausing twice is once.

    Raises Refusal when everything of it was sent.
    """
    require(actor, batch.project, *MAKERS)
    with transaction.atomic():
        row = Batch.objects.select_for_update().get(pk=batch.pk)
        waiting = unsent(row)
        if row.paused_at is None:
            if not waiting.exists() and not still_open(row).exists():
                raise Refusal(f"Everything of {row} was sent; there is nothing to pause.", code="not_allowed",
                              where=str(row))  # fmt: skip
            row.paused_at, row.paused_by_id = timezone.now(), actor.pk if actor else None
            row.save(update_fields=["paused_at", "paused_by"])
        waiting.update(note=PAUSED)
    return row


def resume_batch(*, actor: Actor, batch: Batch) -> Batch:
    """Send on what was held back. Resuming twice is once."""
    require(actor, batch.project, *MAKERS)
    with transaction.atomic():
        row = Batch.objects.select_for_update().get(pk=batch.pk)
        waiting = list(unsent(row))
        if row.paused_at is not None:
            _go_on(row)
    ring_jobs(waiting)
    return row


def _go_on(row: Batch) -> None:
    """Take the pause away; the time it lasted counts for nobody."""
    now = timezone.now()
    row.paused_at = row.paused_by = None
    row.save(update_fields=["paused_at", "paused_by"])
    unsent(row).update(note="", look_again_at=now, deadline=now + DAY)


def cancel_batch(*, actor: Actor, batch: Batch) -> int:
    """Call off whatever of a batch was not sent, asked for or not, and end its pause; returns how many calls and takes
    that were. What is with a provider goes on and is kept.

    Raises Refusal when everything of it was sent.
    """
    require(actor, batch.project, *MAKERS)
    with transaction.atomic():
        row = Batch.objects.select_for_update().get(pk=batch.pk)
        waiting = list(unsent(row))
        left = still_open(row).update(refusal=CALLED_OFF)
        stopped = Job.objects.filter(pk__in=[j.pk for j in waiting]).update(
            cancel_asked=True, look_again_at=timezone.now(), note=""
        )
        if not stopped and not left and row.paused_at is None:
            raise Refusal(f"Everything of {row} was sent; there is nothing to call off.", code="not_allowed",
                          where=str(row))  # fmt: skip
        if row.paused_at is not None:
            _go_on(row)
    ring_jobs(waiting)
    return stopped + left


__all__ = ["cancel_batch", "continue_batch", "let_through", "pause_batch", "request_batch", "resume_batch"]
