"""Who works on the project, and the song they work to."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from sequences.errors import Refusal
from sequences.forms.projects import MemberForm, SongForm
from sequences.models import Project
from sequences.orchestration import projects as verbs
from sequences.orchestration import songs
from sequences.templatetags.board import tc
from sequences.views.access import member, person

from .answers import MAKERS, OWNERS, SONG, kept, needs, saved, told


@require_POST
@member
@needs(*MAKERS)
def song_set(request: HttpRequest, project: Project) -> HttpResponse:
    """Take a song, in place of the one before."""
    form = SongForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            if not form.cleaned_data["song"]:
                raise Refusal("No song came along; choose an audio file.", where="song")
            song = songs.upload_song(actor=person(request), project=project, upload=form.cleaned_data["song"])
        except Refusal as refusal:
            return kept(request, project, ("songfile",), "song", form, refusal)
        messages.success(request, f"{song.name} is the song, {tc(song.seconds)} long.")
        return saved(request, project, SONG, anchor="song")
    return kept(request, project, ("songfile",), "song", form)


@require_POST
@member
@needs(*OWNERS)
def member_add(request: HttpRequest, project: Project) -> HttpResponse:
    """Let a person in by user name."""
    form = MemberForm(request.POST)
    try:
        form.is_valid()
        user = _named(form.cleaned_data.get("user", ""))
        row = verbs.add_member(
            actor=person(request), project=project, user=user, role=form.cleaned_data.get("role") or "artist"
        )
    except Refusal as refusal:
        return kept(request, project, ("member",), "member", form, refusal)
    messages.success(request, f"{row.user} is in, as {row.role}.")
    return saved(request, project, ("member",), anchor="member")


@require_POST
@member
@needs(*OWNERS)
def member_role(request: HttpRequest, project: Project, user: int) -> HttpResponse:
    """Give a member another role."""
    try:
        row = verbs.change_role(
            actor=person(request), project=project, user=_user(project, user), role=request.POST.get("role", "")
        )
    except Refusal as refusal:
        return told(request, project, ("member",), refusal)
    messages.success(request, f"{row.user} is {row.role} now.")
    return saved(request, project, ("member",), anchor="member")


@require_POST
@member
def member_remove(request: HttpRequest, project: Project, user: int) -> HttpResponse:
    """Take a person out; who leaves by themselves goes back to Projects."""
    gone = _user(project, user)
    try:
        verbs.remove_member(actor=person(request), project=project, user=gone)
    except Refusal as refusal:
        return told(request, project, ("member",), refusal)
    messages.success(request, f"{gone} is out of {project.title}.")
    if gone.pk != person(request).pk:
        return saved(request, project, ("member",), anchor="member")
    home = reverse("projects")
    if request.htmx:  # type: ignore[attr-defined]  # set by django_htmx's middleware
        return HttpResponse(headers={"HX-Redirect": home})
    response = HttpResponseRedirect(home)
    response.status_code = 303
    return response


def _named(name: str) -> AbstractBaseUser:
    if not name.strip():
        raise Refusal("Write the user name of the person to let in.", where="user")
    found = get_user_model().objects.filter(username__iexact=name.strip(), is_active=True).first()
    if found is None:
        raise Refusal(f'There is nobody called "{name.strip()}" here; an administrator adds people.', where="user")
    return found


def _user(project: Project, pk: int) -> AbstractBaseUser:
    found = project.memberships.filter(user_id=pk).select_related("user").first()
    if found is None:
        raise Http404("They are not in this project.")
    return found.user
