"""Dealing, drafting, hinting and submitting: what is stored, once, and what is refused."""

from datetime import timedelta
from fractions import Fraction
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from exercises import catalog, intake, marking, review
from exercises.models import (
    Assignment,
    Audit,
    Dispute,
    Marking,
    Membership,
    Sheet,
    Submission,
    Track,
)
from grading import grader
from grading.errors import Unreadable
from tests import factories
from tests.factories import DRAWN, MIX, RIGHT, UNREADABLE, WRONG

pytestmark = pytest.mark.django_db


# --- Sheets


def test_the_first_view_deals_and_the_next_views_find():
    learner, exercise = factories.learner(), factories.exercise(DRAWN)
    first = intake.deal(learner, exercise)
    assert first.number == 1
    assert intake.deal(learner, exercise) == first
    assert Sheet.objects.count() == 1


def test_a_sheet_is_the_same_for_ever_even_when_the_secret_changes(settings):
    sheet = factories.sheet(factories.exercise(DRAWN))
    before = catalog.variant(sheet).shown
    settings.SECRET_KEY = "another secret altogether, long enough for anybody to believe in"
    assert catalog.variant(Sheet.objects.get(pk=sheet.pk)).shown == before


def test_a_seed_is_63_bits_and_known_only_with_the_secret(settings):
    learner, exercise = factories.learner(), factories.exercise()
    seed = intake.seed_of(learner, exercise, 1)
    assert 0 <= seed < 1 << 63
    assert seed != intake.seed_of(learner, exercise, 2)
    assert seed != intake.seed_of(factories.learner(), exercise, 1)
    settings.SECRET_KEY = "another"
    assert seed != intake.seed_of(learner, exercise, 1)


def test_an_unpublished_exercise_deals_nothing_and_leaves_no_trace():
    with pytest.raises(intake.NotPublished):
        intake.deal(factories.learner(), factories.draft())
    assert not Track.objects.exists()


def test_new_numbers_deal_the_next_sheet_and_keep_the_old():
    first = factories.sheet(factories.exercise(DRAWN))
    second = intake.new_numbers(first)
    assert (second.number, second.track_id) == (2, first.track_id)
    assert second.numbers != first.numbers
    assert Sheet.objects.filter(pk=first.pk).exists()


def test_asking_for_new_numbers_twice_deals_once():
    first = factories.sheet(factories.exercise(DRAWN))
    assert intake.new_numbers(first) == intake.new_numbers(first)
    assert Sheet.objects.count() == 2


def test_an_exercise_that_never_draws_has_no_new_numbers_until_it_is_reworded():
    sheet = factories.sheet()
    assert intake.new_numbers(sheet) == sheet
    newest = catalog.revise(sheet.exercise, MIX + "# reworded\n")
    again = intake.deal(sheet.learner, sheet.exercise)
    assert again == sheet
    assert again.revision != newest
    assert intake.new_numbers(again).revision == newest


def test_sheets_count_over_all_tracks_of_a_learner_and_an_exercise():
    learner, exercise = factories.learner(), factories.exercise(DRAWN)
    homework = factories.assignment(factories.classroom(), exercise)
    practice = intake.deal(learner, exercise)
    set_work = intake.deal(learner, exercise, homework)
    assert (practice.number, set_work.number) == (1, 2)
    assert practice.track != set_work.track
    assert practice.seed != set_work.seed


def test_a_revision_does_not_touch_sheets_that_were_dealt():
    sheet = factories.sheet()
    before = sheet.revision
    catalog.revise(sheet.exercise, MIX.replace("tries: 3", "tries: 9"))
    assert intake.deal(sheet.learner, sheet.exercise).revision == before


# --- Drafts and hints


def test_a_draft_is_kept_readable_or_not():
    sheet = factories.sheet()
    intake.keep_draft(sheet, UNREADABLE)
    assert Sheet.objects.get().draft == UNREADABLE


def test_a_draft_keeps_only_the_boxes_that_exist():
    sheet = factories.sheet()
    intake.keep_draft(sheet, {"output": {"output": "1", "score": "1"}, "key": {"all": "x"}})
    assert Sheet.objects.get().draft == {"output": {"output": "1"}}


def test_a_draft_that_arrives_after_its_answer_is_dropped():
    sheet, key = factories.sheet(), uuid4()
    assert intake.keep_draft(sheet, {"output": {"output": "4"}}, key)
    intake.submit(sheet, WRONG, key)
    assert not intake.keep_draft(sheet, {"output": {"output": "4, 1"}}, key)
    assert Sheet.objects.get().draft == {}
    assert Sheet.objects.get().draft_at is None
    # The next form is another one, and "try again with what you typed" is no form at all.
    assert intake.keep_draft(sheet, RIGHT, uuid4())
    assert intake.keep_draft(sheet, WRONG)
    assert Sheet.objects.get().draft == WRONG


def test_what_no_database_keeps_is_left_out_of_a_text():
    sheet = factories.sheet()
    intake.keep_draft(sheet, {"output": {"output": "3\x00.2\ud800"}})
    assert Sheet.objects.get().draft == {"output": {"output": "3.2?"}}


def test_a_hint_is_counted_once_a_stage():
    sheet = factories.sheet()
    assert intake.take_hint(sheet, "output", 1) == 1
    assert intake.take_hint(sheet, "output", 1) == 1
    assert intake.take_hint(sheet, "output", 2) == 2
    assert intake.take_hint(sheet, "output") == 2
    assert sheet.hints == Sheet.objects.get().hints == {"output": 2}


def test_a_hint_cannot_be_skipped_to_and_a_part_must_exist():
    sheet = factories.sheet()
    assert intake.take_hint(sheet, "output", 2) == 0
    with pytest.raises(KeyError):
        intake.take_hint(sheet, "nothing")


def test_a_sheet_that_takes_no_more_tries_gives_no_more_hints():
    used_up, shown = factories.sheet(), factories.sheet()
    intake.take_hint(used_up, "output", 1)
    for _ in range(3):
        factories.submission(used_up, WRONG)
    assert intake.take_hint(used_up, "output", 2) == 1
    intake.ask_solution(shown)
    assert intake.take_hint(shown, "output", 1) == 0
    assert [sheet.hints for sheet in Sheet.objects.order_by("pk")] == [{"output": 1}, {}]


def test_hints_taken_are_kept_with_the_try_and_cost_what_they_said():
    sheet = factories.sheet()
    intake.take_hint(sheet, "output")
    submission = factories.marked(sheet)
    assert submission.hints == {"output": 1}
    assert float(submission.score) == 0.9


# --- Submitting


def test_a_submission_waits_with_its_marking_and_wakes_the_queue_after_commit(
    django_capture_on_commit_callbacks,
):
    with django_capture_on_commit_callbacks() as woken:
        submission = factories.submission()
    assert submission.try_number == 1
    assert submission.raw == RIGHT
    assert submission.marking.state == Marking.State.WAITING
    assert submission.standing == "waiting"
    assert submission.score is None
    assert len(woken) == 1


def test_the_same_form_and_text_is_the_same_submission():
    sheet, key = factories.sheet(), uuid4()
    first = intake.submit(sheet, RIGHT, key)
    assert intake.submit(sheet, RIGHT, key) == first
    assert Submission.objects.count() == Marking.objects.count() == 1


def test_going_back_and_mending_the_answer_is_a_new_try():
    sheet, key = factories.sheet(), uuid4()
    first = intake.submit(sheet, WRONG, key)
    with pytest.raises(Unreadable):
        intake.submit(sheet, UNREADABLE, key)
    second = intake.submit(sheet, RIGHT, key)
    assert (second.try_number, second.raw) == (2, RIGHT)
    assert intake.submit(sheet, WRONG, key) == first
    assert intake.submit(sheet, RIGHT, key) == second
    assert Submission.objects.count() == 2


def test_the_same_form_and_text_is_the_same_submission_even_when_no_try_is_left():
    sheet, key = factories.sheet(), uuid4()
    factories.submission(sheet)
    factories.submission(sheet)
    last = intake.submit(sheet, RIGHT, key)
    with pytest.raises(intake.TriesUsedUp):
        factories.submission(sheet)
    assert intake.submit(sheet, RIGHT, key) == last


def test_two_learners_may_happen_to_send_the_same_key():
    exercise, key = factories.exercise(), uuid4()
    first = intake.submit(factories.sheet(exercise), RIGHT, key)
    assert intake.submit(factories.sheet(exercise), RIGHT, key) != first


def test_a_key_sent_for_another_sheet_is_refused():
    learner, key = factories.learner(), uuid4()
    intake.submit(factories.sheet(to=learner), RIGHT, key)
    another = factories.sheet(to=learner)
    for answer in (RIGHT, WRONG):
        with pytest.raises(intake.KeyTaken):
            intake.submit(another, answer, key)


def test_an_unreadable_answer_stores_nothing_and_costs_no_try():
    sheet = factories.sheet()
    with pytest.raises(Unreadable) as refused:
        factories.submission(sheet, UNREADABLE)
    assert refused.value.misreadings[0].field == "output.output"
    with pytest.raises(Unreadable) as refused:
        factories.submission(sheet, {})
    assert refused.value.misreadings[0].code == "blank"
    assert not Submission.objects.exists()
    assert intake.tries_left(sheet.track) == 3


def test_an_answer_longer_than_its_box_is_refused_before_anything_reads_it():
    sheet = factories.sheet()
    with pytest.raises(Unreadable) as refused:
        factories.submission(sheet, {"output": {"output": "(" * 1_000_000}})
    assert refused.value.misreadings[0].code == "too-long"
    with pytest.raises(Unreadable):
        intake.keep_draft(sheet, {"output": {"output": "(" * 1_000_000}})
    assert Sheet.objects.get().draft == {}


def test_tries_count_over_all_sheets_of_the_track():
    first = factories.sheet(factories.exercise(DRAWN.replace("given:", "tries: 2\ngiven:")))
    answer = {"steps": {"scores": "0, 0, 0"}}
    assert intake.tries_left(first.track) == 2
    factories.submission(first, answer)
    second = intake.new_numbers(first)
    assert factories.submission(second, answer).try_number == 2
    assert intake.tries_left(first.track) == 0
    with pytest.raises(intake.TriesUsedUp):
        factories.submission(first, answer)
    with pytest.raises(intake.TriesUsedUp):
        intake.new_numbers(second)


def test_without_a_limit_tries_go_on():
    sheet = factories.sheet(factories.exercise(MIX.replace("tries: 3\n", "")))
    assert intake.tries_left(sheet.track) is None
    for number in range(1, 8):
        assert factories.submission(sheet, WRONG).try_number == number


def test_an_assignment_sets_its_own_limit_and_its_own_track():
    learner, exercise = factories.learner(), factories.exercise()
    classroom = factories.classroom(with_learners=(learner,))
    homework = factories.assignment(classroom, exercise, tries=1)
    sheet = intake.deal(learner, exercise, homework)
    factories.submission(sheet)
    with pytest.raises(intake.TriesUsedUp):
        factories.submission(sheet)
    assert intake.tries_left(factories.sheet(exercise, to=learner).track) == 3


def set_work(**dates):
    """A sheet of work that is set in a classroom of the learner's."""
    learner, exercise = factories.learner(), factories.exercise()
    homework = factories.assignment(
        factories.classroom(with_learners=(learner,)), exercise, **dates
    )
    return intake.deal(learner, exercise, homework)


def test_work_that_is_not_open_yet_takes_no_answer():
    opens_at = timezone.now() + timedelta(hours=1)
    sheet = set_work(opens_at=opens_at)
    with pytest.raises(intake.NotOpenYet):
        factories.submission(sheet)
    assert not Submission.objects.exists()
    with time_machine.travel(opens_at, tick=False):
        assert factories.submission(sheet).counts


def test_an_answer_after_the_deadline_is_stored_and_marked_and_does_not_count():
    due_at = timezone.now() + timedelta(hours=1)
    sheet = set_work(due_at=due_at)
    in_time = factories.marked(sheet, WRONG)
    with time_machine.travel(due_at + timedelta(seconds=1), tick=False):
        late = factories.marked(sheet, RIGHT)
    assert (late.score, late.late, late.counts) == (1, True, False)
    assert (in_time.late, in_time.counts) == (False, True)
    assert list(Submission.objects.counting()) == [in_time]


def test_a_moved_deadline_or_a_persons_score_makes_a_late_answer_count():
    due_at = timezone.now() - timedelta(hours=1)
    sheet = set_work(due_at=due_at)
    late, teacher = factories.marked(sheet), factories.teacher()
    assert not late.counts
    review.override(late, Fraction(1, 2), "The bus was late.", teacher)
    assert Submission.objects.get().counts
    assert list(Submission.objects.counting()) == [late]
    review.override(late, None, "It was not.", teacher)
    assert not Submission.objects.get().counts
    assert list(Submission.objects.counting()) == []
    Assignment.objects.update(due_at=timezone.now() + timedelta(hours=1))
    assert Submission.objects.get().counts
    assert list(Submission.objects.counting()) == [late]


def test_who_left_the_classroom_is_told_so_and_keeps_what_was_sent():
    sheet, key = set_work(), uuid4()
    first = intake.submit(sheet, WRONG, key)
    Membership.objects.filter(user=sheet.learner).delete()
    with pytest.raises(intake.NotInClassroom):
        intake.submit(sheet, RIGHT, key)
    assert intake.submit(sheet, WRONG, key) == first
    assert Submission.objects.count() == 1


def test_submitting_clears_the_draft():
    sheet = factories.sheet()
    intake.keep_draft(sheet, WRONG)
    factories.submission(sheet)
    assert (sheet.draft, Sheet.objects.get().draft) == ({}, {})


def test_submitting_takes_few_queries():
    sheet = factories.sheet()
    sheet = intake.deal(sheet.learner, sheet.exercise)
    catalog.variant(sheet)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        intake.submit(sheet, RIGHT, uuid4())
    asked = [query for query in queries if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(asked) <= 7


# --- The model answer


def test_asking_for_the_model_answer_ends_the_tries_on_that_sheet():
    sheet = factories.sheet(factories.exercise(DRAWN))
    worked = intake.ask_solution(sheet)
    with pytest.raises(intake.SolutionShown):
        factories.submission(sheet, {"steps": worked["steps"].answer})
    fresh = intake.new_numbers(sheet)
    factories.submission(fresh, {"steps": {"scores": "0, 0, 0"}})


def test_the_model_answer_earns_everything():
    for text in (DRAWN, MIX):
        shown = factories.sheet(factories.exercise(text))
        answer = {part: worked.answer for part, worked in intake.ask_solution(shown).items()}
        verdict = grader.grade(catalog.variant(shown), answer)
        assert (verdict.outcome, verdict.score) == ("marked", 1)


def test_when_no_try_is_left_the_model_answer_is_free():
    sheet = factories.sheet()
    for _ in range(3):
        factories.submission(sheet, WRONG)
    assert intake.ask_solution(sheet)["output"].answer
    assert Sheet.objects.get().solution_at is None


# --- Disputes


def test_a_learner_asks_a_person_once_until_it_is_settled():
    submission = factories.marked(raw=WRONG)
    dispute = intake.dispute(submission, "  I think 4, 1 is right. ")
    assert dispute.reason == "I think 4, 1 is right."
    assert intake.dispute(submission, "Again!") == dispute
    assert Audit.objects.about(submission).filter(verb="disputed").count() == 1
    review.settle(submission, by=factories.admin(), say="It is not.")
    assert intake.dispute(submission, "Once more.") != dispute
    assert Dispute.objects.count() == 2


def test_a_dispute_wants_a_reason_and_a_verdict():
    with pytest.raises(intake.NotMarkedYet):
        intake.dispute(factories.submission(), "Why?")
    submission = factories.marked()
    for reason in ["", "  \n", "x" * 2001]:
        with pytest.raises(intake.NoReason):
            intake.dispute(submission, reason)


def test_every_refusal_has_a_sentence_for_the_learner():
    for refusal in intake.Refused.__subclasses__():
        assert str(refusal()).endswith((".", ")."))
        assert refusal.code != "refused"


def test_a_verdict_follows_each_try():
    sheet = factories.sheet()
    wrong, right = factories.submission(sheet, WRONG), factories.submission(sheet, RIGHT)
    for submission in (wrong, right):
        marking.mark(submission.pk)
    scores = [Submission.objects.get(pk=one.pk).score for one in (wrong, right)]
    assert scores == [0, 1]


def test_a_submission_is_what_the_row_says():
    sheet = factories.sheet()
    intake.keep_draft(sheet, {"output": {"output": "4"}})
    given = factories.submission(sheet)
    read = Submission.objects.get(pk=given.pk)
    for field in Submission._meta.concrete_fields:
        assert getattr(given, field.attname) == getattr(read, field.attname), field.attname
    assert read.marking.state == Marking.State.WAITING
    assert read.marking.woken_at == read.received_at
    assert (read.marking.runs, read.marking.lease_until, read.marking.current) == (0, None, None)
    assert Sheet.objects.get(pk=sheet.pk).draft == {}
    assert not given._state.adding


GUESSED = {"output": {"output": "3,3; 2,5"}}
"""Read as 3.3 and 2.5, where a comma may have been meant otherwise; wrong."""


def test_a_try_read_by_a_guess_is_given_back_once_a_sheet():
    sheet = factories.sheet()
    assert intake.tries_left(sheet.track) == 3
    first = factories.marked(sheet, GUESSED)
    assert first.marking.current.guessed
    assert intake.tries_left(sheet.track) == 3
    factories.marked(sheet, GUESSED)
    assert intake.tries_left(sheet.track) == 2
    factories.marked(sheet, WRONG)
    factories.marked(sheet, RIGHT)
    assert intake.tries_left(sheet.track) == 0
    with pytest.raises(intake.TriesUsedUp):
        factories.submission(sheet, WRONG)


def test_a_guess_that_is_right_costs_its_try_like_any_other():
    sheet = factories.sheet()
    factories.marked(sheet, {"output": {"output": "3,2; 2"}})
    assert intake.tries_left(sheet.track) == 2
