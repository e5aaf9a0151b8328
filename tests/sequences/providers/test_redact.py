"""Sentences about calls carry no key, token or query, whoever wrote the words."""

from __future__ import annotations

import pytest

from sequences.providers.redact import quotable, redact, safe_url

KEY = "0a1b2c3d-1111-2222-3333-444455556666:0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://fal.media/a/b.mp4?X-Goog-Signature=abc#x", "https://fal.media/a/b.mp4"),
        ("https://me:pass@fal.media/a", "https://fal.media/a"),
        ("http://127.0.0.1:8000/hooks/fal/t0ken-s3cret?x=1", "http://127.0.0.1:8000/hooks/fal/…"),
        ("nothing", "an unreadable address"),
        ("https://[bad/a", "an unreadable address"),
        ("https://fal.media:99999/a", "an unreadable address"),
    ],
)
def test_an_address_is_shown_without_what_opens_it(url: str, shown: str) -> None:
    assert safe_url(url) == shown


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: Key {KEY}",
        f"the key {KEY} is wrong",
        KEY,
        f"Bearer {KEY}",
        "see https://fal.media/a.png?token=0123456789abcdef0123456789abcdef.",
        "posted to /hooks/fal/0123456789abcdef0123456789abcdef",
        "key%200123456789abcdef0123456789abcdef",
        "https://u:0123456789abcdef0123456789abcdef@fal.media/",
    ],
)
def test_secrets_leave_no_trace(text: str) -> None:
    assert "0123456789abcdef" not in redact(text)
    assert "s3cret" not in redact("it said s3cret", "s3cret", "")


def test_plain_words_stay() -> None:
    said = "Input should be less than or equal to 15 (elements.0.frontal_image_url)."
    assert redact(said) == quotable(said) == said


def test_a_quote_is_one_short_line_of_printable_text() -> None:
    assert quotable("a\n\tb\x00\x1b[31mc\u202ed\u200be  ") == "a b [31mc d e"
    assert len(quotable("x" * 10**6)) == 300
    assert quotable("x" * 301).endswith("x…")
    assert quotable("y" * 20, limit=5) == "yyyy…"
