"""The sketch studio through its front door: submit, look, fetch, cancel; on tiny real files."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from sequences.providers import catalogue
from sequences.providers.base import (
    ElementRef,
    GridRequest,
    Pending,
    Picture,
    Ready,
    Refused,
    RemoteFile,
    ShotAsk,
    TryLater,
    Unsure,
    VideoRequest,
)
from sequences.providers.sketch import FaultError, Options, Sketch, parse_fault, parse_faults
from sequences.providers.sketch.desk import Tray
from sequences.providers.sketch.likeness import spoken

WIDTH, HEIGHT = 160, 90
CLIP = VideoRequest(
    endpoint="sketch/clip",
    shots=(ShotAsk(1, "a lighthouse by the sea at dusk, slow push in", 1),),
    width=WIDTH,
    height=HEIGHT,
    rate="24",
    seed=7,
    label="SEQ03 T2",
)
GRID = GridRequest(
    endpoint="sketch/grid",
    prompt="a pier at dawn",
    rows=2,
    cols=2,
    width=320,
    height=176,
    seed=5,
    label="SEQ03 G1",
)


@pytest.fixture(autouse=True)
def _small_start_pictures_are_enough() -> Iterator[None]:
    catalogue.configure({"sketch/clip": {"min_start_edge": 64}})
    yield
    catalogue.configure({})


@pytest.fixture
def media(tmp_path: Path) -> Path:
    (tmp_path / "media").mkdir()
    return tmp_path / "media"


def sketch(media: Path, *faults: str, **options: float) -> Sketch:
    return Sketch(
        media.parent / "home",
        media,
        Options(workers=2, slower=options.get("slower", 0.0), faults=parse_faults(faults)),
    )


def picture(media: Path, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Picture:
    """A soft, uneven start picture in the media folder."""
    seeds = np.random.default_rng(3).integers(30, 220, (4, 6, 3), dtype=np.uint8)
    path = media / "start.png"
    Image.fromarray(seeds).resize(size, Image.Resampling.BICUBIC).save(path)
    return Picture("start.png", hashlib.sha256(path.read_bytes()).hexdigest(), *size)


def ended(provider: Sketch, request_id: str, within: float = 20) -> Ready | Refused:
    """Look until it has ended."""
    until = time.monotonic() + within
    while isinstance(state := provider.look(request_id), Pending):
        assert time.monotonic() < until, f"still {state}"
        time.sleep(0.02)
    return state


def made(provider: Sketch, request: GridRequest | VideoRequest, token: str = "one") -> Path:
    """Submit, wait and fetch; the file."""
    done = ended(provider, provider.submit(request, token=token).request_id)
    assert isinstance(done, Ready), done
    target = provider.home.parent / f"{token}.fetched"
    assert provider.fetch(done.file, target) == target.stat().st_size == done.file.bytes
    return target


def frames(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as clip:
        return [frame.to_ndarray(format="rgb24").astype(np.int16) for frame in clip.decode(video=0)]


def jumps(pictures: list[np.ndarray]) -> list[float]:
    """Mean absolute difference of each frame to the one before."""
    return [float(np.abs(b - a).mean()) for a, b in itertools.pairwise(pictures)]


# clips


@pytest.mark.parametrize(
    ("rate", "seconds", "expected"),
    [("24", (1, 2), 72), ("25", (1,), 25), ("30000/1001", (1, 1), 60), ("24000/1001", (3,), 72)],
)
def test_a_clip_has_exactly_the_frames_asked_for(
    media: Path, rate: str, seconds: tuple[int, ...], expected: int
) -> None:
    shots = tuple(ShotAsk(n, "a street at night", s) for n, s in enumerate(seconds, start=1))
    path = made(sketch(media), replace(CLIP, rate=rate, shots=shots))
    with av.open(str(path)) as clip:
        stream = clip.streams.video[0]
        stamps = [f.pts for f in clip.decode(stream)]
        assert len(stamps) == len(set(stamps)) == expected == stream.frames
        assert stamps[0] == 0
        assert stream.average_rate == Fraction(rate)
        assert (stream.width, stream.height, stream.pix_fmt) == (WIDTH, HEIGHT, "yuv420p")
        assert stream.codec_context.name == "h264"
        assert (stream.codec_context.colorspace, stream.codec_context.color_range) == (1, 1)
        assert not clip.streams.audio


def test_the_header_comes_before_the_pictures(media: Path) -> None:
    data = made(sketch(media), CLIP).read_bytes()
    assert 0 < data.index(b"moov") < data.index(b"mdat")


@pytest.mark.parametrize("words", ["push in", "pull out", "pan left", "tilt up", "handheld", "static", "orbit"])
def test_the_first_frame_is_the_start_picture(media: Path, words: str) -> None:
    start = picture(media)
    path = made(sketch(media), replace(CLIP, start=start, shots=(ShotAsk(1, f"rain, {words}", 1),)))
    given = np.asarray(Image.open(media / "start.png").convert("RGB"), np.int16)
    first, *_, last = frames(path)
    assert np.abs(first - given).mean() < 3
    assert words == "static" or np.abs(last - given).mean() > np.abs(first - given).mean()


def test_a_start_picture_of_another_shape_covers_the_frame(media: Path) -> None:
    start = picture(media, (240, 240))
    first = frames(made(sketch(media), replace(CLIP, start=start)))[0]
    whole = Image.open(media / "start.png").convert("RGB")
    middle = whole.crop((0, 52, 240, 187)).resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    assert np.abs(first - np.asarray(middle, np.int16)).mean() < 4


def test_cuts_lie_where_they_were_planned_and_nowhere_else(media: Path) -> None:
    shots = (
        ShotAsk(1, "a snowy forest at noon, pan right", 1),
        ShotAsk(2, "a neon street at night", 2),
        ShotAsk(4, "a desert in bright sun, handheld", 1),
    )
    moved = jumps(frames(made(sketch(media), replace(CLIP, shots=shots, start=picture(media)))))
    cuts = {24, 72}
    inside = max(m for n, m in enumerate(moved, start=1) if n not in cuts)
    assert min(moved[n - 1] for n in cuts) > 2 * inside


def test_a_cut_starts_with_a_key_frame(media: Path) -> None:
    shots = (ShotAsk(1, "forest", 2), ShotAsk(2, "neon street", 1))
    with av.open(str(made(sketch(media), replace(CLIP, rate="25", shots=shots)))) as clip:
        keys = [n for n, f in enumerate(clip.decode(video=0)) if f.key_frame]
    assert {0, 25, 50} <= set(keys)


def test_a_static_shot_still_lives(media: Path) -> None:
    request = replace(CLIP, shots=(ShotAsk(1, "a dark room, static", 3),), start=picture(media), slate=False)
    path = made(sketch(media), request)
    with av.open(str(path)) as clip:
        graph = av.filter.Graph()
        tail = graph.add("buffersink")
        middle = graph.add("freezedetect", "n=-60dB:d=0.5")
        head = graph.add_buffer(template=clip.streams.video[0])
        head.link_to(middle)
        middle.link_to(tail)
        graph.configure()
        seen = []
        for frame in clip.decode(video=0):
            graph.push(frame)
            seen.append(dict(graph.pull().metadata))
    assert len(seen) == 72
    assert not [m for m in seen if "lavfi.freezedetect.freeze_start" in m]


def test_the_slate_is_small_and_leaves_the_first_and_last_frame_clean(media: Path) -> None:
    request = replace(CLIP, width=320, height=180, start=picture(media, (320, 180)))
    provider = sketch(media)
    with_slate = frames(made(provider, request, "with"))
    without = frames(made(provider, replace(request, slate=False), "without"))
    changed = [np.abs(a - b).max(axis=2) for a, b in zip(with_slate, without, strict=True)]
    assert changed[0].max() < 25
    assert changed[-1].max() < 25
    rows, columns = np.nonzero(changed[12] > 40)
    assert rows.size
    assert rows.min() > 150
    assert columns.max() < 290


def test_one_seed_gives_the_same_bytes_and_another_does_not(media: Path, tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()
    elsewhere = Sketch(tmp_path / "again" / "home", media, Options(workers=1))
    first, second = made(sketch(media), CLIP).read_bytes(), made(elsewhere, CLIP).read_bytes()
    assert first == second
    assert made(elsewhere, replace(CLIP, seed=8), "other").read_bytes() != first


# grids


def test_a_grid_has_its_size_and_gutters_off_the_equal_division(media: Path) -> None:
    path = made(sketch(media), replace(GRID, rows=3, cols=3, width=960, height=540))
    sheet = np.asarray(Image.open(path).convert("L"), np.int16)
    assert Image.open(path).format == "JPEG"
    assert sheet.shape == (540, 960)
    flat = [n for n, spread in enumerate(sheet.std(axis=0)) if spread < 6]
    assert any(abs(n - 320) <= 12 for n in flat)
    assert any(abs(n - 640) <= 12 for n in flat)


def test_a_single_frame_has_no_gutter(media: Path) -> None:
    path = made(sketch(media), replace(GRID, rows=1, cols=1))
    assert np.asarray(Image.open(path).convert("L")).std(axis=0).min() > 0


def test_a_grid_is_drawn_the_same_again_and_can_be_png(media: Path, tmp_path: Path) -> None:
    png = Options(workers=1, picture_format="png")
    (tmp_path / "a").mkdir()
    one = made(Sketch(tmp_path / "a" / "home", media, png), GRID)
    assert Image.open(one).format == "PNG"
    provider = sketch(media)
    assert made(provider, GRID, "a").read_bytes() == made(provider, GRID, "b").read_bytes()


# the desk


def test_the_same_token_is_the_same_call(media: Path) -> None:
    provider = sketch(media)
    first = provider.submit(GRID, token="t")
    assert provider.submit(GRID, token="t") == first
    assert sketch(media).submit(GRID, token="t") == first
    assert provider.submit(GRID, token="u").request_id != first.request_id
    assert len(list(provider.home.glob("sk_*"))) == 2
    with pytest.raises(Refused, match="token was used for another call"):
        provider.submit(replace(GRID, seed=6), token="t")


def test_nothing_is_drawn_before_somebody_looks_and_progress_is_told(media: Path) -> None:
    provider = sketch(media, slower=0.6)
    call = provider.submit(CLIP, token="t")
    assert not list(provider.home.glob("*/progress.json"))
    first = provider.look(call.request_id)
    assert isinstance(first, Pending)
    assert first.after < 1
    seen = []
    while isinstance(state := provider.look(call.request_id), Pending):
        seen.append(state.progress or 0)
        time.sleep(0.05)
    assert isinstance(state, Ready)
    assert any(0 < p < 1 for p in seen)
    assert seen == sorted(seen)


def test_the_bill_is_the_catalogue_price_at_submit(media: Path) -> None:
    catalogue.configure({"sketch/clip": {"price": "0.168"}, "sketch/grid": {"price": "0.15"}})
    provider = sketch(media)
    clip, grid = provider.submit(CLIP, token="c"), provider.submit(GRID, token="g")
    catalogue.configure({"sketch/clip": {"price": "9"}})
    done = [ended(provider, call.request_id) for call in (clip, grid)]
    assert [d.cost_micros for d in done if isinstance(d, Ready)] == [168_000, 150_000]
    assert all(d.seed in (5, 7) for d in done if isinstance(d, Ready))


def test_a_call_nobody_made_is_refused(media: Path) -> None:
    state = sketch(media).look("sk_nothing")
    assert isinstance(state, Refused)
    assert (state.code, state.charged) == ("unknown", False)
    assert sketch(media).cancel("sk_nothing") is False


def test_a_waiting_call_is_cancelled_for_good(media: Path) -> None:
    provider = sketch(media)
    call = provider.submit(CLIP, token="t").request_id
    assert provider.cancel(call) is True
    state = provider.look(call)
    assert isinstance(state, Refused)
    assert (state.code, state.charged) == ("cancelled", False)
    assert provider.cancel(call) is True


def test_a_drawing_is_cancelled_between_its_frames(media: Path) -> None:
    provider = sketch(media, slower=30)
    call = provider.submit(CLIP, token="t").request_id
    while not getattr(provider.look(call), "started", False):
        time.sleep(0.02)
    assert provider.cancel(call) is True
    assert isinstance(provider.look(call), Refused)
    until = time.monotonic() + 5
    while list((provider.home / "todo").iterdir()) and time.monotonic() < until:
        time.sleep(0.02)
    assert not list(provider.home.glob("*/result.*"))


def test_a_finished_call_cannot_be_cancelled(media: Path) -> None:
    provider = sketch(media)
    call = provider.submit(GRID, token="t").request_id
    ended(provider, call)
    assert provider.cancel(call) is False
    assert isinstance(provider.look(call), Ready)


def test_purging_removes_what_was_collected_and_keeps_the_rest(media: Path) -> None:
    provider = sketch(media)
    made(provider, GRID, "a")
    kept = ended(provider, provider.submit(GRID, token="b").request_id)
    assert provider.purge(60) == 0
    assert provider.purge(-1) == 1
    gone = provider.look(provider.submit(GRID, token="a").request_id)
    assert isinstance(gone, Ready)
    with pytest.raises(Refused, match="no longer there"):
        provider.fetch(gone.file, media / "x")
    assert isinstance(kept, Ready)
    assert provider.fetch(kept.file, media / "y") > 0


def test_only_results_of_the_studio_are_fetched(media: Path) -> None:
    (media.parent / "secret").write_text("x")
    with pytest.raises(Refused, match="no result of this studio"):
        sketch(media).fetch(RemoteFile("../secret", "video/mp4"), media / "x")


DRAW = """
import sys, time
from pathlib import Path
from sequences.providers import catalogue
from sequences.providers.sketch import Options, Sketch
catalogue.configure({"sketch/clip": {"min_start_edge": 64}})
provider = Sketch(Path(sys.argv[1]), Path(sys.argv[2]), Options(workers=1, slower=float(sys.argv[4])))
while True:
    state = provider.look(sys.argv[3])
    print(type(state).__name__, getattr(state, "started", True), flush=True)
    if type(state).__name__ != "Pending":
        break
    time.sleep(0.05)
"""


def drawing(provider: Sketch, call: str, slower: float) -> subprocess.Popen[str]:
    """Another process that looks after the call."""
    where = [str(provider.home), str(provider.media), call, str(slower)]
    return subprocess.Popen([sys.executable, "-c", DRAW, *where], stdout=subprocess.PIPE, text=True)


def test_a_killed_drawing_is_finished_by_another_process(media: Path) -> None:
    provider = sketch(media)
    call = provider.submit(CLIP, token="t").request_id
    other = drawing(provider, call, slower=60)
    assert other.stdout
    while "Pending True" not in other.stdout.readline():
        assert other.poll() is None
    still = provider.look(call)
    time.sleep(0.5)
    assert isinstance(still, Pending)
    assert isinstance(provider.look(call), Pending), "two processes drew the same call"
    os.kill(other.pid, signal.SIGKILL)
    other.wait()
    assert isinstance(ended(provider, call), Ready)
    assert not list(provider.home.glob("*/*.part"))
    assert not list(provider.home.glob("*/drawing-*"))
    assert not list((provider.home / "todo").iterdir())


def test_two_processes_share_the_desk_and_agree(media: Path) -> None:
    provider = sketch(media)
    calls = [provider.submit(replace(CLIP, seed=n), token=str(n)).request_id for n in range(4)]
    others = [drawing(provider, calls[-1], slower=0) for _ in range(2)]
    assert [other.wait(timeout=40) for other in others] == [0, 0]
    assert all(isinstance(ended(provider, call), Ready) for call in calls)


def test_a_forked_child_does_not_keep_a_drawing_from_the_others(media: Path) -> None:
    provider = sketch(media)
    tray = Tray(provider.home, provider.submit(CLIP, token="t").request_id)
    with tray.held() as mine:
        assert mine
        born, tell = os.pipe()
        child = os.fork()
        if child == 0:
            os.write(tell, b"!")
            time.sleep(30)
            os._exit(0)
        assert os.read(born, 1)
    try:
        with tray.held() as again:
            assert again
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def test_a_call_that_cannot_be_read_does_not_stop_the_others(media: Path) -> None:
    provider = sketch(media)
    broken = Tray(provider.home, provider.submit(GRID, token="a").request_id)
    told = json.loads((broken.folder / "request.json").read_text())
    del told["request"]["rows"]
    (broken.folder / "request.json").write_text(json.dumps(told))
    unreadable = Tray(provider.home, provider.submit(GRID, token="b").request_id)
    (unreadable.folder / "request.json").write_text("{")
    assert isinstance(ended(provider, provider.submit(GRID, token="c").request_id), Ready)
    state = ended(provider, broken.id)
    assert isinstance(state, Refused)
    assert (state.code, state.charged) == ("failed", False)


def test_calls_are_drawn_in_the_order_they_came(media: Path) -> None:
    provider = Sketch(media.parent / "home", media, Options(workers=1))
    calls = [provider.submit(replace(GRID, seed=n), token=str(n)).request_id for n in range(4)]
    waits = provider.look(calls[3])
    assert isinstance(waits, Pending)
    assert not waits.started
    assert "before it" in waits.note
    ended(provider, calls[3])
    drawn = [Tray(provider.home, call).outcome() for call in calls]
    at = [d["at"] for d in drawn if d]
    assert len(at) == 4
    assert at == sorted(at)


# likeness


def test_a_sent_character_is_described_to_the_painter() -> None:
    mara = ElementRef("mara", "Mara", "character", "a girl in a yellow raincoat, hood up")
    boat = ElementRef("boat", "Ferry", "place", "a small ferry")
    told = spoken("the pier at night, mara waits for the Ferry", (mara, boat))
    assert told == "the pier at night, mara, a girl in a yellow raincoat, hood up, waits for the Ferry"
    assert spoken("an empty pier", (mara,)) == "an empty pier"
    elsewhere = replace(mara, description="deep in the forest among trees in the woods, forest")
    assert spoken("pier, Mara", (elsewhere,)) == "pier, Mara"


# faults


def test_faults_are_written_in_one_grammar() -> None:
    fault = parse_fault("moderation:start@shot 3: rain*2")
    assert (fault.kind, fault.detail, fault.match, fault.times) == ("moderation", "start", "shot 3: rain", 2)
    assert [f.kind for f in parse_faults("black@verse; later:0.5*1\n")] == ["black", "later"]
    for wrong in ("explode", "later:soon", "crash:maybe", ""):
        with pytest.raises(FaultError):
            parse_fault(wrong)


def test_a_call_may_be_refused_at_the_door(media: Path) -> None:
    provider = sketch(media, "refused:elements@seq03*1")
    with pytest.raises(Refused, match="elements is not valid") as refused:
        provider.submit(CLIP, token="t")
    assert (refused.value.code, refused.value.charged, refused.value.where) == ("invalid", False, "elements")
    assert provider.submit(CLIP, token="t").request_id


def test_a_busy_studio_accepts_nothing_and_counts_across_restarts(media: Path) -> None:
    for _ in range(2):
        with pytest.raises(TryLater) as later:
            sketch(media, "later:3*2").submit(CLIP, token="t")
        assert later.value.after == 3
    assert not list((media.parent / "home").glob("sk_*"))
    assert sketch(media, "later:3*2").submit(CLIP, token="t").request_id


def test_an_unsure_answer_may_mean_accepted_or_not(media: Path) -> None:
    provider = sketch(media, "unsure@one*1", "unsent@two*1")
    heard, lost = replace(CLIP, label="one"), replace(CLIP, label="two")
    for request in (heard, lost):
        with pytest.raises(Unsure, match="may have been accepted"):
            provider.submit(request, token=request.label)
    assert len(list(provider.home.glob("sk_*/request.json"))) == 1
    for request in (heard, lost):
        assert isinstance(ended(provider, provider.submit(request, token=request.label).request_id), Ready)


def test_a_fault_strikes_only_what_it_matches(media: Path) -> None:
    provider = sketch(media, "moderation@shot 3:*1")
    third = replace(CLIP, shots=(ShotAsk(3, "a desert", 1),))
    assert isinstance(ended(provider, provider.submit(CLIP, token="a").request_id), Ready)
    held = ended(provider, provider.submit(third, token="b").request_id)
    assert isinstance(held, Refused)
    assert (held.code, held.where, held.charged) == ("moderation", "prompt", False)
    assert isinstance(ended(provider, provider.submit(third, token="c").request_id), Ready)
    assert isinstance(provider.look(provider.submit(third, token="b").request_id), Refused)


@pytest.mark.parametrize(("rule", "charged"), [("crash", False), ("crash:charged", True), ("crash:unknown", None)])
def test_a_call_may_fail_half_way_paid_or_not(media: Path, rule: str, charged: bool | None) -> None:
    provider = sketch(media, rule)
    for number, request in enumerate((CLIP, GRID)):
        state = ended(provider, provider.submit(request, token=str(number)).request_id)
        assert isinstance(state, Refused)
        assert (state.code, state.charged) == ("failed", charged)
    assert not list(provider.home.glob("*/drawing-*"))


def test_a_stuck_call_never_ends_but_can_be_cancelled(media: Path) -> None:
    provider = sketch(media, "stuck*1")
    call = provider.submit(CLIP, token="t").request_id
    assert {type(provider.look(call)) for _ in range(20)} == {Pending}
    other = provider.submit(CLIP, token="u").request_id
    assert isinstance(ended(provider, other), Ready)
    assert isinstance(provider.look(call), Pending)
    assert provider.cancel(call)
    assert isinstance(provider.look(call), Refused)


def test_a_studio_may_be_away_for_some_looks(media: Path) -> None:
    provider = sketch(media, "away:2")
    call = provider.submit(CLIP, token="t").request_id
    for _ in range(2):
        with pytest.raises(TryLater):
            provider.look(call)
    assert isinstance(ended(provider, call), Ready)


def test_a_file_may_be_no_video_or_break_off(media: Path) -> None:
    provider = sketch(media, "corrupt@one", "truncated@two")
    with pytest.raises(av.error.FFmpegError):
        frames(made(provider, replace(CLIP, label="one"), "1"))
    try:
        found = len(frames(made(provider, replace(CLIP, label="two", shots=(ShotAsk(1, "sea", 2),)), "2")))
    except av.error.FFmpegError:
        found = 0
    assert found < 48


def test_a_clip_may_be_black_frozen_short_or_small(media: Path) -> None:
    provider = sketch(media, "black@one", "frozen@two", "short@three", "size@four")
    black, frozen, short, small = (
        frames(made(provider, replace(CLIP, label=label), label)) for label in ("one", "two", "three", "four")
    )
    assert max(f.max() for f in black) <= 8
    assert np.median(jumps(frozen)) < 0.1
    assert np.median(jumps(short)) > 0.5
    assert (len(black), len(frozen), len(short), len(small)) == (24, 24, 14, 24)
    assert small[0].shape[:2] == (44, 80)
    assert short[0].shape[:2] == (HEIGHT, WIDTH)


def test_a_result_may_be_lost_or_come_at_the_second_try(media: Path) -> None:
    provider = sketch(media, "lost@g1", "refetch@t2")
    gone = ended(provider, provider.submit(GRID, token="a").request_id)
    assert isinstance(gone, Ready)
    with pytest.raises(Refused) as lost:
        provider.fetch(gone.file, media / "x")
    assert lost.value.code == "lost"
    clip = ended(provider, provider.submit(CLIP, token="b").request_id)
    assert isinstance(clip, Ready)
    with pytest.raises(TryLater):
        provider.fetch(clip.file, media / "y")
    assert provider.fetch(clip.file, media / "y") == clip.file.bytes


def test_a_call_may_take_longer(media: Path) -> None:
    provider = sketch(media, "slow:0.8")
    began = time.monotonic()
    made(provider, CLIP)
    assert time.monotonic() - began > 0.8


# limits


def shots(*seconds: float, prompt: str = "sea") -> tuple[ShotAsk, ...]:
    return tuple(ShotAsk(n, prompt, s) for n, s in enumerate(seconds, start=1))


ELEMENTS = tuple(ElementRef(str(n), str(n), "character", "") for n in range(5))
NO_START = Picture("none.png", "", 640, 360)


@pytest.mark.parametrize(
    ("change", "where", "says"),
    [
        ({"shots": shots(*[1] * 7)}, "shots", "takes 1 to 6 shots a call, not 7"),
        ({"shots": ()}, "shots", "not 0"),
        ({"shots": shots(8, 8)}, "shots", "come to 16 s; sketch/clip makes 15 s a call"),
        ({"shots": shots(16)}, "shot 1", "asks for 16 s; sketch/clip makes 1 to 15 s"),
        ({"shots": shots(2, 1.5)}, "shot 2", "asks for 1.5 s; sketch/clip takes whole seconds only"),
        ({"shots": shots(1, prompt="x" * 513)}, "shot 1", "has 513 characters; sketch/clip takes 512"),
        ({"shots": shots(1, prompt=" ")}, "shot 1", "prompt is empty"),
        ({"elements": ELEMENTS}, "elements", "5 elements were sent; sketch/clip takes 4"),
        ({"elements": ELEMENTS[:4], "start": NO_START}, "elements", "takes 3"),
        ({"start": replace(NO_START, height=40)}, "start", "is 640 x 40; sketch/clip needs 64 pixels"),
        ({"start": NO_START}, "start", "none.png could not be read"),
        ({"end": NO_START}, "end", "none.png could not be read"),
        ({"width": 161}, "size", "even edges, not 161 x 90"),
        ({"height": 4}, "size", "160 x 4 is outside"),
        ({"rate": "fast"}, "rate", "'fast' is not a number"),
        ({"rate": "1/0"}, "rate", "'1/0' is not a number"),
        ({"endpoint": "sketch/grid"}, "endpoint", "makes a grid, and a video was asked for"),
        ({"endpoint": "paid/film"}, "endpoint", "no endpoint 'paid/film'"),
    ],
)
def test_a_clip_beyond_the_limits_is_refused_as_a_paid_model_would(
    media: Path, change: dict[str, object], where: str, says: str
) -> None:
    provider = sketch(media)
    with pytest.raises(Refused, match=says) as refused:
        provider.submit(replace(CLIP, **change), token="t")  # type: ignore[arg-type]  # one field each, by name
    assert (refused.value.code, refused.value.where, refused.value.charged) == ("invalid", where, False)
    assert not list(provider.home.glob("sk_*"))


@pytest.mark.parametrize(
    ("change", "where", "says"),
    [
        ({"rows": 4, "cols": 4}, "layout", "draws 1x1, 2x2, 3x3, not 4x4"),
        ({"width": 4000}, "size", "up to 2752 pixels"),
        ({"prompt": "x" * 2001}, "prompt", "takes 2000"),
    ],
)
def test_a_grid_beyond_the_limits_is_refused(media: Path, change: dict[str, object], where: str, says: str) -> None:
    with pytest.raises(Refused, match=says) as refused:
        sketch(media).submit(replace(GRID, **change), token="t")  # type: ignore[arg-type]  # one field each, by name
    assert refused.value.where == where


def test_a_start_picture_that_changed_since_it_was_chosen_is_refused(media: Path) -> None:
    start = picture(media)
    Image.new("RGB", (WIDTH, HEIGHT)).save(media / "start.png")
    with pytest.raises(Refused, match="contents have changed"):
        sketch(media).submit(replace(CLIP, start=start), token="t")


def test_the_start_picture_is_kept_with_the_call(media: Path) -> None:
    provider = sketch(media)
    call = provider.submit(replace(CLIP, start=picture(media)), token="t").request_id
    (media / "start.png").unlink()
    assert isinstance(ended(provider, call), Ready)


def test_options_must_make_sense() -> None:
    with pytest.raises(ValueError, match="at least one worker"):
        Options(workers=0)
    with pytest.raises(FaultError, match="'explode'"):
        Options(faults=("explode",))
    assert Options(faults=("black*1",)).rules == parse_faults("black*1")
    with pytest.raises(ValueError, match="jpeg or png"):
        Options(picture_format="gif")
