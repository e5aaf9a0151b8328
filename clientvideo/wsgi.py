"""The door for an application server: `granian --interface wsgi clientvideo.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clientvideo.settings")

application = get_wsgi_application()
