"""Prompt text: names, diffs and what is sent."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sequences.prompts import Part, Voice, compile_prompt, join_lines, mentions, word_diff

words = st.text(st.sampled_from("ab .,\n"), max_size=40)


@given(words, words)
def test_applying_a_diff_gives_the_new_text_and_the_old(old: str, new: str) -> None:
    parts = word_diff(old, new)
    assert "".join(p.text for p in parts if p.op != "del") == new
    assert "".join(p.text for p in parts if p.op != "ins") == old


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
