"""Addresses of media files."""

from django.urls import path

from sequences.views import media

urlpatterns = [path("media/projects/<slug:slug>/<path:path>", media.media, name="media")]
