"""Addresses: one module a page. Included before the sequences' `p/<slug>/<code>/`."""

from . import cut, dailies

urlpatterns = [*dailies.urlpatterns, *cut.urlpatterns]
