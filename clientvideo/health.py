"""Is the studio up: what a container's health check and the studio command ask."""

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache


@login_not_required
@never_cache
def up(request: HttpRequest) -> HttpResponse:
    """200 when a page can be served, which takes a database that answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("up", content_type="text/plain")
