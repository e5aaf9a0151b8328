"""Where providers call back."""

from django.urls import path

from sequences.views import hooks

urlpatterns = [
    path("hooks/<slug:provider>/<str:token>", hooks.webhook, name="webhook"),
]
