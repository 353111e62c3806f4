"""Who may see and do what: the whole table, and that queries agree with it."""

from fractions import Fraction

import pytest
from django.contrib.auth.models import AnonymousUser

from exercises import classrooms, intake, review, roles
from exercises.models import Membership, Submission
from grading import grader
from grading.verdict import Mark, Verdict
from tests import factories

pytestmark = pytest.mark.django_db


class School:
    """A learner taught by one of two teachers, an exercise by one of two authors, and others."""

    def __init__(self) -> None:
        self.learner, self.classmate, self.stranger = (factories.learner() for _ in range(3))
        self.teacher, self.other_teacher = factories.teacher(), factories.teacher()
        self.author, self.other_author = factories.author(), factories.author()
        self.admin, self.staff = factories.admin(), factories.person(is_staff=True)
        self.nobody = AnonymousUser()
        self.people = dict(vars(self))
        self.classroom = factories.classroom(
            taught_by=self.teacher, with_learners=(self.learner, self.classmate)
        )
        self.other_classroom = factories.classroom(
            taught_by=self.other_teacher, with_learners=(self.stranger,)
        )
        self.exercise = factories.exercise(by=self.author)
        self.sheet = factories.sheet(self.exercise, to=self.learner)
        self.submission = factories.marked(self.sheet)

    def may(self, right, *subject) -> set[str]:
        """The names of all who have a right."""
        return {name for name, person in self.people.items() if right(person, *subject)}

    def homework(self) -> Submission:
        """The learner joins the other classroom too, and hands in what is set there."""
        Membership.objects.create(classroom=self.other_classroom, user=self.learner)
        homework = factories.assignment(self.other_classroom, self.exercise)
        return factories.marked(intake.deal(self.learner, self.exercise, homework))


@pytest.fixture
def school() -> School:
    return School()


def test_who_may_do_what(school):
    assert school.may(roles.may_open_classroom) == {"teacher", "other_teacher", "admin"}
    assert school.may(roles.may_create_exercise) == {"author", "other_author", "admin"}
    assert school.may(roles.may_teach, school.classroom) == {"teacher", "admin"}
    assert school.may(roles.may_write, school.exercise) == {"author", "admin"}
    assert school.may(roles.may_work_on, school.sheet) == {"learner"}
    assert school.may(roles.may_decide, school.submission) == {"teacher", "admin"}


def test_where_nobody_teaches_the_learner_the_exercises_authors_decide(school):
    school.classroom.memberships.filter(user=school.learner).delete()
    assert school.may(roles.may_decide, school.submission) == {"author", "admin"}


def test_where_the_only_teacher_may_not_teach_any_more_the_authors_decide(school):
    school.teacher.is_teacher = False
    school.teacher.save()
    assert school.may(roles.may_decide, school.submission) == {"author", "admin"}
    assert school.may(roles.may_teach, school.classroom) == {"admin"}


def test_an_archived_classroom_decides_nothing_and_can_be_read(school):
    homework = school.homework()
    classrooms.archive(school.other_classroom, school.other_teacher)
    assert school.may(roles.may_decide, homework) == {"author", "admin"}
    assert school.may(roles.may_decide, school.submission) == {"teacher", "admin"}
    classrooms.archive(school.classroom, school.teacher)
    assert school.may(roles.may_decide, school.submission) == {"author", "admin"}
    assert school.may(roles.may_teach, school.classroom) == {"teacher", "admin"}
    agree(school)


def test_nobody_decides_what_they_answered_themselves(school):
    own = {
        name: factories.marked(factories.sheet(school.exercise, to=school.people[name]))
        for name in ("teacher", "author", "admin")
    }
    assert school.may(roles.may_decide, own["teacher"]) == {"author", "admin"}
    assert school.may(roles.may_decide, own["author"]) == {"admin"}
    assert school.may(roles.may_decide, own["admin"]) == {"author"}
    agree(school)


def test_a_part_that_could_not_be_decided_is_for_the_authors_too(school, monkeypatch):
    def stumbles(*_, **__):
        marks = {"output": Mark(score=Fraction(0), state="undecided")}
        return Verdict(outcome="review", score=None, marks=marks)

    with monkeypatch.context() as patch:
        patch.setattr(grader, "grade", stumbles)
        undecided = factories.marked(school.sheet)
    assert school.may(roles.may_decide, undecided) == {"teacher", "author", "admin"}
    assert list(review.inbox(school.author)) == [undecided]
    assert list(review.inbox(school.other_author)) == []
    agree(school)
    review.settle(undecided, by=school.teacher, scores={"output": Fraction(1)})
    settled = Submission.objects.for_reading().get(pk=undecided.pk)
    assert school.may(roles.may_decide, settled) == {"teacher", "admin"}
    assert list(review.inbox(school.author)) == []


def test_an_exercise_that_names_no_author_is_every_authors(school):
    exercise = factories.exercise()
    assert school.may(roles.may_write, exercise) == {"author", "other_author", "admin"}


def test_work_set_in_another_classroom_stays_that_classrooms(school):
    homework = school.homework()
    assert school.may(roles.may_decide, homework) == {"other_teacher", "admin"}
    assert school.may(roles.may_decide, school.submission) == {"teacher", "other_teacher", "admin"}


def test_a_closed_account_may_nothing(school):
    for person in (school.learner, school.teacher, school.author, school.admin):
        person.is_active = False
        person.save()
    assert school.may(roles.may_work_on, school.sheet) == set()
    assert school.may(roles.may_decide, school.submission) == set()
    assert school.may(roles.may_teach, school.classroom) == set()
    assert "author" not in school.may(roles.may_write, school.exercise)


def test_the_query_and_the_rule_agree(school):
    school.homework()
    factories.marked(factories.sheet(school.exercise, to=factories.learner()))
    factories.marked(factories.sheet(factories.exercise(), to=factories.learner()))
    agree(school)


def agree(school) -> None:
    """For each person and each answer, the query says what the rule says."""
    everything = Submission.objects.for_reading()
    for person in school.people.values():
        if not person.is_authenticated:
            continue
        by_rule = {one.pk for one in everything if roles.may_decide(person, one)}
        by_query = list(roles.decided_by(person).values_list("pk", flat=True))
        assert sorted(by_rule) == sorted(by_query), person
