"""Where a reference picture is cut from. Boxes are whole pixels of the picture; rules live in the verbs."""

from __future__ import annotations

from typing import Any

from django import forms

MOST = 100_000


class CropForm(forms.Form):
    """A box, or none; `box` of the cleaned values is (x, y, width, height) or None."""

    x = forms.IntegerField(min_value=0, max_value=MOST, required=False)
    y = forms.IntegerField(min_value=0, max_value=MOST, required=False)
    w = forms.IntegerField(min_value=1, max_value=MOST, required=False)
    h = forms.IntegerField(min_value=1, max_value=MOST, required=False)
    replace = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        """All four or none of them."""
        values = super().clean() or {}
        box = tuple(values.get(name) for name in ("x", "y", "w", "h"))
        if any(v is not None for v in box) and any(v is None for v in box):
            raise forms.ValidationError("A crop needs x, y, width and height.")
        values["box"] = None if box[0] is None else box
        return values


class CellForm(CropForm):
    """A cell of a grid, named like SEQ01/G2."""

    grid = forms.CharField(max_length=40)
    cell = forms.IntegerField(min_value=1, max_value=99)


class TakeFrameForm(CropForm):
    """A frame of a take, named like SEQ01/T1, counted from 0."""

    take = forms.CharField(max_length=40)
    frame = forms.IntegerField(min_value=0, max_value=10_000_000)
