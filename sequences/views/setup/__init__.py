"""Setup: song, sequences on it, project, style, budget, check limits, members, plan file."""

from .project import budget_set, details_set, limits_reset, limits_set, style_set
from .rows import (
    boundary_move,
    row_delete,
    row_edit,
    row_merge,
    row_move,
    row_restore,
    row_split,
    rows_add,
)
from .show import plan_download, project_edit
from .team import member_add, member_remove, member_role, song_set

__all__ = [
    "boundary_move",
    "budget_set",
    "details_set",
    "limits_reset",
    "limits_set",
    "member_add",
    "member_remove",
    "member_role",
    "plan_download",
    "project_edit",
    "row_delete",
    "row_edit",
    "row_merge",
    "row_move",
    "row_restore",
    "row_split",
    "rows_add",
    "song_set",
    "style_set",
]
