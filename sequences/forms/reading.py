"""How every form of the studio is read: typed values, or a Refusal with a sentence a field."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest

from sequences.errors import Refusal


def read(form: forms.Form) -> dict[str, Any]:
    """The cleaned values. Raises Refusal with every field's sentence."""
    if form.is_valid():
        return form.cleaned_data
    said = [f"{_spoken(name)}: {error}" for name, errors in form.errors.items() for error in errors]
    raise Refusal(" ".join(said), where=next(iter(form.errors)))


def _spoken(name: str) -> str:
    return name.replace("_", " ").capitalize()


def posted(request: HttpRequest, form: type[forms.Form]) -> dict[str, Any]:
    """The cleaned values of what was posted. Raises Refusal."""
    return read(form(request.POST))


def whole(request: HttpRequest, name: str) -> int:
    """A whole number of the posted form. Raises Refusal."""
    value = request.POST.get(name, "").strip()
    if not value.isdigit():
        raise Refusal(f'{name.capitalize()} is "{value}"; it must be a whole number.', where=name)
    return int(value)


def moment(text: str, what: str) -> Decimal:
    """A time of the song as seconds: `54.5`, `0:54.5` or `1:02:03`. Raises Refusal."""
    parts = text.strip().split(":")
    try:
        numbers = [Decimal(part) for part in parts]
    except ArithmeticError:
        numbers = []
    wrong = not numbers or len(numbers) > 3 or any(not n.is_finite() or n < 0 for n in numbers)
    if wrong or any(n >= 60 for n in numbers[1:]):
        raise Refusal(f'{what.capitalize()} is "{text}"; write a time like 0:54.5 or seconds like 54.5.', where=what)
    total = Decimal(0)
    for number in numbers:
        total = total * 60 + number
    return total
