"""The learner's addresses. Words that stand here (answers, join, ...) are no lesson's slug."""

from django.urls import path

from exercises.learn import views

app_name = "learn"

urlpatterns = [
    path("", views.index, name="index"),
    path("profile/", views.profile, name="profile"),
    path("join/", views.join, name="join"),
    path("classrooms/<int:classroom_id>/leave/", views.leave, name="leave"),
    path("answers/", views.answers, name="answers"),
    path("answers/<int:submission_id>/", views.answer, name="answer"),
    path("answers/<int:submission_id>/status/", views.status, name="status"),
    path("answers/<int:submission_id>/again/", views.again, name="again"),
    path("answers/<int:submission_id>/dispute/", views.dispute, name="dispute"),
    path("exercises/<slug:slug>/", views.exercise, name="exercise"),
    path("reading/", views.reading, name="reading"),
    path("sheets/<int:sheet_id>/", views.sheet, name="sheet"),
    path("sheets/<int:sheet_id>/check/", views.check, name="check"),
    path("sheets/<int:sheet_id>/draft/", views.draft, name="draft"),
    path("sheets/<int:sheet_id>/hint/", views.hint, name="hint"),
    path("sheets/<int:sheet_id>/new-numbers/", views.new_numbers, name="new_numbers"),
    path("sheets/<int:sheet_id>/solution/", views.solution, name="solution"),
    path("<slug:slug>/", views.lesson, name="lesson"),
]
