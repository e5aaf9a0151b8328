"""The Sequence workbench: its page and the verbs that post from it."""

from .frames import (
    cast_add,
    cast_move,
    cast_remove,
    start_frame_clear,
    start_frame_enlarge,
    start_frame_take,
    start_frame_upload,
    start_frame_use,
)
from .section import sequence_delete, sequence_edit, sequence_merge, sequence_restore, sequence_split
from .shots import (
    prompt_restore,
    shot_add,
    shot_delete,
    shot_fit,
    shot_move,
    shot_order,
    shot_prompt,
    shot_restore,
    shot_seconds,
    shot_solo,
)
from .show import bench_live, sequence, take_plan
from .spending import cancel, explore, retry, take_request

__all__ = [
    "bench_live",
    "cancel",
    "cast_add",
    "cast_move",
    "cast_remove",
    "explore",
    "prompt_restore",
    "retry",
    "sequence",
    "sequence_delete",
    "sequence_edit",
    "sequence_merge",
    "sequence_restore",
    "sequence_split",
    "shot_add",
    "shot_delete",
    "shot_fit",
    "shot_move",
    "shot_order",
    "shot_prompt",
    "shot_restore",
    "shot_seconds",
    "shot_solo",
    "start_frame_clear",
    "start_frame_enlarge",
    "start_frame_take",
    "start_frame_upload",
    "start_frame_use",
    "take_plan",
    "take_request",
]
