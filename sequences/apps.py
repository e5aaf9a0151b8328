"""The room where a music video is planned and made."""

from django.apps import AppConfig


class SequencesConfig(AppConfig):
    name = "sequences"
    label = "sequences"
    verbose_name = "Sequences"
    default_auto_field = "django.db.models.BigAutoField"
