"""The addresses: the app's own, sign-in, the admin's desk, and two for whoever watches."""

from django.contrib import admin
from django.urls import include, path

from quizsite import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("", include("exercises.urls")),
]
