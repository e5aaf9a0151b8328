"""Addresses of what edits have made stale."""

from django.urls import path

from sequences.views import stale

urlpatterns = [
    path("p/<slug:slug>/stale/", stale.stale, name="stale"),
    path("p/<slug:slug>/stale/refresh/", stale.stale_refresh, name="stale_refresh"),
    path("p/<slug:slug>/stale/waive/", stale.stale_waive, name="stale_waive"),
    path("p/<slug:slug>/stale/take-back/", stale.stale_take_back, name="stale_take_back"),
    path("p/<slug:slug>/stale/use/", stale.stale_use, name="stale_use"),
]
