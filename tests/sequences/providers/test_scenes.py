"""The sketch artist's scenes: what words do to a picture, and that the same words give the same picture."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from sequences.providers.sketch.scenes import FAMILIES, paint, paint_layers, portrait, read
from sequences.providers.sketch.scenes.lexicon import COLOURS

WIDE = (192, 108)
PROMPTS = {
    "horizon": "a ferry on the horizon at dusk, wide",
    "deck": "Mara at the rail of the deck at night, city lights behind",
    "rain": "rain on glass, a woman looks out at the city",
    "street": "a woman with an umbrella in a neon street at night",
    "stage": "the band on stage, beams and crowd",
    "desert": "a tiny figure crosses the dunes",
    "corridor": "a man walks along the ferry's car deck",
    "forest": "a hooded man with a lantern in the forest",
    "lantern": "close on the lantern",
    "lighthouse": "a lighthouse on the cape, its beam over the sea",
    "underwater": "underwater, a woman sinking in shafts of light",
    "streaks": "profile against light streaks from the train window",
    "skyline": "two figures on a rooftop before the skyline",
    "pier": "a woman in a yellow raincoat at the end of the pier in fog",
    "moon": "two figures on a hill before a huge full moon",
    "shore": "dawn on the shore, gulls",
    "room": "a woman at the window of a hotel room",
    "mountain": "snow falls on the mountain",
    "road": "headlights on a wet road at night",
    "field": "a girl in a wheat field",
    "face": "close-up of her face, low key",
}


def pixels(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture, np.float32)


def still(prompt: str, *, seed: int = 3, variant: int = 0, size: tuple[int, int] = WIDE) -> np.ndarray:
    return pixels(paint(prompt, seed, *size, variant=variant))


def share(picture: np.ndarray, wanted: tuple[int, int, int], within: float = 60) -> float:
    """Share of the pixels whose hue is near a colour, whatever their brightness."""
    unit = picture / np.maximum(np.linalg.norm(picture, axis=-1, keepdims=True), 1)
    aim = np.asarray(wanted, np.float32) / np.linalg.norm(wanted)
    return float(((unit @ aim > np.cos(np.radians(within / 6))) & (picture.max(axis=-1) > 60)).mean())


def test_same_words_seed_size_and_cell_give_the_same_bytes_in_another_process() -> None:
    code = (
        "import hashlib, sys; from sequences.providers.sketch.scenes import paint; "
        "print(hashlib.sha256(paint(sys.argv[1], 11, 160, 90, variant=4).tobytes()).hexdigest())"
    )
    prompt = PROMPTS["street"]
    other = subprocess.run(
        [sys.executable, "-c", code, prompt],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "77"},
    ).stdout.strip()
    assert hashlib.sha256(paint(prompt, 11, 160, 90, variant=4).tobytes()).hexdigest() == other


@pytest.mark.parametrize("size", [(192, 108), (108, 192), (120, 120), (131, 77), (16, 16)])
def test_the_picture_has_the_size_asked_for(size: tuple[int, int]) -> None:
    picture = paint(PROMPTS["pier"], 1, *size)
    assert (picture.size, picture.mode) == (size, "RGB")


def test_every_family_is_known_by_a_prompt() -> None:
    assert set(PROMPTS) == set(FAMILIES)
    assert len(FAMILIES) >= 16


@pytest.mark.parametrize("family", FAMILIES)
def test_family_follows_the_words_and_is_a_picture(family: str) -> None:
    assert read(PROMPTS[family]).family == family
    picture = still(PROMPTS[family])
    assert picture.std() > 14, "flat"
    assert 12 < picture.mean() < 235, "all black or all white"


@pytest.mark.parametrize("family", FAMILIES)
def test_family_fits_narrow_and_square_frames(family: str) -> None:
    for size in ((90, 160), (120, 120)):
        for variant in (1, 6):
            assert still(PROMPTS[family], size=size, variant=variant).std() > 12


@pytest.mark.parametrize("family", FAMILIES)
def test_nine_cells_are_nine_pictures(family: str) -> None:
    cells = [still(PROMPTS[family], variant=v, size=(96, 54)) for v in range(9)]
    differences = [np.abs(a - b).mean() for i, a in enumerate(cells) for b in cells[:i]]
    assert min(differences) > 4


@pytest.mark.parametrize("family", FAMILIES)
def test_a_scene_does_not_know_its_resolution(family: str) -> None:
    large = paint(PROMPTS[family], 5, 640, 360, variant=1)
    small = paint(PROMPTS[family], 5, 320, 180, variant=1)
    coarse = [pixels(p.resize((32, 18), Image.Resampling.BOX)) for p in (large, small)]
    assert np.abs(coarse[0] - coarse[1]).mean() < 5
    assert np.corrcoef(coarse[0].ravel(), coarse[1].ravel())[0, 1] > 0.97


def test_another_seed_is_another_picture() -> None:
    assert np.abs(still(PROMPTS["skyline"], seed=1) - still(PROMPTS["skyline"], seed=2)).mean() > 4


def test_prompts_without_a_known_word_still_look_different() -> None:
    families = {read(f"qwxyz {i}").family for i in range(60)}
    assert len(families) > 10
    assert not read("qwxyz 1").known


@pytest.mark.parametrize("scene", ["the sea", "a pier", "a corridor", "a forest", "a desert"])
def test_warm_is_redder_and_cold_is_bluer(scene: str) -> None:
    warm, cold = (still(f"{scene}, {word} light").mean(axis=(0, 1)) for word in ("warm", "cold"))
    assert warm[0] - warm[2] > cold[0] - cold[2] + 20


@pytest.mark.parametrize(("word", "channel"), [("red", 0), ("green", 1), ("blue", 2)])
def test_a_palette_word_colours_the_light(word: str, channel: int) -> None:
    plain, toned = (still(p).mean(axis=(0, 1)) for p in ("a pier at noon", f"a pier at noon, {word} haze"))
    lean = [c[channel] - (c.sum() - c[channel]) / 2 for c in (plain, toned)]
    assert lean[1] > lean[0] + 10


def test_monochrome_has_no_colour() -> None:
    picture = still("neon street at night, black and white")
    assert (picture.max(axis=-1) - picture.min(axis=-1)).mean() < 6


@pytest.mark.parametrize("scene", ["the sea", "mountain", "a field", "the shore", "a desert"])
def test_night_is_darker_than_day_and_golden_hour_is_warmer(scene: str) -> None:
    day, night, golden = (still(f"{scene}, {hour}") for hour in ("day", "night", "golden hour"))
    assert night.mean() < day.mean() - 35
    assert (golden[..., 0] - golden[..., 2]).mean() > (day[..., 0] - day[..., 2]).mean() + 10


def test_high_key_is_brighter_than_low_key() -> None:
    high, low = (still(f"a pier at dawn, {key} key").mean() for key in ("high", "low"))
    assert high > low + 15


def test_a_coat_keeps_its_colour() -> None:
    yellow = share(still("a woman in a yellow raincoat in the forest, close"), (230, 180, 30))
    nobody = share(still("the forest, close, empty"), (230, 180, 30))
    assert yellow > nobody + 0.01


def test_weather_falls_in_front() -> None:
    sky = [still(f"a field at night, {w}", size=(320, 180))[:60].mean(axis=-1) for w in ("overcast", "snow")]
    bright = [(part > np.median(part) + 40).mean() for part in sky]
    assert bright[1] > bright[0] + 0.005
    assert read("storm over the sea").weather == "storm"


def test_a_lantern_lights_the_forest() -> None:
    with_it = still("a hooded man with a lantern in the forest at night")
    without = still("a hooded man in the forest at night")
    assert share(with_it, (255, 150, 60)) > share(without, (255, 150, 60))


@pytest.mark.parametrize(
    ("prompt", "kinds"),
    [
        ("a woman in a yellow raincoat", ["woman"]),
        ("two figures on a hill", ["person", "person"]),
        ("a man and a woman on the pier", ["man", "woman"]),
        ("@mara, a woman of thirty, at the rail", ["woman"]),
        ("the singer raises her arm on stage", ["woman"]),
        ("the sea without people", []),
        ("an empty street", []),
    ],
)
def test_people_are_counted(prompt: str, kinds: list[str]) -> None:
    assert [figure.kind for figure in read(prompt).figures] == kinds


def test_what_the_words_say_about_figures() -> None:
    figure = read("a hooded man in a red coat with a lantern and an umbrella walks").figures[0]
    assert (figure.hood, figure.lantern, figure.umbrella, figure.pose) == (True, True, True, "walk")
    assert figure.coat == COLOURS["red"]
    assert "dog" in read("a man and his dog").props
    assert read("the crowd at a concert").crowd


def test_a_garments_colour_is_not_the_palette() -> None:
    assert read("a woman in a yellow raincoat on the pier").palette == ""
    assert read("a red umbrella in the street").palette == ""
    assert read("a pier at golden hour").palette == ""
    assert read("a pier in teal light").palette == "teal"


def test_words_taken_back_do_not_count() -> None:
    assert read("a street, no rain").weather == ""
    assert read("the sea without fog").weather == ""


@pytest.mark.parametrize(
    ("prompt", "size", "angle", "view"),
    [
        ("wide shot of the sea", "wide", "", ""),
        ("close up, low angle, a lantern", "close", "low", ""),
        ("seen from above, the road, from behind", "", "high", "back"),
    ],
)
def test_framing_words(prompt: str, size: str, angle: str, view: str) -> None:
    reading = read(prompt)
    assert (reading.size, reading.angle, reading.view) == (size, angle, view)


def test_close_shows_the_person_larger_than_wide() -> None:
    coat = (230, 180, 30)
    scene = "a woman in a yellow raincoat on the pier"
    close, wide = (share(still(f"{framing} shot, {scene}"), coat) for framing in ("close", "wide"))
    assert close > wide * 1.5


def test_layers_are_the_still_and_its_depth() -> None:
    picture, depth = paint_layers(PROMPTS["pier"], 3, *WIDE, variant=2)
    assert np.array_equal(pixels(picture), still(PROMPTS["pier"], variant=2))
    plane = pixels(depth)
    assert (depth.mode, depth.size) == ("L", WIDE)
    assert plane[-10:].mean() > plane[:10].mean() + 60, "the ground in front is nearer than the sky"


@pytest.mark.parametrize(
    ("description", "colour"),
    [
        ("a woman of thirty in a yellow raincoat, short black hair", (230, 180, 30)),
        ("a girl in a red dress", (200, 30, 30)),
    ],
)
def test_portrait_shows_the_coat(description: str, colour: tuple[int, int, int]) -> None:
    for seed in range(3):
        assert share(pixels(portrait(description, seed, 96)), colour, 90) > 0.02


@pytest.mark.parametrize(
    "description", ["a storm lantern", "the ferry", "a black dog", "a lighthouse", "a pier in fog", "a taxi"]
)
def test_portrait_of_props_and_places(description: str) -> None:
    picture = portrait(description, 1, 96)
    assert picture.size == (96, 96)
    assert pixels(picture).std() > 12
    assert picture.tobytes() == portrait(description, 1, 96).tobytes()


@pytest.mark.parametrize("size", [(8, 200), (200, 8), (0, 0)])
def test_a_picture_too_small_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="at least 16 pixels"):
        paint("the sea", 1, *size)
    with pytest.raises(ValueError, match="at least 16"):
        portrait("a dog", 1, 8)


def test_a_cell_below_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="counted from 0"):
        paint("the sea", 1, 64, 36, variant=-1)


@pytest.mark.parametrize("prompt", ["", "   ", "@", "ß\u0000 émoji 🎬 " * 40, "no", "a " * 2000])
def test_odd_prompts_are_drawn(prompt: str) -> None:
    assert still(prompt, size=(64, 36)).std() > 3
