"""What others' addresses may make us do: fetch from listed hosts of the public internet over https, nothing else."""

from __future__ import annotations

import datetime
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sequences.providers.base import Refused, TryLater
from sequences.providers.outbound import Resolve, Rules, download, read, tls

Wrap = Callable[[socket.socket], socket.socket]
HOSTS = ("fal.media", "127.0.0.1", "localhost", "cdn.example:8443")
PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 5000


def answers(*addresses: str) -> tuple[Resolve, list[str]]:
    """A resolver that gives these addresses, and the names it was asked for."""
    asked: list[str] = []

    async def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return list(addresses)

    return resolve, asked


@contextmanager
def server(*replies: bytes, wrap: Wrap | None = None, at: str = "127.0.0.1") -> Iterator[tuple[int, list[bytes]]]:
    """One reply a connection, in order; what was asked for is kept."""
    heard: list[bytes] = []
    with socket.create_server((at, 0)) as listening:

        def serve() -> None:
            for reply in replies:
                try:
                    with listening.accept()[0] as plain, wrap(plain) if wrap else plain as link:
                        heard.append(link.recv(65536))
                        link.sendall(reply)
                except OSError:
                    pass  # the client has seen enough

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1], heard
        listening.shutdown(socket.SHUT_RDWR)
    thread.join(2)


def reply(body: bytes = PNG, kind: str = "image/png", *, status: str = "200 OK", length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    return f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {size}\r\n\r\n".encode() + body


def near(**more: object) -> Rules:
    values: dict = {"allow_loopback": True, "connect": 1.0, "idle": 0.3, "total": 0.5, **more}
    return Rules(HOSTS, **values)


def fetch(url: str, target: Path, rules: Rules, most: int = 10**6, **more: object) -> int:
    return download(url, target, rules=rules, most_bytes=most, **more)  # type: ignore[arg-type]  # sizes and kinds


def refusal(url: str, target: Path, rules: Rules, most: int = 10**6) -> Refused:
    with pytest.raises(Refused) as caught:
        fetch(url, target, rules, most)
    assert not target.exists()
    return caught.value


@pytest.mark.parametrize(
    "url",
    [
        "http://fal.media/a.mp4",
        "ftp://fal.media/a.mp4",
        "file:///etc/passwd",
        "//fal.media/a",
        "",
        "https://",
        "https://fal.media:8443/a",
        "https://user@fal.media/a",
        "https://fal.media@evil.example/a",
        "https://evil.example/fal.media",
        "https://fal.media.evil.example/a",
        "https://notfal.media/a",
        "https://fal.media./a",
        "https://fal.media\\@evil.example/a",
        "https://127.0.0.1/a",
        "http://127.0.0.1:80/a",
        "https://localhost/a",
        "https://[::1]/a",
        "https://[::ffff:127.0.0.1]/a",
        "https://2130706433/a",
        "https://cdn.example:9000/a",
        "https://fal.media\n.evil.example/",
    ],
)
def test_other_addresses_are_refused_before_a_name_is_resolved(tmp_path: Path, url: str) -> None:
    resolve, asked = answers("93.184.216.34")
    assert refusal(url, tmp_path / "t", Rules(HOSTS[:1] + HOSTS[3:], resolve=resolve)).code == "blocked"
    assert asked == []


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.8",
        "172.16.5.5",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%lo",
        "fc00::1",
        "ff02::1",
        "::ffff:10.0.0.8",
        "::ffff:169.254.169.254",
        "64:ff9b::a00:8",
        "2002:a00:8::1",
    ],
)
@pytest.mark.parametrize("loopback", [False, True])
def test_a_listed_name_that_leads_inside_is_refused(tmp_path: Path, address: str, loopback: bool) -> None:
    resolve, asked = answers("93.184.216.34", address)
    rules = Rules(HOSTS, allow_loopback=loopback, resolve=resolve)
    error = refusal("https://v3.fal.media/a.mp4?sig=s3cret", tmp_path / "t", rules)
    assert error.code == "blocked"
    assert "private address" in str(error)
    assert "s3cret" not in str(error)
    assert asked == ["v3.fal.media"]  # once: a second answer could be another one


def test_a_name_that_is_not_found_is_tried_later(tmp_path: Path) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        raise socket.gaierror("no such name")

    with pytest.raises(TryLater):
        fetch("https://fal.media/a", tmp_path / "t", Rules(HOSTS, resolve=resolve))
    with pytest.raises(TryLater):
        fetch("https://fal.media/a", tmp_path / "t", Rules(HOSTS, resolve=answers()[0]))


def test_a_file_comes_whole_and_is_asked_for_unpacked(tmp_path: Path) -> None:
    with server(reply()) as (port, heard):
        assert fetch(f"http://127.0.0.1:{port}/a.png?x=1", tmp_path / "t", near()) == len(PNG)
    assert (tmp_path / "t").read_bytes() == PNG
    assert b"GET /a.png?x=1 HTTP/1.1" in heard[0]
    assert b"accept-encoding: identity" in heard[0].lower()
    assert f"host: 127.0.0.1:{port}".encode() in heard[0].lower()


def test_the_next_address_of_a_name_is_tried(tmp_path: Path) -> None:
    with server(reply()) as (port, _):
        rules = near(resolve=answers("127.0.0.9", "127.0.0.1")[0])
        assert fetch(f"http://localhost:{port}/a", tmp_path / "t", rules) == len(PNG)


def test_the_address_that_was_checked_is_the_one_that_is_used(tmp_path: Path) -> None:
    """The name itself leads elsewhere, where nobody listens: resolving it again would fail."""
    with server(reply(), at="127.0.0.2") as (port, heard):
        rules = near(resolve=answers("127.0.0.2")[0])
        assert fetch(f"http://localhost:{port}/a", tmp_path / "t", rules) == len(PNG)
        assert f"host: localhost:{port}".encode() in heard[0].lower()


@pytest.mark.parametrize("to", ["http://169.254.169.254/", "https://fal.media/b", "file:///etc/passwd"])
def test_no_redirect_is_followed(tmp_path: Path, to: str) -> None:
    with server(f"HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n".encode(), reply()) as (
        port,
        heard,
    ):
        assert refusal(f"http://127.0.0.1:{port}/a", tmp_path / "t", near()).code == "blocked"
        assert len(heard) == 1


@pytest.mark.parametrize(
    "answer",
    [
        reply(PNG[:100], length=len(PNG)),
        reply(b""),
        reply(b"<html>", "text/html"),
        reply(b"{}", "application/json; charset=utf-8"),
        reply(status="403 Forbidden", body=b"not yours"),
        reply(status="401 No"),
        reply(status="429 Busy"),
        reply(status="500 Broken"),
        reply(status="206 Part"),
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 5000\r\n\r\n" + b"x" * 5000,
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n64\r\nabc",
        b"not http at all\r\n\r\n",
        b"",
    ],
    ids=str,
)
def test_what_is_not_the_whole_file_is_tried_later_and_leaves_nothing(tmp_path: Path, answer: bytes) -> None:
    with server(answer) as (port, _), pytest.raises(TryLater):
        fetch(f"http://127.0.0.1:{port}/a", tmp_path / "t", near())
    assert not (tmp_path / "t").exists()


def test_without_a_length_the_known_size_counts(tmp_path: Path) -> None:
    bare = b"HTTP/1.1 200 OK\r\ncontent-type: video/mp4\r\n\r\n" + PNG
    with server(bare, bare) as (port, _):
        assert fetch(f"http://127.0.0.1:{port}/a", tmp_path / "t", near()) == len(PNG)
        with pytest.raises(TryLater):
            fetch(f"http://127.0.0.1:{port}/a", tmp_path / "t", near(), size=len(PNG) + 1)


@pytest.mark.parametrize(
    "answer", [reply(status="404 Gone"), reply(status="410 Gone"), reply(b"<Code>ExpiredToken</Code>", status="403 No")]
)
def test_what_is_not_there_any_more_is_gone(tmp_path: Path, answer: bytes) -> None:
    with server(answer) as (port, _):
        assert refusal(f"http://127.0.0.1:{port}/a", tmp_path / "t", near()).code == "gone"


def test_a_size_over_the_cap_is_refused_by_header_and_by_count(tmp_path: Path) -> None:
    with server(reply(length=10**12), b"HTTP/1.1 200 OK\r\ncontent-type: video/mp4\r\n\r\n" + b"x" * 200_000) as (
        port,
        _,
    ):
        assert refusal(f"http://127.0.0.1:{port}/a", tmp_path / "t", near(), 10**5).code == "blocked"
        assert refusal(f"http://127.0.0.1:{port}/a", tmp_path / "t", near(), 10**5).code == "blocked"


def test_silence_and_dripping_end(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(TryLater, match="fell silent"):
        fetch(f"http://127.0.0.1:{silent.getsockname()[1]}/a", tmp_path / "t", near())
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as dripping:

        def serve() -> None:
            with dripping.accept()[0] as link:
                link.sendall(reply(b"", length=5000))
                while not stop.wait(0.05):
                    try:
                        link.sendall(b"x")
                    except OSError:
                        return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        with pytest.raises(TryLater, match="took more than 0.5 seconds"):
            fetch(f"http://127.0.0.1:{dripping.getsockname()[1]}/a", tmp_path / "t", near())
        stop.set()
        thread.join(2)


def test_small_reads_have_a_cap_and_follow_nothing() -> None:
    with server(reply(b"{}"), reply(b"x" * 999), b"HTTP/1.1 301 M\r\nlocation: /b\r\ncontent-length: 0\r\n\r\n") as (
        port,
        _,
    ):
        url = f"http://127.0.0.1:{port}/keys"
        assert read(url, rules=near(), most_bytes=100).content == b"{}"
        for _ in range(2):
            with pytest.raises(Refused, match="Nothing is fetched"):
                read(url, rules=near(), most_bytes=100)


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Wrap:
    """A server's side of TLS under the name `localhost`, not under its number; our TLS trusts its maker."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - datetime.timedelta(1)).not_valid_after(now + datetime.timedelta(1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("tls")
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, *plain))
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    tls().load_verify_locations(folder / "cert.pem")
    return lambda plain: context.wrap_socket(plain, server_side=True)


def test_tls_is_held_to_the_name_while_the_number_is_connected_to(tmp_path: Path, certified: Wrap) -> None:
    resolve, asked = answers("127.0.0.1")
    with server(reply(), reply(), wrap=certified) as (port, heard):
        assert fetch(f"https://localhost:{port}/a", tmp_path / "t", near(resolve=resolve)) == len(PNG)
        assert f"host: localhost:{port}".encode() in heard[0].lower()
        with pytest.raises(TryLater):  # the certificate does not name the number
            fetch(f"https://127.0.0.1:{port}/a", tmp_path / "u", near())
    assert asked == ["localhost"]


def test_the_providers_own_host_is_read_over_tls(tmp_path: Path, certified: Wrap) -> None:
    from sequences.providers.base import Pending
    from sequences.providers.fal import Fal, Options

    body = b'{"status": "IN_PROGRESS"}'
    with server(reply(body, "application/json"), reply(body), wrap=certified) as (port, _):
        named, numbered = (
            Fal(Options(key="k:s", queue_url=f"https://{host}:{port}", allow_loopback=True), tmp_path)
            for host in ("localhost", "127.0.0.1")
        )
        assert isinstance(named.look("r1", endpoint="a/b"), Pending)
        with pytest.raises(TryLater):
            numbered.look("r1", endpoint="a/b")
