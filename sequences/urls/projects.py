"""Addresses of Projects, of a new project, and of Setup with the verbs that post from it."""

from django.urls import path

from sequences.views import projects, setup

_HERE = "p/<slug:slug>/setup/"
_SEQUENCE = f"{_HERE}sequences/<slug:code>/"

urlpatterns = [
    path("", projects.projects, name="projects"),
    path("new/", projects.project_new, name="project_new"),
    path("theme/", projects.theme, name="theme"),
    path(_HERE, setup.project_edit, name="project_edit"),
]
