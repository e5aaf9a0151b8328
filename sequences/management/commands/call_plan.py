"""`call_plan CODE`: which shots go into which calls, how full each is and what it costs; one change at a time.

--json prints `call_plan` {sequence, mode, endpoint (the take's), seconds, price (of one take), calls [{number,
sequence, take, shots [numbers], endpoint, seconds, start, end (ends on a picture), elements [keys], dropped [{element,
reason}], price, limits [{name, have, most, state}], apart (why the call before does not go on; null for the first)}],
dividers [numbers of the shots calls are divided before], solo [numbers], models {number: endpoint}, splits [{element,
name, shots, dividers, solo, calls (more), difference (price)}], problems [sentences], hints [sentences], marks (what
--undo brings back), said (what the change did), undo (marks before it)}. `name` of a limit is shots, seconds,
characters (of the call), prompt (characters of its longest shot) or elements; `state` is full, over or empty. Prices
are null while one is unknown.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from sequences import callplan, orchestration
from sequences.callplan import Call, Proposal
from sequences.costs import amount
from sequences.errors import Refusal
from sequences.management.output import VerbCommand, project_of, sequences_of
from sequences.management.tables import show, table
from sequences.models import Project, Sequence, Shot
from sequences.models.plan import Mode
from sequences.orchestration import Marks, Quote, Replanned
from sequences.orchestration.dividing import marks_of
from sequences.orchestration.filling import fills
from sequences.orchestration.showing import next_take
from sequences.queries import documents, load

Change = Callable[..., Replanned]
CHANGES = ("divide", "join", "move", "fill", "solo", "no_solo", "model", "end", "no_end", "split", "undo")


class Command(VerbCommand):
    help = "Show the call plan of a sequence with limits and price; divide, join, move, fill or split its calls."

    def options(self, parser: CommandParser) -> None:
        parser.add_argument("code", metavar="CODE", help="a sequence, such as SEQ01")
        parser.add_argument("--mode", choices=Mode.values, help="look at it in this mode (default: the sequence's own)")
        one = parser.add_mutually_exclusive_group()
        one.add_argument("--divide", type=int, metavar="N", help="let a call begin at shot N")
        one.add_argument("--join", type=int, metavar="N", help="let shot N share the call of the shot before it")
        one.add_argument(
            "--move", type=int, nargs=2, metavar=("FROM", "TO"), help="move the divider before shot FROM to before TO"
        )
        one.add_argument("--fill", action="store_true", help="take every divider away")
        one.add_argument("--solo", type=int, metavar="N", help="shot N is always its own call")
        one.add_argument("--no-solo", type=int, metavar="N", help="shot N may share a call again")
        one.add_argument(
            "--model", metavar="N=ENDPOINT", help="model of shots N, such as 2,3=sketch/clip; 2= is the take's again"
        )
        one.add_argument("--end", metavar="N=PICTURE", help="shot N ends on this picture file")
        one.add_argument("--no-end", type=int, metavar="N", help="shot N ends on no picture")
        one.add_argument("--split", metavar="KEY", help="do the split that is proposed for this dropped element")
        one.add_argument("--undo", metavar="MARKS", help="bring back the calls of an earlier `marks` or `undo`")

    def run(self, **options: Any) -> dict[str, Any]:
        project = project_of(options["project"], self.actor)
        (sequence,) = sequences_of(project, [options["code"]])
        orchestration.require(self.actor, project)
        done = self._change(sequence, options)
        facts = load(Project.objects.get(pk=project.pk), [sequence])[0]
        asked = orchestration.quote(facts, mode=options["mode"])
        document = plan_document(asked, marks_of(sequence), done)
        self._tell(document, done)
        return {"call_plan": document}

    def _change(self, sequence: Sequence, options: dict[str, Any]) -> Replanned | None:
        name = next((n for n in CHANGES if options[n] not in (None, False)), None)
        if name is None:
            return None
        change: Change = getattr(self, f"_{name}")
        return change(sequence, options[name], options["mode"])

    def _divide(self, sequence: Sequence, number: int, mode: str | None) -> Replanned:
        return orchestration.divide(actor=self.actor, shot=shot_of(sequence, number), mode=mode)

    def _join(self, sequence: Sequence, number: int, mode: str | None) -> Replanned:
        return orchestration.join(actor=self.actor, shot=shot_of(sequence, number), mode=mode)

    def _move(self, sequence: Sequence, pair: list[int], mode: str | None) -> Replanned:
        return orchestration.move_divider(actor=self.actor, sequence=sequence, at=pair[0], to=pair[1], mode=mode)

    def _fill(self, sequence: Sequence, _: bool, mode: str | None) -> Replanned:
        return orchestration.fill_calls(actor=self.actor, sequence=sequence)

    def _solo(self, sequence: Sequence, number: int, mode: str | None) -> Replanned:
        return self._set_solo(sequence, number, solo=True)

    def _no_solo(self, sequence: Sequence, number: int, mode: str | None) -> Replanned:
        return self._set_solo(sequence, number, solo=False)

    def _set_solo(self, sequence: Sequence, number: int, *, solo: bool) -> Replanned:
        before = marks_of(sequence)
        orchestration.set_solo(actor=self.actor, shot=shot_of(sequence, number), solo=solo)
        return Replanned(before, f"Shot {number} {'is always its own call' if solo else 'may share a call'}.")

    def _model(self, sequence: Sequence, text: str, mode: str | None) -> Replanned:
        numbers, model = self._pair(text)
        shots = [shot_of(sequence, int(n)) for n in numbers.split(",") if n.strip().isdigit()]
        if len(shots) != len(numbers.split(",")):
            self.usage(f'"{numbers}" names no shots; write numbers with commas, such as 2,3=sketch/clip.')
        return orchestration.set_model(actor=self.actor, shots=shots, model=model)

    def _end(self, sequence: Sequence, text: str, mode: str | None) -> Replanned:
        number, picture = self._pair(text)
        if not number.isdigit():
            self.usage(f'"{number}" is no shot; write its number, such as 2=last.png.')
        before = marks_of(sequence)
        shot = shot_of(sequence, int(number))
        frame = orchestration.upload_start_frame(
            actor=self.actor, sequence=sequence, upload=picture_at(picture), shot=shot, use="end"
        )
        return Replanned(before, f"Shot {number} ends on F{frame.number}.")

    def _no_end(self, sequence: Sequence, number: int, mode: str | None) -> Replanned:
        before = marks_of(sequence)
        shot = shot_of(sequence, number)
        frame = shot.start_frames.select_related("sequence__project").filter(use="end", state="approved").first()
        if frame is None:
            raise Refusal(f"Shot {number} has no end frame.", code="not_allowed", where=f"shot {number}")
        orchestration.clear_start_frame(actor=self.actor, start_frame=frame)
        return Replanned(before, f"Shot {number} ends on no picture; F{frame.number} stays among the earlier ones.")

    def _split(self, sequence: Sequence, key: str, mode: str | None) -> Replanned:
        return orchestration.apply_split(actor=self.actor, sequence=sequence, key=key.removeprefix("@"), mode=mode)

    def _undo(self, sequence: Sequence, text: str, mode: str | None) -> Replanned:
        return orchestration.put_marks(actor=self.actor, sequence=sequence, marks=Marks.read(text))

    def _pair(self, text: str) -> tuple[str, str]:
        left, equals, right = text.partition("=")
        if not equals:
            self.usage(f'"{text}" has no "="; write the shot before it and what it gets behind.')
        return left.strip(), right.strip()

    def _tell(self, document: dict[str, Any], done: Replanned | None) -> None:
        if self.as_json:
            return
        if done:
            self.show(done.said)
        rows = [
            (
                c["number"], ", ".join(map(str, c["shots"])), c["endpoint"], f"{c['seconds']:g} s",
                c["start"] + (" to an end frame" if c["end"] else ""), ", ".join(map(_limit, c["limits"])),
                "; ".join(f"{d['element']} ({d['reason']})" for d in c["dropped"]), _money(c["price"]),
            )
            for c in document["calls"]
        ]  # fmt: skip
        columns = ["call>", "shots", "endpoint", "length>", "starts from", "limits", "left out", "price>"]
        show(self.stdout, table(columns, rows))
        self.show(f"{len(rows)} calls, {document['seconds']:g} s, {_money(document['price'])} a take.")
        for split in document["splits"]:
            numbers = ", ".join(map(str, split["shots"]))
            more = "at an unknown price" if split["difference"] is None else f"for {_money(split['difference'])} more"
            self.show(f"--split {split['element']}: shots {numbers} become calls of their own {more}.")
        for sentence in (*document["problems"], *document["hints"]):
            self.say(sentence)


def plan_document(asked: Quote, marks: Marks, done: Replanned | None) -> dict[str, Any]:
    """The plan as the module's docstring tells it."""
    shots = asked.facts.shots
    return {
        "sequence": asked.facts.sequence.code,
        "mode": asked.mode,
        "endpoint": asked.endpoint.id,
        "seconds": documents.number(asked.plan.seconds),
        "price": amount(asked.price),
        "calls": [_call(asked, call, next_take(asked)) for call in asked.plan.calls],
        "dividers": sorted(asked.planning.divided),
        "solo": sorted(asked.planning.solo),
        "models": {str(s.number): s.shot.model for s in shots if s.shot.model},
        "splits": [_split(p) for p in orchestration.split_proposals(asked)],
        "problems": list(asked.problems),
        "hints": list(asked.hints),
        "marks": marks.text,
        "said": done.said if done else None,
        "undo": done.before.text if done else None,
    }


def _call(asked: Quote, call: Call, take: int) -> dict[str, Any]:
    first = call.pieces[0]
    apart = None
    if call.number > 1:
        divided = first.part == 1 and first.number in asked.planning.divided
        rule = callplan.between(asked.planning, first.number) if first.part == 1 else "the shot is longer than a call"
        apart = rule or ("divided" if divided else "")
    return {
        "number": call.number,
        **documents.call(call, code=asked.facts.sequence.code, take=take, endpoint=asked.endpoint.id),
        "limits": [
            {"name": f.name, "have": documents.number(f.have), "most": documents.number(f.most), "state": f.state}
            for f in fills(asked, call)
        ],
        "apart": apart,
    }


def _split(found: Proposal) -> dict[str, Any]:
    return {
        "element": found.key,
        "name": found.name,
        "shots": list(found.shots),
        "dividers": sorted(found.divided),
        "solo": sorted(found.solo),
        "calls": found.calls,
        "difference": amount(found.difference),
    }


def shot_of(sequence: Sequence, number: int) -> Shot:
    """The living shot of this number. Raises Refusal."""
    found = sequence.shots.select_related("sequence__project").filter(number=number, deleted_at=None).first()
    if found is None:
        raise Refusal(f"{sequence.code} has no shot {number}.", code="not_found", where=f"shot {number}")
    return found


def picture_at(name: str) -> Path:
    """A picture file of this machine. Raises Refusal."""
    path = Path(name).expanduser()
    if not path.is_file():
        raise Refusal(f"There is no file {name}.", code="not_found", where="--end")
    return path


def _limit(row: dict[str, Any]) -> str:
    return f"{row['have']:g}/{row['most']:g} {row['name']}"


def _money(text: str | None) -> str:
    return "price unknown" if text is None else f"${text}"
