"""Which providers this installation offers, from its settings. Providers themselves read none."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from sequences.providers import catalogue, registry

if TYPE_CHECKING:
    from sequences.providers.base import Provider


def install() -> None:
    """Tell the registry who can be asked, and the catalogue which prices are rehearsed."""
    catalogue.configure(
        {
            "sketch/clip": {"price": str(settings.SKETCH_PRICE_SECOND)},
            "sketch/grid": {"price": str(settings.SKETCH_PRICE_PICTURE)},
        }
    )
    registry.offer("sketch", sketch)


def sketch() -> Provider:
    """The embedded artist, as the settings want it."""
    # numpy, Pillow and PyAV are needed by whoever draws, not by every page
    from sequences.providers.sketch import Options, Sketch, parse_faults

    options = Options(
        workers=settings.SKETCH_WORKERS, slower=settings.SKETCH_SLOWER, faults=parse_faults(settings.SKETCH_FAULTS)
    )
    return Sketch(Path(settings.DATA_DIR) / "sketch", Path(settings.MEDIA_ROOT), options)
