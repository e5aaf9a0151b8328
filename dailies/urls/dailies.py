"""Addresses of Dailies: the page, one take of it, its queue, and the verbs that post from it."""

from django.urls import path

from dailies.views import dailies

_HERE = "p/<slug:slug>/dailies/"
_TAKE = f"{_HERE}<slug:code>/T<int:number>/"

urlpatterns = [
    path(_HERE, dailies.dailies, name="dailies"),
    path(f"{_HERE}queue/", dailies.dailies_queue, name="dailies_queue"),
    path(_TAKE, dailies.dailies_take, name="dailies_take"),
    path(f"{_TAKE}verdict/", dailies.verdict, name="dailies_verdict"),
    path(f"{_TAKE}undo/", dailies.undo, name="dailies_undo"),
    path(f"{_TAKE}redo/", dailies.redo, name="dailies_redo"),
    path(f"{_TAKE}shots/<int:shot>/", dailies.shot, name="dailies_shot"),
    path(f"{_TAKE}notes/", dailies.note, name="dailies_note"),
]
