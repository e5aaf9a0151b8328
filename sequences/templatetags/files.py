"""Addresses of files that rows name."""

from __future__ import annotations

from django import template
from django.conf import settings

register = template.Library()


@register.filter
def media(relative: str | None) -> str:
    """The address of a file under the media root; empty for none."""
    return f"{settings.MEDIA_URL}{relative}" if relative else ""
