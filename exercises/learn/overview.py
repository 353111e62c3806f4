"""The page of lessons: how far one has come, what is set, what waits, where one was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch
from django.urls import reverse
from django.utils import timezone

from exercises.learn.release import Curtain
from exercises.learn.steps import Resume, Step, resume, step_of_answer, steps_of
from exercises.models import Assignment, Classroom, Exercise, Lesson, Marking, Submission, User


@dataclass(frozen=True, kw_only=True)
class LessonProgress:
    """One lesson and the learner's steps through its exercises."""

    slug: str
    title: str
    url: str
    summary: str
    minutes: int
    steps: Sequence[Step]

    @property
    def done(self) -> int:
        """How many exercises have an answer."""
        return sum(step.answered for step in self.steps)


@dataclass(frozen=True, kw_only=True)
class SetWork:
    """One assignment and the learner's steps through it."""

    title: str
    classroom: str
    due_at: datetime | None
    steps: Sequence[Step]


@dataclass(frozen=True, kw_only=True)
class Overview:
    """All that the page of lessons shows."""

    lessons: Sequence[LessonProgress]
    resume: Resume | None
    due: Sequence[SetWork]
    waiting: Sequence[Step]
    classrooms: Sequence[Classroom]


def overview_of(learner: User) -> Overview:
    """What the page of lessons shows to this learner."""
    return Overview(
        lessons=_lessons(learner),
        resume=resume(learner),
        due=_due(learner),
        waiting=_waiting(learner),
        classrooms=list(Classroom.objects.open().filter(memberships__user=learner)),
    )


def _lessons(learner: User) -> list[LessonProgress]:
    published = Prefetch(
        "exercises", queryset=Exercise.objects.published().order_by("position"), to_attr="offered"
    )
    lessons = list(Lesson.objects.in_order().prefetch_related(published))
    every = [exercise for lesson in lessons for exercise in lesson.offered]
    steps = dict(zip((exercise.pk for exercise in every), steps_of(learner, every), strict=True))
    return [
        LessonProgress(
            slug=lesson.slug,
            title=lesson.title,
            url=reverse("learn:lesson", args=[lesson.slug]),
            summary=lesson.summary,
            minutes=lesson.minutes,
            steps=[steps[exercise.pk] for exercise in lesson.offered],
        )
        for lesson in lessons
    ]


def _due(learner: User) -> list[SetWork]:
    """What is set and open, the nearest deadline first."""
    rows = (
        Assignment.objects.open_at(timezone.now())
        .filter(classroom__memberships__user=learner, classroom__archived_at__isnull=True)
        .select_related("classroom")
        .prefetch_related(Prefetch("exercises", queryset=Exercise.objects.published()))
        .distinct()
    )
    return [
        SetWork(
            title=row.title,
            classroom=str(row.classroom),
            due_at=row.due_at,
            steps=steps_of(learner, list(row.exercises.all()), row),
        )
        for row in rows
    ]


def _waiting(learner: User) -> list[Step]:
    """Answers that are not settled: in the queue, with a person, or broken on our side."""
    mine = Submission.objects.filter(learner=learner)
    unsettled = mine.exclude(marking__state=Marking.State.DONE) | mine.with_a_person()
    rows = unsettled.select_related(
        "track__exercise", "track__assignment", "sheet__revision__exercise", "marking__current"
    ).prefetch_related("overrides")
    curtain = Curtain(learner)
    return [
        step_of_answer(row, curtain)
        for row in rows.newest_first()[:20]
        if row.score is None and not curtain.hides(row)
    ]
