"""What the workbench asks for. Rules of the plan live in the verbs; forms only read types and name the field."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest

from sequences.errors import Refusal
from sequences.models.plan import Mode

MOST_SEED = 2**31 - 1


class TakeForm(forms.Form):
    """Mode, model, number of takes, seed: the choices a call plan depends on."""

    mode = forms.ChoiceField(choices=Mode.choices, required=False)
    model = forms.CharField(max_length=120, required=False)
    takes = forms.IntegerField(min_value=1, max_value=20, required=False)
    seed = forms.IntegerField(min_value=0, max_value=MOST_SEED, required=False)


class SpendForm(TakeForm):
    """The same when it is asked for: with the key that makes two clicks one, and the price that was shown."""

    key = forms.CharField(max_length=60, required=False)
    shown_price = forms.IntegerField(min_value=0, required=False)
    confirmed = forms.BooleanField(required=False)


class ExploreForm(forms.Form):
    """A grid to be drawn. Names carry `grid_`, so that they never meet those of a take."""

    grid_layout = forms.CharField(max_length=8, required=False)
    grid_prompt = forms.CharField(required=False, max_length=4000)
    grid_seed = forms.IntegerField(min_value=0, max_value=MOST_SEED, required=False)
    grid_key = forms.CharField(max_length=60, required=False)


class FrameForm(forms.Form):
    """A frame of a take, counted from 0; with `shot` (its id) only that shot starts from it."""

    take = forms.IntegerField(min_value=1)
    frame = forms.IntegerField(min_value=0)
    shot = forms.IntegerField(required=False)


class SectionForm(forms.Form):
    """Name, stretch, mode and grid prompt of a sequence. Times are written 0:54.5 or in seconds."""

    section = forms.CharField(max_length=120, required=False)
    start = forms.CharField(max_length=20)
    end = forms.CharField(max_length=20)
    section_mode = forms.ChoiceField(choices=Mode.choices)
    section_grid_prompt = forms.CharField(required=False)


class ElementForm(forms.Form):
    """An element of the project; `key` only when it is new."""

    name = forms.CharField(max_length=120)
    key = forms.CharField(max_length=40, required=False)
    kind = forms.CharField(max_length=12)
    description = forms.CharField(required=False)


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
