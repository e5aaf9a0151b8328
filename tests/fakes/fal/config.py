"""What can be set about the fake before it starts, and most of it while it runs."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

KEY = "fake-key-id:fake-key-secret"
ACCOUNT = "user_fake0000"
FOREIGN_KEY = "other-key-id:other-key-secret"
FOREIGN_ACCOUNT = "user_other000"

STATIC = {"host", "port", "control_port", "data", "accounts", "seed", "faults"}


@dataclass
class Config:
    """Times are seconds of the run clock unless a name says otherwise. `data` holds the ledger and the files."""

    data: Path
    host: str = "127.0.0.1"
    port: int = 0
    control_port: int = 0
    seed: int = 1
    speed: float = 1.0
    faults: str = ""
    accounts: dict[str, str] = field(default_factory=lambda: {KEY: ACCOUNT, FOREIGN_KEY: FOREIGN_ACCOUNT})
    concurrency: int = 2
    duration: float = 0.05  # of a job, or its mean
    spread: float = 0.0  # 0.5: from half the mean to one and a half
    cancel_delay: float = 0.05  # from CANCELLATION_REQUESTED to the end
    validate: Literal["submit", "run"] = "submit"  # where bad input is refused
    check_images: bool = False  # refuse own pictures below 300 px or beyond 0.4 to 2.5, as Kling does
    store_default: bool = True  # payloads kept 30 days unless the request says X-Fal-Store-IO: 0
    listing_lag: float = 0.0  # from the end of a request to its being listed
    listing_running: bool = False  # whether requests that have not ended are listed
    picture_scale: float = 0.25  # of the pixels a real model would give
    video_edge: int = 320  # longer edge of a clip, pixels
    start_frames: bool = True  # begin a clip with the start image, when it can be read from our own files
    webhooks_to: str = ""  # deliver to this base address in place of the host that was named

    def update(self, changes: dict[str, Any]) -> None:
        known = {f.name for f in fields(self)} - STATIC
        if unknown := sorted(set(changes) - known):
            raise ValueError(f"Cannot set {', '.join(unknown)}; known: {', '.join(sorted(known))}.")
        for name, value in changes.items():
            setattr(self, name, value)

    def shown(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if name not in ("accounts", "data")}


def environment(config: Config) -> dict[str, str]:
    """The settings a studio needs to call this fake in place of the provider."""
    here = f"http://{config.host}:{config.port}"
    key, account = list(config.accounts.items())[0]
    return {
        "FAL_KEY": key,
        "FAL_QUEUE_BASE_URL": f"{here}/queue",
        "FAL_REST_BASE_URL": f"{here}/rest",
        "FAL_PLATFORM_BASE_URL": f"{here}/platform/v1",
        "FAL_JWKS_URL": f"{here}/rest/.well-known/jwks.json",
        "FAL_MEDIA_HOSTS": f"{config.host}:{config.port}",
        "FAL_ACCOUNT_ID": account,
        "OUTBOUND_ALLOW_LOOPBACK": "1",
    }
