"""Stages, money and time as pages write them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.template import Context, Template

from sequences.templatetags import board

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"


@pytest.mark.parametrize(
    ("micro", "text"),
    [
        (4_480_000, "$4.48"),
        (0, "$0.00"),
        (10_000, "$0.01"),
        (9_999, "$0.0100"),
        (1_500, "$0.0015"),
        (1_234_567_890, "$1,234.57"),
        (4_485_000, "$4.49"),
        (-40_000, "-$0.04"),
        (None, "unknown"),
    ],
)
def test_money(micro: int | None, text: str) -> None:
    assert board.money(micro) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(67, "1:07"), (67.5, "1:07.5"), (59.96, "1:00"), (0, "0:00"), (178.0, "2:58"), (None, "")],
)
def test_tc(seconds: float | None, text: str) -> None:
    assert board.tc(seconds) == text


@pytest.mark.parametrize(
    ("frames", "rate", "text"),
    [
        (214, 24, "00:00:08:22"),
        (0, 24, "00:00:00:00"),
        (4272, 24, "00:02:58:00"),
        (30, 29.97, "00:00:01:00"),
        (30, "30000/1001", "00:00:01:00"),
        (90_000, 25, "01:00:00:00"),
    ],
)
def test_timecode(frames: int, rate: float | str, text: str) -> None:
    assert board.timecode(frames, rate) == text


@pytest.mark.parametrize(("seconds", "text"), [(161.9, "2:41"), (3761, "1:02:41"), (-3, "0:00"), (None, "")])
def test_elapsed(seconds: float | None, text: str) -> None:
    assert board.elapsed(seconds) == text


@pytest.mark.parametrize(("value", "text"), [(38.8, "38.8"), (5, "5"), (1234.5, "1234.5"), (None, "0")])
def test_css_numbers_are_never_localised(value: float | None, text: str) -> None:
    assert board.css(value) == text


def test_status_is_a_shape_and_a_word() -> None:
    html = Template('{% load board %}{% status "pick_start_frame" %}').render(Context())
    assert 'data-status="pick"' in html
    assert 'href="#i-pick"' in html
    assert "Pick start frame" in html
    assert "live" not in html


def test_live_status_turns() -> None:
    html = Template('{% load board %}{% status "generating" live=True %}').render(Context())
    assert 'class="icon live"' in html


def test_a_stage_nobody_knows_says_so() -> None:
    assert board.look("half-baked").word == "Unknown"


def test_an_icon_cannot_carry_markup() -> None:
    with pytest.raises(ValueError, match="_icons.html"):
        board.icon('x"/><script>')


def test_every_icon_named_in_a_template_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'id="i-([a-z0-9-]+)"', (TEMPLATES / "_icons.html").read_text()))
    used = {look.icon for look in board.LOOKS.values()} | {tone.icon for tone in board.TONES.values()}
    for page in TEMPLATES.rglob("*.html"):
        used |= set(re.findall(r'{% icon "([^"]+)"', page.read_text()))
        used |= set(re.findall(r'href="#i-([a-z0-9-]+)"', page.read_text()))
    assert used - sprite == set()
