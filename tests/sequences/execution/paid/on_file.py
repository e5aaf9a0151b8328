"""What needs real processes and threads on a database file: kills, freezes, and many at once, with the paid provider.

    DATA_DIR=… python -m tests.sequences.execution.paid.on_file [PROOF …]

Prints one line a proof; exits 1 when one does not hold. The fake's ledger is the judge of each.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from typing import Any

PROOFS: dict[str, Callable[[Any], str]] = {}


def proof(run: Callable[[Any], str]) -> Callable[[Any], str]:
    """List a proof under its name. It gets the studio of `tests.paid`, and returns what was seen or raises."""
    PROOFS[run.__name__] = run
    return run


def main(words: list[str]) -> int:
    """Run proofs; 0 when all hold."""
    os.environ.update(DJANGO_SETTINGS_MODULE="clientvideo.settings", CELERY_BROKER_URL="memory://")
    import django

    django.setup()
    from django.core.management import call_command

    from tests import paid
    from tests.sequences.execution.paid import crowds, kills

    assert crowds.__name__ and kills.__name__, "both have listed their proofs"
    call_command("migrate", verbosity=0)
    failed = []
    with paid.calm() as fake:
        for name in words or list(PROOFS):
            with paid.bench(fake, paid.PUBLIC) as bench:
                fake.control(config={"webhooks_to": "http://127.0.0.1:9"})
                try:
                    print(f"{name}: {PROOFS[name](bench)}", flush=True)
                except Exception:
                    failed.append(name)
                    print(f"{name}: FAILED\n{traceback.format_exc()}", flush=True)
                finally:
                    for child in kills.CHILDREN:
                        child.end()
                    kills.CHILDREN.clear()
                call_command("flush", interactive=False, verbosity=0)
    return 1 if failed else 0


if __name__ == "__main__":
    # under its own name: the modules that list proofs import this one
    from tests.sequences.execution.paid import on_file

    raise SystemExit(on_file.main(sys.argv[1:]))
