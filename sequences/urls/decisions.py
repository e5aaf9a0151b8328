"""Addresses of calls that need a decision."""

from django.urls import path

from sequences.views import decisions

_HERE = "p/<slug:slug>/decisions/"

urlpatterns = [
    path(_HERE, decisions.decisions, name="decisions"),
    path(f"{_HERE}live/", decisions.decisions_live, name="decisions_live"),
    path(f"{_HERE}<int:job>/", decisions.decide, name="decide"),
]
