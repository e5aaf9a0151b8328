"""Search and replace: what is looked for, and in which texts it is put."""

from __future__ import annotations

from django import forms


class SearchForm(forms.Form):
    """The search; white space at the ends counts."""

    find = forms.CharField(max_length=200, strip=False, required=False)
    put = forms.CharField(max_length=2000, strip=False, required=False)
    words = forms.BooleanField(required=False)
    regex = forms.BooleanField(required=False)
    any_case = forms.BooleanField(required=False)
