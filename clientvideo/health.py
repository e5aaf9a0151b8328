"""What is asked without signing in: is the studio up (container, studio command), and the icon browsers ask for."""

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.templatetags.static import static
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@login_not_required
@never_cache
def up(request: HttpRequest) -> HttpResponse:
    """200 when a page can be served, which takes a database that answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("up", content_type="text/plain")


@login_not_required
@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Browsers ask here for pages that name no icon of their own, such as the admin and a video opened alone."""
    return HttpResponseRedirect(static("img/favicon.svg"))
