"""Addresses of the elements pages."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
