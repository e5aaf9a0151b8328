"""Plan files: what is read, everything that is wrong with a bad one, and the identical way back out."""

from __future__ import annotations

import json
import tomllib
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sequences.planfile import (
    Plan,
    PlanElement,
    PlanError,
    PlanProject,
    PlanShot,
    PlanSong,
    PlanStyle,
    dump,
    dump_json,
    parse,
    time_text,
)
from sequences.planfile.lines import find_lines
from sequences.planfile.reading import PROJECT_KEYS, SEQUENCE_KEYS
from tests.sequences.plan_strategy import plans

GOOD = """\
format = 1

[project]
slug = "night-ferry"   # identity
title = "Night Ferry"
client = "Halogen Coast"
width = 1280
height = 720
rate = "24"
budget = "80.00"
provider = "sketch"
model = ""
grid = "2x2"

[style]
prefix = "35 mm film, soft grain"
suffix = ""
negative = "text, watermark"

[song]
file = "night-ferry.flac"

[[elements]]
key = "mara"
kind = "character"
name = "Mara"
description = "a woman of thirty"
refs = "refs/characters/mara"

[[sequences]]
code = "SEQ01"
section = "Intro"
start = "0:00"
end = "0:14"
mode = "multi_shot"
elements = ["mara"]
grid_prompt = "a ferry at dusk, wide"

  [[sequences.shots]]
  prompt = "@mara at the rail, slow push in"
  seconds = 5
  solo = false

[[sequences]]
code = "SEQ02"
section = "Verse 1"
start = "0:14"
end = "0:30.250"
mode = "per_shot"
elements = []

  [[sequences.shots]]
  prompt = "rain on glass"
  seconds = 2.5
  solo = true
"""


def problems(text: str | bytes, name: str = "plan.toml") -> list[str]:
    with pytest.raises(PlanError) as caught:
        parse(text, name)
    assert caught.value.code == "bad_plan"
    return str(caught.value).splitlines()


def test_reads_every_key() -> None:
    plan = parse(GOOD)
    assert plan.project == PlanProject("night-ferry", "Night Ferry", "Halogen Coast", budget=Decimal("80.00"))
    assert plan.style == PlanStyle("35 mm film, soft grain", "", "text, watermark")
    assert plan.song == PlanSong("night-ferry.flac")
    assert plan.elements == (PlanElement("mara", "character", "Mara", "a woman of thirty", "refs/characters/mara"),)
    first, second = plan.sequences
    assert first.shots == (PlanShot("@mara at the rail, slow push in", Decimal(5)),)
    assert (second.start, second.end, second.mode) == (Decimal(14), Decimal("30.250"), "per_shot")
    assert second.shots[0] == PlanShot("rain on glass", Decimal("2.5"), solo=True)


def test_what_is_written_says_the_same_as_what_was_read() -> None:
    assert tomllib.loads(dump(parse(GOOD))) == tomllib.loads(GOOD)
    assert json.loads(dump_json(parse(GOOD))) == tomllib.loads(GOOD)


def test_the_documented_plan_and_the_documented_keys_are_the_real_ones() -> None:
    page = (Path(__file__).parents[2] / "docs" / "plan-file.md").read_text()
    example = page.split("```toml\n")[1].split("```")[0]
    assert dump(parse(example)) == example
    written = tomllib.loads(example)
    assert tuple(written["project"]) == PROJECT_KEYS and tuple(written["sequences"][0]) == SEQUENCE_KEYS
    assert all(f"{key}`" in page for key in (*PROJECT_KEYS, *SEQUENCE_KEYS[:-1]))


def test_a_small_plan_has_defaults() -> None:
    plan = parse('format = 1\n[project]\nslug = "a"\ntitle = "A"')
    assert plan == Plan(PlanProject("a", "A"))
    assert (plan.project.width, plan.project.rate, plan.project.grid) == (1280, "24", "2x2")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [('"0:00"', "0"), ('"1:07.5"', "67.5"), ('"12:03.125"', "723.125"), ("7", "7"), ("7.25", "7.25")],
)
def test_times(text: str, seconds: str) -> None:
    plan = parse(GOOD.replace('"0:00"', text).replace('"0:14"', '"20:00"').split('[[sequences]]\ncode = "SEQ02')[0])
    assert plan.sequences[0].start == Decimal(seconds)


BAD = [
    ("seconds = 5", "seconds = -3", "line 41: sequences[0].shots[0].seconds is -3; a shot needs more than 0 seconds."),
    ("seconds = 2.5", "seconds = nan",
     "line 54: sequences[1].shots[0].seconds is nan; it must be a number of seconds."),
    ("seconds = 2.5", "seconds = 2.5001",
     "line 54: sequences[1].shots[0].seconds is 2.5001; three decimals are the most."),
    ("seconds = 5", 'seconds = "5"', 'line 41: sequences[0].shots[0].seconds is "5"; it must be a number of seconds.'),
    ("  seconds = 5\n", "", "line 39: sequences[0].shots[0].seconds is missing."),
    ("solo = true", "solo = 1", "line 55: sequences[1].shots[0].solo is 1; it must be true or false."),
    ('start = "0:14"', 'start = "0:12.5"',
     "line 47: sequences[1].start is 0:12.500; SEQ01 runs until 0:14, 1.5 s later. Sequences may not overlap."),
    ('end = "0:14"', 'end = "0:75"',
     'line 34: sequences[0].end is "0:75"; write m:ss such as "1:07.5", or seconds as a number.'),
    ('end = "0:14"', "end = 0", "line 34: sequences[0].end is 0:00; it must come after the start, 0:00."),
    ('start = "0:00"', "start = -1.5", "line 33: sequences[0].start is -1.5; the song begins at 0."),
    ('section = "Intro"', 'sektion = "Intro"',
     "line 32: sequences[0].sektion is no key of a plan; did you mean section?"),
    ("solo = true", "length = 4\n  solo = true",
     "line 55: sequences[1].shots[0].length is no key of a plan; the keys here are prompt, seconds, solo, divided,"
     " model."),
    ('code = "SEQ02"', 'code = "SEQ01"',
     'line 45: sequences[1].code is "SEQ01", as in sequences[0]; each is used once.'),
    ('code = "SEQ02"', 'code = "SEQ 2"',
     'line 45: sequences[1].code is "SEQ 2"; use letters, digits, hyphens and underscores.'),
    ('elements = ["mara"]', 'elements = ["maro"]', 'line 36: sequences[0].elements names "maro"; the plan has mara.'),
    ('elements = ["mara"]', 'elements = ["mara", "mara"]', 'line 36: sequences[0].elements names "mara" twice.'),
    ('elements = ["mara"]', 'elements = "mara"',
     'line 36: sequences[0].elements is "mara"; it must be a list of texts such as ["mara"].'),
    ('mode = "per_shot"', 'mode = "mixed"', 'line 49: sequences[1].mode is "mixed"; use multi_shot or per_shot.'),
    ('rate = "24"', 'rate = "23"',
     'line 9: project.rate is "23"; use 24, 25, 30, 24000/1001 or 30000/1001.'),
    ('grid = "2x2"', 'grid = "4x4"', 'line 13: project.grid is "4x4"; use 1x1, 2x2 or 3x3.'),
    ("width = 1280", "width = 1281", "line 7: project.width is 1281; it must be an even number from 64 to 8192."),
    ("width = 1280", 'width = "wide"', 'line 7: project.width is "wide"; it must be a whole number of pixels.'),
    ('budget = "80.00"', 'budget = "-5"',
     'line 10: project.budget is "-5"; write dollars such as "80.00", not below 0.'),
    ('slug = "night-ferry"', 'slug = "night ferry"',
     'line 4: project.slug is "night ferry"; use letters and digits with single hyphens between.'),
    ('slug = "night-ferry"   # identity\n', "", "line 3: project.slug is missing."),
    ('title = "Night Ferry"', 'title = "  "', "line 5: project.title is empty; write something."),
    ('title = "Night Ferry"', 'title = "a\\u0000b"', "line 5: project.title holds a control character; take it out."),
    ('key = "mara"', 'key = "mara-"',
     'line 24: elements[0].key is "mara-"; use letters and digits, with hyphens or underscores between.'),
    ('refs = "refs/characters/mara"', 'refs = "../secret"',
     'line 28: elements[0].refs is "../secret"; name a folder beside the plan, without .. or a drive.'),
    ('refs = "refs/characters/mara"', "refs = 'C:\\pics'",
     'line 28: elements[0].refs is "C:\\\\pics"; name a folder beside the plan, without .. or a drive.'),
    ("format = 1", "format = 2", "line 1: format is 2; this studio reads format 1."),
    ("format = 1\n", "\n", "line 1: format is missing."),
    ('file = "night-ferry.flac"', "file = 3", "line 21: song.file is 3; it must be text in quotes."),
    ("seconds = 5", "seconds = ", "line 41: This is not TOML: invalid value at column 13."),
]  # fmt: skip


@pytest.mark.parametrize(
    ("good", "bad", "sentence"), BAD, ids=[b[2].split(" is ")[0] + f" {i}" for i, b in enumerate(BAD)]
)
def test_one_sentence_for_each_mistake(good: str, bad: str, sentence: str) -> None:
    assert GOOD.count(good) >= 1
    said = problems(GOOD.replace(good, bad, 1))
    extra = [line for line in said if line != f"plan.toml {sentence}"]
    assert len(said) == len(extra) + 1, said
    # a code or key that is wrong may be missed elsewhere, nothing else may be complained about
    assert all("elements names" in line for line in extra), extra


def test_everything_wrong_is_told_in_the_order_of_the_file() -> None:
    text = GOOD.replace("seconds = 5", "seconds = 0").replace('"24"', '"26"').replace('"0:30.250"', '"0:10"')
    assert [line.split(": ")[0] for line in problems(text)] == [f"plan.toml line {n}" for n in (9, 41, 48)]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"format = 1\ntitle = \xff", "plan.toml line 2: This is not UTF-8 text; save the file as UTF-8."),
        ("{", "plan.toml line 1: This is not JSON: expecting property name enclosed in double quotes at column 2."),
        ("[1]\n[1]", "plan.toml line 2: This is not TOML: cannot declare ('1',) twice at column 3."),
        ("{" * 3, "plan.toml line 1: This is not JSON: expecting property name enclosed in double quotes at column 2."),
        ('{"format":' + "[" * 100_000, "plan.toml: Lists and tables are nested too deeply to be a plan."),
        ("format = 0x" + "f" * 5000, "plan.toml: A number in it has too many digits."),
        ("format = " + "9" * 5000, "plan.toml: A number in it has too many digits."),
        ('{"format": 1e999}', "plan.toml: A number in it has too many digits."),
        (b" " * 4_000_001, "plan.toml: It has 4000001 bytes; a plan has at most 4000000."),
    ],
    ids=["latin1", "half", "twice", "braces", "deep", "hex", "digits", "exponent", "big"],
)
def test_what_is_no_plan_at_all(text: str | bytes, sentence: str) -> None:
    assert problems(text) == [sentence]


def test_a_json_plan_names_lines_and_doubles() -> None:
    text = dump_json(parse(GOOD))
    line = next(n for n, row in enumerate(text.splitlines(), 1) if '"seconds": 5' in row)
    assert problems(text.replace('"seconds": 5', '"seconds": -3'), "plan.json") == [
        f"plan.json line {line}: sequences[0].shots[0].seconds is -3; a shot needs more than 0 seconds."
    ]
    doubled = text.replace('"width": 1280', '"width": 640,\n    "width": 1280')
    assert problems(doubled, "p.json") == ["p.json line 8: project.width is written twice; keep one."]


def test_what_cannot_be_shown_is_written_as_its_escape() -> None:
    said = problems('{"format": 1, "pro\\ud800\\nject": {}}', "p.json")
    assert said[0] == ("p.json line 1: pro\\ud800\\nject is no key of a plan; did you mean project?")
    assert "\n".join(said).encode()


@pytest.mark.parametrize("wrong", ["5", '"x"', "[]", '{"a": 1}'])
def test_tables_that_are_none(wrong: str) -> None:
    for key in ("project", "style", "song", "elements", "sequences"):
        data = json.loads(dump_json(parse(GOOD))) | {key: json.loads(wrong)}
        if key in ("elements", "sequences") and wrong == "[]":
            continue
        said = problems(json.dumps(data), "plan.json")
        assert any(key in line for line in said)


def test_lines_of_odd_but_correct_toml() -> None:
    text = (
        'a . "b.c" = 1 # x = 2\n'
        "many = [ # one\n  '''\nq # [z]\n''',\n  { k = \"]\", l = [1,\n 2] },\n]\n"
        'text = """\n[no]\n\\""" still"""\n[[t]]\n[t.u]\nv = 1\n[[t]]\n[[t.w]]\nx = 1979-05-27 07:32:00\n'
    )
    tomllib.loads(text)
    lines, twice = find_lines(text, is_json=False)
    assert not twice
    wanted = {
        ("a", "b.c"): 1, ("many",): 2, ("many", 0): 3, ("many", 1): 6, ("many", 1, "k"): 6, ("many", 1, "l", 1): 7,
        ("text",): 9, ("t", 0): 12, ("t", 0, "u", "v"): 14, ("t", 1): 15, ("t", 1, "w", 0, "x"): 17,
    }  # fmt: skip
    assert {path: lines[path] for path in wanted} == wanted


@settings(max_examples=120, deadline=None)
@given(plans())
def test_any_plan_comes_back_whole_and_the_same_bytes(plan: Plan) -> None:
    text = dump(plan)
    assert parse(text) == plan
    assert dump(parse(text)) == text
    assert parse(dump_json(plan), "plan.json") == plan


@settings(max_examples=150, deadline=None)
@given(plans(), st.data())
def test_every_key_is_found_on_its_line(plan: Plan, data: st.DataObject) -> None:
    """Cut one line out of a written plan: whatever is complained about is a sentence with a line of the file."""
    lines = dump(plan).splitlines()
    index = data.draw(st.integers(0, len(lines) - 1))
    broken = "\n".join(lines[:index] + lines[index + 1 :])
    try:
        parse(broken)
    except PlanError as error:
        assert all(1 <= p.line <= len(lines) and p.message.endswith((".", "?")) for p in error.problems)


def test_what_calls_and_sequences_have_of_their_own_is_read_and_written_only_where_it_is() -> None:
    text = (
        GOOD.replace("  solo = true\n", '  solo = true\n  divided = true\n  model = "sketch/clip"\n')
        + '\n[[sequences]]\ncode = "SEQ03"\nstart = "0:31"\nend = "0:40"\ncell_prompts = ["a pier", "", "a lamp", ""]\n'
        + 'style = { suffix = "grain", negative = "text" }\n'
    )
    plan = parse(text)
    first, second, third = plan.sequences
    assert (second.shots[0].divided, second.shots[0].model) == (True, "sketch/clip")
    assert third.cell_prompts == ("a pier", "", "a lamp")
    assert third.style == PlanStyle("", "grain", "text")
    written = dump(plan)
    assert written.count("divided") == written.count("  model =") == written.count("cell_prompts") == 1
    assert 'style = { suffix = "grain", negative = "text" }' in written
    assert parse(written) == plan
    assert (first.style, first.cell_prompts, first.shots[0].divided) == (PlanStyle(), (), False)


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ("divided = 1", "line 43: sequences[0].shots[0].divided is 1; it must be true or false."),
        ("model = 3", "line 43: sequences[0].shots[0].model is 3; it must be text in quotes."),
    ],
)
def test_what_is_wrong_with_marks_of_a_shot_is_told_with_its_line(bad: str, says: str) -> None:
    text = GOOD.replace("  solo = false\n", f"  solo = false\n  {bad}\n")
    assert problems(text) == [f"plan.toml {says}"]


def test_what_is_wrong_with_panels_and_lines_of_a_sequence_is_told() -> None:
    start = GOOD.index('grid_prompt = "a ferry')
    text = GOOD[:start] + 'cell_prompts = "one"\nstyle = { prefx = "x" }\n' + GOOD[start:]
    assert problems(text) == [
        'plan.toml line 37: sequences[0].cell_prompts is "one"; it must be a list of texts such as ["a pier", ""].',
        "plan.toml line 38: sequences[0].style.prefx is no key of a plan; did you mean prefix?",
    ]
    many = GOOD[:start] + f"cell_prompts = {json.dumps(['x'] * 10)}\n" + GOOD[start:]
    assert problems(many) == ["plan.toml line 37: sequences[0].cell_prompts has 10 texts; 9 is the most."]
    long = GOOD[:start] + f"cell_prompts = {json.dumps(['x' * 1001])}\n" + GOOD[start:]
    assert problems(long) == [
        "plan.toml line 37: sequences[0].cell_prompts has a text of 1001 characters; 1000 is the most."
    ]


def test_times_are_written_as_people_write_them() -> None:
    written = [time_text(Decimal(t)) for t in ("0", "14.000", "67.5", "178", "3600.001")]
    assert written == ["0:00", "0:14", "1:07.500", "2:58", "60:00.001"]
