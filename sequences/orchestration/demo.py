"""The demo project's plan, shipped with the package."""

from __future__ import annotations

from pathlib import Path

from sequences.planfile import Plan, parse

DEMO_PLAN = Path(__file__).resolve().parent.parent / "demo" / "night-ferry.toml"


def demo_plan() -> Plan:
    """The plan of Night Ferry: 12 sequences over 178 s. Song and reference pictures are made when it is imported:
    a 178 s song beside the plan as `song.file` says, pictures in each element's `refs` folder.
    """
    return parse(DEMO_PLAN.read_bytes(), DEMO_PLAN.name)
