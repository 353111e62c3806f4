"""The teacher's addresses: classrooms with what was done in them, and what waits for a person."""

from django.urls import path

from exercises.teach import views

app_name = "teach"

urlpatterns = [
    path("", views.index, name="index"),
    path("waiting/", views.waiting, name="waiting"),
    path("answers/<int:submission_id>/", views.answer, name="answer"),
    path("answers/<int:submission_id>/settle/", views.settle, name="settle"),
    path("answers/<int:submission_id>/override/", views.override, name="override"),
    path("answers/<int:submission_id>/lift/", views.lift, name="lift"),
    path("answers/<int:submission_id>/phrase/", views.phrase, name="phrase"),
    path("classrooms/new/", views.new, name="new"),
    path("classrooms/<int:classroom_id>/", views.classroom, name="classroom"),
    path("classrooms/<int:classroom_id>/people/", views.people, name="people"),
    path("classrooms/<int:classroom_id>/code/", views.code, name="code"),
    path("classrooms/<int:classroom_id>/archive/", views.archive, name="archive"),
    path("classrooms/<int:classroom_id>/exercises/<slug:slug>/", views.exercise, name="exercise"),
    path("classrooms/<int:classroom_id>/learners/<int:learner_id>/", views.learner, name="learner"),
]
