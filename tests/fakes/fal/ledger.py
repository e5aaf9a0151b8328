"""What really happened, kept apart from everything that is told to clients."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

Record = dict[str, Any]
KINDS = ("post", "accepted", "ended", "billed", "cancelled", "webhook", "file")


class Ledger:
    """Append-only JSON lines, one `kind` each, handed to the system before the caller goes on: a record written is
    read again after `kill -9`. A torn last line is what was never acknowledged, and is skipped."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.records = after_reset(list(self._read()))
        self._file = path.open("ab", buffering=0)
        if path.stat().st_size and not path.read_bytes().endswith(b"\n"):
            self._file.write(b"\n")

    def _read(self) -> Iterator[Record]:
        if not self._path.exists():
            return
        for line in self._path.read_bytes().splitlines():
            try:
                record = json.loads(line)
            except ValueError:
                continue
            yield record

    def write(self, kind: str, **values: Any) -> Record:
        record = {"kind": kind, **values}
        self._file.write(json.dumps(record, separators=(",", ":")).encode() + b"\n")
        self.records.append(record)
        return record

    def reset(self) -> None:
        self.write("reset")
        self.records.clear()

    def of(self, kind: str) -> list[Record]:
        return [record for record in self.records if record["kind"] == kind]

    def summary(self) -> dict[str, Any]:
        """Every kind as a list under its name, and `totals`: counts, units and dollars (as text)."""
        groups: dict[str, list[Record]] = {kind: [] for kind in KINDS}
        for record in self.records:
            if record["kind"] in groups:
                groups[record["kind"]].append(record)
        billed = groups["billed"]
        totals = {
            **{kind: len(records) for kind, records in groups.items()},
            "billed_units": str(sum((Decimal(r["units"]) for r in billed), Decimal(0))),
            "billed_usd": str(sum((Decimal(r["usd"]) for r in billed), Decimal(0))),
        }
        return {**groups, "totals": totals}

    def close(self) -> None:
        self._file.close()


def after_reset(records: list[Record]) -> list[Record]:
    last = max((place for place, record in enumerate(records) if record["kind"] == "reset"), default=-1)
    return records[last + 1 :]


def read(path: Path) -> list[Record]:
    """The records of a ledger file, without a server."""
    lines = path.read_bytes().split(b"\n")[:-1]
    return [json.loads(line) for line in lines if line]
