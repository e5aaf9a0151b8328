"""What Projects, New and Setup ask for. Fields only read types; the rules and their sentences are the plan file's."""

from __future__ import annotations

import re
from typing import Any

from django import forms

from sequences import offers
from sequences.errors import Refusal
from sequences.media.checks.limits import FIELDS, Limits
from sequences.models import Project
from sequences.models.plan import Layout, Mode, Rate, Role
from sequences.planfile import Notes, read_project
from sequences.providers import catalogue

SIZES = {"1280x720": "1280 × 720", "1920x1080": "1920 × 1080", "1080x1920": "1080 × 1920", "1080x1080": "1080 × 1080"}
OWN = "own"
AUDIO = "audio/*,.mp3,.wav,.flac,.m4a,.ogg"
THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?")
PICTURES = "image/png,image/jpeg,image/webp"


class Worded(forms.Form):
    """A form in our words: fields carry our classes, ids its part of the page, a refusal stands beside its field."""

    part = ""
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        kwargs.setdefault("auto_id", f"{self.part}-%s")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.setdefault("class", _css(field.widget))

    def refuse(self, refusal: Refusal) -> None:
        """Show a refusal beside the field it is about, else on top of the form."""
        where = refusal.where if refusal.where in self.fields else None
        self.add_error(where, str(refusal))

    def closed(self) -> Worded:
        """The same with every field switched off, for those who may only look."""
        for field in self.fields.values():
            field.disabled = True
        return self


def _css(widget: forms.Widget) -> str:
    if isinstance(widget, forms.CheckboxInput | forms.RadioSelect | forms.FileInput):
        return ""
    if isinstance(widget, forms.Select):
        return "select"
    return "textarea" if isinstance(widget, forms.Textarea) else "input"


def _pixels(label: str) -> forms.IntegerField:
    said = f"{label} must be a whole number of pixels."
    return forms.IntegerField(required=False, label=label, error_messages={"invalid": said})


class Offered(forms.Select):
    """A list in which `shut` values are shown but cannot be chosen anew; one that is chosen already stays."""

    shut: frozenset[str] | set[str] = frozenset()

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """An option, switched off when it is shut and not the one in force."""
        option = super().create_option(name, value, *args, **kwargs)
        if str(value) in self.shut and not option["selected"]:
            option["attrs"]["disabled"] = True
        return option


class FrameFields(Worded):
    """Title, client, frame and rate: what a new project and Setup both ask for."""

    title = forms.CharField(required=False, label="Title")
    client = forms.CharField(required=False, label="Client")
    size = forms.ChoiceField(required=False, label="Frame", choices=[*SIZES.items(), (OWN, "Own size")])
    width = _pixels("Width")
    height = _pixels("Height")
    rate = forms.ChoiceField(required=False, label="Frames a second", choices=Rate.choices)
    provider = forms.ChoiceField(required=False, label="Provider", widget=Offered)
    grid = forms.ChoiceField(required=False, label="Grid layout", choices=Layout.choices)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = dict.fromkeys(e.provider for e in catalogue.endpoints(enabled=True))
        missing = {name: offers.missing(name) for name in names}
        named = [(n, f"{n.capitalize()}, {why}" if why else n.capitalize()) for n, why in missing.items()]
        _choices(self, "provider", named)
        widget = self.fields["provider"].widget
        assert isinstance(widget, Offered), "declared above"
        widget.shut = {name for name, why in missing.items() if why}

    def values(self) -> dict[str, Any]:
        """What a verb takes of it."""
        data = self.cleaned_data
        return {
            "title": data["title"], "client": data["client"], **_frame(data),
            "rate": data["rate"] or Rate.R24.value, "provider": data["provider"] or "sketch",
            "grid": data["grid"] or Layout.L2.value,
        }  # fmt: skip

    def hold_against(self, values: dict[str, Any]) -> None:
        """Put every sentence of the plan file's rules beside its field."""
        for name in ("width", "height"):
            if values.get(name, 0) is None:
                self.add_error(name, f"{name.capitalize()} is empty; write a whole number of pixels.")
                values = {**values, name: 64}
        notes = Notes()
        read_project(notes, (), values)
        for problem in notes.problems:
            name = str(problem.path[-1])
            self.add_error(name if name in self.fields else None, problem.message[0].upper() + problem.message[1:])


def _choices(form: forms.Form, name: str, choices: list[tuple[str, str]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


def _frame(data: dict[str, Any]) -> dict[str, Any]:
    """Width and height of the chosen size; nothing when no size came along."""
    size = data.get("size") or ""
    if size in SIZES:
        width, height = map(int, size.split("x"))
        return {"width": width, "height": height}
    return {"width": data.get("width"), "height": data.get("height")} if size == OWN else {}


class NewProjectForm(FrameFields):
    """A project to be made; the song may come later."""

    part = "new"
    slug = forms.CharField(required=False, label="Address", help_text="Made from the title when left empty.")
    budget = forms.CharField(required=False, label="Budget cap, $")
    song = forms.FileField(required=False, label="Song", widget=forms.FileInput(attrs={"accept": AUDIO}))

    def clean_provider(self) -> str:
        """A new project begins with a provider that can be asked."""
        chosen = str(self.cleaned_data["provider"])
        if chosen and (why := offers.missing(chosen)):
            raise forms.ValidationError(f"{chosen.capitalize()} {why}; set that up first or choose another provider.")
        return chosen

    def cap(self) -> str:
        """The cap in dollars; left empty it is 0."""
        return dollars(self.cleaned_data["budget"]) or "0"

    def clean(self) -> dict[str, Any]:
        """Hold the values against the rules of the plan file."""
        data = super().clean() or self.cleaned_data
        if not self.errors:
            plan = {**self.values(), "slug": data["slug"] or "new", "budget": self.cap()}
            self.hold_against(plan)
        return data


class DetailsForm(FrameFields):
    """Project fields of Setup."""

    part = "details"
    model = forms.CharField(required=False, label="Video model")
    grid_model = forms.CharField(required=False, label="Grid model")
    slate = forms.BooleanField(required=False, label="Slate burn-in")

    def clean(self) -> dict[str, Any]:
        """Hold the values against the rules of the plan file."""
        data = super().clean() or self.cleaned_data
        if not self.errors:
            self.hold_against({**self.values(), "slug": "kept", "model": data["model"]})
        return data

    def changes(self) -> dict[str, Any]:
        """What the verb changes."""
        named = ("model", "grid_model", "slate")
        return {**self.values(), **{name: self.cleaned_data[name] for name in named}}

    @classmethod
    def of(cls, project: Project) -> DetailsForm:
        """The form as the project is."""
        size = f"{project.width}x{project.height}"
        named = ("title", "client", "width", "height", "rate", "provider", "grid", "model", "grid_model", "slate")
        kept = {name: getattr(project, name) for name in named}
        return cls(initial={**kept, "size": size if size in SIZES else OWN})


class StyleForm(Worded):
    """Lines that go into every call."""

    part = "style"
    labels = {"prefix": "Before every prompt", "suffix": "After every prompt", "negative": "Never in the picture"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # not declared above: `prefix` is an attribute of every form
        for name, label in self.labels.items():
            words = forms.Textarea(attrs={"rows": 2, "class": "textarea", "autocomplete": "off", "data-prompt": True})
            self.fields[name] = forms.CharField(required=False, label=label, widget=words)

    @classmethod
    def of(cls, project: Project) -> StyleForm:
        """The form as the project is."""
        return cls(initial={name: getattr(project, f"style_{name}") for name in cls.labels})


class CapForm(Worded):
    """The budget cap with the reason for it."""

    part = "cap"
    cap = forms.CharField(required=False, label="Cap, $")
    why = forms.CharField(required=False, label="Reason", max_length=300)

    def clean(self) -> dict[str, Any]:
        """A cap never changes without a reason."""
        data = super().clean() or self.cleaned_data
        if not data.get("why"):
            self.add_error("why", "Say why the cap changes; the reason is kept with it.")
        return data

    @classmethod
    def of(cls, project: Project) -> CapForm:
        """The form as the project is."""
        return cls(initial={"cap": f"{project.cap_micros / 1_000_000:.2f}"})

    def refuse(self, refusal: Refusal) -> None:
        """The plan file's rule calls it budget."""
        self.add_error("cap" if refusal.where in ("budget", "cap") else None, str(refusal))


class LimitsForm(Worded):
    """One field a limit of the automatic checks."""

    part = "limits"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in FIELDS:
            self.fields[field.name] = forms.CharField(
                required=False,
                label=f"{field.label}{f', {field.unit}' if field.unit else ''}",
                help_text=f"{field.help} {field.least:g} to {field.most:g}.",
                widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "input"}),
            )

    @classmethod
    def of(cls, project: Project) -> LimitsForm:
        """The form as the project is."""
        kept = Limits.from_dict(project.check_limits).to_dict()
        return cls(initial={name: f"{value:g}" for name, value in kept.items()})

    def refuse(self, refusal: Refusal) -> None:
        """The sentence of a limit names its label."""
        named = next((f.name for f in FIELDS if str(refusal).startswith(f"“{f.label}”")), None)
        self.add_error(named, str(refusal))


class MemberForm(Worded):
    """A person to let in."""

    part = "member"
    user = forms.CharField(required=False, label="User name", max_length=150)
    role = forms.ChoiceField(required=False, label="Role", choices=Role.choices, initial=Role.ARTIST.value)


class RowForm(Worded):
    """One sequence in the table."""

    code = forms.CharField(required=False, label="Code")
    section = forms.CharField(required=False, label="Section")
    start = forms.CharField(required=False, label="Start")
    end = forms.CharField(required=False, label="End")
    mode = forms.ChoiceField(required=False, label="Mode", choices=Mode.choices)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] += " sm"


class AddForm(RowForm):
    """A sequence to be added; what is left empty follows from the song."""

    part = "add"


class SongForm(Worded):
    """The song, new or in place of the one before."""

    part = "song"
    song = forms.FileField(
        required=False,
        label="Song file",
        widget=forms.FileInput(attrs={"accept": AUDIO}),
        error_messages={"empty": "The file is empty; choose an audio file."},
    )

    def refuse(self, refusal: Refusal) -> None:
        """Whatever is wrong is wrong with the song."""
        self.add_error("song", str(refusal))


class PlanForm(Worded):
    """A plan file with what it refers to. Pictures and the zip are read straight from the request."""

    part = "plan"
    plan = forms.FileField(
        required=False,
        label="Plan file",
        widget=forms.FileInput(attrs={"accept": ".toml,.json"}),
        error_messages={"empty": "The plan file is empty; choose a plan in TOML or JSON."},
    )
    song = forms.FileField(required=False, label="Song", widget=forms.FileInput(attrs={"accept": AUDIO}))
    refs = forms.FileField(
        required=False, label="Pictures, as a zip of the refs folder", widget=forms.FileInput(attrs={"accept": ".zip"})
    )


def dollars(text: str) -> str:
    """Dollars as people type them, as the plan file writes them: `$1,200` is 1200. No comma is a point."""
    bare = text.strip().removeprefix("$").strip()
    return bare.replace(",", "") if THOUSANDS.fullmatch(bare) else bare
