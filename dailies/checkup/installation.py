"""The installation: database, migrations, broker, worker, files against rows, money, settings."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.checks import WARNING, run_checks
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Model
from django.utils import timezone

from clientvideo.celery import app
from dailies.models import Export
from sequences import costs, execution, storage
from sequences.models import Clip, ElementImage, Grid, Job, Project, Song, StartFrame, Take, TakeShot
from sequences.queries.proof import proof
from sequences.states import LIVE_JOBS

from .finding import Check, Finding

OVERDUE = timedelta(minutes=1)
DAY = 86_400.0
FILES: dict[type[Model], tuple[str, ...]] = {
    Song: ("file",),
    ElementImage: ("file",),
    Grid: ("file", "preview"),
    StartFrame: ("file",),
    Take: ("file", "poster", "strip"),
    TakeShot: ("thumb",),
    Clip: ("file", "last_frame"),
    Export: ("file",),
}


def migrations() -> Finding:
    """The tables are as this version wants them."""
    executor = MigrationExecutor(connection)
    open_ones = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not open_ones:
        return Finding(True, "Every migration is applied.")
    return Finding(False, f"{len(open_ones)} migrations are not applied.", "./run manage migrate")


def broker() -> Finding:
    """The bell rings; work goes on without it, only later."""
    try:
        with app.connection_for_write() as found:
            found.ensure_connection(max_retries=1, timeout=3, interval_start=0)
    except Exception as error:  # every broker has errors of its own
        mend = "Start it or mend CELERY_BROKER_URL. Until then the sweep finds the work, a little later."
        return Finding(False, f"The {settings.BROKER_KIND} broker does not answer: {error}", mend)
    return Finding(True, f"The {settings.BROKER_KIND} broker answers.")


def worker() -> Finding:
    """Somebody works, or nothing waits."""
    if execution.worker_lives():
        return Finding(True, "A worker is running.")
    late = Job.objects.filter(state__in=LIVE_JOBS, look_again_at__lt=timezone.now() - OVERDUE).count()
    start = "./run studio, or ./run manage sweep."
    if late:
        return Finding(False, f"{late} jobs wait and no worker is running.", start)
    return Finding(True, "No worker is running, and nothing waits for one.", start)


def overdue() -> Finding:
    """Jobs past their deadline, and those nobody knows the fate of."""
    late = Job.objects.filter(state__in=LIVE_JOBS, deadline__lt=timezone.now()).count()
    unsure = Job.objects.filter(state="unsure").count()
    if not late and not unsure:
        return Finding(True, "No job is past its deadline or unsure.")
    told = f"{late} jobs are past their deadline, {unsure} unsure."
    return Finding(False, told, "./run manage reconcile; what it leaves, settle in the admin.")


def missing_files() -> Finding:
    """Every file a row names is there."""
    gone = [name for name in _named_files() if not storage.absolute(name).is_file()]
    if not gone:
        return Finding(True, "Every file that a row names is there.")
    told = f"{len(gone)} files that rows name are missing: {', '.join(gone[:3])}{' …' if len(gone) > 3 else ''}"
    return Finding(False, told, f"Bring them back to {storage.root()}.")


def _named_files() -> Iterator[str]:
    for model, columns in FILES.items():
        for column in columns:
            kept = model._default_manager.exclude(**{column: ""})
            yield from kept.values_list(column, flat=True).iterator()


def leftovers() -> Finding:
    """Unfinished files that nobody writes any more."""
    root = storage.root()
    kept = [*root.rglob("*.part*"), *root.glob("projects/*/tmp/*")] if root.is_dir() else []
    old = {path for path in kept if path.is_file() and _age(path) > DAY}
    if not old:
        return Finding(True, "No unfinished file is lying about.")
    size = sum(path.stat().st_size for path in old) / 1e6
    some = ", ".join(sorted(path.relative_to(root).as_posix() for path in old)[:3])
    told = f"{len(old)} unfinished files, {size:.1f} MB: {some}"
    return Finding(True, told, f"Delete them below {root}; no row names them.")


def _age(path: Path) -> float:
    return time.time() - path.stat().st_mtime


def money() -> Finding:
    """The counters of every project and day are what the ledger says."""
    wrong = [found for project in Project.objects.all() for found in proof(project)]
    frozen = [p.slug for p in Project.objects.order_by("slug") if costs.frozen(p.pk)]
    if not wrong and not frozen:
        return Finding(True, "The ledger adds up.")
    slugs = sorted({found.project for found in wrong} | set(frozen))
    mend = "; ".join(f"./run manage costs --project {slug} --mend" for slug in slugs)
    told = " ".join(map(str, wrong[:5])) or f"Nothing is asked for in {', '.join(frozen)} since its figures were wrong."
    more = f" And {len(wrong) - 5} more." if len(wrong) > 5 else ""
    return Finding(False, told + more, f"The ledger itself is never changed: {mend}")


def configuration() -> Finding:
    """Settings fit the place: the deployment checks where this is production."""
    if not settings.PRODUCTION:
        return Finding(True, "Embedded studio: for this machine only, plain http on a loopback address.")
    found = [m for m in run_checks(include_deployment_checks=True) if m.level >= WARNING]
    if not found:
        return Finding(True, "The production settings pass the deployment checks.")
    told = f"{len(found)} deployment checks: {found[0].msg}"
    return Finding(False, told, "./run manage check --deploy says them all.")


INSTALLATION: dict[str, Check] = {
    "migrations": migrations,
    "broker": broker,
    "worker": worker,
    "jobs": overdue,
    "media": missing_files,
    "leftovers": leftovers,
    "ledger": money,
    "settings": configuration,
}
