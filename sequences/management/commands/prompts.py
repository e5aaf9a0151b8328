"""`prompts [SEQ [SHOT]]`: read, write, compare, restore and copy the prompts of shots."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from sequences import orchestration
from sequences.errors import Refusal
from sequences.management.output import VerbCommand, project_of, sequences_of
from sequences.management.revisions import number_of, tell_change, tell_history
from sequences.management.tables import show, table
from sequences.models import Project, PromptRevision, Shot
from sequences.orchestration import prompting, replacing
from sequences.orchestration.quoting import Quote, quote
from sequences.queries import SequenceFacts, load
from sequences.queries.history import prompt_history

ACTIONS = ("set", "set_from", "history", "diff", "restore", "copy_to")


class Command(VerbCommand):
    help = "List the newest prompts of shots with their length as sent; write, compare, restore or copy one shot's."
    edits = True

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("code", nargs="?", metavar="SEQ", help="a sequence, as SEQ03")
        parser.add_argument("shot", nargs="?", type=int, metavar="SHOT", help="a shot of it, by its number")
        one = parser.add_mutually_exclusive_group()
        one.add_argument("--set", metavar="TEXT", help="write this prompt; it becomes the next revision")
        one.add_argument("--set-from", metavar="FILE", help="write the prompt that is in a file, - for stdin")
        one.add_argument("--history", action="store_true", help="every revision, and which takes were made with it")
        one.add_argument("--diff", nargs=2, type=number_of, metavar=("R1", "R2"), help="the change between any two")
        one.add_argument("--restore", type=number_of, metavar="R", help="make an earlier revision the current one")
        one.add_argument("--copy-to", nargs="+", metavar="SEQ:SHOT", help="give other shots this prompt")

    def run(self, **options: Any) -> dict[str, Any]:
        project = project_of(options["project"], self.actor)
        asked = next((name for name in ACTIONS if options[name] not in (None, False)), None)
        if asked and options["shot"] is None:
            self.usage(f"--{asked.replace('_', '-')} needs SEQ and SHOT.")
        if asked is None:
            return self._list(project, options["code"], options["shot"])
        shot = _shot_of(project, options["code"], options["shot"])
        if asked == "history":
            return tell_history(self, prompt_history(shot))
        if asked == "diff":
            return tell_change(self, prompt_history(shot), options["diff"], str(shot))
        if asked == "copy_to":
            return self._copy(project, shot, options["copy_to"])
        if asked == "restore":
            return self._told(shot, orchestration.restore(actor=self.actor, shot=shot, number=options["restore"]))
        text = options["set"] if asked == "set" else _text_of(options["set_from"])
        return self._told(shot, orchestration.revise(actor=self.actor, shot=shot, text=text))

    def _list(self, project: Project, code: str | None, number: int | None) -> dict[str, Any]:
        sequences = sequences_of(project, [code]) if code else None
        if number is not None:
            _shot_of(project, code or "", number)
        rows = [row for facts in load(project, sequences) for row in _rows(facts) if number in (None, row["shot"])]
        if not self.as_json:
            lines = [(r["sequence"], r["shot"], f"r{r['revision']}", _of(r), r["text"]) for r in rows]
            show(self.stdout, table(["sequence", "shot>", "revision", "sent>", "prompt"], lines))
        return {"prompts": rows}

    def _told(self, shot: Shot, made: PromptRevision | None) -> dict[str, Any]:
        self.show(f"{shot} is r{made.number} now." if made else f"{shot} says that already; nothing was written.")
        return {"revision": made.number if made else None}

    def _copy(self, project: Project, shot: Shot, words: list[str]) -> dict[str, Any]:
        targets = [_shot_named(project, word) for word in words]
        made = orchestration.copy_prompt(actor=self.actor, from_shot=shot, to_shots=targets)
        for revision in made:
            self.show(f"{revision.shot} is r{revision.number} now.")
        undo = replacing.undo_word(project, prompting.copied_steps(made)) if made else None
        if undo:
            self.say(f"To take it back: replace_prompts --project {project.slug} --undo {undo}")
        else:
            self.show("They say that already; nothing was written.")
        rows = [{"sequence": r.shot.sequence.code, "shot": r.shot.number, "revision": r.number} for r in made]
        return {"copied": rows, "undo": undo}


def _rows(facts: SequenceFacts) -> list[dict[str, Any]]:
    try:
        asked: Quote | None = quote(facts)
    except Refusal:  # without a model nothing has a length
        asked = None
    return [
        {
            "sequence": facts.sequence.code, "shot": s.number, "revision": s.revision, "text": s.text,
            "sent": _length(asked, s.number), "most": asked.endpoint.prompt_chars if asked else None,
        }
        for s in facts.shots
    ]  # fmt: skip


def _length(asked: Quote | None, number: int) -> int | None:
    calls = [call for call in asked.plan.calls if number in call.shots] if asked else []
    return max((len(asked.compiled(call, number)) for call in calls), default=None) if asked else None


def _of(row: dict[str, Any]) -> str:
    if row["sent"] is None:
        return ""
    over = row["sent"] - row["most"]
    return f"{row['sent']} of {row['most']}{f', {over} too many' if over > 0 else ''}"


def _text_of(name: str) -> str:
    """Raises Refusal for a file that cannot be read as text."""
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text("utf-8")
    except OSError as error:
        raise Refusal(f"{name} cannot be read: {error.strerror}.", code="bad_input", where="--set-from") from None
    except UnicodeDecodeError:
        raise Refusal(f"{name} is no text in UTF-8.", code="bad_input", where="--set-from") from None


def _shot_named(project: Project, word: str) -> Shot:
    code, _, number = word.partition(":")
    if not number.isdecimal() or len(number) > 6:
        raise Refusal(f"{word} names no shot; write SEQ02:3.", where="--copy-to")
    return _shot_of(project, code, int(number))


def _shot_of(project: Project, code: str, number: int) -> Shot:
    sequence = sequences_of(project, [code])[0]
    sequence.project = project
    shots = sequence.shots.filter(deleted_at=None)
    if shot := shots.filter(number=number).first():
        shot.sequence = sequence
        return shot
    known = ", ".join(map(str, shots.order_by("number").values_list("number", flat=True))) or "none"
    raise Refusal(f"{sequence.code} has no shot {number}; it has {known}.", code="not_found", where=str(number))
