"""The Celery app: wakes workers up. What there is to do is a row in the database, never a message."""

import os

from celery import Celery

from clientvideo import broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clientvideo.settings")

broker.install()
app = Celery("clientvideo")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
