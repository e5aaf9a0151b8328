"""A folder as the scripts left them: several spellings of the same things, holes, and files that are none."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from fractions import Fraction
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from sequences.media.video import Writer
from tests import factories

WIDTH, HEIGHT, RATE = factories.WIDTH, factories.HEIGHT, Fraction(24)
SHOTS = "projects/night-ferry/state/starsend/shots"
RED, GREEN, BLUE, GREY = (200, 30, 30), (30, 180, 60), (40, 60, 200), (90, 90, 90)


def film(path: Path, *colours: tuple[int, int, int], frames: int = 12, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Path:
    """A clip of flat colours, `frames` of each."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with Writer(path, *size, RATE) as writer:
        for colour in colours:
            picture = Image.new("RGB", size, colour)
            for n in range(frames):
                writer.write(picture, key=not n)
    return path


def picture(path: Path, colour: tuple[int, int, int] = GREY, size: tuple[int, int] = (320, 180)) -> Path:
    """A flat picture."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour).save(path)
    return path


def grid(path: Path) -> Path:
    """2 × 2 panels with white gutters."""
    image = Image.new("RGB", (648, 368), "white")
    draw = ImageDraw.Draw(image)
    for n, colour in enumerate((RED, GREEN, BLUE, GREY)):
        x, y = 8 + n % 2 * 320, 8 + n // 2 * 180
        draw.rectangle((x, y, x + 311, y + 171), fill=colour)
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)
    return path


def record(root: Path, name: str, data: Any, shots: str = SHOTS) -> Path:
    """One record's file."""
    path = root / shots / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(data if isinstance(data, str) else json.dumps(data), "utf-8")
    return path


def small(root: Path, **more: Any) -> Path:
    """One sequence of two shots with one take that is a single film of both. A film that is there already stays: the
    encoder need not write the same bytes twice, and other bytes are another take.
    """
    clip = root / SHOTS / "clips" / "seq01.mp4"
    if not clip.exists():
        film(clip, RED, BLUE)
    data = {
        "id": "SEQ01", "section": "Verse 1", "status": "approved", "start": 0, "end": 1,
        "prompt": "Shot 1 (0.5s): a pier at dawn. Shot 2 (0.5s): a ferry leaves.",
        "takes": [{"file": "clips/seq01.mp4", "model": "fal-ai/old-model", "cost": "$0.56", "seed": 7}],
        **more,
    }  # fmt: skip
    record(root, "SEQ01", data)
    return root


def messy(root: Path) -> Path:
    """Everything at once. Three sequences: one film of two shots, single shots, and one whose media are not there."""
    project, shots = root / "projects/night-ferry", root / SHOTS
    (project / "audio").mkdir(parents=True)
    shutil.copy(factories.song_file(12), project / "audio/ferry.wav")
    (project / "project.json").write_text(json.dumps({"title": "Night Ferry", "client": "Halogen Coast", "fps": 24}))
    for kind, name in (("characters", "mara"), ("props", "red_scarf")):
        picture(project / f"refs/{kind}/{name}/front.png", RED)
    picture(project / "refs/characters/mara/a-side.jpg", GREEN)
    (project / "refs/characters/mara/about.txt").write_text("a woman in a yellow coat")
    (project / "refs/characters/mara/broken.png").write_bytes(b"no picture")
    film(shots / "media/whole.mp4", RED, BLUE)
    film(shots / "media/sh01_a.mp4", GREEN)
    film(shots / "media/sh01_b.mp4", GREY)
    film(shots / "media/sh02.mp4", BLUE, size=(128, 72))
    (shots / "media/torn.mp4").write_bytes((shots / "media/whole.mp4").read_bytes()[:900])
    picture(shots / "frames/start.png", BLUE)
    grid(shots / "grids/grid_01.png")
    record(root, "SEQ01", {
        "id": "SEQ01", "section": "Verse 1", "status": "approved", "start": "0:00", "end": "0:01",
        "prompt": "Moody.\nShot 1 (0.5s): @mara waits. Shot 2 (0.5s): the ferry leaves.",
        "characters": ["mara", "nobody"], "grid": "grids/grid_01.png", "startFrame": "/old/disk/frames/start.png",
        "contact_sheet": "sheets/1.jpg", "lut": "teal.cube",
        "takes": [
            {"file": "media/torn.mp4", "model": "fal-ai/old", "cost": 0.42},
            {"video": {"path": "/Volumes/old/projects/night-ferry/state/starsend/shots/media/whole.mp4"}, "seed": "12",
             "model": "fal-ai/old", "cost_cents": 56, "created_at": "2026-03-01T10:00:00Z",
             "gates": {"duration": True, "black": "pass", "identity": {"score": 0.7, "limit": 0.8}, "cuts": "3 found"}},
        ],
        "selected": 2,
    })  # fmt: skip
    record(root, "seq02-shot-1", {
        "state": "done", "prompt": "a corridor of light", "duration": 0.5, "selected_take": "b",
        "attempts": {"a": "media/sh01_a.mp4", "b": {"clip": "sh01_b.mp4", "cost": 0.1, "prompt": "a corridor"}},
        "keyframe": "frames/start.png",
    })  # fmt: skip
    record(root, "2.2", {"prompt": ["the door", "opens"], "seconds": "0.5s", "versions": ["media/sh02.mp4"],
                         "approved": True})  # fmt: skip
    record(root, "SEQ03", {
        "prompts": [{"text": "rain", "duration": 2}, "sun"], "takes": [{"file": "media/gone.mp4"}], "approved": True,
        "image": "../../../../../etc/passwd",
    })  # fmt: skip
    record(root, "notes", "{ this is no JSON")
    record(root, "empty", [])
    os.symlink(shots / "media/whole.mp4", shots / "media/linked.mp4")
    record(root, "SEQ04", {"prompt": "a linked take", "take": 1, "video": "media/linked.mp4"})
    return root


def census(root: Path) -> dict[str, tuple[int, str]]:
    """Every file and folder with its time of change and, for files, its hash."""
    found = {}
    for path in sorted(root.rglob("*")):
        stat = path.lstat()
        plain = path.is_file() and not path.is_symlink()
        found[str(path.relative_to(root))] = (
            stat.st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest() if plain else "",
        )  # fmt: skip
    return found
