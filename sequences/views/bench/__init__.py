"""The Sequence workbench: its page and the verbs that post from it."""

from .casting import cast_add, cast_move, cast_order, cast_remove
from .dividing import plan_divide, plan_fill, plan_join, plan_model, plan_move, plan_split, plan_undo
from .frames import (
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
from .spending import cancel, explore, grid_cells, retry, take_request
from .writing import (
    prompt_copy,
    prompt_copy_undo,
    prompt_measure,
    prompt_revisions,
    sequence_style,
    sequence_style_restore,
    sequence_style_revisions,
)

__all__ = [
    "bench_live",
    "cancel",
    "cast_add",
    "cast_move",
    "cast_order",
    "cast_remove",
    "explore",
    "grid_cells",
    "plan_divide",
    "plan_fill",
    "plan_join",
    "plan_model",
    "plan_move",
    "plan_split",
    "plan_undo",
    "prompt_copy",
    "prompt_copy_undo",
    "prompt_measure",
    "prompt_restore",
    "prompt_revisions",
    "retry",
    "sequence",
    "sequence_delete",
    "sequence_edit",
    "sequence_merge",
    "sequence_restore",
    "sequence_split",
    "sequence_style",
    "sequence_style_restore",
    "sequence_style_revisions",
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
