"""elements and import_refs: what the Elements page does, from the command line."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from sequences.models import Project
from sequences.orchestration import refs
from tests.commands import document, ran, refused, typed
from tests.factories import Plan, make_grid_ready, make_project, make_take, sequence_of

pytestmark = pytest.mark.django_db

IN = ("--project", "night-ferry")


@pytest.fixture
def project() -> Project:
    return make_project(sequences=[Plan(elements=("mara",))], elements=["mara", "dog"], song=False)


def draw(path: Path, colour: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (80, 60), (colour, 0, 0)).save(path)
    return path


def one(found: dict[str, Any], key: str) -> dict[str, Any]:
    return next(e for e in found["elements"] if e["key"] == key)


def names(found: dict[str, Any], key: str = "mara") -> list[str]:
    return [p["name"] for p in one(found, key)["pictures"]]


def test_lists_who_goes_where(project: Project, tmp_path: Path) -> None:
    found = document("elements", *IN, "--picture", "mara", str(draw(tmp_path / "a.png")))
    mara = one(found, "mara")
    assert {k: v for k, v in mara["pictures"][0].items() if k not in ("sha256", "file")} == {
        "number": 1, "front": True, "name": "a.png", "width": 80, "height": 60, "source": "upload",
    }  # fmt: skip
    assert mara["sequences"] == [
        {"code": "SEQ01", "rank": 1, "listed": True, "sent": True, "left_out_of_calls": [], "why": None, "shots": []}
    ]
    assert one(found, "dog")["sequences"] == []
    _, out, _ = ran("elements", *IN)
    assert "@mara" in out and "SEQ01" in out


def test_an_element_is_added_changed_deleted_and_brought_back(project: Project) -> None:
    found = document(
        "elements", *IN, "--add", "bell", "--kind", "prop", "--name", "Ferry bell", "--description", "brass"
    )
    assert [one(found, "bell")[k] for k in ("name", "kind", "description")] == ["Ferry bell", "prop", "brass"]
    found = document("elements", *IN, "--edit", "bell", "--name", "Bell")
    assert [one(found, "bell")[k] for k in ("name", "description")] == ["Bell", "brass"]
    found = document("elements", *IN, "--delete", "@bell")
    assert "bell" not in [e["key"] for e in found["elements"]]
    assert one(document("elements", *IN, "--restore", "bell"), "bell")["name"] == "Bell"
    assert refused("elements", *IN, "--restore", "bell")["message"] == "There is no deleted element @bell."
    assert refused("elements", *IN, "--delete", "cat")["message"] == (
        "night-ferry has no element @cat; it has @mara, @dog, @bell."
    )


def test_pictures_are_ordered_taken_off_and_put_back(project: Project, tmp_path: Path) -> None:
    files = [str(draw(tmp_path / f"{name}.png", n)) for n, name in enumerate("abc")]
    document("elements", *IN, "--picture", "mara", *files)
    assert names(document("elements", *IN, "--front", "mara", "2")) == ["b.png", "a.png", "c.png"]
    assert names(document("elements", *IN, "--order-pictures", "mara", "3,1,2")) == ["c.png", "b.png", "a.png"]
    gone = one(document("elements", *IN), "mara")["pictures"][1]["sha256"]
    assert names(document("elements", *IN, "--remove-picture", "mara", "2")) == ["c.png", "a.png"]
    back = document("elements", *IN, "--restore-picture", "mara", gone[:12])
    assert one(back, "mara")["pictures"][2]["sha256"] == gone
    assert refused("elements", *IN, "--front", "mara", "4")["message"] == (
        "@mara has no picture 4; it has pictures 1 to 3."
    )
    assert refused("elements", *IN, "--picture", "mara", "nothing.png")["message"] == "There is no file nothing.png."


def test_pictures_come_out_of_pictures_cells_and_frames(project: Project, tmp_path: Path) -> None:
    document("elements", *IN, "--picture", "mara", str(draw(tmp_path / "a.png")))
    found = document("elements", *IN, "--crop", "mara", "1", "10,5,40,40", "--as-front")
    assert names(found) == ["a, cropped.png", "a.png"]
    make_grid_ready(sequence_of(project), "2x2")
    make_take(sequence_of(project))
    found = document("elements", *IN, "--from-cell", "dog", "SEQ01/G1:3")
    found = document("elements", *IN, "--from-frame", "dog", "SEQ01/T1:12", "--box", "0,0,40,40")
    assert [(p["source"], p["width"]) for p in one(found, "dog")["pictures"]][1] == ("frame 12 of SEQ01/T1", 40)
    for asked, said in (
        (("--crop", "mara", "1", "1,2,3"), 'The crop is "1,2,3"; write x,y,width,height in pixels'),
        (("--from-cell", "mara", "SEQ01/G1"), "SEQ01/G1 names none; write it like SEQ01/G2:3."),
        (("--from-cell", "mara", "SEQ01/G9:1"), "SEQ01 has no grid G9; it has G1."),
    ):
        assert refused("elements", *IN, *asked)["message"].startswith(said)


def test_orders_and_casts(project: Project) -> None:
    found = document("elements", *IN, "--order", "dog,mara")
    assert [e["key"] for e in found["elements"]] == ["dog", "mara"]
    found = document("elements", *IN, "--cast", "SEQ01", "@dog,mara")
    assert [one(found, key)["sequences"][0]["rank"] for key in ("dog", "mara")] == [1, 2]
    assert one(document("elements", *IN, "--cast", "SEQ01", "-"), "dog")["sequences"] == []


@pytest.mark.parametrize(
    "asked",
    [("--edit", "mara"), ("--name", "X"), ("--picture", "mara"), ("--add", "a", "--delete", "b"), ("--front", "m")],
)
def test_wrong_usage(project: Project, asked: tuple[str, ...]) -> None:
    assert typed("elements", *IN, *asked) == 2


def test_refs_come_in_once(project: Project, tmp_path: Path) -> None:
    draw(tmp_path / "characters/mara/a.png", 1)
    draw(tmp_path / "props/bell/a.png", 2)
    (tmp_path / "props/bell/bad.png").write_text("x")
    rehearsal = document("import_refs", *IN, str(tmp_path), "--dry-run")
    assert rehearsal["dry_run"] is True and not project.elements.filter(key="bell").exists()
    report = document("import_refs", *IN, str(tmp_path))
    assert (report["elements"], report["pictures"]) == (
        ["bell"], [{"element": "mara", "name": "a.png"}, {"element": "bell", "name": "a.png"}]
    )  # fmt: skip
    assert report["problems"] == rehearsal["problems"] and "props/bell/bad.png is left out" in report["problems"][0]
    _, out, err = ran("import_refs", *IN, str(tmp_path))
    assert "0 elements and 0 pictures came in, 2 known already; 1 thing left out." in out and "bad.png" in err
    assert refused("import_refs", *IN, str(tmp_path / "none"))["message"] == "none is no folder."
    assert typed("import_refs", *IN, str(tmp_path), "--watch", "0") == 2


def test_without_a_folder_the_watched_one_is_looked_at(project: Project) -> None:
    assert "There is no folder refs/night-ferry" in refused("import_refs", *IN)["message"]
    there = refs.watched(project)
    try:
        path = draw(there / "places/pier/a.png")
        os.utime(path, (time.time() - 60,) * 2)
        assert document("import_refs", *IN)["elements"] == ["pier"]
    finally:
        shutil.rmtree(there.parent)


def test_a_watch_tells_only_what_is_new(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def drawn(name: str, colour: int) -> None:
        os.utime(draw(tmp_path / f"characters/mara/{name}.png", colour), (1, 1))

    looks: list[float] = []

    def pause(seconds: float) -> None:
        looks.append(seconds)
        if len(looks) == 2:
            drawn("b", 2)
        if len(looks) == 4:
            raise KeyboardInterrupt

    drawn("a", 1)
    monkeypatch.setattr(time, "sleep", pause)
    code, out, err = ran("import_refs", *IN, str(tmp_path), "--watch", "0.5")
    assert code == 0 and looks == [0.5] * 4 and "Stopped." in err
    assert [line for line in out.splitlines() if line.startswith("@")] == ["@mara: a.png", "@mara: b.png"]
