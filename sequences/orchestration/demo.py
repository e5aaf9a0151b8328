"""The demo project: its plan is shipped, its song is composed and its reference pictures are drawn when it is made."""

from __future__ import annotations

import shutil
import zlib
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from sequences.media.grids import save
from sequences.planfile import Plan, parse
from sequences.song.compose import compose

DEMO_PLAN = Path(__file__).resolve().parent.parent / "demo" / "night-ferry.toml"
SEED = 178
PICTURE = 768  # pixels an edge

Portrait = Callable[[str, int, int], Image.Image]
"""Draws a reference picture from description, seed and edge in pixels."""


def demo_plan() -> Plan:
    """The plan of Night Ferry: 12 sequences over 178 s."""
    return parse(DEMO_PLAN.read_bytes(), DEMO_PLAN.name)


def lay_out(folder: Path, portrait: Portrait) -> Path:
    """Write the demo's plan, song and reference pictures into `folder`; the plan's path, ready for `import_plan`.

    The same everywhere and every time, so that making the demo again changes nothing.
    """
    plan = demo_plan()
    folder.mkdir(parents=True, exist_ok=True)
    if plan.song:
        compose(float(max(s.end for s in plan.sequences)), SEED, folder / plan.song.file)
    for element in plan.elements:
        picture = portrait(f"{element.name}, {element.description}", zlib.crc32(element.key.encode()), PICTURE)
        save(picture, _made(folder / element.refs) / "1-front.png")
    return Path(shutil.copyfile(DEMO_PLAN, folder / DEMO_PLAN.name))


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
