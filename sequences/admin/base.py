"""What every admin page here shares: links to related rows, history that cannot be touched, verbs instead of saves."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from sequences.costs import dollars
from sequences.errors import Refusal
from sequences.providers.redact import redact
from sequences.transitions import MoveError


def link(row: Model | None, text: str = "") -> SafeString | str:
    """A link to the admin page of a row; a dash for none."""
    if row is None:
        return "–"
    try:
        url = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    except NoReverseMatch:
        return text or str(row)
    return format_html('<a href="{}">{}</a>', url, text or str(row))


def linked(field: str, heading: str = "") -> Callable[..., SafeString | str]:
    """A column that links to a related row."""

    @admin.display(description=heading or field.replace("_", " "), ordering=field)
    def column(self: Any, row: Model) -> SafeString | str:
        return link(getattr(row, field))

    return column


def money(field: str, heading: str) -> Callable[..., str]:
    """A column of micro-dollars as dollars."""

    @admin.display(description=heading, ordering=field)
    def column(self: Any, row: Model) -> str:
        return dollars(getattr(row, field))

    return column


def redacted(field: str, heading: str = "") -> Callable[..., str]:
    """A column of text or JSON that somebody else wrote: addresses without their queries, keys and tokens masked."""

    @admin.display(description=heading or field.replace("_", " "), ordering=field)
    def column(self: Any, row: Model) -> str:
        value = getattr(row, field)
        if value in (None, "", {}, []):
            return ""
        return redact(value if isinstance(value, str) else json.dumps(value, indent=1, ensure_ascii=False))

    return column


class ReadOnly(admin.ModelAdmin):
    """Rows that are looked at, never typed into: what happened, happened."""

    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        # actions ask for the change permission of the list; a single row's form stays closed
        return obj is None and super().has_change_permission(request)

    def related(self, row: Model, name: str) -> SafeString | str:
        """A link to the list of rows that belong to this one."""
        return link(getattr(row, name, None))


class ByVerb(ReadOnly):
    """Rows whose few editable fields are written by a verb, which may refuse with its sentence."""

    editable: tuple[str, ...] = ()

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return admin.ModelAdmin.has_change_permission(self, request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        names = [f.name for f in self.model._meta.fields]
        return [n for n in names if n not in self.editable]

    def write(self, request: HttpRequest, row: Any, changes: dict[str, Any]) -> None:
        """Call the verb. Raises Refusal."""
        raise Refusal(f"{type(row).__name__} is not changed here.", code="not_allowed")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        fresh = type(obj)._default_manager.get(pk=obj.pk)
        self.write(request, fresh, {name: form.cleaned_data[name] for name in form.changed_data})

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except (Refusal, MoveError) as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return HttpResponseRedirect(request.path)


def each(
    page: ReadOnly, request: HttpRequest, rows: QuerySet[Any] | Iterable[Any], verb: Callable[[Any], Any], done: str
) -> None:
    """Call a verb for every chosen row; say how many went well, and every refusal."""
    well = 0
    for row in rows:
        try:
            verb(row)
            well += 1
        except (Refusal, MoveError) as refusal:
            page.message_user(request, str(refusal), messages.ERROR)
    if well:
        page.message_user(request, f"{well} {done}.", messages.SUCCESS)
