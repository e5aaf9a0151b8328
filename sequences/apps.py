"""The sequences app."""

from django.apps import AppConfig


class SequencesConfig(AppConfig):
    """Label and default key type."""

    name = "sequences"
    default_auto_field = "django.db.models.BigAutoField"
