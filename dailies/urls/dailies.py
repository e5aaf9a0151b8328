"""Addresses of the dailies pages."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
