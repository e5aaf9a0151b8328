"""What Dailies asks for. Rules live in the verbs; forms only read types and name the field."""

from __future__ import annotations

import re

from django import forms
from django.http import QueryDict

from dailies.models import ShotDecision

SHOT_FIELD = re.compile(r"s(\d{1,4})")


class VerdictForm(forms.Form):
    """The foot of the page: `seen` is the hash of the file on screen, `redo` and `shown_price` what the button said."""

    decision = forms.ChoiceField(choices=[(d, d) for d in ("approve", "reject", "redo", "marks")], required=False)
    reason = forms.CharField(max_length=20, required=False)
    note = forms.CharField(max_length=4000, required=False)
    seen = forms.CharField(max_length=64, required=False)
    key = forms.CharField(max_length=60, required=False)
    redo = forms.CharField(max_length=400, required=False)
    shown_price = forms.IntegerField(min_value=0, required=False)


class NoteForm(forms.Form):
    """Words at a frame counted from 0; without one they are about the whole take."""

    text = forms.CharField(max_length=4000, required=False)
    frame = forms.IntegerField(min_value=0, required=False)


def shot_marks(posted: QueryDict) -> dict[int, tuple[str, str, str]]:
    """Keep or redo, reason and note of every shot in the form (`s3`, `r3`, `n3`). A reason belongs to a redo only."""
    found = {}
    for name, decision in posted.items():
        match = SHOT_FIELD.fullmatch(name)
        if match:
            number = int(match[1])
            reason = posted.get(f"r{number}", "") if decision == ShotDecision.REDO else ""
            found[number] = (str(decision), reason, posted.get(f"n{number}", "").strip())
    return found
