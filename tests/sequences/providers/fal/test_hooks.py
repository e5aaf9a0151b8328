"""A webhook is believed when the provider signed these very bytes, for our account, now; keys come from one place."""

from __future__ import annotations

import base64
import hashlib
import time

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sequences.providers.base import Refused, TryLater, Wire
from sequences.providers.fal import BadHook, Fal, Options, fetch_keys, parse_keys, verify
from tests.fakes.fal import InProcessFal

NOW = 1_800_000_000.0
BODY = b'{"request_id": "r1", "status": "OK"}'
ACCOUNT = "user_1"
SIGNER, OTHER = (Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name).digest()) for name in (b"one", b"two"))


def public(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


KEYS = (public(OTHER), public(SIGNER))


def signed(
    body: bytes = BODY, *, user: str = ACCOUNT, at: float | str = NOW, key: Ed25519PrivateKey = SIGNER
) -> dict[str, str]:
    moment = at if isinstance(at, str) else f"{at:.0f}"
    message = "\n".join(("r1", user, moment, hashlib.sha256(body).hexdigest())).encode()
    return {
        "X-Fal-Webhook-Request-Id": "r1",
        "X-Fal-Webhook-User-Id": user,
        "X-Fal-Webhook-Timestamp": moment,
        "X-Fal-Webhook-Signature": key.sign(message).hex(),
    }


def check(headers: dict[str, str], body: bytes = BODY, keys: tuple[bytes, ...] = KEYS, account: str = ACCOUNT) -> None:
    verify(headers, body, keys, account_id=account, now=NOW)


@pytest.mark.parametrize("at", [NOW, NOW - 300, NOW + 300])
def test_a_signed_webhook_of_now_is_believed(at: float) -> None:
    check(signed(at=at))
    check({name.lower(): value for name, value in signed(at=at).items()})
    check({name: value.upper() if "Signature" in name else value for name, value in signed(at=at).items()})


def reason(headers: dict[str, str], body: bytes = BODY, **more: object) -> str:
    with pytest.raises(BadHook) as caught:
        check(headers, body, **more)  # type: ignore[arg-type]  # one of its own names
    return str(caught.value)


@pytest.mark.parametrize("name", list(signed()))
def test_every_header_counts(name: str) -> None:
    headers = signed()
    assert reason({key: value for key, value in headers.items() if key != name})
    assert reason({**headers, name: ""})
    assert reason({**headers, name: headers[name] + "1"})
    assert reason({**headers, name: headers[name] + "\n"})
    assert reason({**headers, name: headers[name] * 1000})


@pytest.mark.parametrize("at", [NOW - 301, NOW + 301, "", "-1", "soon", "1e9", "١٢٣", "9" * 400, " 1800000000"])
def test_another_time_is_refused_although_signed(at: float | str) -> None:
    assert reason(signed(at=at))


def test_other_bytes_are_refused() -> None:
    assert "fits no known key" in reason(signed(), BODY + b" ")
    assert reason(signed(), BODY.replace(b" ", b""))
    assert reason(signed(), b"")


def test_another_account_is_refused_although_signed() -> None:
    assert reason(signed(user="user_2")) == "it is about another account"
    assert reason(signed(user="user_1 ")) == "it is about another account"
    assert reason(signed(), account="") == "it is about another account"
    assert reason(signed(user="usér"), account="user")


@pytest.mark.parametrize("signature", ["zz", "00", "00" * 64, "é" * 4])
def test_another_signature_is_refused(signature: str) -> None:
    assert reason({**signed(), "X-Fal-Webhook-Signature": signature})


def test_only_known_keys_sign() -> None:
    assert reason(signed(), keys=())
    assert reason(signed(), keys=(public(OTHER),))
    assert reason(signed(), keys=(b"short", b""))
    assert reason(signed(), keys=(public(OTHER),) * 20 + (public(SIGNER),))  # beyond the twentieth


def entry(key: bytes, pad: bool = False) -> dict[str, str]:
    text = base64.urlsafe_b64encode(key).decode()
    return {"kty": "OKP", "x": text if pad else text.rstrip("=")}


def test_keys_are_read_with_and_without_padding() -> None:
    assert parse_keys({"keys": [entry(KEYS[0]), entry(KEYS[1], pad=True)]}) == KEYS
    tricky = bytes([255, 254, 253] * 10 + [251, 250])
    assert parse_keys({"keys": [entry(tricky)]}) == (tricky,)


@pytest.mark.parametrize(
    "jwks",
    [
        {},
        {"keys": None},
        {"keys": "x"},
        {"keys": [None, 5, "x", {}, {"x": None}, {"x": 5}, {"x": "é"}, {"x": "!!"}, {"x": "A" * 9999}]},
        {"keys": [entry(b"k" * 31), entry(b"k" * 33), entry(b"")]},
    ],
)
def test_what_is_no_key_is_passed_over(jwks: dict[str, object]) -> None:
    assert parse_keys(jwks) == ()


def test_only_twenty_keys_are_read() -> None:
    many = [entry(bytes([n]) * 32) for n in range(50)]
    assert len(parse_keys({"keys": many})) == 20


def test_the_providers_own_webhook_is_believed_and_its_variants_are_not(
    fal: Fal, fake: InProcessFal, options: Options, wire: Wire
) -> None:
    keys = parse_keys(fetch_keys(options))
    number = fal.submit(None, token="t", wire=wire).request_id  # type: ignore[arg-type]  # the wire says it all
    fake.control(finish="all")
    job = fake.fake.queue.jobs[number]
    verdicts = {}
    for variant in ("", "forged", "foreign_account", "altered", "old_timestamp", "unsigned"):
        letter = fake.fake.hooks.letter(job, {variant: {}} if variant else {})
        try:
            verify(letter.headers, letter.body, keys, account_id=fake.account, now=time.time())
            verdicts[variant] = True
        except BadHook:
            verdicts[variant] = False
    assert verdicts.pop("") is True
    assert set(verdicts.values()) == {False}


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("jwks:status(500)", TryLater),
        ("jwks:html(code=200)", TryLater),
        ("jwks:empty", TryLater),
        ("jwks:stall", TryLater),
        ("jwks:huge_body", Refused),
        ("jwks:redirect", Refused),
    ],
)
def test_keys_that_cannot_be_read_are_not_made_up(
    fake: InProcessFal, options: Options, fault: str, kind: type[Exception]
) -> None:
    fake.fault(fault)
    with pytest.raises(kind):
        fetch_keys(options)
    assert parse_keys(fetch_keys(options))
