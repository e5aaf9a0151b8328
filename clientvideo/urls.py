"""Every address of the studio."""

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path

from clientvideo import health, signin

urlpatterns = [
    path("favicon.ico", health.favicon, name="favicon"),
    path("up/", health.up, name="up"),
    path("login/", LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("sign-in/<str:token>/", signin.sign_in, name="sign-in"),
    path("admin/", admin.site.urls),
    # dailies first: its pages would otherwise be taken for sequence codes
    path("", include("dailies.urls")),
    path("", include("sequences.urls")),
]
