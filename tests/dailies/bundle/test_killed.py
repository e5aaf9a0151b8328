"""An import that is killed leaves nothing that anybody sees, and the next one under that name goes through."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.dailies.bundle.world import Packed

pytestmark = [pytest.mark.django_db, pytest.mark.faults]

ROOT = Path(__file__).resolve().parents[3]
# kills itself before the n-th statement of each child; the parent only forks and looks
PLAY = """
import json, os, signal, sys
from pathlib import Path
import django
django.setup()
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from dailies.bundle import import_bundle
from sequences.models import Project

# tables without the history of how they came about: this is about rows
settings.MIGRATION_MODULES = {app.label: None for app in django.apps.apps.get_app_configs()}
call_command("migrate", verbosity=0, run_syncdb=True)
bundle, told = Path(sys.argv[1]), []

def child(nth):
    seen = [0]
    def count(execute, sql, params, many, context):
        seen[0] += 1
        if seen[0] == nth:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(sql, params, many, context)
    with connection.execute_wrapper(count):
        import_bundle(bundle=bundle, slug="elsewhere")
    Path(sys.argv[2]).write_text(str(seen[0]))
    os._exit(0)

def look(nth):
    connection.close()
    pid = os.fork()
    if pid == 0:
        child(nth)
    _, status = os.waitpid(pid, 0)
    tables = [m for m in django.apps.apps.get_models() if m._meta.app_label in ("sequences", "dailies")]
    rows = sum(m._default_manager.count() for m in tables)
    folder = Path(settings.MEDIA_ROOT) / "projects" / "elsewhere"
    told.append({"nth": nth, "killed": os.WIFSIGNALED(status), "rows": rows, "placed": folder.exists(),
                 "arriving": len(list((Path(settings.MEDIA_ROOT) / ".arriving").glob("*")))})

for part in map(int, sys.argv[3:]):
    look(part)
look(0)
print(json.dumps(told))
"""


def test_killed_anywhere_nothing_is_visible(packed: Packed, tmp_path: Path) -> None:
    nths = [1, 4, 7, 20, 45]
    env = {**os.environ, "DATA_DIR": str(tmp_path / "data"), "DJANGO_SETTINGS_MODULE": "clientvideo.settings"}
    env.pop("DATABASE_URL", None)
    done = subprocess.run(
        [sys.executable, "-c", PLAY, str(packed.bundle), str(tmp_path / "count"), *map(str, nths)],
        cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    *killed, last = json.loads(done.stdout)
    statements = int((tmp_path / "count").read_text())
    assert [k["nth"] for k in killed] == nths and statements > nths[-1]
    assert all(k["killed"] and k["rows"] == 0 for k in killed), killed
    assert {k["placed"] for k in killed} == {True, False}, "some were killed before the rename and some after it"
    # the one that is left alone takes the name that the dead ones had
    assert not last["killed"] and last["placed"] and last["rows"] > 50
