"""The addresses: the app's own, sign-in, the admin's desk, and two for whoever watches."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from quizsite import health

# The desk's own sign-in page knows neither rate limits nor a second factor: the site's is used.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("", include("exercises.urls")),
]
