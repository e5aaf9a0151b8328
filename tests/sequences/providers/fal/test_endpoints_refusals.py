"""What the paid provider would refuse is refused by us first, in one sentence, before anything is uploaded."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sequences.callplan import PlanShot, plan_calls
from sequences.elements import Candidate
from sequences.orchestration.quoting import limits_of
from sequences.providers import catalogue
from sequences.providers.base import (
    ElementRef,
    GridRequest,
    Picture,
    Refused,
    Request,
    ShotAsk,
    UpscaleRequest,
    VideoRequest,
)
from sequences.providers.catalogue import Endpoint
from sequences.providers.fal import endpoints
from tests.fakes.fal.endpoints import ENDPOINTS

KLING = "fal-ai/kling-video/v3/pro/image-to-video"
O3 = "fal-ai/kling-video/o3/pro/reference-to-video"
VEO = "fal-ai/veo3.1/image-to-video"
BANANA = "fal-ai/nano-banana-2"
SEEDREAM = "fal-ai/bytedance/seedream/v4.5"
SEEDVR = "fal-ai/seedvr/upscale/image"
START = Picture("start.png", "s", 1920, 1080)


def video(endpoint: str = KLING, seconds: tuple[float, ...] = (5,), **changes: Any) -> VideoRequest:
    shots = tuple(ShotAsk(n, f"shot {n}", s) for n, s in enumerate(seconds, 1))
    return replace(VideoRequest(endpoint, shots, 1920, 1080, "24", 7, start=START), **changes)


def grid(endpoint: str = BANANA, **changes: Any) -> GridRequest:
    return replace(GridRequest(endpoint, "a pier", 2, 2, 2752, 1536, 7), **changes)


def cast(count: int, pictures: int = 1) -> tuple[ElementRef, ...]:
    shown = tuple(Picture(f"p{n}.png", f"p{n}", 640, 640) for n in range(pictures))
    return tuple(ElementRef(f"e{n}", f"E{n}", "prop", "", shown) for n in range(count))


def small(width: int, height: int) -> Picture:
    return Picture("small.png", "x", width, height)


@pytest.mark.parametrize(
    ("request_", "where", "says"),
    [
        (video(shots=(ShotAsk(1, "x" * 530, 5),)), "prompt",
         "Shot 1's prompt is 530 characters as it is sent and Kling 3 pro takes 512; shorten it by 18."),
        (video(shots=tuple(ShotAsk(n, "x" * 500, 2) for n in range(1, 7))), "prompt",
         "The prompts of the call come to 3000 characters as they are sent and Kling 3 pro takes 2500 a call; shorten"
         " them by 500."),
        (video(shots=(ShotAsk(4, "  ", 5),)), "prompt", "Shot 4 has no prompt; write it first."),
        (video(seconds=()), "shots", "A call needs a shot; none was given."),
        (video(seconds=(2,) * 7), "shots", "Kling 3 pro takes 6 shots a call, not 7; split the call."),
        (video(seconds=(9, 9)), "seconds", "The shots come to 18 s and Kling 3 pro makes 3 to 15 s a call."),
        (video(seconds=(1, 1)), "seconds", "The shots come to 2 s and Kling 3 pro makes 3 to 15 s a call."),
        (video(seconds=(2,)), "seconds", "Shot 1 asks for 2 s and Kling 3 pro makes 3 to 15 s a shot."),
        (video(seconds=(4.5,)), "seconds", "Shot 1 asks for 4.5 s and Kling 3 pro takes whole seconds only."),
        (video(VEO, (5,)), "seconds", "The call asks for 5 s and Veo 3.1 makes 4, 6, 8 s."),
        (video(start=None), "start", "Kling 3 pro needs a start frame; pick a cell of a grid or upload one."),
        (video(start=small(280, 500)), "start",
         "The start frame is 280 × 500 and Kling 3 pro takes none under 300 pixels; crop larger."),
        (video(start=small(2000, 500)), "start",
         "The start frame is 2000 × 500, 4.00 times as wide as high, and Kling 3 pro takes 0.40 to 2.50; crop it closer"
         " to the frame."),
        (video(start=small(390, 1000)), "start",
         "The start frame is 390 × 1000, 0.39 times as wide as high, and Kling 3 pro takes 0.40 to 2.50; crop it closer"
         " to the frame."),
        (video(elements=cast(4)), "elements",
         "4 elements go along and Kling 3 pro takes 3 a call with a start frame; leave some out."),
        (video(O3, start=None, elements=cast(8)), "elements",
         "8 elements go along and Kling O3 pro, references takes 7 a call without a start frame; leave some out."),
        (video(VEO, (4,), elements=cast(1)), "elements",
         "1 element goes along and Veo 3.1 takes no elements with a start frame; leave some out."),
        (video(elements=cast(1, pictures=0)), "elements", "E0 has no reference picture; add one or leave it out."),
        (video(O3, (3, 3)), "start",
         "Kling O3 pro, references takes one shot a call when it starts from a picture, not 2; split the call."),
        (video(VEO, (4,), width=1080, height=1080), "size",
         "The frame is 1080 × 1080 and Veo 3.1 makes 16:9, 9:16; choose another model or frame."),
        (video(VEO, (4,), end=START), "end", "Veo 3.1 takes no end frame."),
        (video(seconds=(2, 2), end=START), "end", "Kling 3 pro takes an end frame with a single shot only."),
        (grid(rows=4), "layout", "Nano Banana 2, 2K draws 1x1, 2x2, 3x3, not 4x2."),
        (grid(prompt=" "), "prompt", "The grid prompt is empty; write it first."),
        (grid(prompt="x" * 2001), "prompt",
         "The grid prompt is 2001 characters as it is sent and Nano Banana 2, 2K takes 2000; shorten it by 1."),
        (grid(elements=cast(11)), "elements",
         "11 elements go along and Nano Banana 2, 2K takes 10 a call; leave some out."),
        (grid(SEEDREAM, width=1024, height=1024), "size",
         "The grid would be 1024 × 1024, 1.0 megapixels, and Seedream 4.5 makes 3.7 to 16.8; choose another model or"
         " frame."),
        (UpscaleRequest(SEEDVR, START, 11, 7), "factor", "SeedVR makes a picture 1 to 10 times larger, not 11."),
        (UpscaleRequest(SEEDVR, START, 8, 7), "factor",
         "The result would be 15360 pixels long and SeedVR makes 10240."),
        (video(BANANA), "endpoint", "Nano Banana 2, 2K makes a grid, not a video."),
        (video("sketch/clip"), "endpoint", "Sketch animatic is not made by fal."),
        (video("fal-ai/kling-video/v4/image-to-video"), "endpoint",
         "Kling 4 cannot be used: fal says that API access to Kling 4 is still to come."),
    ],
)  # fmt: skip
def test_refused_in_one_sentence(request_: Request, where: str, says: str) -> None:
    with pytest.raises(Refused) as refused:
        endpoints.build(request_, _never)
    assert (str(refused.value), refused.value.where) == (says, where)
    assert (refused.value.code, refused.value.charged) == ("bad_input", False)


def _never(picture: Picture) -> str:
    raise AssertionError(f"{picture} was uploaded for a request that is refused")


def test_an_endpoint_that_is_gone_is_refused_by_name() -> None:
    with pytest.raises(Refused, match="There is no endpoint 'fal-ai/gone'"):
        endpoints.check(video("fal-ai/gone"))


def test_a_grid_prompt_is_measured_with_all_that_goes_around_it() -> None:
    catalogue.override(BANANA, call_chars=600)
    with pytest.raises(Refused, match=r"The grid prompt is \d+ characters with its layout and references"):
        endpoints.check(grid(prompt="x" * 400))


def test_the_one_file_of_a_result_is_found_and_nothing_else() -> None:
    clip = {"video": {"url": "https://v3.fal.media/a.mp4", "content_type": "video/mp4", "file_size": 12}}
    found = endpoints.output(KLING, clip)
    assert found and (found.ref, found.content_type, found.bytes) == ("https://v3.fal.media/a.mp4", "video/mp4", 12)
    sheet = endpoints.output("fal-ai/nano-banana-2/edit", {"images": [{"url": "https://v3.fal.media/a.png"}]})
    assert sheet and (sheet.content_type, sheet.bytes) == ("image/png", None)
    assert endpoints.output(SEEDVR, {"image": {"url": "https://v3.fal.media/b.png", "file_size": 0}}) is not None
    for empty in ({}, {"video": None}, {"video": {"url": ""}}, {"images": []}, {"video": "https://x/y.mp4"}):
        assert endpoints.output(KLING, empty) is None
    assert endpoints.output("nobody/knows", clip) is None


def test_waits_are_of_the_path_that_was_called() -> None:
    assert endpoints.waits("fal-ai/nano-banana-2/edit") == (900, 600)
    assert endpoints.waits(KLING) == (1800, 1800)
    assert endpoints.waits("nobody/knows") == (1800, 1800)


FILMS = catalogue.endpoints(kind="video", provider="fal", enabled=True)
lengths = st.decimals("0.5", "40", places=1).map(float)
planned = st.lists(st.tuples(lengths, st.booleans(), st.booleans(), st.integers(1, 512)), min_size=1, max_size=9)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(FILMS), planned, st.sampled_from(["multi_shot", "per_shot"]), st.booleans(), st.booleans())
def test_whatever_is_planned_for_an_endpoint_is_accepted_by_it(
    film: Endpoint, raw: list[tuple[float, bool, bool, int]], mode: str, has_start: bool, switched: bool
) -> None:
    if film.id.startswith("fal-ai/kling-video/o3"):
        film = catalogue.override(film.id, start_with_multi_prompt=switched)
    shots = [PlanShot(n, s, "x" * size, solo, own) for n, (s, solo, own, size) in enumerate(raw, 1)]
    candidates = [Candidate(f"e{n}", f"E{n}", 1) for n in range(9)]
    start = has_start or film.start_required
    plan = plan_calls(shots, limits_of(film), mode=mode, candidates=candidates, has_start=start)
    assert plan.problems == ()
    elements = {e.key: e for e in cast(9)}
    for call in plan.calls:
        asks = tuple(ShotAsk(p.number, "x" * raw[p.number - 1][3], p.asked) for p in call.pieces)
        sent = tuple(elements[key] for key in call.sent)
        begin = None if call.start == "none" else START
        request = VideoRequest(film.id, asks, 1920, 1080, "24", 7, start=begin, elements=sent)
        wire = endpoints.build(request, lambda p: f"https://v3.fal.media/{p.path}")
        assert ENDPOINTS[wire.endpoint].problems(dict(wire.body)) == []


ENDING = [film for film in FILMS if limits_of(film).end_frame]


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(ENDING),
    st.lists(st.tuples(lengths, st.booleans(), st.booleans()), min_size=1, max_size=6),
    st.sampled_from(["multi_shot", "per_shot"]),
)
def test_a_call_that_ends_on_a_picture_says_so_to_its_endpoint(
    film: Endpoint, raw: list[tuple[float, bool, bool]], mode: str
) -> None:
    shots = [
        PlanShot(n, seconds, "rain", divided=divided, own_end=ends) for n, (seconds, divided, ends) in enumerate(raw, 1)
    ]
    plan = plan_calls(shots, limits_of(film), mode=mode, has_start=True)
    assert plan.problems == ()
    assert {c.shots for c in plan.calls if c.end} == {(s.number,) for s in shots if s.own_end}
    for call in plan.calls:
        asks = tuple(ShotAsk(p.number, "rain", p.asked) for p in call.pieces)
        request = VideoRequest(film.id, asks, 1920, 1080, "24", 7, start=START, end=START if call.end else None)
        wire = endpoints.build(request, lambda p: f"https://v3.fal.media/{p.path}")
        assert (film.fields["end"] in wire.body) == call.end
        assert ENDPOINTS[wire.endpoint].problems(dict(wire.body)) == []
