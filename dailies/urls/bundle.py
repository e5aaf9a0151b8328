"""Addresses of a project as one file: out, in, and forked as a new version."""

from django.urls import path

from dailies.views import bundle

_HERE = "p/<slug:slug>/setup/"

urlpatterns = [
    path("new/bundle/", bundle.bundle_import, name="bundle_import"),
    path(f"{_HERE}bundle/", bundle.bundle_download, name="bundle_download"),
    path(f"{_HERE}fork/", bundle.bundle_fork, name="bundle_fork"),
]
