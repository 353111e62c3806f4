"""Classrooms: open one, join with its code, leave, and who is in it."""

from __future__ import annotations

import secrets

from django.db import IntegrityError, transaction
from django.utils import timezone

from exercises.models import Audit, Classroom, Membership, User
from exercises.models.classrooms import MembershipQuerySet

LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Without those that are taken for one another on a blackboard."""

CODE_LENGTH = 8


class Refused(Exception):
    """What cannot be done with a classroom now. The message is for whoever tried."""

    code = "refused"
    message = ""

    def __init__(self) -> None:
        super().__init__(self.message)


class UnknownCode(Refused):
    code = "unknown-code"
    message = (
        "No classroom takes this code now. Check it letter by letter; if it is right, your teacher "
        "may have closed it or made a new one."
    )


class Archived(Refused):
    code = "archived"
    message = "This classroom is archived: it can be read, and nobody joins it any more."


class LastTeacher(Refused):
    code = "last-teacher"
    message = "You are its only teacher. Archive the classroom, or let another teacher in first."


def create(name: str, teacher: User) -> Classroom:
    """A new classroom with a code of its own, and this teacher in it."""
    with transaction.atomic():
        classroom = _with_new_code(Classroom(name=name.strip()))
        Membership.objects.create(classroom=classroom, user=teacher, role=Membership.Role.TEACHER)
        Audit.objects.note("created", classroom, who=teacher)
    return classroom


def opened_by(code: str) -> Classroom:
    """The classroom that this code opens.

    The code may be typed in small letters, with spaces or hyphens. Raises UnknownCode, Archived.
    """
    typed = "".join(letter for letter in code.upper() if letter.isalnum())[: CODE_LENGTH * 2]
    classroom = Classroom.objects.filter(code=typed, code_open=True).first()
    if classroom is None:
        raise UnknownCode
    if classroom.archived:
        raise Archived
    return classroom


def join(code: str, user: User) -> Membership:
    """Puts a learner into the classroom that this code opens; who is in it already stays as is.

    Raises UnknownCode, Archived.
    """
    classroom = opened_by(code)
    with transaction.atomic():
        membership, new = Membership.objects.get_or_create(classroom=classroom, user=user)
        if new:
            Audit.objects.note("joined", classroom, who=user)
    return membership


def leave(classroom: Classroom, user: User) -> None:
    """Takes a person out. What they answered stays theirs. Raises LastTeacher."""
    with transaction.atomic():
        Classroom.objects.select_for_update().get(pk=classroom.pk)
        membership = classroom.memberships.filter(user=user).first()
        if membership is None:
            return
        others = classroom.memberships.teachers().exclude(user=user)
        if membership.role == Membership.Role.TEACHER and not others.exists():
            raise LastTeacher
        membership.delete()
        Audit.objects.note("left", classroom, who=user)


def rotate_code(classroom: Classroom, by: User) -> str:
    """Makes a new code; the old one opens nothing any more. Raises Archived."""
    if classroom.archived:
        raise Archived
    with transaction.atomic():
        _with_new_code(classroom)
        Audit.objects.note("made a new code for", classroom, who=by)
    return classroom.code


def open_code(classroom: Classroom, by: User) -> None:
    """Lets learners join with the code again. Raises Archived."""
    if classroom.archived:
        raise Archived
    _set_open(classroom, True, by)


def close_code(classroom: Classroom, by: User) -> None:
    """Nobody joins until the code is opened again; whoever is in stays in."""
    _set_open(classroom, False, by)


def archive(classroom: Classroom, by: User) -> None:
    """Closes the classroom for good: it can still be read."""
    with transaction.atomic():
        classroom.archived_at = timezone.now()
        classroom.save(update_fields=["archived_at"])
        Audit.objects.note("archived", classroom, who=by)


def roster(classroom: Classroom) -> MembershipQuerySet:
    """Who is in it: teachers first, then learners, each by name."""
    return classroom.memberships.select_related("user").order_by(
        "-role", "user__name", "user__username"
    )


def _set_open(classroom: Classroom, is_open: bool, by: User) -> None:
    with transaction.atomic():
        classroom.code_open = is_open
        classroom.save(update_fields=["code_open"])
        Audit.objects.note(
            "opened the code of" if is_open else "closed the code of", classroom, who=by
        )


def _with_new_code(classroom: Classroom) -> Classroom:
    """Saves the classroom under a code that no other has."""
    while True:
        classroom.code = "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
        try:
            with transaction.atomic():
                classroom.save()
        except IntegrityError:
            continue
        return classroom
