"""Addresses of the Elements page and the verbs that post from it."""

from django.urls import path

from sequences.views import elements

_HERE = "p/<slug:slug>/elements/"

urlpatterns = [
    path(_HERE, elements.elements, name="elements"),
    path(f"{_HERE}add/", elements.element_add, name="element_add"),
    path(f"{_HERE}order/", elements.element_order, name="element_order"),
    path(f"{_HERE}restore/", elements.element_restore, name="element_restore"),
    path(f"{_HERE}list/", elements.element_list, name="element_list"),
    path(f"{_HERE}<slug:key>/edit/", elements.element_edit, name="element_edit"),
    path(f"{_HERE}<slug:key>/delete/", elements.element_delete, name="element_delete"),
    path(f"{_HERE}<slug:key>/pictures/", elements.picture_add, name="picture_add"),
    path(f"{_HERE}<slug:key>/pictures/<int:picture>/move/", elements.picture_move, name="picture_move"),
    path(f"{_HERE}<slug:key>/pictures/<int:picture>/remove/", elements.picture_remove, name="picture_remove"),
]
