"""One drawn project for all tests of bundles."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from dailies.bundle import export_bundle
from tests import factories
from tests.dailies.bundle.world import Packed, everything


@pytest.fixture(scope="package")
def packed(data_dir: Path, django_db_setup: None, django_db_blocker: Any) -> Iterator[Packed]:
    """Drawn once; tests take back what they change."""
    with django_db_blocker.unblock():
        try:
            owner = factories.make_user()
            project = everything(owner)
            bundle = data_dir / "tmp" / f"{project.slug}.seqboard"
            export_bundle(actor=owner, project=project, out=bundle)
            yield Packed(project, owner, bundle)
        finally:
            call_command("flush", interactive=False, verbosity=0)


@pytest.fixture(autouse=True)
def nothing_elsewhere(data_dir: Path) -> Iterator[None]:
    """The rows of what a test has imported are taken back by the database; its files go here."""
    yield
    for slug in ("elsewhere", "two"):
        shutil.rmtree(data_dir / "media" / "projects" / slug, ignore_errors=True)
