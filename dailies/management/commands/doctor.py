"""`doctor`: what is missing on this machine or in this installation, and how to mend it."""

from __future__ import annotations

from typing import Any

from dailies.checkup import CHECKS, examine
from sequences.management.output import VerbCommand


class Command(VerbCommand):
    help = "Look at machine, database, broker, worker, files and settings; say what is wrong and how to mend it."
    project_option = None
    # What the checks would stop at is what is to be told here.
    requires_system_checks: list[str] = []

    def run(self, **options: Any) -> dict[str, Any]:
        found = examine(CHECKS)
        document = {
            "checks": [{"name": name, "ok": f.ok, "message": f.message, "mend": f.mend} for name, f in found]
        }
        for name, f in found:
            self.show(f"{'  ok' if f.ok and not f.mend else 'note' if f.ok else ' BAD'}  {name:<11} {f.message}")
            if f.mend:
                self.show(f"{'':18}{f.mend}")
        if bad := [name for name, f in found if not f.ok]:
            self.fail(f"Not in order: {', '.join(bad)}.", document)
        return document
