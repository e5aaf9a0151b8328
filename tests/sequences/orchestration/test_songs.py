"""The song: decoded before it is believed, and never shorter than what is planned for it."""

from __future__ import annotations

import wave
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from sequences import orchestration as verbs
from sequences import storage
from sequences.errors import Refusal
from sequences.models import Project, Song
from sequences.song.compose import compose
from tests.factories import Plan, make_project, song_file

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return make_project(sequences=[Plan(length=3)], song=False)


def test_a_song_is_measured_and_kept(project: Project) -> None:
    song = verbs.upload_song(actor=None, project=project, upload=song_file(4))
    assert (song.seconds, song.sample_rate, song.channels) == (4, 8000, 1)
    assert song.file == f"projects/night-ferry/song/{song.sha256}.wav"
    assert storage.absolute(song.file).read_bytes() == song_file(4).read_bytes()
    assert song.peaks and max(song.peaks) == 100
    project.refresh_from_db()
    assert project.song_file == song_file(4).name


@pytest.mark.parametrize(("made", "kept"), [("a.flac", "flac"), ("a.m4a", "m4a")])
def test_the_kept_name_says_what_it_is(project: Project, tmp_path: Path, made: str, kept: str) -> None:
    compose(3, 1, tmp_path / made)
    sent = SimpleUploadedFile("C:\\songs\\Night Ferry.wav", (tmp_path / made).read_bytes())
    song = verbs.upload_song(actor=None, project=project, upload=sent)
    assert song.name == "Night Ferry.wav" and song.file.endswith(f".{kept}")


def test_a_second_song_takes_the_first_ones_place(project: Project) -> None:
    first = verbs.upload_song(actor=None, project=project, upload=song_file(4))
    second = verbs.upload_song(actor=None, project=project, upload=song_file(5))
    assert Song.objects.get(project=project).sha256 == second.sha256 != first.sha256


def test_a_song_that_is_too_short_names_the_sequence(project: Project) -> None:
    with pytest.raises(Refusal) as caught:
        verbs.upload_song(actor=None, project=project, upload=song_file(2))
    assert (caught.value.code, caught.value.where) == ("song_too_short", "SEQ01")
    assert str(caught.value) == (
        "song-2.wav is 0:02 long; SEQ01 ends at 0:03, 1 s later. Shorten or delete that sequence first."
    )
    assert not Song.objects.exists()


@pytest.mark.parametrize("content", [b"", b"this is a letter, not a song", b"RIFF\x00\x00\x00\x00WAVE"])
def test_what_is_no_song_is_refused_with_its_reason(project: Project, content: bytes) -> None:
    with pytest.raises(Refusal) as caught:
        verbs.upload_song(actor=None, project=project, upload=SimpleUploadedFile("letter.mp3", content))
    assert caught.value.code == "bad_song" and "letter.mp3" in str(caught.value)
    assert not Song.objects.exists()


def test_a_song_that_is_not_there(project: Project, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"^The song gone\.wav does not exist\.$"):
        verbs.upload_song(actor=None, project=project, upload=tmp_path / "gone.wav")


def test_a_length_is_never_rounded_up(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "odd.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 44100, 0, "NONE", "not compressed"))
        file.writeframes(b"\x10\x20" * (44100 * 3 + 25))  # 3.00056 s
    song = verbs.upload_song(actor=None, project=project, upload=path)
    assert song.seconds == 3
