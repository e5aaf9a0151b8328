"""The sketch artist's scenes: cinematic stills from a prompt's words and a seed, the same on every machine.

`paint` draws one still, `portrait` a small studio picture of an element, `read` says what a prompt's words
were taken to mean.
Everything is drawn here with numpy and Pillow; no picture, font or network is used, and no text is ever
drawn.
"""

from __future__ import annotations

from .painter import paint, paint_layers
from .portraits import portrait
from .reading import FAMILIES, Figure, Reading, read

__all__ = ["FAMILIES", "Figure", "Reading", "paint", "paint_layers", "portrait", "read"]
