"""On which line each key of a TOML or JSON text stands. The text must have been read without an error before."""

from __future__ import annotations

import json
import re
import tomllib

from .plan import KeyPath

Lines = dict[KeyPath, int]

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}\n\r#]+")
_STRING = re.compile(r'"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\])*"|\'[^\']*\'', re.DOTALL)
_SPACE = re.compile(r"(?:\s|#[^\n]*)*")
_BLANK = re.compile(r"\s*")


def find_lines(text: str, *, is_json: bool) -> tuple[Lines, list[KeyPath]]:
    """Line (from 1) of every key and list item, and the keys written twice (only JSON lets that pass)."""
    scanner = _Json(text) if is_json else _Toml(text)
    scanner.scan()
    return scanner.lines, scanner.twice


def line_of(lines: Lines, path: KeyPath) -> int:
    """The line of `path`, or of the nearest table around it when it is not there; 0 when nothing is known."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 0)


class _Scanner:
    """Walks over the text once; counts lines by where it stands."""

    space = _BLANK

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.lines: Lines = {}
        self.twice: list[KeyPath] = []
        self._counted, self._line = 0, 1

    def scan(self) -> None:
        raise NotImplementedError

    def mark(self, path: KeyPath) -> None:
        """`path` stands where we are."""
        self._line += self.text.count("\n", self._counted, self.at)
        self._counted = self.at
        if path in self.lines:
            self.twice.append(path)
        self.lines[path] = self._line

    def skip(self) -> None:
        """Over white space (and comments, where the language has them)."""
        self.at = self._match(self.space).end()

    def peek(self) -> str:
        """The next character that counts, "" at the end."""
        self.skip()
        return self.text[self.at : self.at + 1]

    def take(self, mark: str) -> bool:
        """Go over `mark` when it is next."""
        if self.peek() != mark:
            return False
        self.at += 1
        return True

    def string(self) -> str:
        """Go over a quoted string and give it as written."""
        found = self._match(_STRING)
        self.at = found.end()
        return found[0]

    def value(self, path: KeyPath) -> None:
        """Go over any value, marking what is inside."""
        first = self.peek()
        if first == "[":
            self.array(path)
        elif first == "{":
            self.table(path)
        elif first in ('"', "'"):
            self.string()
        else:
            self.at = self._match(_SCALAR).end()

    def array(self, path: KeyPath) -> None:
        """[…], its items numbered from 0."""
        self.at += 1
        index = 0
        while not self.take("]"):
            self.mark((*path, index))
            self.value((*path, index))
            self.take(",")
            index += 1

    def table(self, path: KeyPath) -> None:
        """{…}, its keys under `path`."""
        self.at += 1
        while not self.take("}"):
            start = self.at
            key = self.key()
            end, self.at = self.at, start
            self.mark((*path, *key))
            self.at = end
            self.value((*path, *key))
            self.take(",")

    def key(self) -> KeyPath:
        """Go over a key and the mark behind it."""
        raise NotImplementedError

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str]:
        found = pattern.match(self.text, self.at)
        if found is None:
            raise ValueError(f"nothing to read at character {self.at}")
        return found


class _Json(_Scanner):
    def scan(self) -> None:
        self.peek()
        self.mark(())
        self.value(())

    def key(self) -> KeyPath:
        self.skip()
        name = json.loads(self.string(), strict=False)
        self.take(":")
        return (name,)


class _Toml(_Scanner):
    space = _SPACE

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._tables: dict[KeyPath, int] = {}

    def scan(self) -> None:
        self.mark(())
        table: KeyPath = ()
        while self.peek():
            start = self.at
            if self.take("["):
                table = self._header(many=self.text[self.at] == "[")
                end, self.at = self.at, start
                self.mark(table)
                self.at = end
                continue
            key = self.key()
            end, self.at = self.at, start
            self.mark((*table, *key))
            self.at = end
            self.value((*table, *key))

    def key(self) -> KeyPath:
        parts = self._dotted()
        self.take("=")
        return parts

    def _header(self, *, many: bool) -> KeyPath:
        self.at += many
        parts = self._dotted()
        self.at += 1 + many
        path: KeyPath = ()
        for part in parts[:-1]:
            path = (*path, part)
            if path in self._tables:
                path = (*path, self._tables[path])
        path = (*path, parts[-1])
        if many:
            self._tables[path] = self._tables.get(path, -1) + 1
            path = (*path, self._tables[path])
        return path

    def _dotted(self) -> KeyPath:
        parts = [self._part()]
        while self.take("."):
            parts.append(self._part())
        return tuple(parts)

    def _part(self) -> str:
        if self.peek() in ('"', "'"):
            return str(tomllib.loads(f"x = {self.string()}")["x"])
        found = self._match(_BARE)
        self.at = found.end()
        return found[0]
