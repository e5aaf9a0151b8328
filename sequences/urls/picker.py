"""Addresses of the picker pages."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
