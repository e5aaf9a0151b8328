"""Admin of what is planned."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from sequences import orchestration
from sequences.costs import dollars
from sequences.errors import Refusal
from sequences.models import (
    Element,
    ElementImage,
    Membership,
    Project,
    PromptRevision,
    Sequence,
    SequenceElement,
    Shot,
    Song,
)

from .base import ByVerb, ReadOnly, each, linked, money


class MembershipInline(admin.TabularInline):
    """Who is in a project; changed on the Setup page or with the membership itself."""

    model = Membership
    extra = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Project)
class ProjectAdmin(ByVerb):
    """Projects; title, client and models can be mended here."""

    list_display = ("slug", "title", "client", "cap", "spent", "held", "overrun", "day_cap", "provider", "created_at")
    search_fields = ("slug", "title", "client")
    list_filter = ("provider",)
    editable = ("title", "client", "model", "grid_model", "grid", "slate")
    inlines = (MembershipInline,)
    actions = ("prove", "recount")
    cap, spent, held = money("cap_micros", "cap"), money("spent_micros", "spent"), money("held_micros", "held")
    overrun = money("overrun_micros", "overrun")

    @admin.display(description="daily cap", ordering="day_cap_micros")
    def day_cap(self, row: Project) -> str:
        """None is no cap, not an unknown one."""
        return "none" if row.day_cap_micros is None else dollars(row.day_cap_micros)

    @admin.action(description="Hold the figures against the ledger", permissions=["change"])
    def prove(self, request: HttpRequest, rows: QuerySet[Project]) -> None:
        """orchestration.prove: what is wrong is named, and freezes the project."""

        def verb(row: Project) -> None:
            if wrong := orchestration.prove(actor=request.user, project=row):  # type: ignore[arg-type]  # signed in
                raise Refusal(" ".join(map(str, wrong)), code="wrong_figures")

        each(self, request, rows, verb, "as the ledger says")

    @admin.action(description="Count the figures anew from the ledger", permissions=["change"])
    def recount(self, request: HttpRequest, rows: QuerySet[Project]) -> None:
        """orchestration.recount for each."""
        verb = partial(orchestration.recount, actor=request.user)  # type: ignore[arg-type]  # signed in
        each(self, request, rows, lambda row: verb(project=row), "counted anew")

    def write(self, request: HttpRequest, row: Project, changes: dict[str, Any]) -> None:
        orchestration.edit_project(actor=request.user, project=row, **changes)  # type: ignore[arg-type]  # signed in


@admin.register(Membership)
class MembershipAdmin(ByVerb):
    """Roles; the last owner stays."""

    list_display = ("__str__", "to_project", "role")
    list_filter = ("role",)
    search_fields = ("user__username", "project__slug", "project__title")
    list_select_related = ("user", "project")
    editable = ("role",)
    to_project = linked("project")

    def write(self, request: HttpRequest, row: Membership, changes: dict[str, Any]) -> None:
        orchestration.change_role(actor=request.user, project=row.project, user=row.user, **changes)  # type: ignore[arg-type]  # signed in


@admin.register(Song)
class SongAdmin(ReadOnly):
    """Songs."""

    list_display = ("name", "to_project", "seconds", "codec", "sample_rate")
    search_fields = ("name", "project__slug", "sha256")
    exclude = ("peaks",)
    list_select_related = ("project",)
    to_project = linked("project")


@admin.register(Sequence)
class SequenceAdmin(ByVerb):
    """Sequences; section, times, mode and grid prompt can be mended here."""

    list_display = ("code", "section", "to_project", "start", "end", "mode", "deleted_at")
    list_filter = ("mode", "project")
    search_fields = ("code", "section", "project__slug", "project__title")
    list_select_related = ("project",)
    editable = ("section", "start", "end", "mode", "grid_prompt")
    to_project = linked("project")

    def write(self, request: HttpRequest, row: Sequence, changes: dict[str, Any]) -> None:
        orchestration.edit_sequence(actor=request.user, sequence=row, **changes)  # type: ignore[arg-type]  # signed in


class RevisionInline(admin.TabularInline):
    """Every text a shot had."""

    model = PromptRevision
    extra = 0
    can_delete = False
    fields = readonly_fields = ("number", "text", "author", "source", "created_at")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Shot)
class ShotAdmin(ReadOnly):
    """Shots with their prompt revisions."""

    list_display = ("__str__", "to_sequence", "number", "seconds", "solo", "deleted_at")
    list_filter = ("solo", "sequence__project")
    search_fields = ("sequence__code", "sequence__project__slug", "revisions__text")
    list_select_related = ("sequence",)
    inlines = (RevisionInline,)
    to_sequence = linked("sequence")


@admin.register(PromptRevision)
class PromptRevisionAdmin(ReadOnly):
    """Prompt revisions: frozen."""

    list_display = ("__str__", "to_shot", "text", "author", "source", "created_at")
    search_fields = ("text", "shot__sequence__code", "source")
    list_select_related = ("shot__sequence", "author")
    to_shot = linked("shot")


@admin.register(Element)
class ElementAdmin(ByVerb):
    """Elements; name, kind and description can be mended here."""

    list_display = ("key", "name", "kind", "to_project", "deleted_at")
    list_filter = ("kind", "project")
    search_fields = ("key", "name", "description", "project__slug")
    list_select_related = ("project",)
    editable = ("name", "kind", "description")
    to_project = linked("project")

    def write(self, request: HttpRequest, row: Element, changes: dict[str, Any]) -> None:
        orchestration.edit_element(actor=request.user, element=row, **changes)  # type: ignore[arg-type]  # signed in


@admin.register(ElementImage)
class ElementImageAdmin(ReadOnly):
    """Reference pictures."""

    list_display = ("name", "to_element", "position", "width", "height")
    search_fields = ("name", "sha256", "element__key")
    list_select_related = ("element",)
    to_element = linked("element")


@admin.register(SequenceElement)
class SequenceElementAdmin(ReadOnly):
    """Priorities."""

    list_display = ("__str__", "to_sequence", "to_element", "position")
    search_fields = ("sequence__code", "element__key")
    list_select_related = ("sequence", "element")
    to_sequence, to_element = linked("sequence"), linked("element")
