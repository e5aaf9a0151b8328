"""Addresses of the bench pages."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
