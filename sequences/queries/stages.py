"""A sequence's stage and its one next action: computed from facts, so that they cannot lie."""

from __future__ import annotations

from dataclasses import dataclass

from sequences.states import ArtefactState

from .facts import SequenceFacts

STAGES = (
    "draft",
    "exploring",
    "pick_start_frame",
    "ready",
    "generating",
    "in_review",
    "approved",
    "changes_requested",
    "failed",
)


@dataclass(frozen=True, slots=True)
class NextAction:
    """What to do next with a sequence: `verb` is stable for scripts, `label` is what the button says."""

    verb: str
    label: str
    shot: int | None = None


def stage(facts: SequenceFacts) -> str:
    """One of STAGES. Work in flight comes first, then what waits for a person, then how the newest try ended."""
    if any(j.kind == "video" for j in facts.jobs) or _making(facts):
        return "generating"
    if facts.waiting_takes:
        return "in_review"
    if any(j.kind == "grid" for j in facts.jobs):
        return "exploring"
    if facts.approved_take:
        return "approved"
    return _open_stage(facts)


def _open_stage(facts: SequenceFacts) -> str:
    if pick_is_open(facts):
        return "pick_start_frame"
    if facts.enlarging:
        return "exploring"
    newest = facts.takes[-1] if facts.takes else None
    if newest and newest.state == ArtefactState.FAILED:
        return "failed"
    if newest is None and facts.grids and facts.grids[-1].state == ArtefactState.FAILED and not facts.start_frame:
        return "failed"
    if newest and newest.state == ArtefactState.REJECTED:
        return "changes_requested"
    return "ready" if is_ready(facts) else "draft"


def _making(facts: SequenceFacts) -> bool:
    return any(t.state == ArtefactState.MAKING for t in facts.takes)


def pick_is_open(facts: SequenceFacts) -> bool:
    """A grid waits that was not set aside, and nobody has picked or generated anything since it was asked for."""
    waiting = [g for g in facts.grids if g.state == ArtefactState.WAITING and not g.set_aside]
    if not waiting:
        return False
    since = waiting[-1].created_at
    picked = facts.picked_at is not None and facts.picked_at > since
    generated = bool(facts.takes) and facts.takes[-1].created_at > since
    return not picked and not generated


def is_ready(facts: SequenceFacts) -> bool:
    """It has shots, every shot has a prompt, and there is a frame to start from."""
    starts = facts.start_frame or (facts.shots and facts.shots[0].start_frame)
    return bool(facts.shots and starts and all(s.text.strip() for s in facts.shots))


def next_action(facts: SequenceFacts, at: str | None = None) -> NextAction:
    """The one action a card offers in its stage."""
    at = at or stage(facts)
    if at == "draft":
        return _draft_action(facts)
    if at in ("in_review", "generating") and facts.waiting_takes:
        return NextAction("review", "Review " + ", ".join(f"T{t.number}" for t in facts.to_review))
    if at in ("exploring", "generating") and any(job in facts.jobs for job in facts.needs):
        return NextAction("decide", "Decide what happened")
    fixed = {
        "exploring": NextAction("open", "Open setup"),
        "generating": NextAction("open", "Open setup"),
        "pick_start_frame": NextAction("pick", "Pick start frame"),
        "ready": NextAction("generate", "Generate"),
        "approved": NextAction("play", "Play in cut"),
        "changes_requested": NextAction("revise", "Revise prompts"),
        "failed": NextAction("retry", "Retry"),
    }
    return fixed[at]


def _draft_action(facts: SequenceFacts) -> NextAction:
    if not facts.shots:
        return NextAction("write", "Add a shot")
    empty = next((s.number for s in facts.shots if not s.text.strip()), None)
    if empty is not None:
        return NextAction("write", f"Write shot {empty}", empty)
    return NextAction("explore", "Explore a grid")
