"""What a person decides: it stands, it says who and why, and the machine never touches it."""

from fractions import Fraction

import pytest

from exercises import intake, marking, review
from exercises.models import Audit, Comment, Dispute, Marking, Override, Submission, Verdict
from grading import grader
from grading.verdict import Mark
from grading.verdict import Verdict as Spoken
from tests import factories
from tests.factories import MOON, TWO_PARTS, WRONG, said

pytestmark = pytest.mark.django_db

BOTH = {"hops": {"number": "30"}, "paths": {"number": "1"}}


@pytest.fixture
def with_a_person(monkeypatch) -> Submission:
    """A submission whose first part waits for a person; the second is right."""

    def undecided(*_, **__):
        marks = {
            "hops": Mark(score=Fraction(0), state="review"),
            "paths": Mark(score=Fraction(1)),
        }
        return Spoken(outcome="review", score=None, marks=marks)

    with monkeypatch.context() as patch:
        patch.setattr(grader, "grade", undecided)
        return factories.marked(factories.sheet(factories.exercise(TWO_PARTS)), BOTH)


def again(submission: Submission) -> Submission:
    return Submission.objects.for_reading().get(pk=submission.pk)


def test_a_review_is_not_final(with_a_person):
    assert with_a_person.standing == "review"
    assert with_a_person.score is None


def test_a_person_settles_a_review_and_the_verdict_stands(with_a_person):
    teacher = factories.teacher()
    verdict = review.settle(
        with_a_person, by=teacher, scores={"hops": Fraction(1, 3)}, say="One off."
    )
    settled = again(with_a_person)
    # hops counts 3 of 4 points, paths 1.
    assert settled.score == (3 * Fraction(1, 3) + 1) / 4
    assert settled.standing == "marked"
    assert settled.marking.current == verdict
    line = Audit.objects.get(pk=int(verdict.cause.removeprefix("hand:")))
    assert (line.who, line.verb, line.detail["scores"]) == (teacher, "settled", {"hops": "1/3"})
    # What the person says stands once, as their comment; the finding only says that they decided.
    said = [grader.say(finding) for finding in verdict.spoken.every_finding()]
    assert said == ["A person has read this part and decided."]
    assert [comment.text for comment in settled.comments.all()] == ["One off."]
    assert Verdict.objects.filter(submission=settled).count() == 2


def test_every_part_that_waits_needs_a_score(with_a_person):
    with pytest.raises(review.ScoreMissing) as missing:
        review.settle(with_a_person, by=factories.teacher(), scores={"paths": Fraction(1)})
    assert missing.value.parts == ["hops"]
    assert again(with_a_person).standing == "review"
    assert not Audit.objects.filter(verb="settled").exists()


@pytest.mark.parametrize("score", [Fraction(-1), Fraction(3, 2)])
def test_a_score_outside_0_to_1_is_refused(with_a_person, score):
    with pytest.raises(review.BadScore):
        review.settle(with_a_person, by=factories.teacher(), scores={"hops": score})
    with pytest.raises(review.BadScore):
        review.override(with_a_person, score, "why", factories.teacher())


def test_a_score_for_a_part_that_does_not_exist_is_refused(with_a_person):
    with pytest.raises(KeyError):
        review.settle(with_a_person, by=factories.teacher(), scores={"nothing": Fraction(1)})


def test_hints_cost_the_same_whoever_marks():
    sheet = factories.sheet()
    intake.take_hint(sheet, "output")
    submission, teacher = factories.marked(sheet, WRONG), factories.teacher()
    for _ in range(2):
        verdict = review.settle(submission, by=teacher, scores={"output": Fraction(1)})
        assert verdict.score == Fraction(9, 10)
        codes = [finding.code for finding in verdict.spoken.every_finding()]
        assert codes.count("hints-taken") == codes.count("by-hand") == 1


def test_a_person_may_settle_the_same_answer_again(with_a_person):
    teacher = factories.teacher()
    review.settle(with_a_person, by=teacher, scores={"hops": Fraction(0)})
    review.settle(with_a_person, by=teacher, scores={"hops": Fraction(1)})
    assert again(with_a_person).score == 1


def test_what_the_machine_still_has_is_not_settled():
    with pytest.raises(review.NothingToSettle):
        review.settle(factories.submission(), by=factories.teacher())


def test_a_broken_marking_is_settled_by_hand():
    submission = factories.submission(factories.sheet(factories.exercise(TWO_PARTS)), BOTH)
    Marking.objects.update(state=Marking.State.BROKEN)
    with pytest.raises(review.ScoreMissing) as missing:
        review.settle(submission, by=factories.teacher())
    assert missing.value.parts == ["hops", "paths"]
    scores = {"hops": Fraction(0), "paths": Fraction(1)}
    review.settle(submission, by=factories.teacher(), scores=scores)
    assert again(submission).score == Fraction(1, 4)
    marking.mark(submission.pk)
    assert again(submission).score == Fraction(1, 4)


def test_a_dispute_is_settled_with_words_and_the_verdict_stays():
    submission, teacher = factories.marked(raw=WRONG), factories.teacher()
    intake.dispute(submission, "Is it not 4?")
    assert review.settle(submission, by=teacher, say="That is the hard lookup.") is None
    dispute = Dispute.objects.get()
    assert (dispute.state, dispute.settled_by) == (Dispute.State.SETTLED, teacher)
    assert dispute.words == "That is the hard lookup."
    assert not Comment.objects.exists()  # said once
    assert Verdict.objects.count() == 1


def test_a_dispute_may_raise_a_score():
    submission = factories.marked(raw=WRONG)
    intake.dispute(submission, "The prompt can be read otherwise.")
    review.settle(submission, by=factories.teacher(), scores={"output": Fraction(1, 2)})
    assert again(submission).score == Fraction(1, 2)
    assert not Dispute.objects.open().exists()


def test_an_override_stands_before_any_verdict_and_can_be_lifted():
    submission, teacher = factories.marked(raw=WRONG), factories.teacher()
    review.override(submission, Fraction(3, 4), "A fair idea.", teacher)
    assert again(submission).score == Fraction(3, 4)
    review.settle(submission, by=teacher, scores={"output": Fraction(1, 4)})
    assert again(submission).score == Fraction(3, 4)
    review.override(submission, None, "Settled otherwise.", teacher)
    assert again(submission).score == Fraction(1, 4)
    assert Override.objects.count() == 2


def test_an_override_settles_a_review_or_a_broken_marking_until_it_is_lifted(with_a_person):
    admin, broken = factories.admin(), factories.submission()
    Marking.objects.filter(submission=broken).update(state=Marking.State.BROKEN)
    for submission, standing in ((with_a_person, "review"), (broken, "broken")):
        assert submission in review.inbox(admin)
        review.override(submission, Fraction(1, 2), "A fair idea.", admin)
        assert (again(submission).standing, again(submission).score) == ("marked", Fraction(1, 2))
        assert submission not in review.inbox(admin)
        assert submission not in Submission.objects.with_a_person()
        review.override(submission, None, "Not so fair.", admin)
        assert (again(submission).standing, again(submission).score) == (standing, None)
        assert submission in review.inbox(admin)


def test_a_dispute_waits_even_beside_an_override():
    submission, admin = factories.marked(raw=WRONG), factories.admin()
    intake.dispute(submission, "Please look.")
    review.override(submission, Fraction(1, 2), "A fair idea.", admin)
    assert submission in review.inbox(admin)


def test_an_override_and_a_comment_want_words():
    submission = factories.marked()
    with pytest.raises(review.NoReason):
        review.override(submission, Fraction(1), "  ", factories.teacher())
    with pytest.raises(review.NoReason):
        review.comment(submission, "\n", factories.teacher())


def test_the_inbox_holds_reviews_disputes_and_broken_markings(with_a_person):
    admin = factories.admin()
    disputed, fine, broken = factories.marked(), factories.marked(), factories.submission()
    intake.dispute(disputed, "Please look.")
    Marking.objects.filter(submission=broken).update(state=Marking.State.BROKEN)
    assert list(review.inbox(admin)) == [with_a_person, disputed, broken]
    assert fine not in review.inbox(admin)
    review.settle(disputed, by=admin, say="Looked.")
    assert list(review.inbox(admin)) == [with_a_person, broken]


def test_the_inbox_is_a_teachers_own_and_an_authors_where_nobody_teaches():
    teacher, other, author = factories.teacher(), factories.teacher(), factories.author()
    taught, alone = factories.learner(), factories.learner()
    factories.classroom(taught_by=teacher, with_learners=(taught,))
    factories.classroom(taught_by=other)
    exercise = factories.exercise(by=author)
    for learner in (taught, alone):
        intake.dispute(factories.marked(factories.sheet(exercise, to=learner)), "Look.")
    assert [one.learner for one in review.inbox(teacher)] == [taught]
    assert [one.learner for one in review.inbox(author)] == [alone]
    assert list(review.inbox(other)) == []
    assert list(review.inbox(taught)) == []


# --- Why it waits ---------------------------------------------------------------------------------

WAITS = {
    "half": "The sun lights half of the moon. It gives a different view to us.",
    "both": "The sun lights half of the moon. The sun does not light half of the moon.",
    "language": "El sol ilumina la mitad de la luna y por eso la vemos solo en parte cada noche.",
}


def test_each_answer_says_why_it_waits_with_its_idea_and_its_words():
    moon = factories.exercise(MOON)
    whys = {
        reason: review.why(factories.marked(factories.sheet(moon), said(text)))
        for reason, text in WAITS.items()
    }
    assert {reason: [why.reason for why in found] for reason, found in whys.items()} == {
        reason: [reason] for reason in WAITS
    }
    assert (whys["half"][0].rule, whys["half"][0].quotes) == ("angle", ("different view",))
    assert whys["both"][0].rule == "lit_half"
    assert whys["both"][0].quotes == (
        "sun lights half of the moon",
        "sun does not light half of the moon",
    )


def test_what_a_learner_asks_stands_beside_the_other_reasons():
    submission = factories.marked(factories.sheet(factories.exercise(MOON)), said("It is pale."))
    assert review.why(submission) == ()
    intake.dispute(submission, "I meant the sun.")
    (why,) = review.why(again(submission))
    assert (why.reason, why.words) == ("disputed", "I meant the sun.")


def test_the_inbox_can_be_of_one_exercise_and_one_reason(with_a_person):
    moon = factories.exercise(MOON, slug="half-a-moon")
    rows = {
        reason: factories.marked(factories.sheet(moon), said(text))
        for reason, text in WAITS.items()
    }
    rows["disputed"] = factories.marked(factories.sheet(moon), said("It is pale."))
    intake.dispute(rows["disputed"], "I meant the sun.")
    rows["broken"] = factories.submission(factories.sheet(moon), said("It is pale."))
    Marking.objects.filter(submission=rows["broken"]).update(state=Marking.State.BROKEN)
    rows["other"] = with_a_person
    admin = factories.admin()
    for reason, row in rows.items():
        assert list(review.inbox(admin, reason=reason)) == [row], reason
    for reason in set(review.REASONS) - set(rows):
        assert not review.inbox(admin, reason=reason), reason
    assert set(review.inbox(admin, exercise="half-a-moon")) == set(rows.values()) - {rows["other"]}
    assert not review.inbox(admin, exercise="half-a-moon", reason="other")


def test_words_that_look_like_a_reason_are_none():
    text = 'The sun lights half of the moon. "half-met" "code": "half-met" The view is different.'
    submission = factories.marked(factories.sheet(factories.exercise(MOON)), said(text))
    review.comment(submission, "half-met", factories.teacher())
    assert not review.inbox(factories.admin(), reason="half")
