"""Every test writes below a folder of its own run, rings no real bell, and asks no network."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))
if "clientvideo.settings" not in sys.modules:
    os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="sequence-board-tests-")
    os.environ["CELERY_BROKER_URL"] = "memory://"
    os.environ["STATIC_MANIFEST"] = "0"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clientvideo.settings")
    import django

    django.setup()


@pytest.fixture(scope="session", autouse=True)
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The run's own data folder: what tests draw, upload and cut stays there, whatever the environment says."""
    from django.conf import settings

    from clientvideo import datadir

    folder = datadir.make(tmp_path_factory.mktemp("data"))
    settings.DATA_DIR = folder
    settings.MEDIA_ROOT = folder / "media"
    settings.FILE_UPLOAD_TEMP_DIR = str(folder / "tmp")
    yield folder


@pytest.fixture(autouse=True)
def catalogue_as_installed() -> Iterator[None]:
    """A price or limit that a test changes does not reach the next one."""
    yield
    from sequences import offers

    offers.install()
