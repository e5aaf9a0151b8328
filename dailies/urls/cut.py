"""Addresses of the cut pages."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
