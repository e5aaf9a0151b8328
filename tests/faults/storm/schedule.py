"""A schedule from its seed: what happens, in order, in words. Pure."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

LEAST, MOST = 8, 15

# what the provider does wrong with the next calls, and how often it is chosen
FAULTS: dict[str, int] = {
    "accept_then_reset": 5,
    "answer_after(0.4)": 2,
    "status_after_accept(502)": 4,
    "html_after_accept": 2,
    "empty_after_accept": 1,
    "no_request_id_after_accept": 2,
    "reset_before_accept": 3,
    "status(503)": 3,
    "status(409)": 1,
    "status(401)": 1,
    "html(502)": 1,
    "429(5)": 2,
    "locked*1": 1,
    "refuse_connection*3": 2,
    "moderation": 3,
    "moderation(prompt, submit)": 2,
    "stuck": 3,
    "stuck(queue)": 2,
    "status_404_for(600)": 2,
    "status_404_for(9000)": 1,
    "result_5xx_times(2)": 2,
    "result_gone(404)": 1,
    "missing_output": 1,
    "completed_with_error": 2,
    "no_units_header": 1,
    "bill(2)": 2,
    "bill(0)": 1,
    "cancel_too_late": 2,
    "unlisted": 2,
    "truncated": 1,
    "zero_bytes": 1,
    "corrupt": 2,
    "corrupt*0": 1,
    "expired": 1,
    "wrong_content_type": 1,
    "status:status(500)*2": 2,
    "result:html(502)": 1,
    "requests:status(500)*2": 2,
    "cancel:status(500)": 1,
    "upload:status(500)": 1,
    "webhook_early": 1,
}
PAIRED = ("unlisted", "stuck", "no_units_header", "bill(2)", "cancel_too_late")
"""What may befall a call together with a lost answer."""

VARIANTS = ("", "", "", "", "forged", "foreign_account", "altered", "old_timestamp", "unsigned")
JUMPS = (3, 10, 25, 40, 70, 400, 2000, 4600, 9000, 90_000)


@dataclass(frozen=True)
class Op:
    """One thing that happens. `pick` chooses among what there is at that moment."""

    name: str
    pick: float = 0.0
    args: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        said = " ".join(f"{name}={value}" for name, value in self.args.items())
        return f"{self.name} {said}".strip()


@dataclass(frozen=True)
class Schedule:
    """`calls` is what the cap allows, in grids; `tail` seeds what happens while everything is brought to its end."""

    seed: int
    sequences: int
    calls: int
    films: bool
    ops: tuple[Op, ...]

    def words(self) -> str:
        """The whole schedule, a line a step."""
        kind = "takes and grids" if self.films else "grids"
        head = f"seed {self.seed}: {self.sequences} sequences, a cap for {self.calls} grids, {kind}"
        return "\n".join([head, *(f"  {n:2}. {op}" for n, op in enumerate(self.ops, start=1))])


def made(seed: int) -> Schedule:
    """The schedule of a seed, always the same."""
    dice = random.Random(seed)
    films = dice.random() < 0.12
    sequences = dice.choice((1, 1, 2))
    count = dice.randint(LEAST, MOST)
    ops = opening(dice, films)
    if seed % 10 == 0:
        ops += siege(dice)
    while len(ops) < count:
        make = dice.choices(list(MAKERS), weights=list(MAKERS.values()))[0]
        ops += make(dice, films)
    return Schedule(seed, sequences, dice.randint(1, 6), films, tuple(ops))


def opening(dice: random.Random, films: bool) -> list[Op]:
    """Nothing happens before somebody has asked for something; often something is wrong from the start."""
    ops = fault(dice, films) if dice.random() < 0.5 else []
    return [*press(dice, films), *ops, *work(dice, films)]


def siege(dice: random.Random) -> list[Op]:
    """The worst that is known: a process stands still just before its POST while people decide, and then goes on."""
    ask = Op("press", dice.random(), {"what": "grid", "form": 9, "count": 1, "times": 1})
    still = Op("work", 0.0, {"how": "frozen", "statement": dice.randint(15, 50)})
    here = Op("work", 0.0, {"how": "here"})
    waits = [Op("jump", 0.0, {"seconds": seconds}) for seconds in (40, dice.choice((3, 400, 4600, 9000)))]
    decision = Op(dice.choice(("absent", "write_off")), 0.99, {"choice": 0.5})
    after = dice.choice(([Op("thaw", 0.0)], [Op("retry", 0.99), here, Op("thaw", 0.0)], [here, decision]))
    return [ask, still, waits[0], here, waits[1], here, decision, *after]


def press(dice: random.Random, films: bool) -> list[Op]:
    what = "take" if films and dice.random() < 0.6 else "grid"
    args = {
        "what": what,
        "form": dice.randint(1, 3),
        "count": dice.choice((1, 1, 1, 2)),
        "times": dice.choice((1, 1, 1, 1, 2, 3)),
    }
    return [Op("press", dice.random(), args)]


def work(dice: random.Random, films: bool) -> list[Op]:
    how = dice.choices(("here", "broken", "beside", "killed", "frozen"), weights=(6, 2, 1, 3, 3))[0]
    args: dict[str, Any] = {"how": how}
    if how == "broken":
        args["statement"] = dice.randint(1, 70)
    if how in ("killed", "frozen"):
        if dice.random() < 0.55:
            args["moment"] = dice.choice(("asked", "accepted", "answered"))
        else:
            args["statement"] = dice.randint(1, 80)
    return [Op("work", dice.random(), args)]


def fault(dice: random.Random, films: bool) -> list[Op]:
    rules = [dice.choices(list(FAULTS), weights=list(FAULTS.values()))[0]]
    if "after" in rules[0] and dice.random() < 0.3:
        rules.append(dice.choice(PAIRED))
    return [Op("fault", dice.random(), {"rule": "; ".join(rules)})]


def jump(dice: random.Random, films: bool) -> list[Op]:
    return [Op("jump", dice.random(), {"seconds": dice.choice(JUMPS)})]


def hook(dice: random.Random, films: bool) -> list[Op]:
    return [Op("hook", dice.random(), {"variant": dice.choice(VARIANTS), "times": dice.choice((1, 1, 2))})]


def decide(dice: random.Random, films: bool) -> list[Op]:
    name = dice.choice(("absent", "absent", "write_off", "write_off", "found", "ask_again", "put_away"))
    return [Op(name, dice.random(), {"choice": round(dice.random(), 2)})]


def simple(name: str) -> Callable[[random.Random, bool], list[Op]]:
    """An operation that needs nothing but a pick."""

    def make(dice: random.Random, films: bool) -> list[Op]:
        return [Op(name, dice.random())]

    return make


MAKERS: dict[Callable[[random.Random, bool], list[Op]], int] = {
    press: 4,
    work: 12,
    fault: 5,
    jump: 7,
    hook: 3,
    decide: 7,
    simple("cancel"): 2,
    simple("retry"): 4,
    simple("thaw"): 3,
    simple("reap"): 1,
    simple("unplug"): 1,
    simple("reopen"): 1,
}
