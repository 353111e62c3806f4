"""Joining with a code, leaving, and codes that rotate and close."""

import pytest

from exercises import classrooms
from exercises.models import Audit, Classroom, Membership
from tests import factories

pytestmark = pytest.mark.django_db


def test_who_opens_a_classroom_teaches_it():
    teacher = factories.teacher()
    classroom = classrooms.create("  Attention, Monday ", teacher)
    assert classroom.name == "Attention, Monday"
    assert list(Classroom.objects.taught_by(teacher)) == [classroom]
    assert not Classroom.objects.learnt_in_by(teacher).exists()


def test_a_code_has_no_letters_that_look_alike():
    codes = "".join(factories.classroom().code for _ in range(20))
    assert not set(codes) & set("O0I1L")
    assert len(codes) == 20 * 8


def test_a_learner_joins_however_the_code_is_typed():
    classroom, learner = factories.classroom(), factories.learner()
    code = classroom.code.lower()
    membership = classrooms.join(f" {code[:4]}-{code[4:]}\n", learner)
    assert (membership.classroom, membership.role) == (classroom, Membership.Role.LEARNER)
    assert list(Classroom.objects.learnt_in_by(learner)) == [classroom]


def test_joining_twice_is_joining_once_and_a_teacher_stays_a_teacher():
    teacher = factories.teacher()
    classroom = factories.classroom(taught_by=teacher)
    assert classrooms.join(classroom.code, teacher).role == Membership.Role.TEACHER
    learner = factories.learner()
    assert classrooms.join(classroom.code, learner) == classrooms.join(classroom.code, learner)
    assert Audit.objects.filter(verb="joined").count() == 1


@pytest.mark.parametrize("code", ["", "ABCDEFGH", "A" * 100_000, "'; DROP", "\x00", "😀" * 8])
def test_an_unknown_code_is_told_so(code):
    factories.classroom()
    with pytest.raises(classrooms.UnknownCode):
        classrooms.join(code, factories.learner())


def test_a_closed_code_opens_nothing_until_it_is_opened_again():
    teacher = factories.teacher()
    classroom = factories.classroom(taught_by=teacher)
    classrooms.close_code(classroom, teacher)
    with pytest.raises(classrooms.UnknownCode):
        classrooms.join(classroom.code, factories.learner())
    classrooms.open_code(classroom, teacher)
    classrooms.join(classroom.code, factories.learner())


def test_a_new_code_ends_the_old_one():
    teacher = factories.teacher()
    classroom = factories.classroom(taught_by=teacher)
    old = classroom.code
    new = classrooms.rotate_code(classroom, teacher)
    assert new == Classroom.objects.get().code != old
    with pytest.raises(classrooms.UnknownCode):
        classrooms.join(old, factories.learner())


def test_an_archived_classroom_lets_nobody_in():
    teacher = factories.teacher()
    classroom = factories.classroom(taught_by=teacher)
    classrooms.archive(classroom, teacher)
    with pytest.raises(classrooms.Archived):
        classrooms.join(classroom.code, factories.learner())
    for change in (classrooms.rotate_code, classrooms.open_code):
        with pytest.raises(classrooms.Archived):
            change(classroom, teacher)
    assert not Classroom.objects.open().exists()


def test_a_learner_leaves_and_keeps_what_they_did():
    learner = factories.learner()
    classroom = factories.classroom(with_learners=(learner,))
    submission = factories.submission(factories.sheet(to=learner))
    classrooms.leave(classroom, learner)
    classrooms.leave(classroom, learner)
    assert not classroom.memberships.learners().exists()
    assert learner.submissions.get() == submission


def test_the_last_teacher_stays():
    first, second = factories.teacher(), factories.teacher()
    classroom = factories.classroom(taught_by=first)
    with pytest.raises(classrooms.LastTeacher):
        classrooms.leave(classroom, first)
    Membership.objects.create(classroom=classroom, user=second, role=Membership.Role.TEACHER)
    classrooms.leave(classroom, first)
    assert [place.user for place in classroom.memberships.teachers()] == [second]


def test_the_roster_names_teachers_first_and_then_learners_by_name():
    zoe, abe = factories.learner(name="Zoe"), factories.learner(name="Abe")
    teacher = factories.teacher(name="Mia")
    classroom = factories.classroom(taught_by=teacher, with_learners=(zoe, abe))
    assert [place.user for place in classrooms.roster(classroom)] == [teacher, abe, zoe]
