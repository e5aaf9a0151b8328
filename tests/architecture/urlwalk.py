"""Every address of the studio, filled in with a real project. A new address is walked the day it is born."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.urls import URLPattern, URLResolver, get_resolver

from dailies import review
from sequences import orchestration, storage
from sequences.models import Project, Take
from sequences.models.plan import Role
from tests import factories

# the same for everybody, signed in or not
PUBLIC = {"up", "favicon", "login", "sign-in", "webhook"}
# for whoever is signed in: they name no project
PERSONAL = {
    "logout", "projects", "project_new", "project_slug", "project_import", "project_import_check", "theme",
    "bundle_import",
}  # fmt: skip


# `<int:number>` of a path, `(?P<url>.*)` of an expression
ARGUMENT = re.compile(r"(?:\(\?P)?<(?:\w+:)?(\w+)>(?:[^()/]*\))?")


@dataclass(frozen=True)
class Address:
    """One url pattern: its name, its path with a value for every argument, and whether it is inside a project."""

    name: str
    path: str
    arguments: frozenset[str]

    @property
    def admin(self) -> bool:
        """Whether it is a page of the admin."""
        return self.path.startswith("/admin/")

    @property
    def of_project(self) -> bool:
        """Whether it names a project."""
        return "slug" in self.arguments and not self.admin


@dataclass(frozen=True)
class World:
    """A project with one of everything, its people, and values for the arguments of addresses."""

    project: Project
    take: Take
    owner: AbstractBaseUser
    reviewer: AbstractBaseUser
    stranger: AbstractBaseUser
    values: dict[str, Any]

    def addresses(self, **other: Any) -> list[Address]:
        """All of them; `other` replaces values."""
        return [_address(p, route, {**self.values, **other}) for route, p in _patterns(get_resolver().url_patterns)]


def world() -> World:
    """Three sequences, the first with a grid, a take that waits and one that has failed, the third in a batch; an
    element with a picture."""
    owner = factories.make_user()
    plans = [
        factories.Plan(start_frame=True, elements=("mara",)),
        factories.Plan(section="Chorus"),
        factories.Plan(section="Bridge", start_frame=True),
    ]
    project = factories.make_project(owner, plans, elements=["mara"])
    sequence = factories.sequence_of(project)
    factories.make_grid_ready(sequence)
    take = factories.make_take(sequence)
    factories.make_take(sequence, "failed")
    review.judge_shots(actor=None, take=take, shots=[1], decision="redo")
    orchestration.request_batch(actor=None, project=project)
    element = project.elements.get()
    orchestration.add_pictures(actor=None, element=element, uploads=[factories.picture_file()])
    reviewer = factories.add_member(project, Role.REVIEWER)
    values = {
        "slug": project.slug,
        "code": sequence.code,
        "key": element.key,
        "number": take.number,
        "shot": 1,
        "job": take.jobs.get().pk,
        "revision": 1,
        "picture": element.images.get().pk,
        "user": factories.add_member(project).pk,
        "token": "nobody-was-given-this",
        "provider": "fal",
        "path": Path(take.file).relative_to("projects", project.slug).as_posix(),
        # of the admin
        "object_id": project.pk,
        "app_label": "sequences",
        "content_type_id": 1,
        "url": "nowhere",
        "id": project.pk,
    }
    assert storage.absolute(take.file).exists()
    return World(project, take, owner, reviewer, factories.make_user(), values)


def _patterns(found: list[URLPattern | URLResolver], before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in found:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _patterns(pattern.url_patterns, route)
        else:
            yield route, pattern


def _address(pattern: URLPattern, route: str, values: dict[str, Any]) -> Address:
    """Raises AssertionError for an argument the walk has no value for."""
    name, arguments = pattern.name or route, frozenset(ARGUMENT.findall(route))
    missing = sorted(arguments - set(values))
    assert not missing, f"the walk has no value for {', '.join(missing)} of the address {name} ({route})"
    plain = route.translate({ord("^"): None, ord("$"): None})
    return Address(name, "/" + ARGUMENT.sub(lambda found: str(values[found[1]]), plain), arguments)
