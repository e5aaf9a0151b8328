"""What the picker sends: a cell with its crop, or a grid to be drawn."""

from __future__ import annotations

from django import forms

from sequences.errors import Refusal

from .bench import MOST_SEED

Box = tuple[int, int, int, int]


class PickForm(forms.Form):
    """A cell of a grid; the box is in pixels of the whole grid picture. `shot` is a shot's number, `use` says whether
    it starts from the cell or ends on it. `up` is how many times larger the crop shall be made, by `up_model` at the
    price that was shown; 1 or nothing leaves it."""

    grid = forms.IntegerField(min_value=1)
    cell = forms.IntegerField(error_messages={"required": "none was chosen; choose one of the pictures first."})
    x = forms.IntegerField(required=False)
    y = forms.IntegerField(required=False)
    w = forms.IntegerField(required=False)
    h = forms.IntegerField(required=False)
    shot = forms.IntegerField(required=False, min_value=1)
    use = forms.CharField(required=False, max_length=5)
    up = forms.IntegerField(required=False, min_value=1, max_value=99)
    up_model = forms.CharField(required=False, max_length=120)
    up_price = forms.IntegerField(required=False, min_value=0)
    up_key = forms.CharField(required=False, max_length=60)


class StarForm(forms.Form):
    """A cell of a grid to keep, or with `off` to keep no longer."""

    grid = forms.IntegerField(min_value=1)
    cell = forms.IntegerField(error_messages={"required": "none was chosen; choose one of the pictures first."})
    off = forms.BooleanField(required=False)


class LikeForm(forms.Form):
    """A cell of a grid to have more of; `like_key` makes two clicks one."""

    grid = forms.IntegerField(min_value=1)
    cell = forms.IntegerField(error_messages={"required": "none was chosen; choose one of the pictures first."})
    like_key = forms.CharField(required=False, max_length=60)


class CutsForm(forms.Form):
    """Where a grid is cut: at `lines` (pixels of the whole picture, with commas), in `equal` parts or as `found`."""

    grid = forms.IntegerField(min_value=1)
    how = forms.ChoiceField(choices=[(name, name) for name in ("lines", "equal", "found")], required=False)
    cols = forms.CharField(required=False, max_length=200)
    rows = forms.CharField(required=False, max_length=200)


class NewGridForm(forms.Form):
    """A grid to be drawn; `key` makes two clicks one."""

    prompt = forms.CharField(required=False, max_length=4000)
    layout = forms.CharField(required=False, max_length=8)
    seed = forms.IntegerField(required=False, min_value=0, max_value=MOST_SEED)
    key = forms.CharField(required=False, max_length=60)


def box_of(asked: dict[str, int | None]) -> Box | None:
    """The crop; None when no figure came along. Raises Refusal when only some did."""
    figures = {name: asked[name] for name in ("x", "y", "w", "h")}
    missing = [name for name, value in figures.items() if value is None]
    if len(missing) == len(figures):
        return None
    if missing:
        raise Refusal(f"The crop lacks {', '.join(missing)}; send x, y, w and h, or none of them.", where=missing[0])
    x, y, w, h = (value for value in figures.values() if value is not None)
    return x, y, w, h
