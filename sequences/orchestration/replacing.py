"""Search and replace over every prompt of a project: what would change, the change as one step, and its undo."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core import signing
from django.db import transaction

from sequences.errors import Refusal
from sequences.models import Project, PromptRevision, Sequence, Shot
from sequences.prompts import Part, word_diff
from sequences.queries import load

from . import _checks as checks
from ._rules import MAKERS, locked, require
from .prompting import write_revision
from .styling import lines_of, write_style

Actor = AbstractBaseUser | None
STYLE = {"prefix": "Style line before", "suffix": "Style line after", "negative": "Never in the picture"}
MOST_FIND = 200
MOST_REPEATS = 3
SALT = "replaced prompts"


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for. Upper and lower case count unless `any_case`; `find` is plain text unless `regex`, and then
    `put` may name groups as \\1."""

    find: str
    put: str
    words: bool = False
    regex: bool = False
    any_case: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """One text in which something is found: a shot's newest prompt, a grid or cell prompt, or a style line.

    `key` names it as it was when it was read: after a change of the text it is another one.
    """

    kind: str
    row: str
    code: str
    where: str
    old: str
    new: str
    count: int

    @property
    def key(self) -> str:
        """`shot:12:9f2c61ab`."""
        return f"{self.kind}:{self.row}:{hashlib.sha256(self.old.encode()).hexdigest()[:8]}"

    @property
    def parts(self) -> tuple[Part, ...]:
        """The change word by word."""
        return word_diff(self.old, self.new)


@dataclass(frozen=True, slots=True)
class Replaced:
    """What was changed, and the word that takes all of it back."""

    changes: tuple[Hit, ...]
    undo: str

    @property
    def count(self) -> int:
        """Places in all texts together."""
        return sum(hit.count for hit in self.changes)


def hits(*, project: Project, search: Search) -> list[Hit]:
    """Everywhere something is found, in song order, style lines first. Raises Refusal for a search that cannot be
    done. Reads only."""
    changed = _change(search)
    found = [_hit(*text, changed) for text in _texts(project)]
    return [hit for hit in found if hit is not None]


def replace_prompts(
    *,
    actor: Actor,
    project: Project,
    search: Search,
    only: Collection[str] | None = None,
) -> Replaced:
    """Replace everywhere, or in the texts that `only` names by their keys, in one transaction.

    Every shot and style line gets a new revision with the source "replaced". Raises Refusal when nothing is found, and
    when a text was changed since its key was read; then nothing is written.
    """
    require(actor, project, *MAKERS)
    with transaction.atomic():
        row = locked(project)
        found = hits(project=row, search=search)
        if only is not None:
            found = _chosen(found, only)
        if not found:
            raise Refusal(f"“{search.find}” is in no prompt of {project.slug}.", code="not_found", where="find")
        steps = [_write(actor, row, hit) for hit in found]
    return Replaced(tuple(found), undo_word(row, steps))


def undo_word(project: Project, steps: list[list[Any]]) -> str:
    """The word that takes steps back: kind and row of each, with its text before and after, or a shot's revision."""
    return signing.dumps({"project": project.pk, "steps": steps}, salt=SALT, compress=True)


def undo_replace(*, actor: Actor, project: Project, undo: str) -> tuple[int, int]:
    """Take one replacement back: how many texts are as before, and how many were left because they have changed since.

    Shots get a new revision with the source "r5 taken back". Raises Refusal for a word that is none of this project's.
    """
    require(actor, project, *MAKERS)
    try:
        told = signing.loads(undo, salt=SALT)
    except signing.BadSignature:
        told = {}
    if told.get("project") != project.pk:
        raise Refusal("This replacement is not known here; nothing was taken back.", code="not_found", where="undo")
    with transaction.atomic():
        row = locked(project)
        done = [_take_back(actor, row, *step) for step in told["steps"]]
    return sum(done), len(done) - sum(done)


def _texts(project: Project) -> Iterable[tuple[str, str, str, str, str]]:
    """Kind, row, code, name and text of everything that is searched."""
    for name, label in STYLE.items():
        yield "style", name, "", label, getattr(project, f"style_{name}")
    for facts in load(project):
        sequence, code = facts.sequence, facts.sequence.code
        for name, label in STYLE.items():
            line = getattr(sequence, f"style_{name}")
            yield "style", f"{sequence.pk}.{name}", code, f"{code} {label[0].lower()}{label[1:]}", line
        yield "grid", str(sequence.pk), code, f"{code} grid prompt", sequence.grid_prompt
        for place, cell in enumerate(sequence.cell_prompts):
            yield "cell", f"{sequence.pk}.{place}", code, f"{code} cell {place + 1}", cell
        for shot in facts.shots:
            yield "shot", str(shot.shot.pk), sequence.code, f"{sequence.code} shot {shot.number}", shot.text


def _hit(
    kind: str, row: str, code: str, where: str, text: str, changed: Callable[[str], tuple[str, int]]
) -> Hit | None:
    new, count = changed(text)
    return Hit(kind, row, code, where, text, new, count) if count and new != text else None


def _change(search: Search) -> Callable[[str], tuple[str, int]]:
    """From a text to the changed one and how often something was found."""
    pattern = _pattern(search)

    def put(match: re.Match[str]) -> str:
        return match.expand(search.put) if search.regex else search.put

    def changed(text: str) -> tuple[str, int]:
        try:
            new, count = pattern.subn(put, text)
        except (re.error, IndexError) as error:
            raise Refusal(f"“{search.put}” cannot be put in: {error}.", where="put") from None
        return checks.tidy(new), count

    return changed


def _pattern(search: Search) -> re.Pattern[str]:
    if not search.find:
        raise Refusal("Write what is to be found.", where="find")
    if len(search.find) > MOST_FIND:
        raise Refusal(f"What is to be found has {len(search.find)} characters; {MOST_FIND} is the most.", where="find")
    if search.regex:
        _bounded(search.find)
    text = search.find if search.regex else re.escape(search.find)
    try:
        found = re.compile(rf"(?<!\w)(?:{text})(?!\w)" if search.words else text, re.I if search.any_case else 0)
    except re.error as error:
        raise Refusal(f"“{search.find}” is no regular expression: {error}.", where="find") from None
    if found.search(""):
        raise Refusal(f"“{search.find}” is found in nothing at all; write what must be there.", where="find")
    return found


def _bounded(text: str) -> None:
    """Refuse expressions that may search for ever: groups that repeat, and many repeats."""
    plain = re.sub(r"\\.|\[(?:\\.|[^\]])*\]", "x", text)
    if re.search(r"\)[*+{]", plain) or len(re.findall(r"[*+{]", plain)) > MOST_REPEATS:
        raise Refusal(
            f"“{text}” may search for ever: let no group repeat, and use * and + {MOST_REPEATS} times at most.",
            where="find",
        )


def _chosen(found: list[Hit], only: Collection[str]) -> list[Hit]:
    gone = set(only) - {hit.key for hit in found}
    if gone:
        raise Refusal(
            f"{len(gone)} of the texts were changed since they were shown; look at the changes again.",
            code="changed",
            where="only",
        )
    return [hit for hit in found if hit.key in only]


def _write(actor: Actor, project: Project, hit: Hit) -> list[Any]:
    """The change, and what its undo needs: kind, row, and the text before and after or a shot's revision."""
    if hit.kind == "shot":
        revision = write_revision(actor, Shot.objects.get(pk=hit.row), checks.text(hit.new, "prompt"), "replaced")
        return [hit.kind, hit.row, revision.number if revision else 0, ""]
    _set(actor, project, hit.kind, hit.row, hit.new, "replaced")
    return [hit.kind, hit.row, hit.old, hit.new]


def _set(actor: Actor, project: Project, kind: str, row: str, text: str, source: str) -> None:
    owner, name = _owner(project, kind, row)
    if kind == "style":
        lines = asdict(lines_of(owner)) | {name: text}
        write_style(actor, owner, checks.style_values(lines), source)
    elif isinstance(owner, Sequence) and kind == "grid":
        owner.grid_prompt = checks.text(text, "grid prompt")
        owner.save(update_fields=["grid_prompt"])
    elif isinstance(owner, Sequence):
        owner.cell_prompts[int(name)] = checks.text(text, "cell prompt")
        owner.save(update_fields=["cell_prompts"])


def _owner(project: Project, kind: str, row: str) -> tuple[Project | Sequence, str]:
    """Whose text `row` names, and which one: "prefix" of the project, "12.prefix" and "12.3" of a sequence, "12"."""
    pk, _, name = (row, "", "") if kind == "grid" else row.rpartition(".")
    return (project.sequences.get(pk=pk) if pk else project), name


def _take_back(actor: Actor, project: Project, kind: str, row: str, old: Any, new: str) -> bool:
    if kind == "shot":
        return _shot_back(actor, project, int(row), int(old))
    if _there(project, kind, row) != new:
        return False
    _set(actor, project, kind, row, old, "replace undone")
    return True


def _there(project: Project, kind: str, row: str) -> str | None:
    """The text as it is now; None when it is there no more."""
    try:
        owner, name = _owner(project, kind, row)
    except Sequence.DoesNotExist:
        return None
    if kind == "style":
        return str(getattr(owner, f"style_{name}"))
    if isinstance(owner, Project):
        return None
    if kind == "grid":
        return owner.grid_prompt
    return str(owner.cell_prompts[int(name)]) if int(name) < len(owner.cell_prompts) else None


def _shot_back(actor: Actor, project: Project, pk: int, number: int) -> bool:
    """Whether the revision a replacement or a copy wrote was still the newest one."""
    rows = list(PromptRevision.objects.filter(shot=pk, shot__sequence__project=project).order_by("-number")[:2])
    if not rows or rows[0].number != number:
        return False
    before = rows[1].text if len(rows) > 1 else ""
    return write_revision(actor, rows[0].shot, before, f"r{number} taken back") is not None
