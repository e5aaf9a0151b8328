"""Takes, their money and their gates, out of whatever a record holds of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from .places import Places
from .records import Notes, OldCheck, OldTake, Place
from .values import Fields, decision, micros, moment, seconds, snake, text, verdict, whole

LISTS = ("takes", "attempts", "versions", "generations", "tries", "results", "outputs", "runs")
FILES = ("file", "clip", "video", "path", "output", "filename", "file_path", "video_path", "clip_path", "local_path",
         "output_path", "video_file", "result", "url", "video_url", "output_url")  # fmt: skip
MANY = ("clips", "files", "videos", "paths", "segments", "parts")
CHOICE = ("approved", "selected", "chosen", "approved_take", "selected_take", "chosen_take", "best", "best_take",
          "final_take", "winner", "pick")  # fmt: skip
GATES = ("gates", "checks", "qc", "qa", "gate_results", "verdicts", "validation", "quality")
MODEL = ("model", "endpoint", "model_id", "model_name", "engine")
WORDS = ("prompt", "prompts", "prompt_used", "final_prompt", "compiled_prompt", "prompt_text")
FILMS = (".mp4", ".mov", ".m4v", ".webm", ".mkv")
_NUMBERED = re.compile(r"(?:take|attempt|version|t|v)?[ _#-]*0*(\d{1,6})")
MOST_TAKES, MOST_CHECKS, MOST_CLIPS = 500, 50, 60


class Shelf:
    """Where one record's media are looked for, and what is said about them."""

    def __init__(self, places: Places, notes: Notes, near: tuple[str, ...]) -> None:
        self.places, self.notes, self.near = places, notes, near

    def find(self, value: Any, what: str) -> Place | None:
        """The file a value names: text, or a table with path, file or url; None where it names none."""
        name = media_name(value)
        return self.places.find(name, self.notes, near=self.near, what=what) if name else None

    def find_any(self, values: list[Any], what: str) -> Place | None:
        """The first of several names of one thing (its file, its address) whose file is there."""
        quiet, missed = Notes(), None
        for value in values:
            if not (name := media_name(value)):
                continue
            place = self.places.find(name, quiet, near=self.near, what=what)
            if place.path is not None:
                return place
            missed = missed or place
        for sentence in quiet.problems[:1]:
            self.notes.say(sentence)
        self.notes.missing.extend(quiet.missing[:1])
        return missed


def media_name(value: Any) -> str:
    """The name of a file in a value; empty where there is none."""
    if isinstance(value, dict):
        return next((name for v in Fields(value).all(*FILES, "image", "name") if (name := media_name(v))), "")
    return value.strip() if isinstance(value, str) else ""


def read_takes(fields: Fields, shelf: Shelf, *, status: Any = None) -> tuple[OldTake, ...]:
    """All takes of a record. A record with a clip of its own and no list of takes is one take."""
    found = [(name, value) for many in fields.all(*LISTS) for name, value in _each(many)]
    if len(found) > MOST_TAKES:
        shelf.notes.say(f"Of {len(found)} takes the first {MOST_TAKES} are read.")
    takes = [t for name, value in found[:MOST_TAKES] if (t := _take(name, value, shelf))]
    own = [v for v in fields.all(*FILES, *MANY) if not _is_picture(v)]
    shared = ("cost", "cost_usd", "cost_cents", "price", "seed", "created_at", *MODEL)
    if own and not takes:
        data = {k: fields.data[k] for k in (*FILES, *MANY, *shared, *GATES) if k in fields.data}
        takes = [t for t in [_take("1", data, shelf)] if t]
    model = text(fields.first(*MODEL), 120)
    fields.first(*GATES)
    takes = [t if t.model else _with(t, model=model) for t in takes]
    return _decided(tuple(takes), fields, status, shelf.notes)


def _is_picture(value: Any) -> bool:
    return media_name(value).lower().endswith((".png", ".jpg", ".jpeg", ".webp"))


def _each(many: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(many, list):
        yield from ((str(n), value) for n, value in enumerate(many, 1))
    elif isinstance(many, dict) and set(map(snake, many)) & {*FILES, *MANY, "seed"}:
        yield "1", many
    elif isinstance(many, dict):
        yield from ((str(name), value) for name, value in many.items())
    elif isinstance(many, str):
        yield "1", many


def _take(name: str, value: Any, shelf: Shelf) -> OldTake | None:
    if isinstance(value, str) and value.strip():
        value = {"file": value}
    if not isinstance(value, dict):
        shelf.notes.say(f"Take {name[:40]} is no table; it was left out.")
        return None
    fields = Fields(value)
    called = text(fields.first("id", "take", "take_id", "number", "n", "index", "version", "name"), 60) or name[:60]
    clips = _clips(fields, shelf, called)
    if not clips:
        shelf.notes.say(f"Take {called} names no clip; it was left out.")
        return None
    words = next((w for v in fields.all(*WORDS) if (w := _words(v))), ())
    status = fields.first("status", "state", "review", "decision")
    marked = [f for f in ("approved", "selected", "chosen") if fields.data.get(f) is True]
    turned = fields.data.get("rejected") is True or fields.data.get("approved") is False and "rejected" in fields.data
    return OldTake(
        name=called,
        clips=clips,
        model=text(fields.first(*MODEL), 120),
        cost_micros=cost(fields),
        seed=whole(fields.first("seed", "noise_seed")),
        made_at=moment(fields.first("created_at", "created", "made_at", "timestamp", "time", "date", "finished_at")),
        prompts=words,
        checks=read_checks(fields, shelf.notes, called),
        decision="approved" if marked else "rejected" if turned else decision(status),
    )


def _clips(fields: Fields, shelf: Shelf, called: str) -> tuple[Place, ...]:
    what = f"The clip of take {called}"
    for many in fields.all(*MANY):
        listed = list(many.values()) if isinstance(many, dict) else many if isinstance(many, list) else [many]
        found = [p for v in listed[:MOST_CLIPS] if (p := shelf.find(v, what))]
        if found:
            return tuple(found)
    one = shelf.find_any(fields.all(*FILES), what)
    return (one,) if one else ()


def _words(value: Any) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(w for item in value for w in _words(item)[:1])
    if isinstance(value, dict):
        return _words(Fields(value).first("text", "positive", "prompt", "value"))
    return (said,) if (said := text(value)) else ()


def cost(fields: Fields) -> int | None:
    """What a take cost, in micro-dollars."""
    dollars = fields.first("cost", "cost_usd", "price", "price_usd", "total_cost", "usd", "spent")
    cents = fields.first("cost_cents", "cents", "price_cents")
    return micros(dollars) if dollars is not None else micros(cents, cents=True)


def _decided(takes: tuple[OldTake, ...], fields: Fields, status: Any, notes: Notes) -> tuple[OldTake, ...]:
    """The take the record names as chosen; where it only says that it is approved, the only or the last one."""
    named = next((v for v in fields.all(*CHOICE) if not isinstance(v, bool)), None)
    approved = fields.data.get("approved") is True or decision(status) == "approved"
    if not takes:
        if named is not None or approved:
            notes.say("It is approved and has no take that can be approved.")
        return takes
    if named is not None:
        at = _meant(takes, named)
        if at is not None:
            return _approve(takes, at)
        notes.say(f"It chose take {_short(named)}, which is none of its takes; none is approved.")
        return takes
    if approved and not any(t.decision == "approved" for t in takes):
        if len(takes) > 1:
            notes.say(f"It is approved without saying which take; the last one, {takes[-1].name}, is taken for it.")
        return _approve(takes, len(takes) - 1)
    marked = [n for n, t in enumerate(takes) if t.decision == "approved"]
    if len(marked) > 1:
        notes.say(f"{len(marked)} takes are marked as approved; the last one, {takes[marked[-1]].name}, is taken.")
        return _approve(takes, marked[-1])
    return takes


def _approve(takes: tuple[OldTake, ...], at: int) -> tuple[OldTake, ...]:
    others = ("" if t.decision == "approved" else t.decision for t in takes)
    return tuple(_with(t, decision="approved" if n == at else d)
                 for n, (t, d) in enumerate(zip(takes, others, strict=True)))  # fmt: skip


def _meant(takes: tuple[OldTake, ...], named: Any) -> int | None:
    if isinstance(named, dict):
        named = Fields(named).first("id", "take", "take_id", "number", "index", *FILES)
    said = media_name(named) or text(named)
    for n, take in enumerate(takes):
        if said and (said == take.name or said in {c.name for c in take.clips} or _last(said) in _clip_names(take)):
            return n
    number = whole(named)
    if number is None and (found := _NUMBERED.fullmatch(said.lower())):
        number = int(found[1])
    if number is None:
        return None
    by_name = [n for n, t in enumerate(takes) if (f := _NUMBERED.fullmatch(t.name.lower())) and int(f[1]) == number]
    if by_name:
        return by_name[0]
    return number - 1 if 1 <= number <= len(takes) else 0 if number == 0 else None


def _clip_names(take: OldTake) -> set[str]:
    return {_last(c.name) for c in take.clips}


def _last(name: str) -> str:
    return name.replace("\\", "/").rpartition("/")[2]


def _short(value: Any) -> str:
    return text(value, 40) or type(value).__name__


def _with(take: OldTake, **changes: Any) -> OldTake:
    values = {name: getattr(take, name) for name in OldTake.__slots__}
    return OldTake(**{**values, **changes})


def read_checks(fields: Fields, notes: Notes, called: str) -> tuple[OldCheck, ...]:
    """The gates of a take, at most 50, each name once."""
    checks: dict[str, OldCheck] = {}
    for value in fields.all(*GATES):
        for name, gate in _gates(value):
            if len(checks) >= MOST_CHECKS:
                break
            check = _check(name, gate)
            if check is None:
                notes.say(f"The gate {text(name, 40)} of take {called} says nothing that can be read.")
            else:
                checks.setdefault(check.name, check)
    return tuple(checks.values())


def _gates(value: Any, depth: int = 0) -> Iterator[tuple[str, Any]]:
    if isinstance(value, list):
        for n, item in enumerate(value, 1):
            name = text(Fields(item).first("name", "gate", "check", "id", "label"), 80)
            yield (text(item, 80), None) if isinstance(item, str) else (name or f"gate {n}", item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if snake(key) in ("checks", "gates", "results", "details") and isinstance(item, dict | list) and not depth:
                yield from _gates(item, 1)
            else:
                yield key, item
    else:
        yield "gate", value


def _check(name: str, gate: Any) -> OldCheck | None:
    label = text(name.replace("_", " "), 80) or "gate"
    key = snake(name)[:40] or "gate"
    if not isinstance(gate, dict):
        result, plain = verdict(gate), text(gate, 120)
        if not result and not plain:
            return None
        return OldCheck(key, label, "" if result else plain, "", result or "warn")
    return _measured(key, label, Fields(gate))


def _measured(key: str, label: str, gate: Fields) -> OldCheck | None:
    said = gate.first("verdict", "result", "status", "passed", "pass", "ok", "success")
    if said is None:
        said = next((gate.data[n] for n in ("passed", "pass", "ok") if gate.data.get(n) is False), None)
    measured = gate.first("score", "measured", "value", "actual", "got", "measure")
    least, most = gate.first("threshold", "min", "minimum", "at_least"), gate.first("max", "maximum", "at_most")
    limit = gate.first("limit", "expected", "target")
    words = text(gate.first("reason", "detail", "details", "note", "message"), 120)
    result = verdict(said) or _judged(gate, least, most, limit)
    if not result and measured is None and not words:
        return None
    bound = next((text(b, 120) for b in (limit, least, most) if b is not None), "")
    shown = text(measured, 120)
    shown = f"{shown}: {words}"[:120] if shown and words else shown or words
    return OldCheck(key, label, shown, bound, result or "warn")


def _judged(gate: Fields, least: Any, most: Any, limit: Any) -> str:
    """A verdict where only figures are there: a score must reach its limit, a measure must not pass it."""
    score, value = _figure(gate.first("score")), _figure(gate.first("measured", "value", "actual", "got"))
    figure = score if score is not None else value
    low = _figure(least) if least is not None else _figure(limit) if score is not None else None
    high = _figure(most) if most is not None else _figure(limit) if score is None else None
    if figure is None or (low is None and high is None):
        return ""
    return "pass" if (low is None or figure >= low) and (high is None or figure <= high) else "fail"


def _figure(value: Any) -> Decimal | None:
    sign = isinstance(value, int | float) and not isinstance(value, bool) and value < 0
    found = seconds(-value if sign else value) if not isinstance(value, bool) else None
    return -found if found is not None and sign else found
