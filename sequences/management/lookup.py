"""Works by what people type: the id of a document, or SEQ03/G1, SEQ03/T2 and SEQ03/F2 with --project."""

from __future__ import annotations

import re
from typing import TypeVar

from django.contrib.auth.models import AbstractBaseUser

from sequences.errors import Refusal
from sequences.management.output import project_of, sequences_of
from sequences.models import Grid, StartFrame, Take

Row = TypeVar("Row", Grid, Take, StartFrame)
NAMED = re.compile(r"(?P<code>[A-Za-z0-9_-]+)/(?P<kind>[TtGgFf])(?P<number>\d{1,6})")
WORDS: dict[type[Grid | Take | StartFrame], tuple[str, str]] = {
    Grid: ("grid", "G"),
    Take: ("take", "T"),
    StartFrame: ("start frame", "F"),
}


def take_of(word: str, slug: str | None, actor: AbstractBaseUser | None) -> Take:
    """The take `word` names. Raises Refusal, the same for one the actor may not see."""
    return _found(Take, word, slug, actor)


def grid_of(word: str, slug: str | None, actor: AbstractBaseUser | None) -> Grid:
    """The grid `word` names. Raises Refusal, the same for one the actor may not see."""
    return _found(Grid, word, slug, actor)


def frame_of(word: str, slug: str | None, actor: AbstractBaseUser | None) -> StartFrame:
    """The start frame `word` names; the code of a sequence stands for the one it starts from. Raises Refusal."""
    if "/" in word or word.isdecimal():
        return _found(StartFrame, word, slug, actor)
    if slug is None:
        raise Refusal(f"{word} needs --project, so that it is known whose {word} is meant.", where="--project")
    sequence = sequences_of(project_of(slug, actor), [word])[0]
    used = sequence.start_frames.filter(shot=None, state="approved").select_related("sequence__project").first()
    if used is None:
        raise Refusal(f"{sequence.code} has no start frame; pick one first.", code="not_found", where=word)
    return used


def artefact_of(word: str, slug: str, actor: AbstractBaseUser | None) -> Grid | Take | StartFrame:
    """The grid, take or start frame of the form SEQ03/G1, SEQ03/T2 or SEQ03/F2. Raises Refusal."""
    named = NAMED.fullmatch(word)
    if named is None:
        raise Refusal(f"{word} names no grid, take or start frame; write SEQ03/G1, SEQ03/T2 or SEQ03/F2.", where=word)
    kind = named["kind"].lower()
    if kind == "f":
        return frame_of(word, slug, actor)
    return take_of(word, slug, actor) if kind == "t" else grid_of(word, slug, actor)


def _found(model: type[Row], word: str, slug: str | None, actor: AbstractBaseUser | None) -> Row:
    what, letter = WORDS[model]
    if word.isdecimal():
        return _by_id(model, word, slug, actor)
    named = NAMED.fullmatch(word)
    if named is None or named["kind"].upper() != letter:
        raise Refusal(f"{word} names no {what}; give its id, or SEQ03/{letter}1 with --project.", where=word)
    if slug is None:
        raise Refusal(f"{word} needs --project, so that it is known whose {named['code']} is meant.", where="--project")
    sequence = sequences_of(project_of(slug, actor), [named["code"]])[0]
    rows = model._default_manager.filter(sequence=sequence)
    if row := rows.filter(number=int(named["number"])).select_related("sequence__project").first():
        return row
    known = ", ".join(f"{letter}{n}" for n in rows.order_by("number").values_list("number", flat=True)) or "none"
    raise Refusal(f"{sequence.code} has no {what} {word.split('/')[1]}; it has {known}.", code="not_found", where=word)


def _by_id(model: type[Row], word: str, slug: str | None, actor: AbstractBaseUser | None) -> Row:
    rows = model._default_manager.filter(sequence__deleted_at=None)
    if slug is not None:
        rows = rows.filter(sequence__project=project_of(slug, actor))
    if actor is not None:
        rows = rows.filter(sequence__project__memberships__user_id=actor.pk)
    # an id longer than any database keeps would be an error of the database
    row = rows.filter(pk=int(word)).select_related("sequence__project").first() if len(word) < 19 else None
    if row is None:
        raise Refusal(f"There is no {WORDS[model][0]} {word}.", code="not_found", where=word)
    return row
