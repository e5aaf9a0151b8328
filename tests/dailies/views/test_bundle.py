"""Bundles on the pages: download, fork, import; plain and with htmx, good and refused."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings
from django.urls import reverse

from sequences.models import Project
from sequences.models.plan import Role
from tests import factories

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def project(client: Client) -> Iterator[Project]:
    """A project without pictures: quick to pack."""
    owner = factories.make_user()
    client.force_login(owner)
    made = factories.make_project(owner, [factories.Plan(start_frame=True)])
    yield made
    for slug in ("two", "night-ferry-version-2"):
        shutil.rmtree(Path(settings.MEDIA_ROOT) / "projects" / slug, ignore_errors=True)


def downloaded(client: Client, project: Project) -> bytes:
    response = client.get(reverse("bundle_download", args=[project.slug]))
    assert response.status_code == 200
    return b"".join(response.streaming_content)  # type: ignore[attr-defined]


def sent(raw: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("night-ferry.seqboard", raw, "application/zip")


def prepared() -> list[Path]:
    return list((Path(settings.DATA_DIR) / "tmp").glob("bundle-*"))


def test_an_owner_downloads_it(client: Client, project: Project) -> None:
    before = prepared()
    response = client.get(reverse("bundle_download", args=[project.slug]))
    assert response["Content-Disposition"] == f'attachment; filename="{project.slug}.seqboard"'
    raw = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    response.close()
    assert zipfile.ZipFile(io.BytesIO(raw)).testzip() is None
    assert prepared() == before


def test_a_download_that_nobody_reads_leaves_nothing(client: Client, project: Project) -> None:
    before = prepared()
    client.get(reverse("bundle_download", args=[project.slug])).close()
    assert client.head(reverse("bundle_download", args=[project.slug])).status_code == 200
    assert prepared() == before


def test_a_download_while_something_is_made_is_refused_with_its_sentence(client: Client, project: Project) -> None:
    factories.make_take(factories.sequence_of(project), "making")
    response = client.get(reverse("bundle_download", args=[project.slug]), follow=True)
    assert "is still being worked on: SEQ01" in response.content.decode()


def test_only_owners_are_offered_it(client: Client, project: Project) -> None:
    here = reverse("bundle_download", args=[project.slug])
    assert f'href="{here}"' in client.get(reverse("project_edit", args=[project.slug])).content.decode()
    client.force_login(factories.add_member(project, Role.ARTIST))
    page = client.get(reverse("project_edit", args=[project.slug])).content.decode()
    assert f'href="{here}"' not in page and "this takes an owner" in page
    assert "this takes an owner" in client.get(here, follow=True).content.decode()


def test_in_again_under_another_address(client: Client, project: Project) -> None:
    raw = downloaded(client, project)
    other = factories.make_user()
    client.force_login(other)
    response = client.post(reverse("bundle_import"), {"bundle": sent(raw), "slug": "two"})
    assert (response.status_code, response["Location"]) == (303, "/p/two/")
    there = Project.objects.get(slug="two")
    assert [(m.user_id, m.role) for m in there.memberships.all()] == [(other.pk, "owner")]
    assert "every file as it was sent" in client.get("/p/two/").content.decode()


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_what_cannot_be_imported_is_said_beside_the_form(client: Client, project: Project, headers: Any) -> None:
    raw, address = downloaded(client, project), reverse("bundle_import")
    before = Project.objects.count()
    cases = [
        ({"bundle": sent(raw)}, "There is a project"),
        ({"bundle": sent(raw[:2000]), "slug": "two"}, "no whole zip file"),
        ({"bundle": sent(b"<html>"), "slug": "two"}, "no whole zip file"),
        ({"slug": "two"}, "No bundle came along"),
    ]
    for form, sentence in cases:
        response = client.post(address, form, headers=headers)
        assert response.status_code == 422 and sentence in response.content.decode(), sentence
        assert ("<html" in response.content.decode()) is not bool(headers)
    assert 'value="two"' in response.content.decode()
    with override_settings(MAX_UPLOAD_MB=0):
        response = client.post(address, {"bundle": sent(raw)}, headers=headers)
    assert "import it by command" in response.content.decode()
    assert Project.objects.count() == before


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_a_fork_by_form(client: Client, project: Project, headers: Any) -> None:
    form = {"title": "", "slug": "two", "with": "takes", "budget": "$12"}
    response = client.post(reverse("bundle_fork", args=[project.slug]), form, headers=headers)
    assert "/p/two/" in (response.get("Location") or response.get("HX-Redirect"))
    fork = Project.objects.get(slug="two")
    assert (fork.cap_micros, fork.forked_from) == (12_000_000, project)
    page = client.get(reverse("project_edit", args=["two"])).content.decode()
    assert f'a version of <a href="/p/{project.slug}/">' in page
    stranger = factories.add_member(fork)
    client.force_login(stranger)
    assert "a version of <a" not in client.get(reverse("project_edit", args=["two"])).content.decode()


def test_a_fork_without_an_address_makes_one_of_its_title(client: Client, project: Project) -> None:
    client.post(reverse("bundle_fork", args=[project.slug]), {"title": "Night Ferry version 2"})
    assert Project.objects.filter(slug="night-ferry-version-2", title="Night Ferry version 2").exists()


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_a_refused_fork_keeps_what_was_typed(client: Client, project: Project, headers: Any) -> None:
    form = {"title": "Colder", "slug": project.slug, "with": "takes", "budget": "9"}
    response = client.post(reverse("bundle_fork", args=[project.slug]), form, headers=headers)
    body = response.content.decode()
    assert response.status_code == 422 and "There is a project" in body
    assert 'value="Colder"' in body and 'value="takes" checked' in body
    assert client.get(reverse("bundle_fork", args=[project.slug])).status_code == 200


def test_the_ways_in_are_named_where_plans_are_imported(client: Client, project: Project) -> None:
    here = f'href="{reverse("bundle_import")}"'
    for address in (reverse("projects"), f"{reverse('project_new')}?from=plan", reverse("bundle_import")):
        page = client.get(address)
        assert page.status_code == 200 and (here in page.content.decode() or address == reverse("bundle_import"))
    client.force_login(factories.make_user())
    assert here in client.get(reverse("projects")).content.decode()
