"""The launcher, as a person meets it: started as a program, with an environment that may lack things."""

from __future__ import annotations

import ast
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def launch(*words: str, at: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(at / "run"), *words],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **environment},
    )


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what the launcher needs to begin with, and a path on which there is no uv."""
    shutil.copy(ROOT / "run", tmp_path / "run")
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "base.txt").write_text("# nothing to install\n")
    (tmp_path / "manage.py").write_text("import sys; print('managed', sys.prefix, *sys.argv[1:])\n")
    return tmp_path


def without_uv(**more: str) -> dict[str, str]:
    return {"PATH": "/nonexistent", "DATA_DIR": "/nonexistent/data", **more}


def test_alone_it_lists_every_verb() -> None:
    done = launch()
    assert done.returncode == 0
    for verb in ("studio", "test", "manage", "lint", "lock", "bench", "shots", "fake-fal", "help"):
        assert f"\n  {verb} " in done.stdout


def test_an_unknown_verb_is_a_usage_error() -> None:
    done = launch("fly")
    assert (done.returncode, done.stdout) == (2, "")
    assert "There is no verb 'fly'" in done.stderr


def test_a_taken_port_is_one_sentence_before_anything_is_installed(checkout: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = launch("studio", "--port", str(port), at=checkout, **without_uv())
    assert done.returncode == 1
    assert done.stderr == f"Port {port} is in use; try ./run studio --port {port + 1}\n"
    assert not (checkout / ".venv").exists()


def test_a_port_that_is_no_port(checkout: Path) -> None:
    assert "--port eight is not a port" in launch("studio", "--port=eight", at=checkout, **without_uv()).stderr


def test_old_pythons_can_read_it_and_are_told() -> None:
    ast.parse((ROOT / "run").read_text(), feature_version=(3, 6))
    code = f"""
import runpy, sys
run = runpy.run_path({str(ROOT / "run")!r})
run["check_python"]((3, 9, 2))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=20)
    assert done.returncode == 1
    assert done.stderr.startswith("Sequence Board needs Python 3.11 or newer and this is Python 3.9; ")


def test_a_python_without_venv_says_what_to_install(checkout: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "ensurepip.py").write_text("raise ImportError('not packaged')\n")
    done = launch("manage", "check", at=checkout, **without_uv(PYTHONPATH=str(broken)))
    assert done.returncode == 1
    assert "install python3-venv" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (checkout / ".venv").exists()


def test_it_makes_the_environment_once_and_passes_words_on(checkout: Path) -> None:
    first = launch("manage", "hello", "--x", at=checkout, **without_uv())
    assert first.returncode == 0, first.stderr
    assert first.stdout.split() == ["managed", str(checkout / ".venv"), "hello", "--x"]
    assert "Installing requirements/base.txt with pip" in first.stderr
    second = launch("manage", "hello", at=checkout, **without_uv())
    assert (second.returncode, second.stderr) == (0, "")

    (checkout / "requirements" / "base.txt").write_text("# other pins\n")
    assert "Installing" in launch("manage", "hello", at=checkout, **without_uv()).stderr


def test_a_killed_install_is_found_and_mended(checkout: Path) -> None:
    (checkout / ".venv" / "lib").mkdir(parents=True)
    (checkout / ".venv" / "unfinished").touch()
    done = launch("manage", "hello", at=checkout, **without_uv())
    assert "unfinished or broken; making it again" in done.stderr
    assert done.stdout.startswith("managed")
    assert not (checkout / ".venv" / "unfinished").exists()


def test_no_lock_file_names_an_index() -> None:
    for file in (ROOT / "requirements").iterdir():
        assert "://" not in file.read_text(), file.name
