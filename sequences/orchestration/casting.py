"""Elements: characters, props and places, their pictures, and who is in which sequence with which priority."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.text import slugify

from sequences.errors import Refusal
from sequences.media.files import MediaError, sha256_of
from sequences.media.grids import open_picture
from sequences.models import Element, ElementImage, Project, Sequence, SequenceElement
from sequences.models.plan import ElementKind

from . import _checks as checks
from ._rules import MAKERS, locked, require
from ._uploads import Upload, keep, name_of, on_disk
from .shots import living_sequence

Actor = AbstractBaseUser | None
MOST_PICTURES = 12
K = TypeVar("K")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class KeptPicture:
    """A reference picture that was verified and stored, before any row says so."""

    name: str
    file: str
    sha256: str
    width: int
    height: int


def add_element(
    *,
    actor: Actor,
    project: Project,
    name: str,
    key: str = "",
    kind: str = ElementKind.CHARACTER,
    description: str = "",
) -> Element:
    """Add an element; without `key` the name makes one. Raises Refusal when the key is taken or oddly shaped."""
    require(actor, project, *MAKERS)
    wanted = {"key": key or slugify(name)[:40].strip("-_"), "kind": kind, "name": name, "description": description}
    values = checks.element_values(wanted)
    with transaction.atomic():
        row = locked(project)
        if row.elements.filter(key=values.key, deleted_at=None).exists():
            raise Refusal(f"There is an element @{values.key} already.", code="key_taken", where="key")
        highest = row.elements.aggregate(highest=Max("position"))["highest"]
        return Element.objects.create(
            project=row, key=values.key, kind=values.kind, name=values.name, description=values.description,
            position=0 if highest is None else highest + 1,
        )  # fmt: skip


def edit_element(
    *,
    actor: Actor,
    element: Element,
    name: str | None = None,
    kind: str | None = None,
    description: str | None = None,
) -> Element:
    """Change an element; what is None stays. The key stays for ever, since prompts name it. Raises Refusal."""
    require(actor, element.project, *MAKERS)
    with transaction.atomic():
        row = living_element(element)
        values = checks.element_values(
            {
                "key": row.key,
                "kind": row.kind if kind is None else kind,
                "name": row.name if name is None else name,
                "description": row.description if description is None else description,
            }
        )
        row.name, row.kind, row.description = values.name, values.kind, values.description
        row.save(update_fields=["name", "kind", "description"])
    return row


def delete_element(*, actor: Actor, element: Element) -> Element:
    """Take an element out; its places in sequences come back with it. Raises Refusal when it is out already."""
    require(actor, element.project, *MAKERS)
    with transaction.atomic():
        row = living_element(element)
        row.deleted_at = timezone.now()
        row.save(update_fields=["deleted_at"])
    return row


def restore_element(*, actor: Actor, element: Element) -> Element:
    """Undo a delete. Raises Refusal when its key was taken meanwhile."""
    require(actor, element.project, *MAKERS)
    with transaction.atomic():
        locked(element.project)
        row = Element.objects.get(pk=element.pk)
        if row.deleted_at is None:
            return row
        if Element.objects.filter(project=row.project_id, key=row.key, deleted_at=None).exists():
            raise Refusal(f"There is another element @{row.key} now.", code="key_taken", where=row.key)
        row.deleted_at = None
        row.save(update_fields=["deleted_at"])
    return row


def order_elements(*, actor: Actor, project: Project, keys: Iterable[str]) -> list[Element]:
    """Put the project's elements into this order (each named once). Raises Refusal.

    Sequences that list theirs in the project's order go on doing so; one with an order of its own keeps it.
    """
    require(actor, project, *MAKERS)
    with transaction.atomic():
        rows = {e.key: e for e in locked(project).elements.filter(deleted_at=None)}
        ordered = _exactly(list(keys), rows)
        following = _following(project, list(rows))
        put_in_order(ordered)
        for sequence, cast in following:
            write_cast(sequence, [row for row in ordered if row.key in cast])
    return ordered


def add_pictures(
    *, actor: Actor, element: Element, uploads: Iterable[Upload], front: bool = False
) -> list[ElementImage]:
    """Verify, store and add reference pictures behind those there are; one that is there already is left alone.

    The first of all is the frontal one; with `front` they come before the others. Raises Refusal (`bad_picture` names
    the file) and then adds none.
    """
    require(actor, element.project, *MAKERS)
    kept = [keep_picture(element.project, element.key, upload) for upload in uploads]
    with transaction.atomic():
        return write_pictures(living_element(element), kept, source="upload", at=0 if front else None)


def write_pictures(
    element: Element, kept: Iterable[KeptPicture], *, source: str, at: int | None = None
) -> list[ElementImage]:
    """Rows of stored pictures the element does not have yet, inside the caller's transaction: behind the others, or
    from place `at` on, counted from 0. Raises Refusal when they are too many."""
    there = list(element.images.all())
    known = {image.sha256 for image in there}
    fresh = list({k.sha256: k for k in kept if k.sha256 not in known}.values())
    if fresh and len(there) + len(fresh) > MOST_PICTURES:
        raise Refusal(
            f"@{element.key} would have {len(there) + len(fresh)} pictures; {MOST_PICTURES} is the most.",
            where=element.key,
        )
    last = max((image.position for image in there), default=-1)
    made = [create_image(element, picture, last + 1 + n, source) for n, picture in enumerate(fresh)]
    if at is not None and made:
        put_in_order([*there[:at], *made, *there[at:]])
    return made


def put_in_order(rows: Iterable[ElementImage | Element]) -> None:
    """Number rows from 0 as they stand, inside the caller's transaction."""
    for position, row in enumerate(rows):
        row.position = position
        row.save(update_fields=["position"])


def remove_picture(*, actor: Actor, image: ElementImage) -> None:
    """Take a picture off its element; `restore_picture` puts it back. The file stays: takes pin its hash."""
    require(actor, image.element.project, *MAKERS)
    with transaction.atomic():
        living_element(image.element)
        ElementImage.objects.filter(pk=image.pk).delete()


def order_pictures(*, actor: Actor, element: Element, ids: Iterable[int]) -> list[ElementImage]:
    """Put an element's pictures into this order; the first becomes the frontal one. Raises Refusal."""
    require(actor, element.project, *MAKERS)
    with transaction.atomic():
        rows = {image.pk: image for image in living_element(element).images.all()}
        ordered = _exactly(list(ids), rows)
        put_in_order(ordered)
    return ordered


def set_sequence_elements(*, actor: Actor, sequence: Sequence, keys: Iterable[str]) -> list[SequenceElement]:
    """Say who is in a sequence, most important first. Raises Refusal naming keys that are unknown or doubled."""
    require(actor, sequence.project, *MAKERS)
    wanted = list(keys)
    with transaction.atomic():
        row = living_sequence(sequence)
        known = {e.key: e for e in row.project.elements.filter(deleted_at=None)}
        if unknown := [f"@{key}" for key in wanted if key not in known]:
            raise Refusal(f"There is no element {', '.join(unknown)}.", code="not_found", where=unknown[0])
        if len(set(wanted)) != len(wanted):
            raise Refusal("Name each element once.", where="elements")
        return write_cast(row, [known[key] for key in wanted])


def order_cast(*, actor: Actor, sequence: Sequence, keys: Iterable[str] | None = None) -> list[SequenceElement]:
    """Put those a sequence lists into this order, most important first; without `keys` into the project's.

    Raises Refusal when they are not exactly those that are listed: somebody has changed the list meanwhile.
    """
    require(actor, sequence.project, *MAKERS)
    with transaction.atomic():
        row = living_sequence(sequence)
        rows = {e.key: e for e in row.project.elements.filter(deleted_at=None, key__in=cast_keys(row))}
        return write_cast(row, list(rows.values()) if keys is None else _exactly(list(keys), rows))


def list_element(*, actor: Actor, sequence: Sequence, key: str) -> list[SequenceElement]:
    """List one more element in a sequence: at its place where the project's order is kept, else behind the others.

    One that is listed stays where it is. Raises Refusal.
    """
    with transaction.atomic():
        row = living_sequence(sequence)
        keys = cast_keys(row)
        order = list(row.project.elements.filter(deleted_at=None).values_list("key", flat=True))
        wanted = keys if key in keys else [*keys, key]
        if key in order and _sorted(keys, order) == keys:
            wanted = _sorted(wanted, order)
        return set_sequence_elements(actor=actor, sequence=row, keys=wanted)


def move_element(*, actor: Actor, sequence: Sequence, key: str, up: bool) -> list[SequenceElement]:
    """Give an element of a sequence one step more priority (`up`) or less. Raises Refusal when it is not in it."""
    require(actor, sequence.project, *MAKERS)
    with transaction.atomic():
        row = living_sequence(sequence)
        keys = cast_keys(row)
        if key not in keys:
            raise Refusal(f"@{key} is not in {row.code}.", code="not_found", where=key)
        place = keys.index(key)
        other = min(max(place + (-1 if up else 1), 0), len(keys) - 1)
        keys[place], keys[other] = keys[other], keys[place]
        return set_sequence_elements(actor=actor, sequence=row, keys=keys)


def cast_keys(sequence: Sequence) -> list[str]:
    """Keys of a sequence's living elements, most important first."""
    rows = sequence.sequence_elements.filter(element__deleted_at=None).order_by("position", "id")
    return list(rows.values_list("element__key", flat=True))


def write_cast(sequence: Sequence, elements: list[Element]) -> list[SequenceElement]:
    """The rows that say who is in a sequence, inside the caller's transaction."""
    sequence.sequence_elements.filter(element__deleted_at=None).delete()
    return [
        SequenceElement.objects.update_or_create(sequence=sequence, element=element, defaults={"position": position})[0]
        for position, element in enumerate(elements)
    ]


def keep_picture(project: Project, key: str, upload: Upload) -> KeptPicture:
    """Verify and store a picture, outside any transaction. Raises Refusal."""
    with picture_on_disk(upload) as (path, picture):
        file = keep(path, project, "elements", key, f"{picture.sha256}.{picture.file}")
        return replace(picture, file=file)


@contextmanager
def picture_on_disk(upload: Upload) -> Iterator[tuple[Path, KeptPicture]]:
    """The verified picture as a path; `file` is only its suffix yet. Raises Refusal `bad_picture`."""
    name = name_of(upload)[-200:]
    with on_disk(upload) as path:
        try:
            image = open_picture(path, what=f"picture {name}")
        except MediaError as error:
            raise Refusal(str(error), code="bad_picture", where=name) from error
        with path.open("rb") as file:
            head = file.read(12)
        yield path, KeptPicture(name, _suffix(head), sha256_of(path), *image.size)


def create_image(element: Element, picture: KeptPicture, position: int, source: str = "") -> ElementImage:
    """The row of a stored picture, inside the caller's transaction. `source` says where it came from."""
    return ElementImage.objects.create(
        element=element, position=position, file=picture.file, name=picture.name, sha256=picture.sha256,
        width=picture.width, height=picture.height, source=source[:200],
    )  # fmt: skip


def _suffix(head: bytes) -> str:
    """By content: what a file is called may be wrong."""
    if head.startswith(b"\x89PNG"):
        return "png"
    return "webp" if head[:4] == b"RIFF" and head[8:12] == b"WEBP" else "jpg"


def _sorted(keys: list[str], order: list[str]) -> list[str]:
    return sorted(keys, key=order.index)


def _following(project: Project, order: list[str]) -> list[tuple[Sequence, list[str]]]:
    """Living sequences whose list stands in the project's order, with their keys. Two queries."""
    listed: dict[Sequence, list[str]] = {}
    rows = SequenceElement.objects.filter(
        sequence__project=project, sequence__deleted_at=None, element__deleted_at=None
    ).select_related("sequence", "element")
    for row in rows.order_by("position", "id"):
        listed.setdefault(row.sequence, []).append(row.element.key)
    return [(sequence, keys) for sequence, keys in listed.items() if len(keys) > 1 and _sorted(keys, order) == keys]


def _exactly(wanted: list[K], rows: dict[K, T]) -> list[T]:
    if sorted(wanted, key=str) != sorted(rows, key=str):
        raise Refusal(f"Name each once: {', '.join(map(str, rows))}.", where="order")
    return [rows[key] for key in wanted]


def living_element(element: Element) -> Element:
    """A fresh row of the element, its project locked, inside the caller's transaction. Raises Refusal when deleted."""
    locked(element.project)
    row = Element.objects.select_related("project").get(pk=element.pk)
    if row.deleted_at is not None:
        raise Refusal(f"@{row.key} was deleted; restore it first.", code="deleted", where=row.key)
    return row
