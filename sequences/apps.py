"""The room where a music video is planned and made."""

from django.apps import AppConfig


class SequencesConfig(AppConfig):
    """Label, and the providers this installation offers."""

    name = "sequences"
    label = "sequences"
    verbose_name = "Sequences"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Offer the providers; none is built before somebody asks for it."""
        from sequences import offers

        offers.install()
