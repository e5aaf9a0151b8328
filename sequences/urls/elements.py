"""Addresses of the Elements page and the verbs that post from it."""

from django.urls import path

from sequences.views import elements, pictures, refs

_HERE = "p/<slug:slug>/elements/"

urlpatterns = [
    path(_HERE, elements.elements, name="elements"),
    path(f"{_HERE}add/", elements.element_add, name="element_add"),
    path(f"{_HERE}order/", elements.element_order, name="element_order"),
    path(f"{_HERE}restore/", elements.element_restore, name="element_restore"),
    path(f"{_HERE}list/", elements.element_list, name="element_list"),
    path(f"{_HERE}<slug:key>/edit/", elements.element_edit, name="element_edit"),
    path(f"{_HERE}<slug:key>/delete/", elements.element_delete, name="element_delete"),
    path(f"{_HERE}refs/", refs.refs_import, name="refs_import"),
    path(f"{_HERE}refs/look/", refs.refs_look, name="refs_look"),
    path(f"{_HERE}pictures/restore/", pictures.picture_restore, name="picture_restore"),
    path(f"{_HERE}<slug:key>/picture/", pictures.picture, name="picture"),
    path(f"{_HERE}<slug:key>/pictures/", pictures.picture_add, name="picture_add"),
    path(f"{_HERE}<slug:key>/pictures/order/", pictures.picture_order, name="picture_order"),
    path(f"{_HERE}<slug:key>/pictures/cell/", pictures.picture_cell, name="picture_cell"),
    path(f"{_HERE}<slug:key>/pictures/frame/", pictures.picture_frame, name="picture_frame"),
    path(f"{_HERE}<slug:key>/pictures/<int:picture>/crop/", pictures.picture_crop, name="picture_crop"),
    path(f"{_HERE}<slug:key>/pictures/<int:picture>/move/", pictures.picture_move, name="picture_move"),
    path(f"{_HERE}<slug:key>/pictures/<int:picture>/remove/", pictures.picture_remove, name="picture_remove"),
]
