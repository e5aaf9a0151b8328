"""What the demo does on a fresh board, in this order: pictures for every card first, then takes and verdicts.

At its end the board shows every stage that stands still, and the last things asked for are still being made.
"""

from __future__ import annotations

from .steps import Cancel, Explore, Film, Judge, Pick, Redo, Revise, Step

SOFTER = (
    "Rain on glass, very slow rack focus from single drops to the city lights. Her shadow stays at the right edge."
)

LIVE: tuple[Step, ...] = (
    Explore("SEQ01"),
    Explore("SEQ02"),
    Explore("SEQ03"),
    Explore("SEQ04"),
    Pick("SEQ01", 1),
    Pick("SEQ02", 2),
    Pick("SEQ03", 1),
    Pick("SEQ04", 3),
    Film("SEQ01"),
    Explore("SEQ05"),
    Explore("SEQ06"),
    Explore("SEQ07"),
    Explore("SEQ08"),
    Pick("SEQ05", 2),
    Pick("SEQ06", 4),
    Pick("SEQ07", 1),
    Film("SEQ03"),
    Explore("SEQ09"),
    Explore("SEQ10"),
    Pick("SEQ09", 1),
    Pick("SEQ10", 2),
    Film("SEQ10", wait=False),
    Cancel("SEQ10"),
    Judge("SEQ01", note="Hold the wide a little longer in the cut, the rest is there."),
    Film("SEQ02"),
    Judge("SEQ03", reason="motion", note="The focus pull jumps; slower, please.", redo=(3,)),
    Revise("SEQ03", 3, SOFTER),
    Redo("SEQ03"),
    Film("SEQ05"),
    Judge("SEQ02", note="Candle and window are lovely."),
    Explore("SEQ08", "grid2"),
    Judge("SEQ05", reason="off_beat", note="The cut to shot 2 comes before the downbeat.", redo=(2,)),
    Film("SEQ07"),
    Film("SEQ09"),
    Explore("SEQ11"),
)
