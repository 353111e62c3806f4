"""Who may see and do what: one predicate a right, and what a queryset may show to whom.

Whoever may not see a thing is told that there is no such thing: pages answer 404. The predicates
read the rows each time, so taking a role away counts from the next request on.
"""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q
from rules.predicates import predicate

from exercises.models import Classroom, Exercise, Membership, Sheet, Submission, User
from exercises.models.classrooms import MembershipQuerySet
from exercises.models.lessons import ExerciseQuerySet
from exercises.models.work import SubmissionQuerySet

Person = User | AnonymousUser


def _taught(learner: int | OuterRef) -> MembershipQuerySet:
    """A learner's places in open classrooms where somebody who may teach does."""
    teachers = Membership.objects.teachers().filter(
        user__in=User.objects.teachers(), classroom__archived_at__isnull=True
    )
    return Membership.objects.learners().filter(
        user=learner, classroom__in=teachers.values("classroom")
    )


def _teaches_in(person: User) -> Q:
    """Memberships of learners in open classrooms that this person teaches."""
    taught = Classroom.objects.open().taught_by(person).values("pk")
    return Q(classroom__in=taught, role=Membership.Role.LEARNER)


@predicate
def is_admin(person: Person) -> bool:
    return isinstance(person, User) and person.is_admin


@predicate
def is_teacher(person: Person) -> bool:
    return isinstance(person, User) and person.teaches


@predicate
def is_author(person: Person) -> bool:
    return isinstance(person, User) and person.writes


@predicate
def teaches_in(person: Person, classroom: Classroom) -> bool:
    return (
        isinstance(person, User)
        and person.teaches
        and classroom.memberships.teachers().filter(user=person).exists()
    )


@predicate
def wrote(person: Person, exercise: Exercise) -> bool:
    """An author of this exercise; one that names no author is every author's."""
    if not (isinstance(person, User) and person.writes):
        return False
    authors = set(exercise.authors.values_list("pk", flat=True))
    return not authors or person.pk in authors


@predicate
def owns_sheet(person: Person, sheet: Sheet) -> bool:
    return isinstance(person, User) and person.is_active and sheet.learner_id == person.pk


@predicate
def owns_submission(person: Person, submission: Submission) -> bool:
    return isinstance(person, User) and person.is_active and submission.learner_id == person.pk


@predicate
def teaches_learner_of(person: Person, submission: Submission) -> bool:
    """A teacher of the learner; work set in another teacher's classroom stays that classroom's."""
    if not (isinstance(person, User) and person.teaches):
        return False
    places = Membership.objects.filter(_teaches_in(person), user=submission.learner_id)
    assignment = submission.track.assignment
    if assignment is not None:
        places = places.filter(classroom=assignment.classroom_id)
    return places.exists()


@predicate
def decides_untaught(person: Person, submission: Submission) -> bool:
    """An author of the exercise, where nobody who could decide teaches the learner."""
    if not wrote(person, submission.track.exercise):
        return False
    places = _taught(submission.learner_id)
    assignment = submission.track.assignment
    if assignment is not None:
        places = places.filter(classroom=assignment.classroom_id)
    return not places.exists()


@predicate
def decides_undecided(person: Person, submission: Submission) -> bool:
    """An author of the exercise, where grading could not decide a part, whoever teaches."""
    current = submission.marking.current
    return (
        current is not None and current.undecided and bool(wrote(person, submission.track.exercise))
    )


_may_teach = is_admin | teaches_in
_may_write = is_admin | wrote
# Nobody decides what they answered themselves, whatever else they may.
_may_decide = ~owns_submission & (
    is_admin | teaches_learner_of | decides_untaught | decides_undecided
)


def may_open_classroom(person: Person) -> bool:
    return bool(is_teacher.test(person))


def may_teach(person: Person, classroom: Classroom) -> bool:
    """See the gradebook, change the code, set work."""
    return bool(_may_teach.test(person, classroom))


def may_create_exercise(person: Person) -> bool:
    return bool(is_author.test(person))


def may_write(person: Person, exercise: Exercise) -> bool:
    """Read and change the draft, prove and publish it, see its key."""
    return bool(_may_write.test(person, exercise))


def written_by(person: User) -> ExerciseQuerySet:
    """All exercises that ``may_write`` allows this person, in one query."""
    if person.is_admin:
        return Exercise.objects.all()
    if not person.writes:
        return Exercise.objects.none()
    wrote_it = Exercise.objects.filter(Q(authors=person) | Q(authors__isnull=True))
    return Exercise.objects.filter(pk__in=wrote_it.values("pk"))


def may_work_on(person: Person, sheet: Sheet) -> bool:
    """Only the learner it was dealt to: nobody answers for another, not even an admin."""
    return bool(owns_sheet.test(person, sheet))


def may_decide(person: Person, submission: Submission) -> bool:
    """Settle a review or a dispute, override a score; never of one's own answer."""
    return bool(_may_decide.test(person, submission))


def read_by(person: User) -> SubmissionQuerySet:
    """All submissions that this person may read on the teachers' pages, in one query.

    What they may decide, what was sent in classrooms of theirs that are archived by now, and for
    an admin everything, their own too.
    """
    if person.is_admin:
        return Submission.objects.all()
    readable = Q(pk__in=decided_by(person).values("pk"))
    if person.teaches:
        rooms = Classroom.objects.taught_by(person).exclude(archived_at=None)
        places = Membership.objects.learners().filter(user=OuterRef("learner"), classroom__in=rooms)
        readable |= Q(Exists(places), track__assignment__isnull=True) | Q(
            Exists(places.filter(classroom=OuterRef("track__assignment__classroom")))
        )
    return Submission.objects.filter(readable).exclude(learner=person)


def decided_by(person: User) -> SubmissionQuerySet:
    """All submissions that ``may_decide`` allows this person, in one query."""
    every = Submission.objects.exclude(learner=person)
    if person.is_admin:
        return every
    allowed = Q(pk__in=())
    if person.teaches:
        mine = Membership.objects.filter(_teaches_in(person), user=OuterRef("learner"))
        allowed |= Q(Exists(mine), track__assignment__isnull=True) | Q(
            Exists(mine.filter(classroom=OuterRef("track__assignment__classroom")))
        )
    if person.writes:
        wrote_it = Exercise.objects.filter(Q(authors=person) | Q(authors__isnull=True))
        taught = _taught(OuterRef("learner"))
        taught_there = taught.filter(classroom=OuterRef("track__assignment__classroom"))
        untaught = Q(~Exists(taught), track__assignment__isnull=True) | Q(
            ~Exists(taught_there), track__assignment__isnull=False
        )
        theirs = untaught | Q(marking__current__undecided=True)
        allowed |= theirs & Q(track__exercise__in=wrote_it.values("pk"))
    return every.filter(allowed)
