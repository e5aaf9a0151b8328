"""Addresses: one module a page, nouns for pages, verbs for POSTs. Specific ones come before `p/<slug>/<code>/`."""

from . import bench, board, elements, media, picker, projects

urlpatterns = [
    *projects.urlpatterns,
    *media.urlpatterns,
    *board.urlpatterns,
    *elements.urlpatterns,
    *picker.urlpatterns,
    *bench.urlpatterns,
]
