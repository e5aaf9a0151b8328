"""The web server of the embedded studio: `python -m sequences.management.web HOST PORT`."""

from __future__ import annotations

import sys
from typing import Any

from sequences.management import leash

# A video holds its thread for as long as a slow viewer takes; with 4 threads eight viewers stop the whole studio.
THREADS = 16


def application() -> Any:
    """What the server's worker process answers with; called once in that process."""
    leash.hold()
    from clientvideo.wsgi import application as django

    return django


def serve(host: str, port: int) -> None:
    """Answer on `host`:`port` until told to stop."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    leash.hold()
    leash.hand_down()
    Granian(
        target="sequences.management.web:application",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        log_level=LogLevels.error,
        log_access=False,
        workers_kill_timeout=2,
    ).serve()


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
