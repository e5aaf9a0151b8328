"""Where the key may go is decided when the options are made, and they never show it."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from sequences.providers.fal import Options


def test_the_defaults_are_the_providers_own_addresses_and_show_no_key() -> None:
    options = Options(key="key-id:key-secret")
    assert "secret" not in repr(options) + str(options) + f"{options}"
    assert asdict(options)["key"] == "key-id:key-secret"
    assert options.queue_url == "https://queue.fal.run"
    assert options.webhook_url("t") is None


@pytest.mark.parametrize("name", ["queue_url", "rest_url", "platform_url", "jwks_url"])
@pytest.mark.parametrize(
    "url",
    [
        "",
        "queue.fal.run",
        "http://queue.fal.run",
        "ftp://queue.fal.run",
        "https://me:pass@queue.fal.run",
        "https://queue.fal.run?key=1",
        "http://127.0.0.1:9000",
        "https://localhost",
        "http://[::1]:9000",
        "https://[bad",
    ],
)
def test_the_key_goes_to_https_hosts_elsewhere_only(name: str, url: str) -> None:
    with pytest.raises(ValueError, match=name):
        Options(**{name: url})


@pytest.mark.parametrize("url", ["http://127.0.0.1:9000/queue/", "http://localhost:9000/queue", "https://[::1]/queue"])
def test_this_machine_is_reached_where_that_is_allowed(url: str) -> None:
    assert Options(queue_url=url, allow_loopback=True).queue_url == url.rstrip("/")
    with pytest.raises(ValueError, match="queue_url"):
        Options(queue_url="http://10.0.0.8", allow_loopback=True)


def test_a_webhook_address_needs_both_ends_and_a_token() -> None:
    options = Options(public_url="https://studio.example/base/", account_id="user_1")
    assert options.webhook_url("a/b") == "https://studio.example/base/hooks/fal/a%2Fb"
    assert options.webhook_url("") is None
