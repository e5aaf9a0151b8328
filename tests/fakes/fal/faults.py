"""The fault script: which request goes wrong, and how.

A rule is JSON (`{"action": "answer_after", "args": {"seconds": 31}, "on": "submit", "endpoint": "fal-ai/kling*",
"nth": 2, "times": 1, "containing": "rain"}`) or compact text, several joined by semicolons:

    [on:]action[(args)][@endpoint][#nth][*times]      submit:answer_after(31)@fal-ai/kling*#2*1

`on` is the kind of request; `endpoint` a glob over the full endpoint id (of a file: the one that made it); `nth`
counts matching requests from the moment the rule was added, and `times` how many from there on (`*0`: all of them);
`containing` is a text the request's body must hold. Unsaid parts take the action's own defaults.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from typing import Any

KINDS = [
    "connect",
    "submit",
    "status",
    "result",
    "cancel",
    "stream",
    "token",
    "initiate",
    "upload",
    "download",
    "jwks",
    "pricing",
    "models",
    "requests",
    "billing",
]


@dataclass(frozen=True)
class Action:
    """`on` where it applies unless said, `stage` who carries it out, `args` names with their defaults in order."""

    on: str
    stage: str  # before: in place of the handler; after: on its answer; job: remembered with the request
    args: dict[str, Any] = field(default_factory=dict)
    times: int = 1


ACTIONS: dict[str, Action] = {
    # on any kind of request
    "reset_before_accept": Action("submit", "before"),
    "status": Action("submit", "before", {"code": 503, "body": None, "retry_after": None}),
    "429": Action("submit", "before", {"retry_after": 60}),
    "locked": Action("submit", "before", times=0),
    "html": Action("submit", "before", {"code": 502}),
    "empty": Action("submit", "before", {"code": 200}),
    "stall": Action("submit", "before"),
    "answer_after": Action("submit", "after", {"seconds": 31.0}),
    "accept_then_reset": Action("submit", "after"),
    "stall_after_accept": Action("submit", "after"),
    "status_after_accept": Action("submit", "after", {"code": 502}),
    "html_after_accept": Action("submit", "after", {"code": 200}),
    "empty_after_accept": Action("submit", "after", {"code": 200}),
    "no_request_id_after_accept": Action("submit", "after"),
    "foreign_urls": Action("submit", "after", {"base": "https://elsewhere.example"}),
    "refuse_connection": Action("connect", "connect"),
    # what becomes of the request
    "completed_with_error": Action(
        "submit", "job", {"code": 500, "type": "internal_server_error", "msg": "Internal server error"}
    ),
    "moderation": Action("submit", "job", {"input": "prompt", "at": "run"}),
    "stuck": Action("submit", "job", {"at": "running"}),
    "status_404_for": Action("submit", "job", {"seconds": 600.0}),
    "result_5xx_times": Action("submit", "job", {"n": 2, "code": 503}),
    "result_gone": Action("submit", "job", {"code": 404}),
    "missing_output": Action("submit", "job", {"keep": 0}),
    "bill": Action("submit", "job", {"units": "1"}),
    "no_units_header": Action("submit", "job"),
    "unlisted": Action("submit", "job"),
    "cancel_too_late": Action("submit", "job"),
    "media_url": Action("submit", "job", {"url": "https://elsewhere.example/clip.mp4"}),
    # its webhook
    "webhook_duplicate": Action("submit", "job", {"n": 2}),
    "webhook_late": Action("submit", "job", {"seconds": 600.0}),
    "webhook_early": Action("submit", "job"),
    "webhook_never": Action("submit", "job"),
    "webhook_forged": Action("submit", "job"),
    "webhook_foreign_account": Action("submit", "job"),
    "webhook_altered": Action("submit", "job"),
    "webhook_old_timestamp": Action("submit", "job", {"seconds": 301.0}),
    "webhook_unsigned": Action("submit", "job"),
    "webhook_gateway_id": Action("submit", "job"),
    "webhook_no_payload": Action("submit", "job"),
    # files
    "truncated": Action("download", "after", {"keep": 0.5}),
    "wrong_length": Action("download", "after", {"extra": 1000}),
    "zero_bytes": Action("download", "after"),
    "corrupt": Action("download", "after"),
    "wrong_content_type": Action("download", "after", {"type": "text/html"}),
    "huge_body": Action("download", "after"),
    "slow": Action("download", "after", {"bytes_per_second": 1.0}),
    "expired": Action("download", "before", {"code": 403}),
    "redirect": Action("download", "before", {"to": "http://169.254.169.254/latest/", "code": 302}),
    # prices
    "price": Action("pricing", "price", {"endpoint": "", "unit_price": "1", "unit": "seconds"}, times=0),
    "price_missing": Action("pricing", "price", {"endpoint": ""}, times=0),
}


@dataclass
class Rule:
    action: str
    args: dict[str, Any]
    on: str
    endpoint: str = "*"
    nth: int = 1
    times: int = 1
    containing: str = ""
    seen: int = 0
    fired: int = 0

    def wants(self, on: str, endpoint: str, body: bytes) -> bool:
        """Count a request and say whether this rule spoils it."""
        if on != self.on or not fnmatchcase(endpoint, self.endpoint) or self.containing.encode() not in body:
            return False
        self.seen += 1
        if self.seen < self.nth or (self.times and self.fired >= self.times):
            return False
        self.fired += 1
        return True

    @property
    def stage(self) -> str:
        return ACTIONS[self.action].stage


class FaultError(ValueError):
    """A rule that cannot be read, in one sentence."""


class Faults:
    """The rules that are on. `take` is called once a request, and is next to nothing while there are none."""

    def __init__(self, text: str = "") -> None:
        self.rules: list[Rule] = []
        self.add(text)

    def add(self, wanted: str | dict[str, Any] | list[Any]) -> None:
        """Compact text, one rule as JSON, or a list of either. Nothing is added when one cannot be read."""
        self.rules += read(wanted)

    def take(self, on: str, endpoint: str = "", body: bytes = b"") -> list[Rule]:
        if not self.rules:
            return []
        return [rule for rule in self.rules if rule.wants(on, endpoint, body)]

    def prices(self) -> list[Rule]:
        return [rule for rule in self.rules if rule.stage == "price"]

    def shown(self) -> list[dict[str, Any]]:
        return [asdict(rule) for rule in self.rules]


def read(wanted: str | dict[str, Any] | list[Any]) -> list[Rule]:
    if isinstance(wanted, str):
        return [compact(part.strip()) for part in wanted.split(";") if part.strip()]
    if isinstance(wanted, list):
        return [rule for part in wanted for rule in read(part)]
    return [built(**wanted)]


def built(action: str = "", args: dict[str, Any] | None = None, **more: Any) -> Rule:
    known = ACTIONS.get(action)
    if known is None:
        raise FaultError(f"There is no fault {action!r}; known: {', '.join(sorted(ACTIONS))}.")
    if unknown := set(args or {}) - set(known.args):
        raise FaultError(
            f"Fault {action} takes {', '.join(known.args) or 'nothing'}, not {', '.join(sorted(unknown))}."
        )
    values = {"on": known.on, "times": known.times, **more}
    if values["on"] not in KINDS:
        raise FaultError(f"There is no kind of request {values['on']!r}; known: {', '.join(KINDS)}.")
    if unknown := set(values) - {"on", "endpoint", "nth", "times", "containing"}:
        raise FaultError(f"A rule has no part {', '.join(sorted(unknown))}.")
    return Rule(action=action, args={**known.args, **(args or {})}, **values)


COMPACT = re.compile(
    r"(?:(?P<on>[a-z]+):)?(?P<action>[0-9a-z_]+)(?:\((?P<args>.*)\))?"
    r"(?:@(?P<endpoint>[^#\s]+?))?(?:#(?P<nth>\d+))?(?:\*(?P<times>\d+))?"
)


def compact(text: str) -> Rule:
    """One rule from its compact text. In it an endpoint ending in `*` and digits needs `#nth` before `*times`."""
    found = COMPACT.fullmatch(text)
    if not found:
        raise FaultError(f"Cannot read the fault {text!r}; write on:action(args)@endpoint#nth*times.")
    parts = {name: value for name, value in found.groupdict().items() if value is not None}
    more: dict[str, Any] = {name: parts[name] for name in ("on", "endpoint") if name in parts}
    more |= {name: int(parts[name]) for name in ("nth", "times") if name in parts}
    return built(parts["action"], arguments(parts["action"], parts.get("args", "")), **more)


def arguments(action: str, text: str) -> dict[str, Any]:
    """`31` or `code=502, body=no` after the names an action has, in their order."""
    names = list(ACTIONS[action].args) if action in ACTIONS else []
    values: dict[str, Any] = {}
    for place, part in enumerate(piece.strip() for piece in text.split(",") if piece.strip()):
        name, equals, value = part.partition("=")
        if not equals or name.strip() not in names:
            if place >= len(names):
                raise FaultError(f"Fault {action} takes {', '.join(names) or 'nothing'}; {part!r} is one too many.")
            name, value = names[place], part
        values[name.strip()] = literal(value.strip())
    return values


def literal(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
