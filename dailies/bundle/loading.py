"""Rows into the database: one transaction, numbers handed out beforehand, so that rows may refer to later ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, connection, transaction
from django.db.models import Model

from sequences.errors import Refusal
from sequences.media.checks.limits import BadLimits, Limits
from sequences.models import DayBudget, Membership, Project
from sequences.models.plan import Role
from sequences.providers import catalogue
from sequences.queries.proof import proof, totals

from .manifest import refusal
from .rows import Source
from .tables import PROJECT, tables
from .values import Ground, made

BATCH = 500


def load(
    source: Source,
    *,
    slug: str,
    owner: AbstractBaseUser | None,
    place: Callable[[], None],
    first: Callable[[Project], None] = lambda project: None,
    last: Callable[[Project, Ground], None] = lambda project, ground: None,
) -> Project:
    """Write a project with all its rows; `place` gives its files their folder as soon as its name is taken.

    `first` may change the project before it is written, `last` adds rows of its own. Raises Refusal: the slug is
    taken, rows that do not go together.
    """
    try:
        with transaction.atomic():
            project = _project(source, slug, first)
            place()
            ground = _ground(source, project)
            for label in tables():
                if label != PROJECT:
                    _insert(label, (made(label, row, ground) for row in source.rows(label)), ground)
            if owner is not None:
                Membership.objects.create(project=project, user_id=owner.pk, role=Role.OWNER)
            last(project, ground)
            _count_money(project)
    except IntegrityError as error:
        raise refusal(f"Its rows do not go together: {str(error).splitlines()[0][:160]}.") from error
    return project


def _project(source: Source, slug: str, first: Callable[[Project], None]) -> Project:
    """The project's row. While it is not committed, nobody else can take its name."""
    row = next(iter(source.rows(PROJECT)))
    project = made(PROJECT, row, Ground(f"projects/{slug}/", 0, {}))
    assert isinstance(project, Project), "the table says so"
    _fits(project)
    project.slug = slug
    first(project)
    try:
        with transaction.atomic():
            # raw: moments stay as they were
            project.save_base(raw=True, force_insert=True)
    except IntegrityError as error:
        if not Project.objects.filter(slug=slug).exists():
            raise
        raise taken(slug) from error
    return project


def _fits(project: Project) -> None:
    """Raises Refusal for a project this studio could not work on."""
    known = sorted({e.provider for e in catalogue.endpoints()})
    if project.provider not in known:
        raise refusal(f"Its provider is {project.provider[:40]!r}; this studio has {', '.join(known)}.")
    try:
        Limits.from_dict(project.check_limits)
    except (BadLimits, TypeError, ValueError, AttributeError) as error:
        raise refusal(f"Its check limits are none: {error}") from None


def taken(slug: str) -> Refusal:
    """The sentence for a slug that is in use."""
    return Refusal(
        f"There is a project {slug} already; choose another slug for this one.", code="slug_taken", where="slug"
    )


def _ground(source: Source, project: Project) -> Ground:
    ids: dict[str, Sequence[int]] = {
        label: _reserved(model, source.counts.get(label, 0)) for label, model in tables().items() if label != PROJECT
    }
    ids[PROJECT] = [project.pk]
    user = get_user_model()
    people = dict(user._default_manager.values_list(user.USERNAME_FIELD, "pk"))
    return Ground(f"projects/{project.slug}/", project.pk, ids, people)


def _reserved(model: type[Model], many: int) -> Sequence[int]:
    """Primary keys that nobody else is given, in rising order."""
    if not many:
        return ()
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                [connection.ops.quote_name(table), many],
            )
            return sorted(row[0] for row in cursor.fetchall())
        # SQLite has one writer, and it is us
        cursor.execute("SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence WHERE name = %s", [table])
        start = cursor.fetchone()[0] + 1
    return range(start, start + many)


def _insert(label: str, rows: Iterator[Model], ground: Ground) -> None:
    model = tables()[label]
    fields = model._meta.concrete_fields
    ids = iter(ground.ids[label])
    while batch := list(islice(rows, _most(fields))):
        for row in batch:
            row.pk = next(ids)
        # raw: moments stay as they were, where bulk_create would set them to now
        insert = model._base_manager._insert  # type: ignore[attr-defined]  # the stubs leave this door of Django's out
        insert(batch, fields=fields, using=connection.alias, raw=True)


def _most(fields: Iterable[Any]) -> int:
    """Rows of one statement: a database takes only so many values at once."""
    allowed = connection.features.max_query_params or 30_000
    return max(1, min(BATCH, allowed // max(1, len(list(fields)))))


def _count_money(project: Project) -> None:
    """Counters from the ledger: what was spent stays spent, and nothing is held. Raises Refusal."""
    (held, spent), days = totals(project)
    if held:
        raise refusal("Money is still held for some of its calls; a bundle holds none in flight.")
    over = max(project.overrun_micros, spent - project.cap_micros)
    Project.objects.filter(pk=project.pk).update(spent_micros=spent, overrun_micros=over)
    for day in DayBudget.objects.filter(project=project):
        paid = days.get(day.day, (0, 0))[1]
        passed = 0 if day.cap_micros is None else max(day.overrun_micros, paid - day.cap_micros)
        DayBudget.objects.filter(pk=day.pk).update(spent_micros=paid, overrun_micros=passed)
    if wrong := proof(project):
        raise refusal(f"Its money does not add up. {wrong[0]}")
    project.refresh_from_db()
