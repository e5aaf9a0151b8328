"""The demo project's song, "Night Ferry": composed and synthesised here, note by note, with numpy alone.

96 beats a minute in A minor: intro, verses, pre-choruses, choruses, bridge, outro.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import av
import numpy as np

from sequences.media.files import written

RATE = 44_100
BEAT = 60 / 96
BAR = 4 * BEAT
TAIL = 1.2  # seconds a bar may ring into the next
CHUNK = 4096
Floats = np.ndarray[Any, np.dtype[np.float32]]

# Chords as MIDI notes, root first.
CHORDS: dict[str, tuple[int, ...]] = {
    "Am": (45, 57, 60, 64, 71),
    "F": (41, 57, 60, 65, 67),
    "C": (48, 55, 60, 64, 74),
    "G": (43, 55, 59, 62, 69),
    "Em": (40, 55, 59, 64, 66),
    "Dm": (50, 57, 62, 65, 72),
    "E": (40, 56, 59, 64, 71),
}
PLANS: dict[str, tuple[str, ...]] = {
    "intro": ("Am", "F", "C", "G"),
    "verse": ("Am", "Em", "F", "G"),
    "pre": ("F", "G", "Am", "E"),
    "chorus": ("C", "G", "Am", "F"),
    "bridge": ("Dm", "Am", "F", "E"),
    "outro": ("Am", "F", "C", "Am"),
}
# Loudness of each voice by section: pad, bass, kick, snare, hat, arpeggio, lead.
MIX: dict[str, tuple[float, ...]] = {
    "intro": (0.8, 0.0, 0.0, 0.0, 0.0, 0.55, 0.0),
    "verse": (0.6, 0.8, 0.8, 0.5, 0.35, 0.4, 0.0),
    "pre": (0.8, 0.8, 0.6, 0.35, 0.55, 0.7, 0.0),
    "chorus": (1.0, 1.0, 1.0, 0.9, 0.7, 0.8, 0.8),
    "bridge": (1.0, 0.5, 0.0, 0.0, 0.25, 0.9, 0.35),
    "outro": (0.8, 0.3, 0.0, 0.0, 0.0, 0.6, 0.2),
}
# Share of the song each section takes, in order.
FORM = (
    ("intro", 5),
    ("verse", 12),
    ("pre", 5),
    ("chorus", 10),
    ("verse", 9),
    ("pre", 5),
    ("chorus", 9),
    ("bridge", 7),
    ("chorus", 8),
    ("outro", 5),
)
KICK, SNARE = (0.0, 1.5, 2.0), (1.0, 3.0)  # beats of the bar
MINOR = (0, 3, 5, 7, 10)


@dataclass(frozen=True, slots=True)
class Taste:
    """What the seed decides: the arpeggio's order, the lead's notes and their rhythm."""

    steps: tuple[int, ...]
    tune: tuple[int, ...]
    rests: tuple[bool, ...]


def compose(seconds: float, seed: int, target: Path | str) -> None:
    """Write the song, stereo 44.1 kHz, exactly round(seconds x 44100) samples, as .flac or .m4a by suffix.

    The same seed gives the same song. Raises ValueError for another suffix or a length that is not positive.
    """
    target = Path(target)
    codecs = {".flac": ("flac", "flac", "s16"), ".m4a": ("aac", "mp4", "fltp")}
    if target.suffix not in codecs or seconds <= 0:
        raise ValueError("The demo song is written as .flac or .m4a, with a positive length.")
    with written(target) as part:
        _save(_song(seconds, seed), part, *codecs[target.suffix])


def sections(seconds: float) -> tuple[tuple[str, float], ...]:
    """The song's sections as (kind, start in seconds), starts on whole bars."""
    whole = sum(share for _, share in FORM)
    bars, before, found = seconds / BAR, 0, []
    for kind, share in FORM:
        found.append((kind, round(bars * before / whole) * BAR))
        before += share
    return tuple(found)


def _song(seconds: float, seed: int) -> Floats:
    taste = _taste(seed)
    count = round(seconds * RATE)
    mix = np.zeros((2, count + round((BAR + TAIL) * RATE)), np.float32)
    starts = sections(seconds)
    rendered: dict[tuple[str, int], Floats] = {}
    for bar in range(int(np.ceil(seconds / BAR))):
        kind, began = [s for s in starts if s[1] <= bar * BAR + 1e-6][-1]
        place = (round(bar - began / BAR)) % 4
        if (kind, place) not in rendered:
            rendered[kind, place] = _bar(kind, place, taste)
        at = round(bar * BAR * RATE)
        block = rendered[kind, place]
        mix[:, at : at + block.shape[1]] += block
    return _mastered(mix[:, :count])


def _taste(seed: int) -> Taste:
    random = np.random.default_rng(seed)
    steps = tuple(int(n) for n in random.permutation([1, 2, 3, 4, 2, 3, 1, 4]))
    tune = tuple(int(n) for n in np.clip(np.cumsum(random.integers(-1, 2, 32)), -2, 4))
    return Taste(steps, tune, tuple(bool(n) for n in random.random(32) < 0.42))


def _bar(kind: str, place: int, taste: Taste) -> Floats:
    """One bar of a section with what rings on after it, stereo."""
    chord = CHORDS[PLANS[kind][place]]
    pad, bass, kick, snare, hat, arp, lead = MIX[kind]
    out = np.zeros((2, round((BAR + TAIL) * RATE)), np.float32)
    for number, note in enumerate(chord[1:]):
        _place(out, _pad(note) * pad * 0.085, 0, (number - 1.5) / 3)
    for eighth in range(8) if bass else ():
        octave = 12 if eighth in (3, 6) else 0
        _place(out, _bass(chord[0] - 12 + octave) * bass * 0.3, eighth / 2, 0)
    _drums(out, kick, snare, hat, place)
    for step in range(16) if arp else ():
        note = chord[taste.steps[step % 8]] + (24 if step % 4 == 3 else 12)
        _echoed(out, _pluck(note) * arp * 0.075, step / 4, 0.55 if step % 2 else -0.55)
    for eighth in range(8) if lead else ():
        spot = (place * 8 + eighth) % 32
        if not taste.rests[spot]:
            octave, degree = divmod(taste.tune[spot], 5)
            _echoed(out, _lead(69 + 12 * octave + MINOR[degree]) * lead * 0.085, eighth / 2, 0.1)
    return out


def _drums(out: Floats, kick: float, snare: float, hat: float, place: int) -> None:
    for beat in KICK if kick else ():
        _place(out, _kick() * kick * 0.5, beat, 0)
    for beat in (*SNARE, *((3.75,) if place == 3 else ())) if snare else ():
        _place(out, _snare() * snare * 0.3, beat, 0.08)
    for eighth in range(8) if hat else ():
        _place(out, _hat() * hat * (0.1 if eighth % 2 else 0.16), eighth / 2, -0.25)


def _place(out: Floats, sound: Floats, beat: float, pan: float) -> None:
    """Add a mono sound at a beat of the bar; pan -1 left .. 1 right, equal power."""
    at = round(beat * BEAT * RATE)
    sound = sound[: out.shape[1] - at]
    angle = (pan + 1) * np.pi / 4
    out[0, at : at + len(sound)] += sound * np.float32(np.cos(angle))
    out[1, at : at + len(sound)] += sound * np.float32(np.sin(angle))


def _echoed(out: Floats, sound: Floats, beat: float, pan: float) -> None:
    for turn, strength in enumerate((1.0, 0.4, 0.18)):
        _place(out, sound * np.float32(strength), beat + turn * 0.75, pan * (-1) ** turn)


def _cached(make: Callable[..., Floats]) -> Callable[..., Floats]:
    return cast(Callable[..., Floats], lru_cache(maxsize=128)(make))


def _f32(values: Any) -> Floats:
    return np.asarray(values, dtype=np.float32)


def _time(seconds: float) -> Floats:
    return _f32(np.arange(round(seconds * RATE)) / RATE)


def _pitch(note: int) -> float:
    return float(440 * 2 ** ((note - 69) / 12))


@_cached
def _pad(note: int) -> Floats:
    t, sound = _time(BAR + 1.0), 0.0
    for drift in (-0.7, 0.5):
        for part in range(1, 6):
            sound = sound + np.sin(2 * np.pi * (_pitch(note) * part + drift) * t) / part**1.7
    shape = np.minimum(t / 0.35, 1) * np.clip((BAR + 1.0 - t) / 1.2, 0, 1)
    return _f32(sound * shape)


@_cached
def _bass(note: int) -> Floats:
    t = _time(BEAT / 2 + 0.08)
    phase = 2 * np.pi * _pitch(note) * t
    sound = np.sin(phase) + 0.35 * np.sin(2 * phase) * np.exp(-t * 9) + 0.12 * np.sin(3 * phase) * np.exp(-t * 14)
    return _f32(sound * _edges(t, 0.006, 0.08) * np.exp(-t * 2.2))


@_cached
def _pluck(note: int) -> Floats:
    t = _time(0.7)
    phase = 2 * np.pi * _pitch(note) * t
    parts = [np.sin(phase * n) * np.exp(-t * (4 + 3.5 * n)) / n for n in range(1, 5)]
    return _f32(sum(parts) * _edges(t, 0.003, 0.05))


@_cached
def _lead(note: int) -> Floats:
    t = _time(BEAT * 0.95)
    phase = 2 * np.pi * _pitch(note) * t + 0.35 * np.sin(2 * np.pi * 5.2 * t) * np.minimum(t / 0.3, 1)
    sound = np.sin(phase) + 0.3 * np.sin(2 * phase) + 0.12 * np.sin(3 * phase)
    return _f32(sound * _edges(t, 0.03, 0.16))


@_cached
def _kick() -> Floats:
    t = _time(0.32)
    phase = 2 * np.pi * (46 * t + 95 / 28 * (1 - np.exp(-t * 28)))
    return _f32(np.sin(phase) * np.exp(-t * 9) * _edges(t, 0.001, 0.05))


@_cached
def _snare() -> Floats:
    t = _time(0.24)
    noise = np.diff(np.random.default_rng(1).normal(0, 0.6, len(t) + 1))
    return _f32(noise * np.exp(-t * 17) + 0.6 * np.sin(2 * np.pi * 188 * t) * np.exp(-t * 22))


@_cached
def _hat() -> Floats:
    t = _time(0.09)
    noise = np.diff(np.random.default_rng(2).normal(0, 0.5, len(t) + 2), 2)
    return _f32(noise * np.exp(-t * 55))


def _edges(t: Floats, rise: float, fall: float) -> Floats:
    return _f32(np.minimum(t / rise, 1) * np.clip((t[-1] - t) / fall, 0, 1))


def _mastered(mix: Floats) -> Floats:
    """Gently limited, a short fade in, a long one out, peak at -1 dB."""
    count = mix.shape[1]
    loud = np.tanh(mix * np.float32(1.25))
    fade = min(count // 2, round(4.0 * RATE))
    loud[:, count - fade :] *= np.linspace(1, 0, fade, dtype=np.float32) ** 1.5
    rise = min(count // 2, round(0.02 * RATE))
    loud[:, :rise] *= np.linspace(0, 1, rise, dtype=np.float32)
    peak = float(np.abs(loud).max())
    return _f32(loud * (0.891 / peak)) if peak else loud


def _save(samples: Floats, part: Path, codec: str, container: str, kind: str) -> None:
    options = {"movflags": "+faststart", "movie_timescale": str(RATE)} if container == "mp4" else {}
    with av.open(str(part), "w", format=container, options=options) as out:
        stream = cast(av.AudioStream, out.add_stream(codec, rate=RATE, layout="stereo", format=kind))
        stream.bit_rate = 192_000
        chunk = 1024 if codec == "aac" else CHUNK
        for start in range(0, samples.shape[1], chunk):
            out.mux(stream.encode(_frame(samples[:, start : start + chunk], start, kind)))
        out.mux(stream.encode(None))


def _frame(samples: Floats, start: int, kind: str) -> av.AudioFrame:
    if kind == "s16":
        whole = np.rint(samples.T * 32767).astype(np.int16).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(whole), format="s16", layout="stereo")
    else:
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="fltp", layout="stereo")
    frame.sample_rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
    return frame
