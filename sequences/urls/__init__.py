"""Addresses: one module a page, nouns for pages, verbs for POSTs. Specific ones come before `p/<slug>/<code>/`."""

from . import accounts, bench, board, decisions, elements, hooks, media, picker, projects, stale

urlpatterns = [
    *hooks.urlpatterns,
    *accounts.urlpatterns,
    *projects.urlpatterns,
    *media.urlpatterns,
    *board.urlpatterns,
    *decisions.urlpatterns,
    *stale.urlpatterns,
    *elements.urlpatterns,
    *picker.urlpatterns,
    *bench.urlpatterns,
]
