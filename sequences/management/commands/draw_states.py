"""Draw the state diagrams into docs/states.md."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from sequences import diagrams


class Command(BaseCommand):
    help = "Draw both state diagrams into docs/states.md; with --check only say whether the page is stale."
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when the page is stale")

    def handle(self, *args: Any, **options: Any) -> None:
        target = diagrams.target()
        fresh = target.exists() and target.read_text() == diagrams.page()
        if options["check"] and not fresh:
            self.stderr.write("docs/states.md is stale; run ./run manage draw_states.")
            raise SystemExit(1)
        if not fresh:
            target.write_text(diagrams.page())
            self.stdout.write("docs/states.md drawn.")
