"""Addresses of the grid picker: the dialog (or page), its poll, and the verbs that post from it."""

from django.urls import path

from sequences.views import picker

_HERE = "p/<slug:slug>/<slug:code>/pick/"

urlpatterns = [
    path(_HERE, picker.picker, name="picker"),
    path(f"{_HERE}live/", picker.picker_live, name="picker_live"),
    path(f"{_HERE}use/", picker.pick, name="pick"),
    path(f"{_HERE}explore/", picker.picker_explore, name="picker_explore"),
    path(f"{_HERE}star/", picker.picker_star, name="picker_star"),
    path(f"{_HERE}like/", picker.picker_like, name="picker_like"),
    path(f"{_HERE}cuts/", picker.picker_cuts, name="picker_cuts"),
    path(f"{_HERE}retry/", picker.picker_retry, name="picker_retry"),
    path(f"{_HERE}cancel/", picker.picker_cancel, name="picker_cancel"),
]
