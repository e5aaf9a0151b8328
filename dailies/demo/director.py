"""Making the demo: its project once, then one round after the other until every step has come to its end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from clientvideo.signin import local_user
from sequences import orchestration
from sequences.errors import Refusal
from sequences.management import demomark
from sequences.models import Job, Project
from sequences.models import Sequence as SequenceRow
from sequences.orchestration.demo import demo_plan, lay_out
from sequences.planfile import Plan
from sequences.states import LIVE_JOBS
from sequences.transitions import MoveError, Stale

from .finish import why_fallen
from .steps import Standing, Step

MOST_LIVE = 3  # calls asked for and not ended: enough that nobody idles, few enough that the order is seen


class Stuck(Exception):
    """A sequence cannot be brought further; `str()` says which and why."""


def project_of_demo(plan: Plan | None = None) -> tuple[Project, bool]:
    """The demo's project and whether it was made just now. Raises Refusal when its slug belongs to another one."""
    plan_slug = (plan or demo_plan()).project.slug
    existing = Project.objects.filter(slug=plan_slug).first()
    if existing and demomark.slug() != plan_slug:
        raise Refusal(
            f"There is a project {plan_slug} that is not the demo's, so no demo was made.",
            code="slug_taken",
            where=plan_slug,
        )
    if existing:
        return existing, False
    demomark.write(plan_slug, finished=False)
    # no need of the artist where the demo is there already
    from sequences.providers.sketch.scenes import portrait

    file = lay_out(demomark.folder() / plan_slug, portrait, plan)
    return orchestration.import_plan(actor=None, plan=file, owner=local_user()).project, True


@dataclass
class Director:
    """Walks a script. Steps of one sequence come one after the other; asking steps wait while enough is in flight."""

    project: Project
    script: Sequence[Step]
    tell: Callable[[str], None] = lambda line: None
    fallen: dict[str, str] = field(default_factory=dict)

    def round(self) -> bool:
        """Do whatever can be done now; True when no step is left."""
        rows = {s.code: s for s in self.project.sequences.filter(deleted_at=None)}
        held: set[str] = set()
        full = False
        for step in self.script:
            if step.code in self.fallen or step.code in held or step.code not in rows:
                continue
            standing = step.standing(rows[step.code])
            if standing is Standing.DONE:
                continue
            held.add(step.code)
            if standing is Standing.DEAD:
                self.fallen[step.code] = _why(rows[step.code])
            elif standing is Standing.OPEN:
                full = full or (step.asks and self._enough())
                if not (step.asks and full):
                    self._do(step, rows[step.code])
        return not held

    def _do(self, step: Step, sequence: SequenceRow) -> None:
        try:
            self.tell(step.do(sequence, local_user()))
        except Stale:
            return  # it moved between our look and our word; the next round looks again
        except (Refusal, MoveError) as refusal:
            # somebody works in the demo too: what they did stands, and this sequence is left to them
            self.fallen[step.code] = f"{step.code}: {refusal}"

    def _enough(self) -> bool:
        return Job.objects.filter(project=self.project, state__in=LIVE_JOBS).count() >= MOST_LIVE


def _why(sequence: SequenceRow) -> str:
    return why_fallen(sequence) if sequence.takes.exists() or sequence.grids.exists() else f"{sequence.code}: gone"
