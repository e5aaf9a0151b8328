"""What Costs asks for: caps with their reason. The rules and their sentences are the verb's."""

from __future__ import annotations

from typing import Any

from django import forms

from sequences.errors import Refusal
from sequences.models import Project
from sequences.orchestration.budget import KEEP

from .projects import Worded, dollars


class CapsForm(Worded):
    """The cap, the daily cap (empty: none) and why they change."""

    part = "caps"
    cap = forms.CharField(required=False, label="New cap, $", max_length=40)
    day = forms.CharField(
        required=False, label="Daily cap, $", max_length=40, help_text="What one UTC day may take; empty for none."
    )
    why = forms.CharField(
        required=False,
        label="Reason, kept in the log",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2, "class": "textarea", "autofocus": True}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("cap", "day"):
            self.fields[name].widget.attrs["inputmode"] = "decimal"

    @classmethod
    def of(cls, project: Project) -> CapsForm:
        """The form as the project is."""
        day = project.day_cap_micros
        return cls(initial={"cap": _money(project.cap_micros), "day": "" if day is None else _money(day)})

    def asked(self) -> dict[str, Any]:
        """What the verb takes. A daily cap that the form does not carry stays as it is."""
        data = self.cleaned_data
        day = dollars(data["day"]) or None if "day" in self.data else KEEP
        return {"cap": dollars(data["cap"]), "day": day, "why": data["why"]}

    def refuse(self, refusal: Refusal) -> None:
        """The plan file's rule calls the cap a budget."""
        where = "cap" if refusal.where == "budget" else refusal.where
        self.add_error(where if where in self.fields else None, str(refusal))


def _money(micros: int) -> str:
    """Dollars as they are typed: 80.00, or more places when there are any."""
    whole, part = divmod(micros, 1_000_000)
    return f"{whole}.{f'{part:06d}'.rstrip('0').ljust(2, '0')}"
