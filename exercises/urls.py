"""The app's addresses: the front page, and one branch a face."""

from django.urls import include, path

from exercises.learn.views import home

urlpatterns = [
    path("", home, name="home"),
    path("learn/", include("exercises.learn.urls")),
    path("teach/", include("exercises.teach.urls")),
    path("author/", include("exercises.author.urls")),
]
