"""The face for the queue: a task reads a message, calls one verb, and that is all."""

from __future__ import annotations

from celery import shared_task

from exercises import desk, marking


@shared_task
def mark(submission_id: int) -> None:
    marking.mark(submission_id)


@shared_task
def prove(exercise_id: int) -> None:
    desk.prove_draft(exercise_id)
