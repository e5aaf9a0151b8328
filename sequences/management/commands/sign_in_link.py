"""`./run manage sign_in_link`: one more address that signs in once."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser

from clientvideo import signin
from sequences.management import lock


class Command(BaseCommand):
    help = "Print an address that signs in once, within 15 minutes. The one printed before stops working."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--user", default=signin.LOCAL_USER, help="who is signed in (default: studio)")

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["user"]
        if name == signin.LOCAL_USER:
            signin.local_user()
        elif not get_user_model().objects.filter(username=name, is_active=True).exists():
            raise CommandError(f"No active account is called {name!r}; the accounts are listed at /admin/auth/user/.")
        base = settings.PUBLIC_BASE_URL or lock.address() or "http://127.0.0.1:8000"
        self.stdout.write(signin.link(base, name))
