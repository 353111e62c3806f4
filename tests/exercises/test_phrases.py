"""A phrase is proposed once, weighed on what people decided, kept in a draft, never published."""

from __future__ import annotations

from fractions import Fraction

import pytest

from exercises import desk, phrases, review
from exercises.models import Audit, Exercise, Proposal, Submission, User
from grading import grader
from tests import factories
from tests.factories import MOON, said

pytestmark = pytest.mark.django_db

SIDEWAYS = "The sun lights half of the moon, and sideways we look at that half."
PHRASE = "sideways we look"


@pytest.fixture
def ada() -> User:
    return factories.author(name="Ada")


@pytest.fixture
def moon(ada: User) -> Exercise:
    return factories.exercise(MOON, slug="half-a-moon", by=ada)


@pytest.fixture
def submission(moon: Exercise) -> Submission:
    return factories.marked(factories.sheet(moon), said(SIDEWAYS))


def proposed(
    submission: Submission, phrase: str = PHRASE, concept: str = "angle", **more
) -> Proposal:
    by = more.pop("by", None) or factories.teacher()
    made, _ = phrases.propose(submission, part="why", concept=concept, phrase=phrase, by=by)
    return made


def fresh(proposal: Proposal) -> Proposal:
    return Proposal.objects.for_reading().get(pk=proposal.pk)


# --- Proposing ------------------------------------------------------------------------------------


def test_a_phrase_is_put_before_the_authors_and_told_in_the_audit(submission, moon):
    tea = factories.teacher()
    made = proposed(submission, by=tea)
    assert (made.state, made.pattern, made.phrase) == ("open", "sideways we look", PHRASE)
    line = Audit.objects.about(moon).get(verb="proposed a phrase for")
    assert line.who == tea
    assert PHRASE not in str(line.detail)
    moon.refresh_from_db()
    assert moon.draft == MOON


def test_the_same_phrase_waits_once(submission):
    first = proposed(submission)
    again, new = phrases.propose(
        submission,
        part="why",
        concept="angle",
        phrase="SIDEWAYS  we, look!",
        by=factories.teacher(),
    )
    assert (again, new) == (first, False)
    assert Proposal.objects.count() == 1


def test_what_the_rules_find_already_is_not_proposed(submission):
    with pytest.raises(phrases.FoundAlready):
        proposed(submission, "see it from the side")


@pytest.mark.parametrize(
    "phrase",
    ["", "the of and", "x" * 10_000, "word " * 2_000, "one", "| / @x ( ) ? *", "\0", "a. b c d"],
)
def test_what_is_no_phrase_is_refused_with_a_sentence(submission, phrase):
    with pytest.raises(phrases.BadPhrase) as refused:
        proposed(submission, phrase)
    assert str(refused.value).endswith((".", "”."))
    assert not Proposal.objects.exists()


@pytest.mark.parametrize(
    ("part", "concept"),
    [("why", "shadow"), ("why", ""), ("what", "angle"), ("", ""), ("why", "x" * 999)],
)
def test_only_an_idea_of_the_exercise_takes_a_phrase(submission, part, concept):
    with pytest.raises(phrases.NoSuchIdea):
        phrases.propose(
            submission, part=part, concept=concept, phrase=PHRASE, by=factories.teacher()
        )


def test_ideas_that_no_phrase_alone_can_meet_are_not_offered():
    text = MOON.replace(
        'any: ["see near side|angle", "see ..4 part ..3 lit"]', 'all: ["see near side"]'
    )
    moon = factories.draft(text, slug="all-of-it")
    assert [idea.name for idea in phrases.open_ideas(moon)["why"]] == ["lit_half"]


def test_a_faulty_draft_leaves_the_ideas_that_learners_get(submission, moon):
    desk.save_draft(moon, "title: [", factories.author())
    assert [idea.name for idea in phrases.open_ideas(moon)["why"]] == ["lit_half", "angle"]
    with pytest.raises(phrases.Faulty):
        phrases.weigh(fresh(proposed(submission)))


# --- Weighing and deciding ------------------------------------------------------------------------


def test_a_phrase_is_weighed_on_what_people_decided_and_on_the_others(submission, moon):
    tea = factories.teacher()
    review.override(submission, Fraction(1), "Right.", tea)
    factories.marked(factories.sheet(moon), said(f"{SIDEWAYS} So it looks cut."))
    weighed = phrases.weigh(fresh(proposed(submission)))
    assert weighed.in_its_answer
    assert weighed.report.good
    assert weighed.spoils == ()
    moved = weighed.effect.moved_by_hand[0]
    assert (moved.before, moved.after, moved.effect) == ("partial", "correct", "better")
    assert [m.after for m in weighed.effect.moved_others] == ["correct"]
    moon.refresh_from_db()
    assert moon.draft == MOON


def test_a_phrase_that_is_not_in_its_answer_is_told(submission):
    weighed = phrases.weigh(fresh(proposed(submission, "half of it turned away")))
    assert not weighed.in_its_answer


def test_a_kept_phrase_is_one_line_more_in_the_draft_and_nothing_is_published(
    submission, moon, ada
):
    made = fresh(proposed(submission, concept="lit_half", phrase="brightens half"))
    phrases.keep(made, ada, base=moon.draft_digest)
    moon.refresh_from_db()
    assert moon.draft == MOON.replace(
        '          - "half ..2 lit"\n',
        '          - "half ..2 lit"\n          - "brightens half"\n',
    )
    assert moon.current.text == MOON
    assert moon.state == "changed"
    assert moon.proved
    assert moon.report_good
    assert fresh(made).state == "kept"
    assert Audit.objects.about(moon).filter(verb="kept a phrase in", who=ada).exists()


def test_what_is_kept_counts_once_it_is_published(submission, moon, ada):
    phrases.keep(fresh(proposed(submission)), ada, base=moon.draft_digest)
    moon.refresh_from_db()
    desk.publish(moon, desk.prove_soon(moon.draft, moon.slug), ada)
    marked = factories.marked(factories.sheet(moon), said(SIDEWAYS))
    assert marked.score == 1


def test_a_phrase_is_not_kept_twice(submission, moon, ada):
    first = fresh(proposed(submission))
    phrases.keep(first, ada, base=moon.draft_digest)
    with pytest.raises(phrases.Settled):
        phrases.discard(fresh(first), ada)
    with pytest.raises(phrases.FoundAlready):
        proposed(Submission.objects.for_reading().get(pk=submission.pk))
    moon.refresh_from_db()
    assert moon.draft.count("sideways we look") == 1


def test_two_authors_who_keep_at_once_keep_once(submission, moon, ada):
    one, other = (fresh(proposed(submission)) for _ in range(2))
    base = moon.draft_digest
    phrases.keep(one, ada, base=base)
    with pytest.raises((phrases.Settled, desk.DraftMoved)):
        phrases.keep(other, ada, base=base)
    moon.refresh_from_db()
    assert moon.draft.count("sideways we look") == 1


def test_a_draft_that_moved_on_is_not_written_over(submission, moon, ada):
    made = fresh(proposed(submission))
    base = moon.draft_digest
    desk.save_draft(moon, MOON.replace("Half a moon", "The moon"), ada)
    with pytest.raises(desk.DraftMoved):
        phrases.keep(fresh(made), ada, base=base)
    assert fresh(made).state == "open"


def test_a_phrase_that_would_break_a_sample_is_not_kept(submission, moon, ada):
    made = fresh(proposed(submission, "grows and shrinks"))
    weighed = phrases.weigh(made)
    assert [s.answer for s in weighed.spoils] == ["The moon grows and shrinks each month."]
    with pytest.raises(phrases.Spoils):
        phrases.keep(made, ada, base=moon.draft_digest)
    moon.refresh_from_db()
    assert moon.draft == MOON
    assert fresh(made).state == "open"


def test_a_draft_that_fails_by_itself_takes_a_phrase_that_makes_it_no_worse(submission, moon, ada):
    failing = MOON.replace(
        'illuminates the moon.", label: partial', 'illuminates the moon.", label: correct'
    )
    desk.save_draft(moon, failing, ada)
    made = fresh(proposed(submission))
    weighed = phrases.weigh(made)
    assert not weighed.report.good
    assert weighed.spoils == ()
    phrases.keep(made, ada, base=weighed.base)
    moon.refresh_from_db()
    assert grader.open(moon.draft, slug=moon.slug)


def test_a_discarded_phrase_changes_nothing_and_may_be_proposed_again(submission, moon, ada):
    made = proposed(submission)
    phrases.discard(made, ada)
    moon.refresh_from_db()
    assert (fresh(made).state, moon.draft) == ("discarded", MOON)
    assert Audit.objects.about(moon).filter(verb="discarded a phrase for", who=ada).exists()
    assert proposed(submission) != made


def test_proposals_wait_for_those_who_may_write(submission, ada):
    made = proposed(submission)
    assert list(phrases.waiting_for(ada)) == [made]
    assert list(phrases.waiting_for(factories.admin())) == [made]
    for other in (factories.author(), factories.teacher(), factories.learner()):
        assert not phrases.waiting_for(other).exists()
