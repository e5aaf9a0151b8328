"""References inside JSON columns: files and rows are written as tags, so that they mean something elsewhere. Pure.

`{"$file": "seq01/t1/x.mp4"}` is a file of the project, `{"$row": ["sequences.take", 3]}` the third take of the bundle.
A key that begins with `$` in the original gets one more, so that nothing is taken for a tag that is none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

FILE, ROW = "$file", "$row"
Place = tuple[str | int, ...]


class BadTag(ValueError):
    """A tag that says nothing: `str()` is the sentence."""


def packed(value: Any, folder: str) -> Any:
    """JSON with every path below `folder` (`projects/slug/`) as a tag, and own `$` keys escaped."""
    if isinstance(value, dict):
        return {_escaped(key): packed(inner, folder) for key, inner in value.items()}
    if isinstance(value, list):
        return [packed(inner, folder) for inner in value]
    if isinstance(value, str) and value.startswith(folder) and clean(value.removeprefix(folder)):
        return {FILE: value.removeprefix(folder)}
    return value


def unpacked(value: Any, folder: str, row: Callable[[str, int], int]) -> Any:
    """The JSON back, with paths below `folder` and ids as `row` knows them. Raises BadTag."""
    if isinstance(value, list):
        return [unpacked(inner, folder, row) for inner in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {FILE}:
        return folder + _file(value[FILE])
    if value.keys() == {ROW}:
        return _row(value[ROW], row)
    return {_plain(key): unpacked(inner, folder, row) for key, inner in value.items()}


def with_row(value: Any, place: Place, tag: Callable[[Any], Any]) -> Any:
    """A packed JSON whose value at `place` (keys, `*` for every item of a list) is what `tag` makes of it."""
    if not place:
        return tag(value)
    first, rest = place[0], place[1:]
    if first == "*" and isinstance(value, list):
        return [with_row(inner, rest, tag) for inner in value]
    if isinstance(first, int) and isinstance(value, list) and first < len(value):
        return [with_row(inner, rest, tag) if n == first else inner for n, inner in enumerate(value)]
    if isinstance(value, dict) and first in value:
        return {key: with_row(inner, rest, tag) if key == first else inner for key, inner in value.items()}
    return value


def files(value: Any) -> Iterator[tuple[str, str]]:
    """Every file a packed JSON names, with the sha256 that stands beside it (`path` and `sha256`), else empty."""
    if isinstance(value, list):
        for inner in value:
            yield from files(inner)
    elif isinstance(value, dict):
        if value.keys() == {FILE}:
            yield _file(value[FILE]), ""
            return
        for key, inner in value.items():
            if key == "path" and isinstance(inner, dict) and inner.keys() == {FILE}:
                yield _file(inner[FILE]), str(value.get("sha256") or "")
            else:
                yield from files(inner)


def clean(name: str) -> bool:
    """Whether `name` is a path below a folder: no way out of it, nothing that another system reads differently."""
    parts = name.split("/")
    return (
        0 < len(name) <= 250
        and not any(part in ("", ".", "..") or part.startswith(".") or part.endswith((".", " ")) for part in parts)
        and not any(ord(sign) < 32 or ord(sign) == 127 or sign in '\\:*?"<>|' for sign in name)
        and parts[0] != "tmp"
    )


def _file(name: Any) -> str:
    if not isinstance(name, str) or not clean(name):
        raise BadTag(f"It names the file {str(name)[:80]!r}, which is no path of a project.")
    return name


def _row(named: Any, row: Callable[[str, int], int]) -> int | None:
    if named is None:
        return None
    if not isinstance(named, list) or len(named) != 2:
        raise BadTag("It names a row without its table and number.")
    return row(str(named[0]), named[1])


def _escaped(key: str) -> str:
    return f"${key}" if key.startswith("$") else key


def _plain(key: str) -> str:
    if key.startswith("$$"):
        return key[1:]
    if key.startswith("$"):
        raise BadTag(f"It holds the tag {key[:40]!r}, which this version does not know.")
    return key
