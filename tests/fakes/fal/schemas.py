"""Checking an input the way the model endpoints do: known fields are held to their limits, unknown ones ignored."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

Error = dict[str, Any]
Check = Callable[[dict[str, Any]], Iterable[Error]]
TYPES = {
    "string": str,
    "url": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
}


@dataclass(frozen=True)
class Field:
    """One input field. `low` and `high` bound a number, a text's characters or a list's length; `items` are the
    fields of the objects in a list, or the one field each plain item is."""

    type: str
    required: bool = False
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    default: Any = None
    items: dict[str, Field] | Field | None = None


@dataclass(frozen=True)
class Endpoint:
    """One model endpoint. `units` is what a good call bills, `price` US dollars a unit."""

    id: str
    fields: dict[str, Field]
    output: Literal["video", "images", "image"]
    price: Decimal
    unit: str
    units: Callable[[dict[str, Any]], Decimal]
    title: str = ""
    checks: tuple[Check, ...] = field(default=())

    def problems(self, given: Any) -> list[Error]:
        """What the model refuses about an input: `detail` of a 422; empty when it would be taken."""
        if not isinstance(given, dict):
            return [error(["body"], "dict_type", "Input should be a valid dictionary", given)]
        found = list(object_problems(self.fields, given, ["body"]))
        return found or [problem for check in self.checks for problem in check(given)]

    def value(self, given: dict[str, Any], name: str) -> Any:
        value = given.get(name)
        return self.fields[name].default if value is None else value


def error(loc: list[Any], kind: str, msg: str, given: Any = None, **ctx: Any) -> Error:
    made = {"loc": loc, "msg": msg, "type": kind, "url": f"https://docs.fal.ai/errors#{kind}", "input": given}
    return {**made, "ctx": ctx} if ctx else made


def object_problems(fields: dict[str, Field], given: dict[str, Any], loc: list[Any]) -> Iterable[Error]:
    for name, wanted in fields.items():
        if given.get(name) is not None:
            yield from field_problems(wanted, given[name], [*loc, name])
        elif wanted.required:
            yield error([*loc, name], "missing", "Field required", given)


def field_problems(wanted: Field, value: Any, loc: list[Any]) -> Iterable[Error]:
    kind = TYPES[wanted.type]
    if not isinstance(value, kind) or (isinstance(value, bool) and wanted.type in ("integer", "number")):
        yield error(loc, f"{wanted.type}_type", f"Input should be a valid {wanted.type}", value)
    elif wanted.choices and value not in wanted.choices:
        told = ", ".join(f"'{choice}'" for choice in wanted.choices)
        yield error(loc, "one_of", f"Input should be one of {told}", value, expected=list(wanted.choices))
    elif wanted.type == "url" and not value.startswith(("http://", "https://", "data:")):
        yield error(loc, "url_parsing", "Input should be a valid URL", value)
    elif wanted.type == "array":
        yield from length_problems(wanted, value, loc)
        yield from item_problems(wanted.items, value, loc)
    elif wanted.type == "string":
        yield from text_problems(wanted, value, loc)
    else:
        yield from bound_problems(wanted, value, loc)


def length_problems(wanted: Field, value: list[Any], loc: list[Any]) -> Iterable[Error]:
    if wanted.low is not None and len(value) < wanted.low:
        yield error(
            loc, "sequence_too_short", f"List should have at least {wanted.low} items", None, min_length=wanted.low
        )
    if wanted.high is not None and len(value) > wanted.high:
        yield error(
            loc, "sequence_too_long", f"List should have at most {wanted.high} items", None, max_length=wanted.high
        )


def item_problems(items: dict[str, Field] | Field | None, value: list[Any], loc: list[Any]) -> Iterable[Error]:
    for place, item in enumerate(value):
        here = [*loc, place]
        if isinstance(items, Field):
            yield from field_problems(items, item, here)
        elif items is not None and not isinstance(item, dict):
            yield error(here, "dict_type", "Input should be a valid dictionary", item)
        elif items is not None:
            yield from object_problems(items, item, here)


def text_problems(wanted: Field, value: str, loc: list[Any]) -> Iterable[Error]:
    if wanted.low is not None and len(value) < wanted.low:
        yield error(loc, "string_too_short", f"String should have at least {wanted.low} characters", value)
    if wanted.high is not None and len(value) > wanted.high:
        yield error(loc, "string_too_long", f"String should have at most {wanted.high} characters", value)


def bound_problems(wanted: Field, value: Any, loc: list[Any]) -> Iterable[Error]:
    if wanted.low is not None and value < wanted.low:
        yield error(loc, "greater_than_equal", f"Input should be at least {wanted.low}", value, ge=wanted.low)
    if wanted.high is not None and value > wanted.high:
        yield error(loc, "less_than_equal", f"Input should be at most {wanted.high}", value, le=wanted.high)


def openapi(endpoint: Endpoint) -> dict[str, Any]:
    """A small OpenAPI document of one endpoint: its input's properties and what is required."""
    schema = {
        "type": "object",
        "title": "Input",
        "properties": {name: property_of(wanted) for name, wanted in endpoint.fields.items()},
        "required": [name for name, wanted in endpoint.fields.items() if wanted.required],
    }
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Input"}}}, "required": True}
    return {
        "openapi": "3.0.4",
        "info": {
            "title": endpoint.title or endpoint.id,
            "version": "1.0.0",
            "x-fal-metadata": {"endpointId": endpoint.id},
        },
        "components": {"schemas": {"Input": schema}},
        "paths": {f"/{endpoint.id}": {"post": {"requestBody": body}}},
    }


def property_of(wanted: Field) -> dict[str, Any]:
    made: dict[str, Any] = {"type": "string" if wanted.type == "url" else wanted.type}
    limits = {"string": ("minLength", "maxLength"), "array": ("minItems", "maxItems")}
    for name, value in zip(limits.get(wanted.type, ("minimum", "maximum")), (wanted.low, wanted.high), strict=True):
        if value is not None:
            made[name] = value
    if wanted.choices:
        made["enum"] = list(wanted.choices)
    if wanted.default is not None:
        made["default"] = wanted.default
    if wanted.type == "array":
        made["items"] = items_of(wanted.items)
    return made


def items_of(items: dict[str, Field] | Field | None) -> dict[str, Any]:
    if isinstance(items, Field):
        return property_of(items)
    if items is None:
        return {}
    return {"type": "object", "properties": {name: property_of(wanted) for name, wanted in items.items()}}
