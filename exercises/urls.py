"""The app's addresses: the front page, and one branch a face."""

from importlib.util import find_spec

from django.urls import include, path

from exercises.learn.views import home

urlpatterns = [
    path("", home, name="home"),
    path("learn/", include("exercises.learn.urls")),
]
for face, branch in (("teach", "teach/"), ("author", "write/")):
    if find_spec(f"exercises.{face}") and find_spec(f"exercises.{face}.urls"):
        urlpatterns.append(path(branch, include(f"exercises.{face}.urls")))
