"""The room where people look, decide and deliver."""

from django.apps import AppConfig


class DailiesConfig(AppConfig):
    name = "dailies"
    label = "dailies"
    verbose_name = "Dailies"
    default_auto_field = "django.db.models.BigAutoField"
