"""The verbs that commit us: what people ask for and decide. Pages, commands and admin call these, nothing else.

Every verb takes keywords only. `actor` is the person who asks; None is the machine's owner on the command
line. A verb does the whole thing and returns the rows, or raises Refusal with one sentence and writes nothing.
"""

from __future__ import annotations

from ._jobs import form_key, new_key, new_seed
from ._rules import require, role_of
from .accounts import account_objection, close_account, reopen_account
from .admitting import Admission, admission
from .batches import cancel_batch, continue_batch, pause_batch, request_batch, resume_batch
from .budget import prove, recount, set_budget, set_caps, set_day_cap
from .candidates import clear_cuts, more_like, set_cuts, star, unstar
from .casting import (
    add_element,
    add_pictures,
    delete_element,
    edit_element,
    list_element,
    move_element,
    order_cast,
    order_elements,
    order_pictures,
    remove_picture,
    restore_element,
    set_sequence_elements,
)
from .dividing import Marks, Replanned, apply_split, divide, fill_calls, join, move_divider, put_marks, set_model
from .enlarging import upscale_endpoint, upscale_start_frame
from .exporting import export_plan, plan_text
from .finals import Final, final, final_models, finalise, remake, remake_quote
from .importing import ImportReport, import_plan
from .joining import use_late, use_late_objection
from .making import admit, cancel, explore, grid_problem, redo_quote, redo_shots, request_takes, retry
from .panels import set_cell_prompts
from .picking import (
    clear_start_frame,
    pick_start_frame,
    take_start_frame,
    upload_start_frame,
    use_start_frame,
)
from .pictures import crop_picture, picture_from_cell, picture_from_take, restore_picture
from .planning import (
    add_sequence,
    delete_sequence,
    edit_sequence,
    merge_sequences,
    move_boundary,
    rename_sequence,
    reorder_sequences,
    restore_sequence,
    split_sequence,
)
from .pricing import check_catalogue, refresh_prices
from .projects import (
    add_member,
    change_role,
    edit_project,
    new_project,
    remove_member,
    set_check_limits,
)
from .prompting import copy_prompt, restore, revise
from .quoting import Quote, grid_endpoint, quote, split_proposals, video_endpoint
from .refs import RefsReport, import_refs, last_look, look_at_refs, refs_changed
from .replacing import replace_prompts, undo_replace
from .shots import (
    add_shot,
    delete_shot,
    reorder_shots,
    restore_shot,
    scale_shots,
    set_seconds,
    set_solo,
    trim_last_shot,
)
from .songs import upload_song
from .staling import (
    Edited,
    Refresh,
    Refreshed,
    noticing,
    preview,
    refresh,
    stale_report,
    use_again,
    waive,
    withdraw_waiver,
)
from .staling import Report as StaleReport
from .starsend import Decided, StarsendReport, import_starsend
from .styling import restore_style, set_style

__all__ = [
    "Admission",
    "Decided",
    "Edited",
    "Final",
    "ImportReport",
    "Marks",
    "Quote",
    "Refresh",
    "Refreshed",
    "RefsReport",
    "Replanned",
    "StaleReport",
    "StarsendReport",
    "account_objection",
    "add_element",
    "add_member",
    "add_pictures",
    "add_sequence",
    "add_shot",
    "admission",
    "admit",
    "apply_split",
    "cancel",
    "cancel_batch",
    "change_role",
    "check_catalogue",
    "clear_cuts",
    "clear_start_frame",
    "close_account",
    "continue_batch",
    "copy_prompt",
    "crop_picture",
    "delete_element",
    "delete_sequence",
    "delete_shot",
    "divide",
    "edit_element",
    "edit_project",
    "edit_sequence",
    "explore",
    "export_plan",
    "fill_calls",
    "final",
    "final_models",
    "finalise",
    "form_key",
    "grid_endpoint",
    "grid_problem",
    "import_plan",
    "import_refs",
    "import_starsend",
    "join",
    "last_look",
    "list_element",
    "look_at_refs",
    "merge_sequences",
    "more_like",
    "move_boundary",
    "move_divider",
    "move_element",
    "new_key",
    "new_project",
    "new_seed",
    "noticing",
    "order_cast",
    "order_elements",
    "order_pictures",
    "pause_batch",
    "pick_start_frame",
    "picture_from_cell",
    "picture_from_take",
    "plan_text",
    "preview",
    "prove",
    "put_marks",
    "quote",
    "recount",
    "redo_quote",
    "redo_shots",
    "refresh",
    "refresh_prices",
    "refs_changed",
    "remake",
    "remake_quote",
    "remove_member",
    "remove_picture",
    "rename_sequence",
    "reopen_account",
    "reorder_sequences",
    "reorder_shots",
    "replace_prompts",
    "request_batch",
    "request_takes",
    "require",
    "restore",
    "restore_element",
    "restore_picture",
    "restore_sequence",
    "restore_shot",
    "restore_style",
    "resume_batch",
    "retry",
    "revise",
    "role_of",
    "scale_shots",
    "set_budget",
    "set_caps",
    "set_cell_prompts",
    "set_check_limits",
    "set_cuts",
    "set_day_cap",
    "set_model",
    "set_seconds",
    "set_sequence_elements",
    "set_solo",
    "set_style",
    "split_proposals",
    "split_sequence",
    "stale_report",
    "star",
    "take_start_frame",
    "trim_last_shot",
    "undo_replace",
    "unstar",
    "upload_song",
    "upload_start_frame",
    "upscale_endpoint",
    "upscale_start_frame",
    "use_again",
    "use_late",
    "use_late_objection",
    "use_start_frame",
    "video_endpoint",
    "waive",
    "withdraw_waiver",
]
