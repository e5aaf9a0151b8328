"""The settings in the two shapes people run: embedded, and production."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "DJANGO_ENV": "production",
    "SECRET_KEY": "a-long-text-for-tests-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEF",
    "PUBLIC_BASE_URL": "https://video.example.com",
}
SHOW = """
import json
from django.conf import settings as s
d = s.DATABASES["default"]
print(json.dumps({"engine": d["ENGINE"], "name": str(d["NAME"]), "options": d["OPTIONS"], "key": s.SECRET_KEY,
    "broker": s.CELERY_BROKER_TRANSPORT_OPTIONS, "secure": s.SESSION_COOKIE_SECURE, "hosts": s.ALLOWED_HOSTS,
    "debug": s.DEBUG}))
"""


def python(*words: str, data: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME")}
    return subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        env={**kept, "DATA_DIR": str(data), "DJANGO_SETTINGS_MODULE": "clientvideo.settings", **environment},
    )


def shown(data: Path, **environment: str) -> dict[str, object]:
    done = python("-c", SHOW, data=data, **environment)
    assert done.returncode == 0, done.stderr
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def test_without_anything_set_it_is_the_embedded_studio(tmp_path: Path) -> None:
    found = shown(tmp_path / "data")
    assert found["engine"] == "django.db.backends.sqlite3"
    assert found["name"] == str(tmp_path / "data" / "studio.sqlite3")
    assert found["options"]["transaction_mode"] == "IMMEDIATE"  # type: ignore[index]  # read back from JSON
    assert found["broker"]["polling_interval"] == 0.05  # type: ignore[index]  # read back from JSON
    assert (found["secure"], found["debug"]) == (False, False)


def test_the_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    first, second = shown(tmp_path), shown(tmp_path)
    assert first["key"] == second["key"]
    assert len(str(first["key"])) >= 50
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_two_addresses_switch_to_postgresql_and_redis(tmp_path: Path) -> None:
    found = shown(tmp_path, DATABASE_URL="postgres://a:b@db:5432/board", CELERY_BROKER_URL="redis://r:6379/0")
    assert (found["engine"], found["name"]) == ("django.db.backends.postgresql", "board")
    assert "polling_interval" not in found["broker"]  # type: ignore[operator]  # read back from JSON
    assert found["broker"]["visibility_timeout"] == 1800  # type: ignore[index]  # read back from JSON
    assert "transaction_mode" not in found["options"]  # type: ignore[operator]  # read back from JSON


def test_production_without_a_key_is_refused(tmp_path: Path) -> None:
    done = python("-c", SHOW, data=tmp_path, DJANGO_ENV="production")
    assert done.returncode != 0
    assert "SECRET_KEY is not set" in done.stderr


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("DJANGO_ENV", "prod", "must be 'embedded' or 'production'"),
        ("PUBLIC_BASE_URL", "me.example", "a whole address"),
        ("TAKES_ASK_FIRST", "five", "give dollars such as 5 or 2.50"),
    ],
)
def test_a_setting_nobody_can_mean_is_refused(tmp_path: Path, name: str, value: str, words: str) -> None:
    done = python("-c", SHOW, data=tmp_path, **{name: value})
    assert words in done.stderr


def test_a_data_folder_that_cannot_be_written_is_one_sentence() -> None:
    done = python("-c", SHOW, data=Path("/dev/null/data"))
    assert done.returncode == 1
    assert done.stderr.startswith("Cannot write to DATA_DIR /dev/null/data")
    assert len(done.stderr.splitlines()) == 1


def test_production_passes_the_deployment_check(tmp_path: Path) -> None:
    done = python("manage.py", "check", "--deploy", "--fail-level", "WARNING", data=tmp_path, **PRODUCTION)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_every_page_says_what_it_may_load(client: Client, db: None) -> None:
    for address in ("/login/", "/admin/login/"):
        policy = client.get(address).headers["Content-Security-Policy"]
        parts = dict(part.strip().partition(" ")[::2] for part in policy.split(";"))
        assert parts["script-src"] == parts["style-src"] == "'self'"
        assert parts["style-src-attr"] == "'unsafe-inline'"
        assert parts["frame-ancestors"] == "'none'"


def test_a_page_is_closed_unless_it_says_otherwise(client: Client, db: None) -> None:
    assert client.get("/up/").content == b"up"
    answer = client.get("/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/login/?next=/")


def test_the_icon_that_browsers_ask_for_is_there_for_everybody(client: Client) -> None:
    asked = client.get("/favicon.ico")
    assert (asked.status_code, asked["Location"]) == (302, "/static/img/favicon.svg")
