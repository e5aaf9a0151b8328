"""Projects, their limits and budget, and who works on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.utils.text import slugify

from sequences.errors import Refusal
from sequences.media.checks.limits import BadLimits, Limits
from sequences.models import Membership, Project
from sequences.models.plan import Role
from sequences.planfile import PlanProject, money_text

from . import _checks as checks
from ._rules import MAKERS, OWNERS, locked, require, role_of
from ._uploads import Upload
from .songs import keep_song, set_song

Actor = AbstractBaseUser | None


def new_project(
    *,
    actor: Actor,
    title: str,
    slug: str | None = None,
    client: str = "",
    width: int = 1280,
    height: int = 720,
    rate: str = "24",
    budget: Decimal | str | int = "0",
    provider: str = "sketch",
    model: str = "",
    grid: str = "2x2",
    song: Upload | None = None,
    owner: Actor = None,
) -> Project:
    """Create a project; `owner` (else the actor) becomes its first owner. Without `slug` the title makes one.

    Width and height in pixels, budget in dollars; with `song` it has its song from the start. Raises Refusal: wrong
    values, `slug_taken`, `bad_song`.
    """
    values = checks.project_values(
        {
            "slug": slug or free_slug(title), "title": title, "client": client, "width": width, "height": height,
            "rate": rate, "budget": budget, "provider": provider, "model": model, "grid": grid,
        }
    )  # fmt: skip
    if Project.objects.filter(slug=values.slug).exists():
        raise _taken(values.slug)
    kept = keep_song(Project(slug=values.slug), song) if song else None
    try:
        with transaction.atomic():
            project = create_project(values, owner or actor)
            if kept:
                set_song(project, kept)
                project.song_file = kept.name
                project.save(update_fields=["song_file"])
            return project
    except IntegrityError:
        raise _taken(values.slug) from None


def _taken(slug: str) -> Refusal:
    return Refusal(f"There is a project {slug} already; choose another slug.", code="slug_taken", where="slug")


def create_project(values: PlanProject, owner: Actor) -> Project:
    """The rows of a new project, inside the caller's transaction."""
    project = Project(slug=values.slug)
    assign(project, values)
    project.cap_micros = checks.micros(values.budget)
    project.save(force_insert=True)
    if owner is not None:
        Membership.objects.create(project=project, user_id=owner.pk, role=Role.OWNER)
    return project


def assign(project: Project, values: PlanProject) -> None:
    """Set every field but the slug, which is the project's identity, and the budget, which has its own verb."""
    for field in ("title", "client", "width", "height", "rate", "provider", "model", "grid"):
        setattr(project, field, getattr(values, field))


def plan_values(project: Project) -> PlanProject:
    """The project as its plan file says it."""
    return PlanProject(
        slug=project.slug, title=project.title, client=project.client, width=project.width,
        height=project.height, rate=project.rate, budget=Decimal(project.cap_micros) / checks.MICRO,
        provider=project.provider, model=project.model, grid=project.grid,
    )  # fmt: skip


def edit_project(*, actor: Actor, project: Project, **changes: Any) -> Project:
    """Change fields of a project: title, client, width, height, rate, provider, model, grid_model, grid, slate.

    The slug stays; the budget has its own verb. Takes that exist keep the size and rate they were made with.
    Raises Refusal.
    """
    require(actor, project, *OWNERS)
    if barred := sorted({"slug", "budget"} & set(changes)):
        raise Refusal(f"{' and '.join(barred)} cannot be changed here.", code="not_allowed", where=barred[0])
    slate, grid_model = changes.pop("slate", None), changes.pop("grid_model", None)
    with transaction.atomic():
        row = locked(project)
        kept = asdict(plan_values(row)) | {"budget": money_text(plan_values(row).budget)}
        assign(row, checks.project_values(kept | changes))
        row.grid_model = row.grid_model if grid_model is None else grid_model.strip()
        if wrong := checks.grid_model_problem(row.provider, row.grid_model, row.grid):
            raise Refusal(wrong, where="grid_model")
        row.slate = row.slate if slate is None else bool(slate)
        row.save()
    return row


def set_check_limits(*, actor: Actor, project: Project, limits: Mapping[str, Any]) -> Project:
    """Change limits of the automatic checks; what is not named stays. Raises Refusal naming the first bad one."""
    require(actor, project, *MAKERS)
    with transaction.atomic():
        row = locked(project)
        try:
            row.check_limits = Limits.from_dict({**row.check_limits, **limits}).to_dict()
        except BadLimits as error:
            raise Refusal(str(error), where="check limits") from error
        row.save(update_fields=["check_limits"])
    return row


def add_member(*, actor: Actor, project: Project, user: AbstractBaseUser, role: str = Role.ARTIST) -> Membership:
    """Let a person in. Raises Refusal when they are in already."""
    require(actor, project, *OWNERS)
    wanted = _role(role)
    with transaction.atomic():
        locked(project)
        if (found := role_of(user, project)) is not None:
            raise Refusal(f"{user} is in {project.title} already, as {found.value}.", where="user")
        return Membership.objects.create(project=project, user_id=user.pk, role=wanted)


def change_role(*, actor: Actor, project: Project, user: AbstractBaseUser, role: str) -> Membership:
    """Give a member another role. Raises Refusal; the last owner stays one."""
    require(actor, project, *OWNERS)
    wanted = _role(role)
    with transaction.atomic():
        locked(project)
        row = _member(project, user)
        if wanted != Role.OWNER:
            _not_the_last_owner(row)
        row.role = wanted
        row.save(update_fields=["role"])
    return row


def remove_member(*, actor: Actor, project: Project, user: AbstractBaseUser) -> None:
    """Take a person out; anyone may leave by themselves. Raises Refusal; the last owner stays."""
    leaves = actor is not None and actor.pk == user.pk
    require(actor, project, *(() if leaves else OWNERS))
    with transaction.atomic():
        locked(project)
        row = _member(project, user)
        _not_the_last_owner(row)
        row.delete()


def free_slug(title: str) -> str:
    """The slug a title makes, with a number behind it when that is taken."""
    base = slugify(title)[:70].strip("-_").replace("_", "-") or "project"
    taken = set(Project.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    names = (base if n == 1 else f"{base}-{n}" for n in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)


def _role(role: str) -> Role:
    try:
        return Role(role)
    except ValueError:
        known = ", ".join(r.value for r in Role)
        raise Refusal(f'There is no role "{role}"; use one of {known}.', where="role") from None


def _member(project: Project, user: AbstractBaseUser) -> Membership:
    if row := Membership.objects.filter(project=project, user_id=user.pk).first():
        return row
    raise Refusal(f"{user} is not in {project.title}.", code="not_found", where="user")


def _not_the_last_owner(row: Membership) -> None:
    owners = Membership.objects.filter(project=row.project, role=Role.OWNER)
    if row.role == Role.OWNER and not owners.exclude(pk=row.pk).exists():
        raise Refusal(
            f"{row.user} is the only owner of {row.project.title}; make somebody else owner first.",
            code="last_owner",
            where="user",
        )
