"""Who may do what. Every verb asks here first, so that page and command refuse with the same sentence."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser

from sequences.errors import Refusal
from sequences.models import Membership, Project
from sequences.models.plan import Role

OWNERS = (Role.OWNER,)
MAKERS = (Role.OWNER, Role.ARTIST)
EVERYONE = (Role.OWNER, Role.ARTIST, Role.REVIEWER)


def role_of(actor: AbstractBaseUser, project: Project) -> Role | None:
    """The role of a person in a project; None for a stranger."""
    row = Membership.objects.filter(project=project, user_id=actor.pk).first()
    return Role(row.role) if row else None


def require(actor: AbstractBaseUser | None, project: Project, *roles: Role) -> None:
    """Let through members with one of `roles` (any member when none is named), operators (superusers, who
    repair in admin) and None, the machine's owner.

    Raises Refusal: `not_found` for a stranger, who is not told that the project exists, else `not_allowed`.
    """
    if actor is None or getattr(actor, "is_superuser", False):
        return
    role = role_of(actor, project)
    if role is None:
        raise Refusal(f"There is no project {project.slug}.", code="not_found", where=project.slug)
    wanted = roles or EVERYONE
    if role not in wanted:
        raise Refusal(
            f"You are {_named(role)} of {project.title}; this takes {' or '.join(map(_named, wanted))}.",
            code="not_allowed",
            where=project.slug,
        )


def _named(role: Role) -> str:
    return f"{'an' if role.value[0] in 'aeiou' else 'a'} {role.value}"


def locked(project: Project) -> Project:
    """A fresh row of the project, locked until the transaction ends: changes of one plan come one after another."""
    return Project.objects.select_for_update().get(pk=project.pk)
