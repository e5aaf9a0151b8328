"""Addresses of the Cut: the page, its exports, and the verb that asks for one."""

from django.urls import path

from dailies.views import cut

_HERE = "p/<slug:slug>/cut/"

urlpatterns = [
    path(_HERE, cut.cut, name="cut"),
    path(f"{_HERE}exports/", cut.cut_exports, name="cut_exports"),
    path(f"{_HERE}export/", cut.cut_export, name="cut_export"),
]
