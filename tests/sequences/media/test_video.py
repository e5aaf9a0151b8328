from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from sequences.media.files import MediaError
from sequences.media.grids import BadPicture
from sequences.media.video import (
    BadVideo,
    Piece,
    Slate,
    Still,
    Writer,
    cut_movie,
    draw_slate,
    filmstrip,
    frame_at,
    join,
    last_frame,
    normalise,
    poster,
    probe,
    same_shape,
)
from sequences.song.compose import compose
from tests.sequences.media.conftest import HEIGHT, WIDTH, Clips, number_in, numbered

RATES = ("24", "25", "30000/1001")
SHAPE = {"width": WIDTH, "height": HEIGHT}


def numbers(path: Path) -> list[int]:
    """The number each decoded frame carries."""
    with av.open(str(path)) as container:
        return [number_in(frame.to_image()) for frame in container.decode(video=0)]


def packets(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(video=0) if packet.size]


def stamps(path: Path) -> list[tuple[int, int]]:
    with av.open(str(path)) as container:
        return [(packet.pts, packet.dts) for packet in container.demux(video=0) if packet.size]


def reordered(path: Path, frames: int, rate: str = "24", size: tuple[int, int] = (WIDTH, HEIGHT)) -> Path:
    """A clip as providers send them: B-frames, one long group of pictures, sound."""
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=Fraction(rate), options={"bf": "3", "g": "250", "b-adapt": "0"})
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        sound = out.add_stream("aac", rate=44100, layout="mono")
        for number in range(frames):
            frame = av.VideoFrame.from_ndarray(numbered(number, *size), format="rgb24")
            out.mux(video.encode(frame))
        tone = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        tone.sample_rate, tone.pts = 44100, 0
        out.mux([*video.encode(None), *sound.encode(tone), *sound.encode(None)])
    return path


@pytest.fixture(scope="session")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("song") / "song.flac"
    compose(4, 1, path)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in which nothing unfinished may be left."""
    yield tmp_path
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize("rate", RATES)
def test_facts_are_exact(clips: Clips, rate: str) -> None:
    path = clips.make(f"a{rate[:2]}", 50, rate)
    facts = probe(path)
    assert (facts.width, facts.height, facts.frames, facts.rate) == (WIDTH, HEIGHT, 50, Fraction(rate))
    assert facts.seconds == pytest.approx(50 / Fraction(rate), abs=1e-9)
    assert (facts.codec, facts.pix_fmt, facts.has_audio, facts.bytes) == ("h264", "yuv420p", False, path.stat().st_size)


def test_a_provider_clip_is_measured_with_its_sound(folder: Path) -> None:
    facts = probe(reordered(folder / "p.mp4", 41))
    assert (facts.frames, facts.rate, facts.has_audio) == (41, Fraction(24), True)


def _refused(path: Path) -> str:
    with pytest.raises(BadVideo) as refusal:
        probe(path)
    return str(refusal.value)


def test_refusals_say_what_is_wrong(clips: Clips, folder: Path, song: Path) -> None:
    (folder / "text.mp4").write_text("no video " * 500)
    unknown = "The video text.mp4 is not a video file, or it is cut short; fetch or make it again."
    assert _refused(folder / "text.mp4") == unknown
    assert _refused(folder / "none.mp4") == "The video none.mp4 does not exist."
    assert _refused(song) == "song.flac has no picture track; send a video file."
    whole = clips.make("a24", 50)
    half = folder / "half.mp4"
    half.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    assert _refused(half).startswith("half.mp4 is cut short; ")
    assert _refused(half).endswith(" of 50 frames are there; fetch or make it again.")


def test_a_playlist_cannot_reach_other_files(clips: Clips, folder: Path) -> None:
    (folder / "list.mp4").write_text(f"ffconcat version 1.0\nfile '{clips.make('a24', 50)}'\n")
    assert "is not a video file" in _refused(folder / "list.mp4")


@pytest.mark.parametrize("rate", RATES)
def test_frames_are_found_by_number(clips: Clips, rate: str) -> None:
    path = clips.make(f"a{rate[:2]}", 50, rate)
    assert [number_in(frame_at(path, n)) for n in (0, 1, 23, 24, 25, 29, 30, 49)] == [0, 1, 23, 24, 25, 29, 30, 49]
    assert number_in(last_frame(path)) == 49


def test_frames_are_found_among_b_frames(folder: Path) -> None:
    path = reordered(folder / "p.mp4", 30)
    assert [number_in(frame_at(path, n)) for n in (0, 1, 2, 13, 29)] == [0, 1, 2, 13, 29]


def test_a_frame_that_is_not_there_is_refused(clips: Clips) -> None:
    with pytest.raises(BadVideo, match="a24.mp4 has frames 0 to 49; there is no frame 50."):
        frame_at(clips.make("a24", 50), 50)


def test_posters_and_filmstrips(clips: Clips, folder: Path) -> None:
    path = clips.make("a24", 50)
    facts = poster(path, 7, folder / "p.webp", 80)
    assert (facts.width, facts.height) == (80, 48)
    strip = filmstrip(path, folder / "s.webp", 5, WIDTH)
    assert (strip.cells, strip.cell_width, strip.cell_height) == (5, WIDTH, HEIGHT)
    image = Image.open(folder / "s.webp")
    cells = [image.crop((n * WIDTH, 0, (n + 1) * WIDTH, HEIGHT)) for n in range(5)]
    assert [number_in(cell) for cell in cells] == [5, 15, 25, 35, 45]


def test_a_short_clip_fills_its_filmstrip(clips: Clips, folder: Path) -> None:
    assert filmstrip(clips.make("short", 3), folder / "s.jpg", 8, 40).cells == 8
    assert Image.open(folder / "s.jpg").width == 320


def test_same_shape(clips: Clips) -> None:
    a, b = clips.make("a24", 50), clips.make("b24", 30, first=100)
    assert same_shape([a, b])
    assert not same_shape([a, clips.make("a25", 50, "25")])
    assert not same_shape([a, clips.make("wide", 5, size=(WIDTH * 2, HEIGHT * 2))])


@pytest.mark.parametrize("rate", RATES)
def test_swift_clips_join_with_careful_ones(clips: Clips, folder: Path, rate: str) -> None:
    with Writer(folder / "swift.mp4", WIDTH, HEIGHT, rate, swift=True) as film:
        for number in range(20):
            film.write(numbered(number))
    careful = clips.make(f"a{rate[:2]}", 50, rate)
    assert same_shape([folder / "swift.mp4", careful])
    assert not normalise(folder / "swift.mp4", folder / "n.mp4", **SHAPE, rate=rate)
    join([Piece(folder / "swift.mp4", 0, 20), Piece(careful, 0, 50)], folder / "t.mp4", **SHAPE, rate=rate, pad_to=75)
    assert packets(folder / "t.mp4")[:70] == packets(folder / "swift.mp4") + packets(careful)


@pytest.mark.parametrize("rate", RATES)
def test_whole_clips_are_joined_by_copying(clips: Clips, folder: Path, rate: str) -> None:
    a, b = clips.make(f"a{rate[:2]}", 50, rate), clips.make(f"b{rate[:2]}", 30, rate, first=100)
    facts = join([Piece(a, 0, 50), Piece(b, 0, 30)], folder / "t.mp4", **SHAPE, rate=rate)
    assert (facts.frames, facts.rate) == (80, Fraction(rate))
    assert packets(folder / "t.mp4") == packets(a) + packets(b)
    times = stamps(folder / "t.mp4")
    assert len(set(times)) == 80 and times == sorted(times)
    assert numbers(folder / "t.mp4") == [*range(50), *range(100, 130)]


@pytest.mark.parametrize("rate", RATES)
def test_pieces_and_holds_have_exact_frames(clips: Clips, folder: Path, rate: str) -> None:
    a, b = clips.make(f"a{rate[:2]}", 50, rate), clips.make(f"b{rate[:2]}", 30, rate, first=100)
    pieces = [Piece(a, 5, 40), Piece(b, 0, 11), Piece(a, 49, 1)]
    facts = join(pieces, folder / "t.mp4", **SHAPE, rate=rate, pad_to=60)
    assert facts.frames == 60
    assert numbers(folder / "t.mp4") == [*range(5, 45), *range(100, 111), *[49] * 9]
    copied = set(packets(b)[:11]) | set(packets(a)[round(Fraction(rate)) : 45])
    assert copied <= set(packets(folder / "t.mp4"))


def test_clips_with_b_frames_are_copied_whole(folder: Path) -> None:
    path = reordered(folder / "p.mp4", 30)
    join([Piece(path, 0, 30), Piece(path, 0, 30)], folder / "t.mp4", **SHAPE, rate=24)
    assert packets(folder / "t.mp4") == packets(path) * 2
    assert numbers(folder / "t.mp4") == [*range(30), *range(30)]
    times = stamps(folder / "t.mp4")
    assert len({pts for pts, _ in times}) == 60
    assert all(pts >= dts for pts, dts in times) and [d for _, d in times] == sorted(d for _, d in times)


def test_a_foreign_clip_is_encoded_between_copies(clips: Clips, folder: Path) -> None:
    a, foreign = clips.make("a24", 50), reordered(folder / "p.mp4", 30, size=(WIDTH * 2, HEIGHT * 2))
    facts = join([Piece(a, 0, 50), Piece(foreign, 3, 9), Piece(a, 0, 50)], folder / "t.mp4", **SHAPE, rate=24)
    assert (facts.frames, facts.width) == (109, WIDTH)
    assert numbers(folder / "t.mp4") == [*range(50), *range(3, 12), *range(50)]
    assert packets(folder / "t.mp4")[:50] == packets(a)


def test_a_piece_longer_than_its_clip_is_refused(clips: Clips, folder: Path) -> None:
    with pytest.raises(BadVideo, match="a24.mp4 has 50 frames; frames 40 to 50 were asked of it."):
        join([Piece(clips.make("a24", 50), 40, 11)], folder / "t.mp4", **SHAPE, rate=24)
    assert not (folder / "t.mp4").exists()


def test_nothing_to_join_is_refused(folder: Path) -> None:
    with pytest.raises(BadVideo, match="There is nothing to show"):
        join([], folder / "t.mp4", **SHAPE, rate=24)


def test_normalising(clips: Clips, folder: Path) -> None:
    assert not normalise(clips.make("a24", 50), folder / "n.mp4", **SHAPE, rate=24)
    assert not (folder / "n.mp4").exists()
    long_groups = reordered(folder / "p.mp4", 60)
    assert normalise(long_groups, folder / "n.mp4", **SHAPE, rate=24)
    assert same_shape([folder / "n.mp4", clips.make("a24", 50)])
    assert numbers(folder / "n.mp4") == list(range(60))
    assert not normalise(folder / "n.mp4", folder / "m.mp4", **SHAPE, rate=24)


def test_another_rate_keeps_the_seconds(folder: Path) -> None:
    assert normalise(reordered(folder / "p.mp4", 60, "30"), folder / "n.mp4", **SHAPE, rate=24)
    assert probe(folder / "n.mp4").frames == 48
    shown = numbers(folder / "n.mp4")
    assert shown == sorted(shown) and shown[0] == 0 and shown[-1] == 59


def test_another_shape_gets_bars(folder: Path) -> None:
    normalise(reordered(folder / "p.mp4", 4, size=(96, 96)), folder / "n.mp4", **SHAPE, rate=24)
    frame = np.asarray(frame_at(folder / "n.mp4", 0).convert("L"))
    assert frame[:, :25].max() < 12 and frame[:, -25:].max() < 12
    assert frame[5, 80] > 30


@pytest.mark.parametrize("rate", RATES)
def test_the_whole_cut(clips: Clips, folder: Path, song: Path, rate: str) -> None:
    a = clips.make(f"a{rate[:2]}", 50, rate)
    Image.new("RGB", (320, 192), (200, 60, 30)).save(folder / "still.png")
    heard: list[float] = []
    segments = [
        Piece(a, 0, 50), Still(folder / "still.png", 12), Slate("SEQ03 Bridge", ("1:02 – 1:20",), 10), Piece(a, 25, 30),
    ]  # fmt: skip
    facts = cut_movie(
        segments, folder / "cut.mp4", **SHAPE, rate=rate, frames_total=104, audio=song, progress=heard.append
    )
    assert (facts.frames, facts.codec, facts.has_audio) == (104, "h264", True)
    assert heard == sorted(heard) and heard[-1] == 1.0
    shown = numbers(folder / "cut.mp4")
    assert shown[:50] == list(range(50)) and shown[72:97] == list(range(25, 50)) and shown[97:] == [49] * 7
    assert packets(folder / "cut.mp4")[:50] == packets(a)
    assert frame_at(folder / "cut.mp4", 55).getpixel((80, 48)) == pytest.approx((200, 60, 30), abs=6)
    times = stamps(folder / "cut.mp4")
    assert times == sorted(set(times)) and len(times) == 104
    with av.open(str(folder / "cut.mp4")) as container:
        sound = container.streams.audio[0]
        assert (sound.codec_context.name, sound.codec_context.channels) == ("aac", 2)
        picture = container.streams.video[0]
        assert picture.duration * picture.time_base == 104 / Fraction(rate)
        assert float(sound.duration * sound.time_base) == pytest.approx(float(104 / Fraction(rate)), abs=2 / 44100)
    data = (folder / "cut.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_a_long_song_is_trimmed_and_a_short_one_filled(folder: Path, song: Path) -> None:
    for frames in (36, 240):
        cut_movie([Slate("A", (), 12)], folder / "c.mp4", **SHAPE, rate=24, frames_total=frames, audio=song)
        with av.open(str(folder / "c.mp4")) as container:
            heard = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])
            length = container.streams.audio[0].duration * container.streams.audio[0].time_base
        assert probe(folder / "c.mp4").frames == frames
        assert float(length) == pytest.approx(frames / 24, abs=2 / 44100)
        assert np.abs(heard[44100:60000]).max() > 0.05
        assert frames < 100 or np.abs(heard[44100 * 6 :]).max() < 0.01


def test_a_cancelled_cut_leaves_nothing(folder: Path) -> None:
    class Cancelled(Exception):
        pass

    def stop(share: float) -> None:
        if share > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        cut_movie([Slate("A", (), 90)], folder / "c.mp4", **SHAPE, rate=24, frames_total=90, progress=stop)
    assert list(folder.iterdir()) == []


def test_a_cut_over_a_missing_file_names_it(folder: Path) -> None:
    (folder / "song.mp3").write_text("not a song")
    with pytest.raises(MediaError, match="The song song.mp3 cannot be read"):
        cut_movie([Slate("A", (), 9)], folder / "c.mp4", **SHAPE, rate=24, frames_total=9, audio=folder / "song.mp3")
    with pytest.raises(BadPicture, match="does not exist"):
        cut_movie([Still(folder / "no.png", 9)], folder / "c.mp4", **SHAPE, rate=24, frames_total=9)
    with pytest.raises(BadVideo, match="The video no.mp4 does not exist"):
        cut_movie([Piece(folder / "no.mp4", 0, 9)], folder / "c.mp4", **SHAPE, rate=24, frames_total=9)
    assert [path.name for path in folder.iterdir()] == ["song.mp3"]


def test_a_slate_is_near_black_and_readable() -> None:
    pixels = np.asarray(draw_slate(Slate("SEQ05 Chorus 1", ("No take yet", "wörd " * 60), 1), 640, 360).convert("L"))
    assert np.median(pixels) < 20
    assert pixels.max() > 200
    assert pixels[:, -30:].max() < 20 and pixels[-30:].max() < 20
