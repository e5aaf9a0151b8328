"""Sign-in links that work once, as notebooks print them.

A link is one file, `DATA_DIR/sign-in/<sha256 of its token>`, holding the user's name and the end of its life. Using
it is deleting that file, which succeeds for exactly one of many at once. The token (256 bit) is only ever printed.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import time
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model, login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

LOCAL_USER = "studio"
LIFE_SECONDS = 15 * 60


def local_user() -> User:
    """The account of the person at this machine, made once: may do everything, has no password to guess."""
    user, made = get_user_model().objects.get_or_create(
        username=LOCAL_USER, defaults={"is_staff": True, "is_superuser": True, "first_name": "Studio"}
    )
    if made:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return user


def _folder() -> Path:
    folder = Path(settings.DATA_DIR) / "sign-in"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _file(token: str) -> Path:
    return _folder() / hashlib.sha256(token.encode()).hexdigest()


def issue(username: str) -> str:
    """A fresh token for `username`, good once and for 15 minutes; every link printed before it stops working."""
    for old in _folder().iterdir():
        old.unlink(missing_ok=True)
    token = secrets.token_urlsafe(32)
    handle = os.open(_file(token), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump({"user": username, "until": time.time() + LIFE_SECONDS}, file)
    return token


def link(base: str, username: str) -> str:
    """A whole sign-in address below `base` (`http://127.0.0.1:8000`)."""
    return f"{base.rstrip('/')}/sign-in/{issue(username)}/"


def use(token: str) -> str | None:
    """Use `token` up; the name it signs in, or None when it is unknown, used, or too old."""
    path = _file(token)
    try:
        kept = json.loads(path.read_text())
        path.unlink()
    except (OSError, ValueError):
        return None
    return str(kept["user"]) if kept["until"] > time.time() else None


def _only_looking(request: HttpRequest) -> bool:
    """Browsers and link previews fetch ahead; that must not use the link up."""
    purpose = request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "")
    return request.method == "HEAD" or "prefetch" in purpose or "preview" in purpose


@login_not_required
@never_cache
@require_safe
def sign_in(request: HttpRequest, token: str) -> HttpResponse:
    """Sign in by link and go to the first page; a link that is spent says how to get another (403)."""
    if _only_looking(request):
        return HttpResponse(status=204)
    user = None
    if name := use(token):
        with suppress(User.DoesNotExist):
            user = User.objects.get(username=name, is_active=True)
    if user is not None:
        login(request, user, backend="django.contrib.auth.backends.ModelBackend")
        return redirect("/")
    if request.user.is_authenticated:
        return redirect("/")
    return render(request, "registration/sign_in_spent.html", {"minutes": LIFE_SECONDS // 60}, status=403)
