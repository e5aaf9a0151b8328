"""`elements`: who and what the film shows, where each goes along, and everything the Elements page can do about it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from sequences import orchestration
from sequences.errors import Refusal
from sequences.management.lookup import grid_of, take_of
from sequences.management.output import VerbCommand, project_of, sequences_of
from sequences.management.tables import show, table
from sequences.models import Element, ElementImage, Project
from sequences.orchestration.whereused import ElementRow, Matrix, where_used
from sequences.queries.elements import document

PLACE = re.compile(r"(?P<what>[\w-]+(?:/[A-Za-z]\d+)?):(?P<number>\d{1,7})")


class Command(VerbCommand):
    help = "List elements with their pictures and where they go along; add, change, order, crop and cast them."
    edits = True

    def options(self, parser: CommandParser) -> None:
        words = parser.add_argument_group("with --add and --edit")
        words.add_argument("--kind", help="character, prop or place")
        words.add_argument("--name", metavar="NAME", help="what people call it")
        words.add_argument("--description", metavar="TEXT", help="written when no picture is sent")
        cut = parser.add_argument_group("with --crop, --from-cell, --from-frame and --picture")
        cut.add_argument("--box", metavar="X,Y,W,H", help="only this part, in pixels of the whole grid or frame")
        cut.add_argument("--as-front", action="store_true", help="before the other pictures")
        cut.add_argument("--replace", action="store_true", help="with --crop: in the place of the old one")
        one = parser.add_mutually_exclusive_group()
        for name, (values, meta, told) in DOORS.items():
            many: dict[str, Any] = {} if values == 1 else {"nargs": values}
            one.add_argument(f"--{name}", metavar=meta, help=told, **many)

    def run(self, **options: Any) -> dict[str, Any]:
        project = project_of(options["project"], self.actor)
        for name in DOORS:
            given = options[name.replace("-", "_")]
            if given is not None:
                verb: Callable[..., str] = getattr(self, f"_{name.replace('-', '_')}")
                self.show(verb(project, given, options))
                break
        else:
            self._unused(options)
        found = where_used(project)
        if not any(options[name.replace("-", "_")] is not None for name in DOORS):
            self._table(found)
        return {"elements": [document(row.element, row.pictures, _places(row)) for row in found.rows]}

    def _unused(self, options: dict[str, Any]) -> None:
        given = [n for n in ("kind", "name", "description", "box", "replace") if options[n]]
        if given:
            self.usage(f"--{given[0]} needs to be told what to do, --add or --edit for one.")

    def _table(self, found: Matrix) -> None:
        if self.as_json:
            return
        if not found.rows:
            self.show("There are no elements yet.")
            return
        lines = [
            (f"@{r.element.key}", r.element.name, r.element.kind, len(r.pictures), _goes(r), _out(r))
            for r in found.rows
        ]
        show(self.stdout, table(["element", "name", "kind", "pictures>", "sent in", "left out of"], lines))

    # what each option does; each returns the sentence that says it

    def _add(self, project: Project, key: str, options: dict[str, Any]) -> str:
        made = orchestration.add_element(
            actor=self.actor, project=project, key=key, name=options["name"] or key,
            kind=options["kind"] or "character", description=options["description"] or "",
        )  # fmt: skip
        return f"@{made.key} is added, a {made.kind}."

    def _edit(self, project: Project, key: str, options: dict[str, Any]) -> str:
        changes = {n: options[n] for n in ("kind", "name", "description") if options[n] is not None}
        if not changes:
            self.usage("--edit needs --kind, --name or --description.")
        row = orchestration.edit_element(actor=self.actor, element=element_of(project, key), **changes)
        return f"@{row.key} is saved."

    def _delete(self, project: Project, key: str, options: dict[str, Any]) -> str:
        orchestration.delete_element(actor=self.actor, element=element_of(project, key))
        return f"@{key} is deleted; --restore {key} brings it back."

    def _restore(self, project: Project, key: str, options: dict[str, Any]) -> str:
        gone = project.elements.filter(key=key, deleted_at__isnull=False).order_by("-deleted_at").first()
        if gone is None:
            raise Refusal(f"There is no deleted element @{key}.", code="not_found", where=key)
        orchestration.restore_element(actor=self.actor, element=gone)
        return f"@{key} is back."

    def _picture(self, project: Project, given: list[str], options: dict[str, Any]) -> str:
        key, *files = given
        if not files:
            self.usage("--picture needs KEY and one file or more.")
        made = orchestration.add_pictures(
            actor=self.actor, element=element_of(project, key), uploads=[_file(name) for name in files],
            front=options["as_front"],
        )  # fmt: skip
        return f"{len(made)} of {len(files)} added to @{key}" + (
            "." if len(made) == len(files) else "; the others were there."
        )

    def _front(self, project: Project, given: list[str], options: dict[str, Any]) -> str:
        image = picture_of(project, *given)
        ids = [image.pk, *image.element.images.exclude(pk=image.pk).values_list("pk", flat=True)]
        orchestration.order_pictures(actor=self.actor, element=image.element, ids=ids)
        return f"{image.name} is the front of @{given[0]}."

    def _order_pictures(self, project: Project, given: list[str], options: dict[str, Any]) -> str:
        element = element_of(project, given[0])
        ids = [picture_of(project, given[0], number).pk for number in _list(given[1])]
        orchestration.order_pictures(actor=self.actor, element=element, ids=ids)
        return f"The pictures of @{given[0]} are in order."

    def _remove_picture(self, project: Project, given: list[str], options: dict[str, Any]) -> str:
        image = picture_of(project, *given)
        orchestration.remove_picture(actor=self.actor, image=image)
        return f"{image.name} is off @{given[0]}; --restore-picture {given[0]} {image.sha256[:12]} puts it back."

    def _restore_picture(self, project: Project, given: list[str], options: dict[str, Any]) -> str:
        back = orchestration.restore_picture(
            actor=self.actor, element=element_of(project, given[0]), sha256=given[1], source="put back"
        )
        return f"{back.name} is back at @{given[0]}."

    def _crop(self, project: Project, given: list[str], options: dict[str, Any]) -> str:
        made = orchestration.crop_picture(
            actor=self.actor, image=picture_of(project, *given[:2]), box=_box(given[2]), replace=options["replace"],
            front=options["as_front"],
        )  # fmt: skip
        return _made(made)

    def _from_cell(self, project: Project, given: list[str], options: dict[str, Any]) -> str:
        what, number = _place(given[1], "SEQ01/G2:3")
        made = orchestration.picture_from_cell(
            actor=self.actor, element=element_of(project, given[0]), grid=grid_of(what, project.slug, self.actor),
            cell=number, box=_box(options["box"]) if options["box"] else None, front=options["as_front"],
        )  # fmt: skip
        return _made(made)

    def _from_frame(self, project: Project, given: list[str], options: dict[str, Any]) -> str:
        what, number = _place(given[1], "SEQ01/T1:24")
        made = orchestration.picture_from_take(
            actor=self.actor, element=element_of(project, given[0]), take=take_of(what, project.slug, self.actor),
            frame=number, box=_box(options["box"]) if options["box"] else None, front=options["as_front"],
        )  # fmt: skip
        return _made(made)

    def _order(self, project: Project, keys: str, options: dict[str, Any]) -> str:
        rows = orchestration.order_elements(actor=self.actor, project=project, keys=_list(keys))
        return f"The project's order is {', '.join(f'@{row.key}' for row in rows)}."

    def _cast(self, project: Project, given: list[str], options: dict[str, Any]) -> str:
        sequence = sequences_of(project, [given[0]])[0]
        rows = orchestration.set_sequence_elements(actor=self.actor, sequence=sequence, keys=_list(given[1]))
        return f"{sequence.code} lists {', '.join(f'@{row.element.key}' for row in rows) or 'nobody'}."


DOORS: dict[str, tuple[int | str, str | tuple[str, ...], str]] = {
    "add": (1, "KEY", "add an element"),
    "edit": (1, "KEY", "change what --kind, --name and --description say"),
    "delete": (1, "KEY", "take an element out; its places stay"),
    "restore": (1, "KEY", "undo a delete"),
    "picture": ("+", ("KEY", "FILE"), "add pictures behind those there are"),
    "front": (2, ("KEY", "N"), "make picture N the one sent first"),
    "order-pictures": (2, ("KEY", "N,N"), "put the pictures into this order, each once"),
    "remove-picture": (2, ("KEY", "N"), "take picture N off"),
    "restore-picture": (2, ("KEY", "SHA256"), "put a picture back by the first digits of its hash"),
    "crop": (3, ("KEY", "N", "X,Y,W,H"), "cut a new picture out of picture N, in pixels"),
    "from-cell": (2, ("KEY", "SEQ01/G2:3"), "add cell 3 of a grid"),
    "from-frame": (2, ("KEY", "SEQ01/T1:24"), "add frame 24 of a take, counted from 0"),
    "order": (1, "KEY,KEY", "the project's order, every element once"),
    "cast": (2, ("SEQ01", "KEY,KEY"), "who is in a sequence, most important first; - for nobody"),
}


def element_of(project: Project, key: str) -> Element:
    """The living element with this key. Raises Refusal."""
    rows = project.elements.filter(deleted_at=None)
    row = rows.filter(key=key.removeprefix("@")).select_related("project").first()
    if row is None:
        known = ", ".join(f"@{k}" for k in rows.values_list("key", flat=True)) or "none"
        raise Refusal(f"{project.slug} has no element @{key}; it has {known}.", code="not_found", where=key)
    return row


def picture_of(project: Project, key: str, number: str) -> ElementImage:
    """Picture N of an element, from 1, the front. Raises Refusal."""
    element = element_of(project, key)
    images = list(element.images.all())
    if not number.isdecimal() or not 1 <= int(number) <= len(images):
        has = f"pictures 1 to {len(images)}" if images else "none"
        raise Refusal(f"@{key} has no picture {number}; it has {has}.", code="not_found", where=number)
    image = images[int(number) - 1]
    image.element = element
    return image


def _file(name: str) -> Path:
    path = Path(name).expanduser()
    if not path.is_file():
        raise Refusal(f"There is no file {name}.", code="not_found", where=name)
    return path


def _box(text: str) -> tuple[int, int, int, int]:
    parts = text.split(",")
    if len(parts) != 4 or not all(p.strip().isdecimal() and len(p) < 8 for p in parts):
        raise Refusal(f'The crop is "{text}"; write x,y,width,height in pixels, like 40,10,512,512.', where="box")
    x, y, width, height = map(int, parts)
    return x, y, width, height


def _place(text: str, like: str) -> tuple[str, int]:
    found = PLACE.fullmatch(text)
    if found is None:
        raise Refusal(f"{text} names none; write it like {like}.", where=text)
    return found["what"], int(found["number"])


def _list(text: str) -> list[str]:
    return [] if text == "-" else [part.strip().removeprefix("@") for part in text.split(",")]


def _made(image: ElementImage) -> str:
    small = ", small: likeness may suffer" if min(image.width, image.height) < 512 else ""
    return f"{image.name}, {image.width} × {image.height}, is a picture of @{image.element.key}{small}."


def _goes(row: ElementRow) -> str:
    return ", ".join(p.code for p in row.used if not p.out) or "–"


def _out(row: ElementRow) -> str:
    return ", ".join(f"{p.code} ({p.why})" for p in row.left_out) or "–"


def _places(row: ElementRow) -> list[dict[str, Any]]:
    return [
        {
            "code": p.code, "rank": p.rank, "listed": p.listed, "sent": not p.out, "left_out_of_calls": list(p.missed),
            "why": p.why or None, "shots": list(p.shots),
        }
        for p in row.used
    ]  # fmt: skip
