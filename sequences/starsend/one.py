"""One record: its shots, takes, frames, grids and cast."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from .naming import parse
from .places import Places
from .prompts import looks_like_several, split
from .records import Notes, OldGrid, Part, Place, Record
from .takes import CHOICE, WORDS, Shelf, read_takes
from .values import Fields, digest, length, seconds, text, whole

IDS = ("id", "key", "shot_id", "sequence_id", "code", "slug", "shot_code", "name")
FRAMES = ("start_frame", "keyframe", "key_frame", "first_frame", "start_image", "image", "still", "image_path")
GRIDS = ("grid", "grids", "grid_image", "storyboard")
SHEETS = ("contact_sheet", "contact_sheets", "contactsheet", "sheet")
CAST = ("characters", "elements", "refs", "cast", "props", "places", "character_refs", "references")
NESTED = ("shots", "shot_list", "beats", "panels")
# Said elsewhere in the record, or of no use here; they stay in the raw record and need no sentence.
QUIET = ("schema", "schema_version", "format", "updated_at", "modified", "type", "kind", "project")
MOST_PARTS = 100


@dataclass(frozen=True, slots=True)
class Source:
    """Where a record was found: its file within the folder, and what it is called there."""

    file: str
    key: str
    name: str
    near: tuple[str, ...]


def read_record(data: Any, source: Source, places: Places) -> Record:
    """Read one record as far as it can be read; what cannot is a sentence."""
    notes = Notes()
    sha = digest(data)
    if not isinstance(data, dict):
        notes.say("It is no table of fields; it was left out.")
        return Record(source.key, source.name, source.file, sha, data, problems=tuple(notes.problems))
    fields, shelf = Fields(data), Shelf(places, notes, source.near)
    key = _key(fields, source)
    code, number = _which(fields, key, source, notes)
    status = fields.first("status", "state", "stage")
    start, end, span = _times(fields, notes)
    parts = _parts(fields, shelf, number, span)
    takes = read_takes(fields, shelf, status=status)
    frame, grids = _frame(fields, shelf), _grids(fields, shelf)
    elements = _cast(fields)
    fields.first(*QUIET, *CHOICE, "rejected")
    if unknown := fields.unknown():
        more = f" and {len(unknown) - 12} more" if len(unknown) > 12 else ""
        notes.say(f"Kept in the record only: {', '.join(unknown[:12])}{more}.")
    own_shot = number is not None and len(parts) == 1
    return Record(
        key=key, name=source.name, file=source.file, sha256=sha, raw=data, code=code, shot=own_shot,
        section=text(fields.data.get("section") or fields.data.get("section_name"), 120),
        start=start, end=end, seconds=span, parts=parts, takes=takes, frame=frame, grids=grids, elements=elements,
        missing=tuple(dict.fromkeys(notes.missing)), problems=tuple(notes.problems),
    )  # fmt: skip


def _key(fields: Fields, source: Source) -> str:
    said = (text(v, 100) for v in fields.all(*IDS))
    named = [s for s in said if s and (parse(s).sure and (parse(s).code or parse(s).shot is not None))]
    return named[0] if named else source.key[:100]


def _which(fields: Fields, key: str, source: Source, notes: Notes) -> tuple[str, int | None]:
    """Code of the sequence and old number of the shot, from the record's own words first."""
    sequence = text(fields.first("sequence", "seq", "sequence_number", "seq_id", "scene"), 60)
    shot = whole(fields.first("shot", "shot_number", "shot_num", "shot_index"), most=9999)
    fields.first("section", "section_name", "title", "label")
    named = parse(key)
    code = _code(sequence) or named.code
    number = named.shot if shot is None else shot
    if not code:
        code = next((c for c in (parse(p).code for p in source.file.split("/")[:-1][::-1]) if c.startswith("SEQ")), "")
    if not code:
        code = "SEQ01"
        notes.say(f"It does not say which sequence it is of; {code} is taken.")
    elif not named.sure and not sequence:
        notes.say(f"“{key}” is no number of a sequence or shot as we know them; it is taken for sequence {code}.")
    return code, number


def _code(sequence: str) -> str:
    found = parse(sequence) if sequence else None
    return found.code if found else ""


def _times(fields: Fields, notes: Notes) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
    given = fields.first("time", "times", "range", "timing", "timecode")
    inner = Fields(given)
    pair = given if isinstance(given, list) and len(given) == 2 else [None, None]
    if isinstance(given, str) and len(parted := re.split(r"\s*(?:-|–|—|to)\s*", given.strip())) == 2:
        pair = parted
    names_in = ("start", "start_time", "start_s", "in", "from", "start_sec", "start_seconds", "t_start")
    names_out = ("end", "end_time", "end_s", "out", "to", "end_sec", "end_seconds", "t_end")
    start, end = fields.first(*names_in), fields.first(*names_out)
    start = start if start is not None else inner.first(*names_in) if inner.data else pair[0]
    end = end if end is not None else inner.first(*names_out) if inner.data else pair[1]
    start = start if start is not None else next((fields.data[n] for n in names_in if fields.data.get(n) == 0), None)
    first, last = seconds(start), seconds(end)
    asked = fields.first("duration", "seconds", "duration_s", "length", "duration_sec", "duration_seconds", "secs")
    span = length(asked)
    for value, read, word in ((start, first, "start"), (end, last, "end"), (asked, span, "duration")):
        if value is not None and read is None:
            notes.say(f"Its {word} is {_shown(value)}, which is no time.")
    if first is not None and last is not None and last <= first:
        notes.say(f"It ends at {last} s, which is not after its start at {first} s; its times are left out.")
        return None, None, span
    if span is None and first is not None and last is not None:
        span = length(str(last - first))
    return first, last, span


def _shown(value: Any) -> str:
    return text(value, 40) or f"a {'list' if isinstance(value, list) else 'table'}"


def _parts(fields: Fields, shelf: Shelf, number: int | None, span: Decimal | None) -> tuple[Part, ...]:
    """The shots: a list of them, a list of prompts, a concatenated prompt that can be split, or one."""
    listed = next((v for v in fields.all(*NESTED) if isinstance(v, list | dict)), None)
    said = [v for v in fields.all(*WORDS, "description", "text", "summary") if v]
    durations = fields.first("durations", "shot_durations", "shot_seconds")
    lengths = [length(v) for v in durations] if isinstance(durations, list) else []
    expected = len(lengths) or whole(fields.first("shot_count", "num_shots", "n_shots"), least=0, most=MOST_PARTS) or 0
    prompt = said[0] if said else None
    if listed is None and isinstance(prompt, list | dict):
        listed = None if isinstance(prompt, dict) and _is_one(prompt) else prompt
    if listed is not None and number is None:
        parts = _listed(listed, shelf)
    else:
        parts = _spoken(_plain(prompt if prompt is not None else listed), shelf.notes, number, span, expected)
    if lengths and len(lengths) == len(parts):
        parts = [p if p.seconds else _timed(p, s) for p, s in zip(parts, lengths, strict=True)]
    return tuple(parts)


def _is_one(prompt: dict[str, Any]) -> bool:
    return Fields(prompt).first("text", "positive", "prompt", "value") is not None


def _plain(prompt: Any) -> str:
    if isinstance(prompt, list):
        return "\n".join(w for item in prompt[:MOST_PARTS] if (w := _plain(item)))
    if isinstance(prompt, dict):
        return _plain(Fields(prompt).first("text", "positive", "prompt", "value", "description"))
    return text(prompt)


def _listed(listed: list[Any] | dict[str, Any], shelf: Shelf) -> list[Part]:
    items = list(listed.items()) if isinstance(listed, dict) else [(str(n), v) for n, v in enumerate(listed, 1)]
    if len(items) > MOST_PARTS:
        shelf.notes.say(f"Of {len(items)} shots the first {MOST_PARTS} are read.")
    parts: dict[int, Part] = {}
    for at, (name, item) in enumerate(items[:MOST_PARTS], 1):
        part = _part(item, name, at, shelf)
        if part.number in parts:
            shelf.notes.say(f"Shot {part.number} is there twice; the second one is counted behind the last.")
            part = Part(max(*parts, at) + 1, part.text, part.seconds, part.frame, part.takes)
        parts[part.number] = part
    return [parts[n] for n in sorted(parts)]


def _part(item: Any, name: str, at: int, shelf: Shelf) -> Part:
    named = parse(name)
    bare = whole(name, most=9999)
    number = named.shot if named.shot is not None else bare if bare is not None else at
    if not isinstance(item, dict):
        return Part(number, _plain(item))
    fields = Fields(item)
    called = fields.first("number", "shot", "shot_number", "n", "index", "id", "shot_id", "name")
    said = whole(called, most=9999)
    if said is None and (own := parse(text(called, 60))).shot is not None:
        said = own.shot
    words = _plain(next(iter(fields.all(*WORDS, "text", "description", "summary")), None))
    _, _, span = _times(fields, shelf.notes)
    takes = read_takes(fields, shelf, status=fields.first("status", "state"))
    return Part(number if said is None else said, words, span, _frame(fields, shelf), takes)


def _spoken(said: str, notes: Notes, number: int | None, span: Decimal | None, expected: int) -> list[Part]:
    if number is not None:
        if looks_like_several(said):
            notes.say("Its prompt speaks of several shots and the record is of one; the prompt is kept whole.")
        return [Part(number, said, span)]
    if found := split(said, expected):
        if found.lead:
            notes.say("The words before the first shot stand before every shot now.")
        return [Part(n, piece.text, piece.seconds) for n, piece in enumerate(found.pieces, 1)]
    if expected > 1 or looks_like_several(said):
        notes.say("Its prompt is of several shots and could not be split; it is kept whole, as one shot.")
    return [Part(1, said, span)] if said else []


def _timed(part: Part, span: Decimal | None) -> Part:
    return Part(part.number, part.text, span, part.frame, part.takes)


def _frame(fields: Fields, shelf: Shelf) -> Place | None:
    return shelf.find_any(fields.all(*FRAMES), "The start frame")


def _grids(fields: Fields, shelf: Shelf) -> tuple[OldGrid, ...]:
    if fields.first(*SHEETS) is not None:
        shelf.notes.say("Its contact sheet is not brought in; posters and strips are drawn anew from the takes.")
    layout = text(fields.first("layout", "grid_layout"), 20)
    rows, cols = whole(fields.first("rows"), most=6) or 0, whole(fields.first("cols", "columns"), most=6) or 0
    if found := re.fullmatch(r"([1-6])\s*[x×]\s*([1-6])", layout.lower()):
        rows, cols = int(found[1]), int(found[2])
    grids = []
    for value in [v for many in fields.all(*GRIDS) for v in (many if isinstance(many, list) else [many])][:50]:
        if place := shelf.find(value, "The grid"):
            own = Fields(value)
            said = (whole(own.first("rows"), most=6), whole(own.first("cols", "columns"), most=6))
            grids.append(OldGrid(place, said[0] or rows, said[1] or cols))
    return tuple(grids)


def _cast(fields: Fields) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for many in fields.all(*CAST):
        listed = list(many) if isinstance(many, dict) else many if isinstance(many, list) else [many]
        for item in listed[:200]:
            said = text(Fields(item).first("id", "key", "name") if isinstance(item, dict) else item, 200)
            names |= {_cast_name(said): None} if said else {}
    return tuple(n for n in names if n)


def _cast_name(said: str) -> str:
    """refs/characters/mara/front.png and mara are both mara."""
    parts = [p for p in said.replace("\\", "/").split("/") if p]
    for at, part in enumerate(parts[:-1]):
        if part.lower() in ("characters", "props", "places"):
            return parts[at + 1]
    return parts[-1].lstrip("@").partition(".")[0] if parts else ""


__all__ = ["Place", "Source", "read_record"]
