"""Single values as scripts write them. Every reader gives None (or nothing) for what it does not understand."""

from __future__ import annotations

import hashlib
import json
import math
import re
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

LONGEST = Decimal(1_000_000)
MOST_DOLLARS = Decimal(1_000_000)
DEEPEST = 60
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ODD = re.compile("[\x00\ud800-\udfff]")
_CLOCK = re.compile(r"(?:(\d{1,2}):)?(\d{1,4}):(\d{1,2}(?:[.,]\d+)?)")
_SECONDS = re.compile(r"([-+]?\d{1,9}(?:[.,]\d{1,12})?)\s*(ms|s|sec|secs|seconds?)?")
_MONEY = re.compile(r"(?:US)?\s*([$¢]?)\s*(\d{1,9}(?:\.\d{1,12})?)\s*(USD|dollars?|cents?|ct|c|¢|\$)?", re.IGNORECASE)
_PASS = {"pass", "passed", "ok", "okay", "yes", "true", "good", "green", "success"}
_FAIL = {"fail", "failed", "no", "false", "bad", "red", "error", "ng"}
_WARN = {"warn", "warning", "maybe", "yellow", "borderline", "review"}


class TooDeep(ValueError):
    """Lists within lists without end."""


def load(data: bytes) -> Any:
    """JSON as it can be kept: no NaN, no zero bytes, no half characters. Raises ValueError."""
    try:
        text = data.decode("utf-8-sig", "replace")
        return clean(json.loads(text, parse_constant=str, parse_float=_finite))
    except RecursionError:
        raise TooDeep("its lists lie too deep in one another") from None


def _finite(text: str) -> float | str:
    value = float(text)
    return value if math.isfinite(value) else text[:60]


def clean(value: Any, depth: int = 0) -> Any:
    """The same value with what no database keeps replaced. Raises TooDeep."""
    if depth > DEEPEST:
        raise TooDeep("its lists lie too deep in one another")
    if isinstance(value, str):
        return _ODD.sub("\ufffd", value)
    if isinstance(value, list):
        return [clean(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {_ODD.sub("\ufffd", str(key)): clean(item, depth + 1) for key, item in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def digest(value: Any) -> str:
    """sha256 of the value's canonical JSON."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def text(value: Any, most: int | None = None) -> str:
    """Text or a number as text, without control characters and white space at its ends; empty for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    if isinstance(value, int) and abs(value) >= 10**18:
        return ""
    said = _CONTROL.sub(" ", str(value).replace("\r\n", "\n").replace("\r", "\n")).strip()
    return said[:most].strip() if most else said


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not -(10**15) < value < 10**15:  # NaN and infinities fail this too
        return None
    return Decimal(str(value))


def seconds(value: Any) -> Decimal | None:
    """A time: 4.5, "4.5s", "4500 ms", "0:04.5", "00:00:04.5"."""
    found = _number(value)
    if found is None and isinstance(value, str):
        found = _time_text(value.strip().lower())
    if found is None or not 0 <= found < LONGEST:
        return None
    return round(found, 3)


def _time_text(said: str) -> Decimal | None:
    if clock := _CLOCK.fullmatch(said):
        hours, minutes, rest = int(clock[1] or 0), int(clock[2]), Decimal(clock[3].replace(",", "."))
        return hours * 3600 + minutes * 60 + rest
    if plain := _SECONDS.fullmatch(said):
        number = Decimal(plain[1].replace(",", "."))
        return number / 1000 if plain[2] == "ms" else number
    return None


def length(value: Any) -> Decimal | None:
    """A time above nothing that a shot may have."""
    found = seconds(value)
    return found if found and found < 10_000 else None


def micros(value: Any, *, cents: bool = False) -> int | None:
    """Money as integer micro-dollars: 0.56, "$0.56", "56 cents", {"amount": 0.56}; `cents`: a bare number is cents."""
    if isinstance(value, dict):
        for key, item in value.items():
            if str(key).lower() in ("amount", "usd", "total", "total_usd", "value", "cost", "price"):
                return micros(item, cents=cents)
        return None
    found = _number(value)
    if found is None and isinstance(value, str) and (said := _MONEY.fullmatch(value.strip())):
        found = Decimal(said[2])
        word = (said[1] + (said[3] or "")).lower()
        cents = word in ("c", "ct", "¢", "cent", "cents") or (cents and not word)
    if found is None:
        return None
    dollars = found / 100 if cents else found
    return int(round(dollars * 1_000_000)) if 0 <= dollars < MOST_DOLLARS else None


def whole(value: Any, *, least: int = 0, most: int = 2**63 - 1) -> int | None:
    """A whole number, also one written as text."""
    if isinstance(value, str) and re.fullmatch(r"\s*[-+]?\d{1,18}\s*", value):
        value = int(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if least <= value <= most else None


def moment(value: Any) -> datetime | None:
    """A moment: ISO 8601, or seconds or milliseconds since 1970. Without a zone it is UTC."""
    try:
        if isinstance(value, str):
            found = datetime.fromisoformat(value.strip())
            return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
        number = _number(value)
        if number is None or number < 10**8:
            return None
        return datetime.fromtimestamp(float(number / 1000 if number > 10**11 else number), UTC)
    except (ValueError, OverflowError, OSError, InvalidOperation):
        return None


def verdict(value: Any) -> str:
    """pass, warn, fail, or empty for what is no verdict."""
    if isinstance(value, bool):
        return "pass" if value else "fail"
    if not isinstance(value, str):
        return ""
    word = value.strip().lower().rstrip("!.")
    return "pass" if word in _PASS else "fail" if word in _FAIL else "warn" if word in _WARN else ""


def decision(value: Any) -> str:
    """approved, rejected or empty, out of a status word."""
    word = value.strip().lower().replace("-", "_").replace(" ", "_") if isinstance(value, str) else ""
    if word in ("approved", "selected", "chosen", "final", "locked", "picked", "accepted", "keep"):
        return "approved"
    return "rejected" if word in ("rejected", "declined", "discarded", "bad", "trash", "redo") else ""


def snake(key: str) -> str:
    """A field's name in one shape: startFrame, start-frame and Start Frame are start_frame."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key.strip())
    return re.sub(r"[^a-z0-9]+", "_", parted.lower()).strip("_")


class Fields:
    """A record's fields by any of several names; remembers which were asked for."""

    def __init__(self, data: Any) -> None:
        self.data: dict[str, Any] = {}
        self.written: dict[str, str] = {}
        self.asked: set[str] = set()
        for key, value in data.items() if isinstance(data, dict) else ():
            name = snake(str(key))
            self.data.setdefault(name, value)
            self.written.setdefault(name, str(key))

    def first(self, *names: str) -> Any:
        """The first of these that says something; None when none does."""
        self.asked.update(names)
        return next((self.data[n] for n in names if self.data.get(n) not in (None, "", [], {})), None)

    def all(self, *names: str) -> list[Any]:
        """Every one of these that says something."""
        self.asked.update(names)
        return [self.data[n] for n in names if self.data.get(n) not in (None, "", [], {})]

    def unknown(self) -> list[str]:
        """Fields nobody asked for that say something, as they are written."""
        left = (n for n, v in self.data.items() if n not in self.asked and v not in (None, "", [], {}))
        return [self.written[n][:40] for n in left]
