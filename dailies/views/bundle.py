"""A project as one file: download it, fork it as a new version, and take one in from elsewhere."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from dailies.bundle import Prepared, fork_project, import_bundle, prepare
from sequences.errors import Refusal
from sequences.models import Project
from sequences.models.plan import Role
from sequences.orchestration import require
from sequences.orchestration.projects import free_slug
from sequences.views.access import member, page, person
from sequences.views.projects import gone_to

FORK, IMPORT = "dailies/fork.html", "dailies/bundle.html"
TYPE = "application/zip"
FIELDS = ("title", "slug", "with", "budget")
MB = 10**6


class _Sent:
    """The bytes of a prepared bundle; what was prepared goes when the answer is closed, sent or not."""

    def __init__(self, prepared: Prepared) -> None:
        self.prepared = prepared

    def __iter__(self) -> Iterator[bytes]:
        return self.prepared.stream()

    def close(self) -> None:
        self.prepared.close()


@require_safe
@member
def bundle_download(request: HttpRequest, project: Project) -> HttpResponse:
    """The whole project as a file, for owners. It is hashed before the first byte, so that a refusal can be said."""
    headers = {"Content-Disposition": content_disposition_header(True, f"{project.slug}.seqboard") or "attachment"}
    if request.method == "HEAD":
        require(person(request), project, Role.OWNER)
        return HttpResponse(content_type=TYPE, headers=headers)
    prepared = prepare(actor=person(request), project=project)
    # a view may stream as well; the decorator's type only knows the plain answer
    return cast(HttpResponse, StreamingHttpResponse(_Sent(prepared), content_type=TYPE, headers=headers))


@require_http_methods(["GET", "HEAD", "POST"])
@member
def bundle_fork(request: HttpRequest, project: Project) -> HttpResponse:
    """A new version of the project: the form, or what it was filled in with."""
    if request.method != "POST":
        return page(request, project, FORK, _fork(request, project), nav="setup")
    asked = {name: request.POST.get(name, "").strip() for name in FIELDS}
    try:
        fork = fork_project(
            actor=person(request),
            project=project,
            slug=asked["slug"] or free_slug(asked["title"] or project.title),
            title=asked["title"],
            with_=asked["with"] or "plan",
            budget=asked["budget"].removeprefix("$") or "0",
        )
    except Refusal as refusal:
        if refusal.code in ("not_allowed", "not_found"):
            raise
        return _refused(request, project, asked, refusal)
    messages.success(request, f"{fork.title} is made, a new version of {project.title}.")
    return gone_to(request, reverse("board", args=[fork.slug]))


def _refused(request: HttpRequest, project: Project, asked: dict[str, str], refusal: Refusal) -> HttpResponse:
    found = {**_fork(request, project), "asked": asked, "refused": refusal}
    if request.htmx:  # type: ignore[attr-defined]  # set by django_htmx's middleware
        return render(request, f"{FORK}#forkform", {"project": project, **found}, status=422)
    response = page(request, project, FORK, found, nav="setup")
    response.status_code = 422
    return response


def _fork(request: HttpRequest, project: Project) -> dict[str, Any]:
    owns = getattr(request, "role", "") == Role.OWNER.value
    return {"owns": owns, "why_not": f"You are no owner of {project.title};", "asked": {}}


@require_http_methods(["GET", "HEAD", "POST"])
def bundle_import(request: HttpRequest) -> HttpResponse:
    """A project from a bundle that somebody sends; they own it."""
    if request.method != "POST":
        return render(request, IMPORT, _limits())
    slug = request.POST.get("slug", "").strip()
    try:
        with _on_disk(request.FILES.get("bundle")) as path:
            arrived = import_bundle(bundle=path, slug=slug or None, owner=person(request))
    except Refusal as refusal:
        shown = f"{IMPORT}#bundleform" if request.htmx else IMPORT  # type: ignore[attr-defined]  # by its middleware
        return render(request, shown, {**_limits(), "refused": refusal, "slug": slug}, status=422)
    lost = len(arrived.manifest.missing)
    messages.success(request, f"{arrived.manifest.title} is here, every file as it was sent.")
    if lost:
        messages.warning(request, f"{lost} of its files were gone already when the bundle was made.")
    return gone_to(request, reverse("board", args=[arrived.slug]))


def _limits() -> dict[str, Any]:
    return {"most": settings.MAX_UPLOAD_MB}


@contextmanager
def _on_disk(sent: UploadedFile | None) -> Iterator[Path]:
    """What was sent as a path. Raises Refusal when nothing was, or too much."""
    if sent is None or not sent.size:
        raise Refusal("No bundle came along; choose a .seqboard file.", where="bundle")
    if sent.size > settings.MAX_UPLOAD_MB * MB:
        raise Refusal(
            f"The bundle has {sent.size // MB} MB and a browser may send {settings.MAX_UPLOAD_MB}; "
            f"import it by command: import_bundle FILE.",
            code="too_large",
            where="bundle",
        )
    if hasattr(sent, "temporary_file_path"):
        yield Path(sent.temporary_file_path())
        return
    with tempfile.NamedTemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR, suffix=".seqboard") as file:
        for block in sent.chunks():
            file.write(block)
        file.flush()
        yield Path(file.name)
