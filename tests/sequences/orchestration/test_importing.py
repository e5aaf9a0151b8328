"""Plans in and out: whole or not at all, history untouched, and the same bytes again."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given, settings
from hypothesis.extra.django import TestCase
from PIL import Image

from sequences import orchestration as verbs
from sequences import storage
from sequences.errors import Refusal
from sequences.models import Element, Project, PromptRevision, Sequence, Shot, Song
from sequences.orchestration.demo import DEMO_PLAN, demo_plan, lay_out
from sequences.planfile import Plan as PlanFile
from sequences.planfile import PlanError, dump
from sequences.providers import catalogue
from tests.factories import make_take, make_user, song_file
from tests.sequences.plan_strategy import plans

pytestmark = pytest.mark.django_db

PLAN = """\
format = 1

[project]
slug = "night-ferry"
title = "Night Ferry"
client = "Halogen Coast"
width = 160
height = 90
rate = "24"
budget = "80.00"
provider = "sketch"
model = ""
grid = "2x2"

[style]
prefix = "35 mm film"
suffix = ""
negative = "text"

[song]
file = "night-ferry.wav"

[[elements]]
key = "mara"
kind = "character"
name = "Mara"
description = "a woman of thirty"
refs = "refs/characters/mara"

[[elements]]
key = "lantern"
kind = "prop"
name = "Lantern"
description = "brass"

[[sequences]]
code = "SEQ01"
section = "Intro"
start = "0:00"
end = "0:03"
mode = "multi_shot"
elements = ["mara", "lantern"]
grid_prompt = "a ferry at dusk, wide"

  [[sequences.shots]]
  prompt = "@mara at the rail, slow push in"
  seconds = 1
  solo = false

  [[sequences.shots]]
  prompt = "@lantern, close"
  seconds = 2
  solo = true

[[sequences]]
code = "SEQ02"
section = "Verse"
start = "0:03"
end = "0:05.500"
mode = "per_shot"
elements = []

  [[sequences.shots]]
  prompt = "rain on glass"
  seconds = 2.5
  solo = false
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as people keep it: plan, song, reference pictures, and things that are no pictures."""
    catalogue.override("sketch/clip", min_start_edge=64)  # the plan's frames are tiny
    (tmp_path / "night-ferry.wav").write_bytes(song_file(6).read_bytes())
    refs = tmp_path / "refs/characters/mara"
    refs.mkdir(parents=True)
    for n, name in enumerate(("b-side.png", "a-front.jpg")):
        Image.new("RGB", (40, 60), (200, 150, n)).save(refs / name)
    (refs / "notes.txt").write_text("yellow coat")
    (tmp_path / "plan.toml").write_text(PLAN)
    return tmp_path


def bring(folder: Path, change: Callable[[str], str] = str, **asked: object) -> verbs.ImportReport:
    (folder / "plan.toml").write_text(change(PLAN))
    return verbs.import_plan(actor=None, plan=folder / "plan.toml", **asked)  # type: ignore[arg-type]


def exported(project: Project) -> str:
    return verbs.plan_text(verbs.export_plan(actor=None, project=project))


def history(code: str, number: int) -> list[tuple[str, str]]:
    shot = Shot.objects.get(sequence__code=code, number=number)
    return [(str(r), r.text) for r in shot.revisions.all()]


def test_a_plan_becomes_a_project(folder: Path) -> None:
    ines = make_user("ines")
    report = bring(folder, owner=ines)
    assert report.as_data() == {
        "slug": "night-ferry", "created": True, "sequences": 2, "shots": 3, "elements": 2, "revisions_added": 3
    }  # fmt: skip
    assert (report.warnings, report.removed) == ((), ())
    project = report.project
    assert verbs.role_of(ines, project) == "owner"
    assert (project.cap_micros, project.style_prefix, project.song.seconds) == (80_000_000, "35 mm film", 6)
    assert storage.absolute(project.song.file).exists()
    mara = project.elements.get(key="mara")
    assert [i.name for i in mara.images.all()] == ["a-front.jpg", "b-side.png"]
    assert all(storage.absolute(i.file).exists() for i in mara.images.all())
    first = project.sequences.get(code="SEQ01")
    assert [e.element.key for e in first.sequence_elements.all()] == ["mara", "lantern"]
    assert [(s.number, float(s.seconds), s.solo) for s in first.shots.all()] == [(1, 1.0, False), (2, 2.0, True)]
    revision = PromptRevision.objects.get(shot__sequence=first, shot__number=1)
    assert (revision.text, revision.source, revision.author) == ("@mara at the rail, slow push in", "import", ines)


def test_out_in_and_out_is_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    once = exported(bring(folder).project)
    assert once == PLAN
    again = bring(folder, lambda _: once)
    assert not again.created and again.revisions_added == 0
    assert exported(again.project) == once
    as_json = verbs.plan_text(verbs.export_plan(actor=None, project=again.project), as_json=True)
    (folder / "plan.json").write_text(as_json)
    assert exported(verbs.import_plan(actor=None, plan=folder / "plan.json").project) == once


def test_bringing_it_again_changes_nothing(folder: Path) -> None:
    bring(folder)
    before = [list(m.objects.order_by("pk").values()) for m in (Sequence, Shot, PromptRevision, Element, Song)]
    report = bring(folder)
    assert not report.created and report.revisions_added == 0
    assert before == [list(m.objects.order_by("pk").values()) for m in (Sequence, Shot, PromptRevision, Element, Song)]


def test_a_changed_prompt_is_a_revision_and_takes_keep_theirs(folder: Path) -> None:
    bring(folder)
    sequence = Sequence.objects.get(code="SEQ01")
    take = make_take(sequence, "making")
    report = bring(folder, lambda p: p.replace("slow push in", "static").replace("seconds = 1\n", "seconds = 1.5\n"))
    assert report.revisions_added == 1
    assert history("SEQ01", 1) == [
        ("r1", "@mara at the rail, slow push in"), ("r2", "@mara at the rail, static")
    ]  # fmt: skip
    pinned = take.shots.get(number=1)
    assert pinned.revision.text == "@mara at the rail, slow push in" and pinned.seconds == 1
    assert Shot.objects.get(sequence=sequence, number=1).seconds == 1.5


def test_a_prompt_typed_in_the_studio_stays_in_the_history(folder: Path) -> None:
    bring(folder)
    shot = Shot.objects.get(sequence__code="SEQ02", number=1)
    verbs.revise(actor=None, shot=shot, text="snow on glass")
    bring(folder)
    assert [text for _, text in history("SEQ02", 1)] == ["rain on glass", "snow on glass", "rain on glass"]


def test_what_the_plan_has_no_more_is_deleted_and_comes_back(folder: Path) -> None:
    bring(folder)
    take = make_take(Sequence.objects.get(code="SEQ02"), "making")
    ids = set(Shot.objects.values_list("pk", flat=True))

    def less(plan: str) -> str:
        plan = plan[: plan.index('[[sequences]]\ncode = "SEQ02"')]
        plan = plan.replace(plan[plan.rindex("  [[sequences.shots]]") :], "")
        element = plan[plan.index('[[elements]]\nkey = "lantern"') : plan.index("[[sequences]]")]
        return plan.replace(element, "").replace(', "lantern"', "")

    report = bring(folder, less)
    assert report.removed == ("@lantern", "SEQ01 shot 2", "SEQ02")
    assert Sequence.objects.get(code="SEQ02").deleted_at and take.sequence.takes.count() == 1
    assert report.warnings == ("plan.toml line 30: the shots of SEQ01 fill 1 s of 3 s.",)
    bring(folder)
    assert exported(report.project) == PLAN
    assert set(Shot.objects.values_list("pk", flat=True)) == ids
    assert PromptRevision.objects.count() == 3


def test_pictures_follow_their_folder(folder: Path) -> None:
    bring(folder)
    refs = folder / "refs/characters/mara"
    (refs / "a-front.jpg").unlink()
    Image.new("RGB", (50, 50), "red").save(refs / "0-new.webp")
    bring(folder)
    mara = Element.objects.get(key="mara")
    assert [i.name for i in mara.images.all()] == ["0-new.webp", "b-side.png"]
    (refs.parent / "mara").rename(refs.parent / "gone")
    assert bring(folder).warnings == () and mara.images.count() == 2


def test_the_usual_folder_needs_no_naming(folder: Path) -> None:
    usual = folder / "refs/props/lantern"
    usual.mkdir(parents=True)
    Image.new("RGB", (50, 50), "gold").save(usual / "1.png")
    bring(folder)
    lantern = Element.objects.get(key="lantern")
    assert (lantern.refs, lantern.images.count()) == ("refs/props/lantern", 1)


def test_another_song_by_hand(folder: Path) -> None:
    report = bring(folder, song=song_file(7))
    assert (report.project.song.seconds, report.project.song_file) == (7, "night-ferry.wav")
    assert exported(report.project) == PLAN


def test_a_breath_after_the_song_is_its_end(folder: Path) -> None:
    report = bring(folder, lambda p: p.replace('"0:05.500"', '"0:06.040"'))
    assert Sequence.objects.get(code="SEQ02").end == 6
    assert report.warnings == (
        "plan.toml line 55: the shots of SEQ02 fill 2.5 s of 3 s.",
        "plan.toml line 59: SEQ02 ends with the song, at 0:06.",
    )


def test_names_nobody_has_are_pointed_out(folder: Path) -> None:
    report = bring(folder, lambda p: p.replace("rain on glass", "@maro in the rain"))
    assert report.warnings == ("plan.toml line 64: SEQ02 shot 1 names @maro, which is no element of the plan.",)


def test_a_dry_run_checks_and_writes_nothing(folder: Path) -> None:
    report = bring(folder, lambda p: p.replace('night-ferry"', 'dry-run"'), dry_run=True)
    assert report.as_data()["revisions_added"] == 3 and report.created
    assert not Project.objects.exists() and not storage.absolute("projects/dry-run").exists()


BAD: list[tuple[str, str, list[str]]] = [
    ('file = "night-ferry.wav"', 'file = "gone.flac"',
     ["line 21: song.file is gone.flac; there is no such file beside the plan. Put it there or name a song."]),
    ('file = "night-ferry.wav"', 'file = "plan.toml"',
     ["line 21: song: plan.toml is not a song this studio can read, or it is damaged; "
      "send an mp3, wav, flac, m4a or ogg file."]),
    ('"0:05.500"', '"0:09"', ["line 59: sequences[1].end is 0:09; the song ends 3 s before, at 0:06."]),
    ('model = ""', 'model = "argent/3"', ['line 12: project.model is "argent/3"; sketch films with sketch/clip.']),
    ("seconds = 2.5", "seconds = 0",
     ["line 65: sequences[1].shots[0].seconds is 0; a shot needs more than 0 seconds."]),
]  # fmt: skip


@pytest.mark.parametrize(("good", "bad", "lines"), BAD, ids=[b[2][0].split(":")[1].strip() for b in BAD])
def test_bad_plans_write_nothing(folder: Path, good: str, bad: str, lines: list[str]) -> None:
    with pytest.raises(PlanError) as caught:
        bring(folder, lambda p: p.replace(good, bad))
    assert str(caught.value).splitlines() == [f"plan.toml {line}" for line in lines]
    assert not Project.objects.exists() and not PromptRevision.objects.exists()


def test_everything_wrong_is_told_at_once(folder: Path) -> None:
    (folder / "refs/characters/mara/0.png").write_bytes(b"no picture")
    with pytest.raises(PlanError) as caught:
        bring(
            folder, lambda p: p.replace('"sketch"', '"nobody"').replace('"0:05.500"', '"1:00"').replace("0:03", "0:3")
        )
    assert [p.line for p in caught.value.problems] == [11, 28, 40, 58, 59]
    assert "elements[0].refs: The picture 0.png is not a picture" in str(caught.value)
    assert not Project.objects.exists()


def test_a_bad_plan_leaves_a_project_as_it_was(folder: Path) -> None:
    project = bring(folder).project
    with pytest.raises(PlanError):
        bring(folder, lambda p: p.replace("rain on glass", "new words").replace('"0:05.500"', '"0:30"'))
    assert exported(project) == PLAN


def test_a_budget_below_what_is_spent(folder: Path) -> None:
    project = bring(folder).project
    Project.objects.filter(pk=project.pk).update(spent_micros=5_000_000)
    with pytest.raises(PlanError) as caught:
        bring(folder, lambda p: p.replace('"80.00"', '"4"'))
    assert str(caught.value) == (
        "plan.toml line 10: project.budget: $4.00 is below $5.00, which is spent or promised already; "
        "set at least that."
    )


def test_a_plan_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"^The plan .*gone\.toml cannot be read: there is no such file\.$"):
        verbs.import_plan(actor=None, plan=tmp_path / "gone.toml")


# --- from the browser


def sent(name: str, path: Path) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, path.read_bytes())


def test_plan_song_and_pictures_from_a_browser(folder: Path) -> None:
    ines = make_user("ines")
    report = verbs.import_plan(
        actor=ines,
        plan=sent("plan.toml", folder / "plan.toml"),
        song=sent("night-ferry.wav", folder / "night-ferry.wav"),
        pictures=[
            sent("mara-2.png", folder / "refs/characters/mara/b-side.png"),
            sent("Mara.jpg", folder / "refs/characters/mara/a-front.jpg"),
            sent("marathon.jpg", folder / "refs/characters/mara/a-front.jpg"),
        ],
    )
    assert verbs.role_of(ines, report.project) == "owner" and report.project.song.seconds == 6
    mara = report.project.elements.get(key="mara")
    assert [i.name for i in mara.images.all()] == ["Mara.jpg", "mara-2.png"]
    assert exported(report.project) == PLAN


def test_a_zip_of_the_folder_from_a_browser(folder: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in folder.rglob("*"):
            archive.write(path, path.relative_to(folder))
    refs = SimpleUploadedFile("refs.zip", packed.getvalue())
    report = verbs.import_plan(actor=make_user(), plan=sent("plan.toml", folder / "plan.toml"), refs=refs)
    assert report.project.song.seconds == 6
    assert report.project.elements.get(key="mara").images.count() == 2


@pytest.mark.parametrize("name", ["../out.png", "/etc/out.png", "a/../../out.png"])
def test_a_zip_that_leads_out_is_refused(folder: Path, name: str) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, b"x")
    with pytest.raises(Refusal, match="which leads out of it"):
        verbs.import_plan(
            actor=make_user(),
            plan=sent("p.toml", folder / "plan.toml"),
            refs=SimpleUploadedFile("r.zip", packed.getvalue()),
        )


def test_what_is_no_zip(folder: Path) -> None:
    with pytest.raises(Refusal, match=r"^r\.zip is no zip file this studio can open"):
        verbs.import_plan(
            actor=make_user(), plan=sent("p.toml", folder / "plan.toml"), refs=SimpleUploadedFile("r.zip", b"x")
        )


def test_a_browser_never_reaches_other_files(folder: Path) -> None:
    secret = folder / "night-ferry.wav"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("readme.txt", b"x")
    plan = SimpleUploadedFile("p.toml", PLAN.replace("night-ferry.wav", str(secret)).encode())
    with pytest.raises(PlanError, match="there is no such file beside the plan"):
        verbs.import_plan(actor=make_user(), plan=plan, refs=SimpleUploadedFile("r.zip", packed.getvalue()))


def test_a_song_that_was_not_sent_is_asked_for(folder: Path) -> None:
    report = verbs.import_plan(actor=make_user(), plan=sent("p.toml", folder / "plan.toml"))
    assert report.warnings == (
        "p.toml line 21: night-ferry.wav was not sent; add the song to the project.",
        "p.toml line 28: refs/characters/mara is not there; @mara goes along as words only.",
    )


class AnyPlan(TestCase):
    """Hypothesis rolls the database back after every example."""

    @settings(max_examples=30, deadline=None)
    @given(plans(), plans())
    def test_any_plan_comes_back_from_the_database(self, plan: PlanFile, other: PlanFile) -> None:
        """Also over another plan of the same slug, whose sequences, shots and elements are in the way."""
        second = replace(other, project=replace(other.project, slug=plan.project.slug))
        # a song that was named is remembered, also when a later plan names none
        second = replace(second, song=second.song or plan.song)
        for wanted in (plan, second, plan):
            text = dump(wanted)
            report = verbs.import_plan(actor=None, plan=SimpleUploadedFile("any.toml", text.encode()))
        again = verbs.import_plan(actor=None, plan=SimpleUploadedFile("any.toml", dump(plan).encode()))
        assert again.revisions_added == 0 and again.project == report.project
        assert exported(again.project) == dump(replace(plan, song=plan.song or second.song))


# --- the demo


def test_the_demo_plan_is_whole(tmp_path: Path) -> None:
    plan = demo_plan()
    assert len(plan.sequences) == 12 and plan.sequences[-1].end == 178
    for before, after in zip(plan.sequences, plan.sequences[1:], strict=False):
        assert before.end == after.start
    for sequence in plan.sequences:
        assert sum(s.seconds for s in sequence.shots) == sequence.end - sequence.start
        assert all(s.seconds == int(s.seconds) and 0 < len(s.prompt) <= 400 for s in sequence.shots)
    assert {s.mode for s in plan.sequences} == {"multi_shot", "per_shot"}
    assert any(s.solo for q in plan.sequences for s in q.shots)
    report = verbs.import_plan(actor=make_user(), plan=sent("night-ferry.toml", DEMO_PLAN))
    assert [w for w in report.warnings if "is not there" not in w and "not sent" not in w] == []
    assert json.loads(json.dumps(report.as_data()))["shots"] == 43


@pytest.mark.slow
def test_the_demo_lies_ready_to_be_imported(tmp_path: Path) -> None:
    plan = lay_out(tmp_path / "demo", lambda text, seed, size: Image.new("RGB", (size, size), (seed % 256, 90, 90)))
    report = verbs.import_plan(actor=None, plan=plan, owner=make_user())
    assert report.warnings == () and report.project.song.seconds == 178
    assert all(e.images.count() == 1 for e in report.project.elements.all())
    assert not verbs.import_plan(actor=None, plan=plan).created
