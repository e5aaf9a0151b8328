"""Addresses: one module a page. Included before the sequences' `p/<slug>/<code>/`."""

from . import bundle, cut, dailies

urlpatterns = [*dailies.urlpatterns, *cut.urlpatterns, *bundle.urlpatterns]
