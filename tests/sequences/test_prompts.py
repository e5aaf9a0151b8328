"""Prompt text: names, diffs and what is sent."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sequences.prompts import Part, Style, Voice, compile_prompt, compiled_lines, join_lines, mentions, word_diff

words = st.text(st.sampled_from("ab .,\n"), max_size=40)
WORDS = ("fog", "pier,", "@mara", "@dog-2", "slow", "push", "in.", "the", "a", "é", "光", "—", "")
SPACES = (" ", " ", "  ", "\n", "\n\n", "\t", "\u00a0")


def an_edit(chance: Random) -> tuple[str, str]:
    """A prompt and what somebody made of it: words put in, taken out, put elsewhere, written otherwise, joined."""

    def spoken(most: int) -> list[str]:
        return [chance.choice(WORDS) + chance.choice(SPACES) for _ in range(chance.randint(0, most))]

    old = spoken(40)
    new = list(old)
    for _ in range(chance.randint(0, 6)):
        at = chance.randint(0, len(new))
        to = chance.randint(at, min(len(new), at + 4))
        moved, way = new[at:to], chance.choice(["in", "out", "other", "move", "join"])
        new[at : at if way == "in" else to] = spoken(4) if way in ("in", "other") else []
        if way == "move":
            place = chance.randint(0, len(new))
            new[place:place] = moved
        elif way == "join":
            new[at:at] = ["".join(moved).replace(" ", "")]
    return "".join(old), "".join(new)


def applied(old: str, parts: tuple[Part, ...]) -> str:
    """The new text made by walking along the old one: what is the same is copied from it, what is gone skipped."""
    out, at = [], 0
    for part in parts:
        if part.op == "ins":
            out.append(part.text)
            continue
        assert old.startswith(part.text, at), "a diff must speak of the text it is applied to"
        at += len(part.text)
        if part.op == "same":
            out.append(part.text)
    assert at == len(old)
    return "".join(out)


@pytest.mark.parametrize("hundred", range(10))
def test_applying_the_diff_of_an_edit_gives_the_new_text(hundred: int) -> None:
    """1,000 edits."""
    for seed in range(100 * hundred, 100 * hundred + 100):
        old, new = an_edit(Random(seed))
        parts = word_diff(old, new)
        assert applied(old, parts) == new, seed
        assert all(part.text for part in parts), seed
        assert (old == new) == all(part.op == "same" for part in parts), seed
        assert all(a.op != b.op for a, b in pairwise(parts)), "neighbours of one kind are one part"


@given(words, words)
def test_applying_a_diff_gives_the_new_text_and_the_old(old: str, new: str) -> None:
    parts = word_diff(old, new)
    assert applied(old, parts) == new
    assert "".join(p.text for p in parts if p.op != "ins") == old


@given(words, st.lists(words, min_size=4, max_size=4))
def test_whose_line_is_whose_adds_up_to_what_is_sent(text: str, lines: list[str]) -> None:
    own, outer = Style(lines[0], lines[1]), Style(lines[2], lines[3])
    whole = own.within(outer)
    found = compiled_lines(text, {}, own, outer)
    assert " ".join(line.text for line in found) == compile_prompt(text, {}, prefix=whole.prefix, suffix=whole.suffix)


def test_lines_tell_whose_they_are_and_names_in_them_are_spoken() -> None:
    voices = {"mara": Voice("Mara", "a woman", True)}
    found = compiled_lines("@mara waits", voices, Style("night", "grain"), Style("35 mm, @mara alone", "still"))
    assert [(line.source, line.text) for line in found] == [
        ("project", "35 mm, Mara alone."), ("sequence", "night."), ("prompt", "Mara waits."),
        ("sequence", "grain."), ("project", "still"),
    ]  # fmt: skip


def test_a_reworded_phrase_reads_as_one() -> None:
    assert word_diff("her face lit blue. End", "her profile in light. End") == (
        Part("same", "her "), Part("del", "face lit blue."), Part("ins", "profile in light."), Part("same", " End"),
    )  # fmt: skip


def test_equal_texts_have_no_change() -> None:
    assert word_diff("a b", "a b") == (Part("same", "a b"),)


def test_mentions_once_in_order_and_no_address() -> None:
    assert mentions("@mara and @dog-2, @mara. mail a@b.c @@x") == ("mara", "dog-2")


def test_compiling_speaks_names_and_descriptions() -> None:
    voices = {
        "mara": Voice("Mara", "a woman in a yellow raincoat", True),
        "dog": Voice("Harbour dog", "a grey dog", False),
        "ferry": Voice("Ferry", "", False),
    }
    text = compile_prompt("@mara calls @dog; @ferry waits, @nobody too", voices, prefix="35 mm film", suffix="grain.")
    assert text == "35 mm film. Mara calls a grey dog; Ferry waits, nobody too. grain."


def test_lines_join_with_one_full_stop() -> None:
    assert join_lines("a.", "", "b", "c") == "a. b. c"
