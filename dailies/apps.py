"""The dailies app."""

from django.apps import AppConfig


class DailiesConfig(AppConfig):
    """Label and default key type."""

    name = "dailies"
    default_auto_field = "django.db.models.BigAutoField"
