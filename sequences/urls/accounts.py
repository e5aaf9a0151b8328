"""Addresses of providers' accounts."""

from django.urls import path

from sequences.views import accounts

_HERE = "p/<slug:slug>/accounts/"

urlpatterns = [
    path(_HERE, accounts.accounts, name="accounts"),
    path(f"{_HERE}open/", accounts.account_open, name="account_open"),
    path(f"{_HERE}close/", accounts.account_close, name="account_close"),
]
