"""Media files through their address: who gets them, which part, and which ones never."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from sequences import storage
from sequences.models import Project
from tests import factories

pytestmark = pytest.mark.django_db

BYTES = bytes(range(256)) * 40  # 10 240


@pytest.fixture
def project() -> Project:
    return factories.make_project(sequences=0, song=False)


@pytest.fixture
def member(client: Client, project: Project) -> Client:
    client.force_login(project.members.get())
    return client


@pytest.fixture
def clip(project: Project) -> str:
    """The address of a file of the project."""
    return put(project, "seq01/t1/clip-0123.mp4")


def put(project: Project, name: str, content: bytes = BYTES) -> str:
    file = storage.absolute(f"projects/{project.slug}/{name}")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return f"/media/projects/{project.slug}/{name}"


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_the_whole_file(member: Client, clip: str) -> None:
    answer = member.get(clip)
    assert (answer.status_code, body(answer)) == (200, BYTES)
    assert answer["Content-Length"] == str(len(BYTES))
    assert (answer["Content-Type"], answer["Accept-Ranges"]) == ("video/mp4", "bytes")
    assert (answer["X-Content-Type-Options"], answer["Cache-Control"]) == ("nosniff", "private, max-age=86400")


def test_head_tells_the_same_without_the_bytes(member: Client, clip: str) -> None:
    answer = member.head(clip)
    assert (answer.status_code, answer["Content-Length"], body(answer)) == (200, str(len(BYTES)), b"")


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("bytes=0-0", 0, 0), ("bytes=100-199", 100, 199), ("bytes=10000-", 10_000, 10_239), ("bytes=-5", 10_235, 10_239),
     ("bytes=0-99999", 0, 10_239), ("bytes=-99999", 0, 10_239)],
)  # fmt: skip
def test_a_part(member: Client, clip: str, asked: str, first: int, last: int) -> None:
    answer = member.get(clip, headers={"Range": asked})
    assert (answer.status_code, body(answer)) == (206, BYTES[first : last + 1])
    assert answer["Content-Range"] == f"bytes {first}-{last}/{len(BYTES)}"
    assert answer["Content-Length"] == str(last - first + 1)
    assert answer["Content-Type"] == "video/mp4"


@pytest.mark.parametrize("asked", ["bytes=10240-", "bytes=99999-100000", "bytes=-0", "bytes=5-4"])
def test_a_part_that_is_not_there(member: Client, clip: str, asked: str) -> None:
    answer = member.get(clip, headers={"Range": asked})
    if asked == "bytes=5-4":  # no valid range at all: RFC 9110 14.1.1 lets it be ignored or refused
        assert answer.status_code in (200, 416)
        return
    assert (answer.status_code, answer["Content-Range"], body(answer)) == (416, f"bytes */{len(BYTES)}", b"")


@pytest.mark.parametrize(
    "asked", ["bytes=-", "bytes=a-b", "frames=0-1", "bytes=0-1,5-6", "bytes", "", f"bytes=0-{'9' * 5000}"]
)
def test_a_range_that_cannot_be_read_is_ignored(member: Client, clip: str, asked: str) -> None:
    answer = member.get(clip, headers={"Range": asked})
    assert (answer.status_code, body(answer)) == (200, BYTES)


def test_an_empty_file(member: Client, project: Project) -> None:
    address = put(project, "seq01/empty.mp4", b"")
    assert (member.get(address).status_code, body(member.get(address))) == (200, b"")
    assert member.get(address, headers={"Range": "bytes=0-"}).status_code == 416
    assert member.get(address, headers={"Range": "bytes=-5"}).status_code == 416


def test_a_part_of_what_changed_meanwhile_is_the_whole(member: Client, clip: str) -> None:
    etag = member.get(clip)["ETag"]
    same = member.get(clip, headers={"Range": "bytes=0-9", "If-Range": etag})
    other = member.get(clip, headers={"Range": "bytes=0-9", "If-Range": '"another"'})
    assert (same.status_code, body(same)) == (206, BYTES[:10])
    assert (other.status_code, body(other)) == (200, BYTES)


def test_what_the_browser_has_is_not_sent_again(member: Client, project: Project, clip: str) -> None:
    etag = member.get(clip)["ETag"]
    again = member.get(clip, headers={"If-None-Match": etag})
    assert (again.status_code, again["ETag"], body(again)) == (304, etag, b"")
    assert member.get(clip, headers={"If-None-Match": f'"old", {etag}'}).status_code == 304
    put(project, "seq01/t1/clip-0123.mp4", BYTES[:-1])
    assert member.get(clip, headers={"If-None-Match": etag}).status_code == 200


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.mp4", "video/mp4"), ("a.jpg", "image/jpeg"), ("a.png", "image/png"), ("a.wav", "audio/x-wav"),
     ("a.mp3", "audio/mpeg"), ("a.unheard", "application/octet-stream")],
)  # fmt: skip
def test_the_type_is_by_the_name(member: Client, project: Project, name: str, kind: str) -> None:
    assert member.get(put(project, name))["Content-Type"] == kind


@pytest.mark.parametrize("name", ["a.html", "a.svg", "a.js", "a.xml"])
def test_what_a_browser_would_run_is_no_page_of_ours(member: Client, project: Project, name: str) -> None:
    """Were such a file ever there, the policy of the answer keeps its scripts from running."""
    answer = member.get(put(project, name))
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_a_download_carries_its_name(member: Client, clip: str) -> None:
    assert member.get(f"{clip}?download=1")["Content-Disposition"] == 'attachment; filename="clip-0123.mp4"'


def test_a_download_whose_name_has_quotes(member: Client, project: Project) -> None:
    answer = member.get(put(project, 'a "b".mp4') + "?download=1")
    assert answer["Content-Disposition"] == r'attachment; filename="a \"b\".mp4"'


def test_a_front_server_sends_it(member: Client, project: Project, clip: str, settings: Any) -> None:
    settings.MEDIA_ACCEL_PREFIX = "/protected/"
    answer = member.get(clip)
    assert isinstance(answer, HttpResponse) and answer.content == b""
    assert answer["X-Accel-Redirect"] == f"/protected/projects/{project.slug}/seq01/t1/clip-0123.mp4"
    assert answer["Content-Type"] == "video/mp4"


def test_a_name_that_is_no_address_is_spelled_for_the_front_server(
    member: Client, project: Project, settings: Any
) -> None:
    settings.MEDIA_ACCEL_PREFIX = "/protected"
    put(project, "song/50% of é?.mp3")
    answer = member.get(f"/media/projects/{project.slug}/song/50%25%20of%20%C3%A9%3F.mp3")
    assert answer["X-Accel-Redirect"] == f"/protected/projects/{project.slug}/song/50%25%20of%20%C3%A9%3F.mp3"


@pytest.mark.parametrize("accel", ["", "/protected"])
def test_strangers_get_nothing(client: Client, clip: str, settings: Any, accel: str) -> None:
    settings.MEDIA_ACCEL_PREFIX = accel
    assert client.get(clip).status_code == 302
    client.force_login(factories.make_user())
    answer = client.get(clip)
    assert answer.status_code == 404 and "X-Accel-Redirect" not in answer


@pytest.mark.parametrize("accel", ["", "/protected"])
def test_a_member_gets_nothing_of_another_project(member: Client, project: Project, settings: Any, accel: str) -> None:
    settings.MEDIA_ACCEL_PREFIX = accel
    other = factories.make_project(sequences=0, song=False, title="Other")
    theirs, here = put(other, "secret.mp4"), f"/media/projects/{project.slug}"
    link = storage.absolute(f"projects/{project.slug}") / "link.mp4"
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(storage.absolute(f"projects/{other.slug}/secret.mp4"))
    ways = [
        theirs,
        f"{here}/../{other.slug}/secret.mp4",
        f"{here}/%2e%2e/{other.slug}/secret.mp4",
        f"{here}/..%2f{other.slug}%2fsecret.mp4",
        f"{here}/seq01/../../{other.slug}/secret.mp4",
        f"{here}//{storage.absolute(f'projects/{other.slug}/secret.mp4')}",
        f"{here}/link.mp4",
        f"{here}-2/secret.mp4",
    ]
    assert [way for way in ways if member.get(way).status_code != 404] == []


@pytest.mark.parametrize("accel", ["", "/protected"])
def test_nothing_outside_the_media_is_served(
    member: Client, project: Project, settings: Any, tmp_path: Path, accel: str
) -> None:
    settings.MEDIA_ACCEL_PREFIX = accel
    outside = tmp_path / "key"
    outside.write_text("secret")
    home = storage.absolute(f"projects/{project.slug}")
    home.mkdir(parents=True, exist_ok=True)
    for name in ("out", "folder"):
        (home / name).unlink(missing_ok=True)
    (home / "out").symlink_to(outside)
    (home / "folder").symlink_to(tmp_path)
    up = os.path.relpath(outside, home)
    ways = [str(outside), up, up.replace("/", "%2f"), up.replace(".", "%2e"), "out", "folder/key", "folder", "", ".",
            "..", "%00", "a%00.mp4", "x" * 5000, "con\n.mp4"]  # fmt: skip
    for way in ways:
        answer = member.get(f"/media/projects/{project.slug}/{way}")
        assert answer.status_code == 404, way[:60]
        assert "X-Accel-Redirect" not in answer


@pytest.mark.parametrize(
    "name",
    ["tmp/half.part.mp4", "tmp/deep/half.mp4", "./tmp/half.part.mp4", "seq01/../tmp/half.part.mp4", "tmp//deep"],
)
@pytest.mark.parametrize("accel", ["", "/protected"])
def test_what_is_half_written_is_never_served(
    member: Client, project: Project, settings: Any, name: str, accel: str
) -> None:
    settings.MEDIA_ACCEL_PREFIX = accel
    put(project, "tmp/half.part.mp4")
    put(project, "tmp/deep/half.mp4")
    put(project, "seq01/x.mp4")
    assert member.get(f"/media/projects/{project.slug}/{name}").status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_files_are_only_read(member: Client, clip: str, method: str) -> None:
    assert getattr(member, method)(clip).status_code == 405
