"""What the workbench asks for. Rules of the plan live in the verbs; forms only read types and name the field."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest

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


def cell_texts(asked: HttpRequest) -> list[str] | None:
    """The panels' descriptions as posted, in reading order; None when the form had none."""
    return asked.POST.getlist("cell_text") if "cell_text" in asked.POST else None


class FrameForm(forms.Form):
    """A frame of a take, counted from 0; with `shot` (its id) only that shot starts from it, or ends on it when `use`
    is `end`. A list of shots gives both in one value, as `12 end`."""

    take = forms.IntegerField(min_value=1)
    frame = forms.IntegerField(min_value=0)
    shot = forms.CharField(required=False, max_length=24)
    use = forms.CharField(required=False, max_length=5)


class EnlargeForm(forms.Form):
    """A start frame, by its number, to be made larger."""

    frame = forms.IntegerField(min_value=1)
    factor = forms.IntegerField(min_value=1, max_value=99)
    model = forms.CharField(max_length=120, required=False)
    key = forms.CharField(max_length=60, required=False)
    shown_price = forms.IntegerField(min_value=0, required=False)


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


class FinalForm(forms.Form):
    """A draft, or all approved ones, to be made final on a model, at the price that was shown."""

    model = forms.CharField(max_length=120, required=False)
    key = forms.CharField(max_length=60, required=False)
    shown_price = forms.IntegerField(min_value=0, required=False)
