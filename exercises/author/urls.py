"""The author's addresses: exercises, each with its draft, preview, proof, bench and versions."""

from django.urls import path

from exercises.author import views

app_name = "author"

urlpatterns = [
    path("", views.index, name="index"),
    path("new/", views.new, name="new"),
    path("exercises/<slug:slug>/", views.exercise, name="exercise"),
    path("exercises/<slug:slug>/preview/", views.preview, name="preview"),
    path("exercises/<slug:slug>/proof/", views.proof, name="proof"),
    path("exercises/<slug:slug>/bench/", views.bench, name="bench"),
    path("exercises/<slug:slug>/publish/", views.publish, name="publish"),
    path("exercises/<slug:slug>/versions/", views.versions, name="versions"),
    path("phrases/<int:proposal_id>/", views.proposal, name="proposal"),
]
