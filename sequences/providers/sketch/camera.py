"""A shot's words to a camera move, and the move to the part of a picture each frame shows. Pure numbers."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

Box = tuple[float, float, float, float]
"""Centre x and y, width and height of what the frame shows, as fractions of the picture's edges."""

_GAIT = {"slow": 0.6, "fast": 1.5}


@dataclass(frozen=True, slots=True)
class Move:
    """One shot's camera.

    `pan` and `tilt` are -1, 0 or 1 (right and down positive), `zoom` is 1 to push in and -1 to pull out,
    `shake` is handheld sway, `orbit` an arc around the middle, `strength` 0.6 slow to 1.5 fast, 0 locked off.
    """

    pan: int = 0
    tilt: int = 0
    zoom: int = 0
    shake: bool = False
    orbit: int = 0
    strength: float = 1.0


_GO = r"(?:push|pull|doll(?:y|i)|zoom|mov|track|creep|glid|drift)(?:e?s|es|ing|ying|e|y)?"
_SLIDE = r"(?:whip[- ])?(?:pan|truck|track|slid|doll(?:y|i)|swe+p|mov|drift)(?:s|es|e|ing|ning|ying|y)?"
_WAY = r"[- ]+(?:\w+ )?"

_STATIC = r"static|locked[- ]?(?:off|down)|lock[- ]?off|holds?|motionless|tripod|fixed (?:camera|frame|shot)"
_IN = rf"{_GO}{_WAY}in(?:to|ward)?|{_GO} closer|clos(?:e|es|ing) in"
_OUT = rf"{_GO}{_WAY}(?:out|back|away)|pullback"
_LEFT = rf"{_SLIDE}{_WAY}(?:to (?:the )?)?left|right to left|leftward"
_RIGHT = rf"{_SLIDE}{_WAY}(?:to (?:the )?)?right|left to right|rightward"
_UP = (
    rf"tilt(?:s|ing)?{_WAY}up(?:ward)?|cran(?:e|es|ing)|boom(?:s|ing)?{_WAY}up|pedestal up"
    r"|(?:camera|shot|we) (?:slowly )?(?:rise|rising|rises|lifts?|ascends?)|rising (?:shot|camera)|rise"
)
_DOWN = rf"(?:tilt|boom|crane?)(?:s|ing)?{_WAY}down(?:ward)?|pedestal down|descend(?:s|ing)?"
_FOLLOW = r"track(?:s|ing)?|follow(?:s|ing)?|steadicam|alongside"


def _said(pattern: str, text: str) -> bool:
    return re.search(rf"\b(?:{pattern})\b", text) is not None


def read(prompt: str) -> Move:
    """The move a prompt asks for; a gentle push in when it asks for none."""
    text = prompt.lower()
    strength = _strength(text)
    side, height, depth = _sideways(text), _vertical(text), _depth(text)
    shake = _said(r"hand[- ]?held|shak(?:y|ing)|shoulder[- ]?cam\w*", text)
    orbit = _orbit(text)
    if side or height or depth or orbit:
        return Move(side, height, depth, shake, orbit, strength)
    if _said(_FOLLOW, text):
        return Move(pan=-1 if "left" in text else 1, shake=True, strength=strength)
    if shake:
        return Move(shake=True, zoom=1, strength=0.35 * strength)
    if _said(_STATIC, text):
        return Move(strength=0.0)
    return Move(zoom=1, strength=0.5 * strength)


def _strength(text: str) -> float:
    if _said(r"slow(?:ly)?|gentl[ey]|subtl[ey]|barely|drift(?:s|ing)?|creep(?:s|ing)?", text):
        return _GAIT["slow"]
    return _GAIT["fast"] if _said(r"fast|quick(?:ly)?|rapid(?:ly)?|whip|rush(?:es|ing)?|sudden(?:ly)?", text) else 1.0


def _sideways(text: str) -> int:
    if _said(_LEFT, text):
        return -1
    return 1 if _said(rf"{_RIGHT}|pan(?:s|ning)?|truck(?:s|ing)?|whip[- ]pan", text) else 0


def _vertical(text: str) -> int:
    if _said(_DOWN, text):
        return 1
    return -1 if _said(rf"{_UP}|tilt(?:s|ing)?", text) else 0


def _depth(text: str) -> int:
    if _said(_OUT, text):
        return -1
    return 1 if _said(_IN, text) else 0


def _orbit(text: str) -> int:
    if not _said(r"orbit(?:s|ing)?|arc(?:s|ing)?|circl(?:e|es|ing)|around (?:her|him|them|it)", text):
        return 0
    return -1 if "left" in text or "counter" in text else 1


@dataclass(frozen=True, slots=True)
class Path:
    """Where the frame is at every moment of a shot.

    `home` is the frame's width and height in a picture with room around it (0.8 leaves a tenth on each side).
    `anchored`: the first frame must be exactly the home box, because it shows a given start picture.
    """

    move: Move
    home: tuple[float, float]
    anchored: bool
    seconds: float
    phase: float = 0.0

    def at(self, u: float) -> Box:
        """The box at `u`, 0 at the shot's first frame and 1 at its last."""
        size = min(math.exp(self._zoom(u)), 1 / max(self.home))
        w, h = self.home[0] * size, self.home[1] * size
        x, y = self._centre(u, w, h)
        return min(max(x, w / 2), 1 - w / 2), min(max(y, h / 2), 1 - h / 2), w, h

    def _reach(self) -> float:
        """Short shots move less far, so that no move is faster than the eye likes."""
        return self.move.strength * min(1.0, 0.35 + self.seconds / 6)

    def _zoom(self, u: float) -> float:
        depth = -0.17 * self.move.zoom - 0.06 * abs(self.move.orbit)
        travels = self.move.pan or self.move.tilt or self.move.orbit
        if travels and self.anchored and self.move.zoom >= 0:
            depth -= 0.2
        zoom = depth * self._reach() * _ease(u)
        return zoom - (0.012 if self.move.shake else 0.0) * _ease(min(1.0, 4 * u))

    def _centre(self, u: float, w: float, h: float) -> tuple[float, float]:
        reach = min(1.0, self._reach())
        room_x, room_y = reach * self._room(self.home[0], w), reach * self._room(self.home[1], h)
        along = _ease(u) if self.anchored else 2 * _ease(u) - 1
        x = 0.5 + self.move.pan * room_x * along
        y = 0.5 + self.move.tilt * room_y * along
        if self.move.orbit:
            swing = math.sin(math.pi * u / 2) if self.anchored else math.sin(math.pi * (u - 0.5))
            x += self.move.orbit * room_x * swing * 0.9
            y += room_y * 0.18 * (1 - math.cos(math.pi * u)) / 2
        if self.move.shake:
            dx, dy = self._sway(u)
            x, y = x + dx * w, y + dy * h
        return x, y

    def _room(self, home: float, edge: float) -> float:
        """How far the frame may travel each way; a given picture's mirrored margin is only touched."""
        return (home - edge) / 2 + 0.35 * (1 - home) / 2 if self.anchored else (1 - edge) / 2

    def _sway(self, u: float) -> tuple[float, float]:
        t, p = u * self.seconds, self.phase
        settle = _ease(min(1.0, t / 0.6)) * 0.006

        def wave(a: float, b: float, at: float) -> float:
            return math.sin(a * t + at) + 0.5 * math.sin(b * t + 1.7 * at)

        return settle * wave(2.1, 5.3, p), settle * wave(2.9, 6.1, p + 2.0)


def _ease(u: float) -> float:
    """Starts and ends softly, but never crawls: half way between a line and a smooth step."""
    return 0.35 * u + 0.65 * u * u * (3 - 2 * u)
