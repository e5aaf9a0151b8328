"""Configuration of the studio; no logic."""

from clientvideo.celery import app as celery_app

__all__ = ["celery_app"]
