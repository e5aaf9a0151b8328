"""Which providers this installation offers, from its settings. Providers themselves read none."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from sequences.models import Upload
from sequences.providers import catalogue, registry

if TYPE_CHECKING:
    from sequences.providers.base import Provider
    from sequences.providers.fal import Options


NEEDS = {"fal": "FAL_KEY"}
"""What a provider must be told in the settings before it is offered."""


def missing(provider: str) -> str:
    """Why a provider cannot be asked here, as `needs FAL_KEY`; empty when it is set up."""
    if provider in registry.names():
        return ""
    return f"needs {NEEDS[provider]}" if provider in NEEDS else "is not set up"


def install() -> None:
    """Tell the registry who can be asked, and the catalogue which prices are rehearsed and what is different here.

    Raises ImproperlyConfigured naming CATALOGUE_FILE and what is wrong in it.
    """
    rehearsed = {
        "sketch/clip": {"price": str(settings.SKETCH_PRICE_SECOND)},
        "sketch/grid": {"price": str(settings.SKETCH_PRICE_PICTURE)},
    }
    try:
        catalogue.configure({**rehearsed, **_changed_here(settings.CATALOGUE_FILE)})
    except (catalogue.CatalogueError, catalogue.UnknownEndpoint, OSError) as error:
        raise ImproperlyConfigured(f"CATALOGUE_FILE {settings.CATALOGUE_FILE}: {error}") from error
    registry.offer("sketch", sketch, idempotent=True)
    if settings.FAL_KEY:
        registry.offer("fal", fal)
    else:
        registry.withdraw("fal")


def _changed_here(file: str) -> dict[str, dict[str, Any]]:
    """What this installation's own file changes in the catalogue, by endpoint."""
    return catalogue.changes(Path(file).read_text(encoding="utf-8")) if file else {}


def sketch() -> Provider:
    """The embedded artist, as the settings want it."""
    # numpy, Pillow and PyAV are needed by whoever draws, not by every page
    from sequences.providers.sketch import Options, Sketch, parse_faults

    options = Options(
        workers=settings.SKETCH_WORKERS, slower=settings.SKETCH_SLOWER, faults=parse_faults(settings.SKETCH_FAULTS)
    )
    return Sketch(Path(settings.DATA_DIR) / "sketch", Path(settings.MEDIA_ROOT), options)


def fal() -> Provider:
    """The paid provider, as the settings want it. Raises ValueError for an address that must not get the key."""
    from sequences.providers.fal import Fal

    return Fal(fal_options(), Path(settings.MEDIA_ROOT), Uploads("fal"))


def fal_options() -> Options:
    """Addresses, account and limits of fal, from the settings."""
    from sequences.providers.fal import Options

    return Options(
        key=settings.FAL_KEY,
        queue_url=settings.FAL_QUEUE_BASE_URL,
        rest_url=settings.FAL_REST_BASE_URL,
        platform_url=settings.FAL_PLATFORM_BASE_URL,
        jwks_url=settings.FAL_JWKS_URL,
        media_hosts=tuple(settings.FAL_MEDIA_HOSTS),
        upload_hosts=tuple(settings.FAL_MEDIA_HOSTS),
        account_id=settings.FAL_ACCOUNT_ID,
        public_url=settings.PUBLIC_BASE_URL,
        allow_loopback=settings.OUTBOUND_ALLOW_LOOPBACK,
        concurrency=settings.FAL_CONCURRENCY,
        start_timeout=settings.FAL_START_TIMEOUT,
        listing_lag=settings.FAL_LISTING_LAG,
    )


class Uploads:
    """Pictures that lie in a provider's storage, remembered across processes."""

    def __init__(self, provider: str) -> None:
        self.provider = provider

    def get(self, sha256: str) -> str | None:
        """The address of a picture, while it has not expired."""
        row = Upload.objects.filter(provider=self.provider, sha256=sha256, expires_at__gt=timezone.now()).first()
        return row.url if row else None

    def put(self, sha256: str, url: str, seconds: float) -> None:
        """Remember an address for so long."""
        until = timezone.now() + timedelta(seconds=seconds)
        row = {"url": url, "expires_at": until}
        Upload.objects.update_or_create(provider=self.provider, sha256=sha256, defaults=row)
