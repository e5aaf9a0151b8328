"""The verbs that commit us: what people ask for and decide. Pages, commands and admin call these, nothing else.

Every verb takes keywords only. `actor` is the person who asks; None is the machine's owner on the command
line. A verb does the whole thing and returns the rows, or raises Refusal with one sentence and writes nothing.
"""

from __future__ import annotations

from ._jobs import new_key, new_seed
from ._rules import require, role_of
from .making import cancel, explore, redo_shots, request_takes, retry
from .picking import (
    clear_start_frame,
    pick_start_frame,
    take_start_frame,
    upload_start_frame,
    use_start_frame,
)
from .quoting import Quote, grid_endpoint, quote, video_endpoint

__all__ = [
    "Quote",
    "cancel",
    "clear_start_frame",
    "explore",
    "grid_endpoint",
    "new_key",
    "new_seed",
    "pick_start_frame",
    "quote",
    "redo_shots",
    "request_takes",
    "require",
    "retry",
    "role_of",
    "take_start_frame",
    "upload_start_frame",
    "use_start_frame",
    "video_endpoint",
]
