"""Refs folders from the browser: a folder or a zip sent along, or the watched folder looked at now."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from sequences.errors import Refusal
from sequences.models import Project
from sequences.orchestration import refs

from .access import member, person
from .asking import told
from .elements import answer

SHOWN = 4


@require_POST
@member
def refs_look(request: HttpRequest, project: Project) -> HttpResponse:
    """Look at the watched folder now."""
    report = told(request, project, lambda: refs.look_at_refs(actor=person(request), project=project))
    _tell(request, report)
    return answer(request, project, anchor="refs")


@require_POST
@member
def refs_import(request: HttpRequest, project: Project) -> HttpResponse:
    """Bring in a folder that the browser sent file by file, `paths` beside `files`, or as one `zip`."""
    with TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR or None) as home:
        folder = Path(home) / "What was sent"  # a refusal names it
        folder.mkdir()
        report = told(request, project, lambda: _imported(request, project, folder))
    _tell(request, report)
    return answer(request, project, anchor="refs")


def _imported(request: HttpRequest, project: Project, folder: Path) -> refs.RefsReport:
    packed = request.FILES.get("zip")
    if isinstance(packed, UploadedFile):
        return refs.import_zip(actor=person(request), project=project, packed=packed, folder=folder)
    _laid_out(request, folder)
    return refs.import_refs(actor=person(request), project=project, folder=folder)


def _laid_out(request: HttpRequest, home: Path) -> None:
    """The sent files where their paths say, below `home`. Raises Refusal for none, and for paths that lead out."""
    sent, paths = request.FILES.getlist("files"), request.POST.getlist("path")
    if not sent or len(sent) != len(paths):
        raise Refusal("No folder came along; choose the refs folder, or send it as a zip file.", where="files")
    for file, place in zip(sent, paths, strict=True):
        target = home.joinpath(*_parts(place))
        try:
            _written(file, target)
        except OSError as error:  # a name too long, a file where another path has a folder
            raise Refusal(f"{place[:80]} cannot be written: {error.strerror}.", where="files") from error


def _written(file: UploadedFile, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("wb") as target:
        for block in file.chunks():
            target.write(block)


def _parts(place: str) -> list[str]:
    """From characters, props or places on: the folder that was chosen may be that of the whole project."""
    parts = PurePosixPath(place.replace("\\", "/")).parts
    if ".." in parts or place.startswith("/") or ":" in place or len(place) > 400 or len(parts) > 12:
        raise Refusal(f"{place[:80]} leads out of the folder.", where="files")
    start = next((n for n, part in enumerate(parts) if part in refs.KINDS), 0)
    return list(parts[start:])


def _tell(request: HttpRequest, report: refs.RefsReport) -> None:
    messages.success(request, report.sentence)
    more = len(report.problems) - SHOWN
    for problem in report.problems[:SHOWN]:
        messages.warning(request, problem)
    if more > 0:
        messages.warning(request, f"And {more} more, named by `import_refs`.")
    if report.waiting:
        messages.info(request, f"{len(report.waiting)} still being written; they come in at the next look.")
