"""Addresses of Projects, of a new project, and of Setup with the verbs that post from it."""

from django.urls import path

from sequences.views import imports, projects, replacing, setup, styles

_HERE = "p/<slug:slug>/setup/"
_SEQUENCE = f"{_HERE}sequences/<slug:code>/"

urlpatterns = [
    path("", projects.projects, name="projects"),
    path("new/", projects.project_new, name="project_new"),
    path("new/address/", projects.project_slug, name="project_slug"),
    path("new/import/", imports.project_import, name="project_import"),
    path("new/import/<slug:token>/", imports.project_import_check, name="project_import_check"),
    path("theme/", projects.theme, name="theme"),
    path(_HERE, setup.project_edit, name="project_edit"),
    path(f"{_HERE}replace/", replacing.prompts_replace, name="prompts_replace"),
    path(f"{_HERE}replace/undo/", replacing.prompts_replace_undo, name="prompts_replace_undo"),
    path(f"{_HERE}plan.toml", setup.plan_download, {"kind": "toml"}, name="plan_toml"),
    path(f"{_HERE}plan.json", setup.plan_download, {"kind": "json"}, name="plan_json"),
    path(f"{_HERE}song/", setup.song_set, name="song_set"),
    path(f"{_HERE}boundary/", setup.boundary_move, name="boundary_move"),
    path(f"{_HERE}sequences/", setup.rows_add, name="rows_add"),
    path(f"{_HERE}restore/", setup.row_restore, name="row_restore"),
    path(f"{_SEQUENCE}edit/", setup.row_edit, name="row_edit"),
    path(f"{_SEQUENCE}split/", setup.row_split, name="row_split"),
    path(f"{_SEQUENCE}merge/", setup.row_merge, name="row_merge"),
    path(f"{_SEQUENCE}move/", setup.row_move, name="row_move"),
    path(f"{_SEQUENCE}delete/", setup.row_delete, name="row_delete"),
    path(f"{_HERE}details/", setup.details_set, name="details_set"),
    path(f"{_HERE}style/", setup.style_set, name="style_set"),
    path(f"{_HERE}style/history/", styles.style_revisions, name="style_history"),
    path(f"{_HERE}style/<int:revision>/restore/", styles.style_restore, name="style_restore"),
    path(f"{_HERE}budget/", setup.budget_set, name="budget_set"),
    path(f"{_HERE}limits/", setup.limits_set, name="limits_set"),
    path(f"{_HERE}limits/reset/", setup.limits_reset, name="limits_reset"),
    path(f"{_HERE}members/", setup.member_add, name="member_add"),
    path(f"{_HERE}members/<int:user>/role/", setup.member_role, name="member_role"),
    path(f"{_HERE}members/<int:user>/remove/", setup.member_remove, name="member_remove"),
]
