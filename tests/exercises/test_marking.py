"""One submission, one verdict, whatever happens to workers; and the truth about the queue."""

from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.db import DataError, InterfaceError, OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import grading
from exercises import catalog, marking
from exercises.models import Audit, Marking, Submission, Verdict
from grading import grader
from tests import factories
from tests.factories import MIX, RIGHT, WRONG

pytestmark = pytest.mark.django_db


def marking_of(submission: Submission) -> Marking:
    return Marking.objects.get(submission=submission)


def broken_engine(*_, **__):
    raise RuntimeError("the engine has a fault")


def test_marking_writes_the_verdict_and_lets_it_stand():
    submission = factories.submission(raw=WRONG)
    marking.mark(submission.pk)
    row, verdict = marking_of(submission), Verdict.objects.get()
    assert (row.state, row.runs, row.lease_until) == (Marking.State.DONE, 1, None)
    assert row.current == verdict
    assert (verdict.cause, verdict.outcome, verdict.score) == ("first", "marked", 0)
    assert verdict.engine == grading.VERSION
    assert verdict.revision == submission.sheet.revision
    assert "hard-lookup" in [finding.code for finding in verdict.spoken.every_finding()]
    assert Audit.objects.about(submission).get(verb="marked").detail["verdict"] == verdict.pk


def test_marking_twice_says_the_same_once():
    submission = factories.submission()
    marking.mark(submission.pk)
    marking.mark(submission.pk)
    assert Verdict.objects.count() == 1
    assert marking_of(submission).runs == 1


def test_marking_what_is_not_there_is_no_error():
    marking.mark(10**9)


def test_a_row_in_another_workers_hands_is_left_to_it():
    submission = factories.submission()
    soon = timezone.now() + timedelta(seconds=30)
    Marking.objects.update(state=Marking.State.RUNNING, lease_until=soon, runs=1)
    marking.mark(submission.pk)
    assert not Verdict.objects.exists()
    assert marking_of(submission).lease_until == soon


def test_a_row_whose_worker_died_is_taken_again():
    submission = factories.submission()
    past = timezone.now() - timedelta(seconds=1)
    Marking.objects.update(state=Marking.State.RUNNING, lease_until=past, runs=1)
    marking.mark(submission.pk)
    assert marking_of(submission).state == Marking.State.DONE
    assert marking_of(submission).runs == 2


def test_a_slow_worker_and_its_successor_write_one_verdict(monkeypatch):
    submission = factories.submission()

    def overtaken(taken):
        verdict = real(taken)
        Marking.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        monkeypatch.setattr(marking, "judge", real)
        marking.mark(submission.pk)
        return verdict

    real = marking.judge
    monkeypatch.setattr(marking, "judge", overtaken)
    marking.mark(submission.pk)
    assert Verdict.objects.count() == 1
    assert Audit.objects.filter(verb="marked").count() == 1
    assert marking_of(submission).state == Marking.State.DONE


def test_an_error_while_grading_is_tried_three_times_and_then_told(monkeypatch, caplog):
    submission = factories.submission()
    monkeypatch.setattr(grader, "grade", broken_engine)
    for run in (1, 2):
        marking.mark(submission.pk)
        assert marking_of(submission).state == Marking.State.WAITING
        assert marking_of(submission).runs == run
    marking.mark(submission.pk)
    assert marking_of(submission).state == Marking.State.BROKEN
    assert Submission.objects.get().standing == "broken"
    assert Submission.objects.get().score is None
    assert not Verdict.objects.exists()
    assert Audit.objects.about(submission).filter(verb="could not mark").count() == 1
    assert any(record.levelname == "CRITICAL" for record in caplog.records)


def test_a_broken_row_stays_with_a_person():
    submission = factories.submission()
    Marking.objects.update(state=Marking.State.BROKEN)
    marking.mark(submission.pk)
    assert marking_of(submission).state == Marking.State.BROKEN


def test_a_fault_that_passes_costs_nothing(monkeypatch):
    submission = factories.submission()
    with monkeypatch.context() as patch:
        patch.setattr(grader, "grade", broken_engine)
        marking.mark(submission.pk)
    marking.mark(submission.pk)
    assert Submission.objects.get().score == 1


def test_an_answer_that_kills_its_worker_three_times_is_broken():
    submission = factories.submission()
    past = timezone.now() - timedelta(seconds=1)
    Marking.objects.update(state=Marking.State.RUNNING, lease_until=past, runs=3)
    marking.mark(submission.pk)
    assert marking_of(submission).state == Marking.State.BROKEN


@pytest.mark.parametrize("step", ["judge", "give_verdict"])
@pytest.mark.parametrize("fault", [OperationalError, InterfaceError])
def test_a_database_that_goes_away_is_not_counted_against_the_answer(monkeypatch, step, fault):
    def away(*_, **__):
        raise fault("server closed the connection")

    submission = factories.submission()
    with monkeypatch.context() as patch:
        patch.setattr(marking, step, away)
        for _ in range(4):
            with pytest.raises(fault):
                marking.mark(submission.pk)
            row = marking_of(submission)
            assert (row.state, row.runs, row.lease_until) == (Marking.State.WAITING, 0, None)
    marking.mark(submission.pk)
    assert marking_of(submission).runs == 1
    assert Submission.objects.get().score == 1


def test_where_the_database_cannot_even_be_told_the_lease_runs_out(monkeypatch):
    def away(*_):
        raise OperationalError("server closed the connection")

    submission = factories.submission()
    monkeypatch.setattr(marking, "judge", away)
    monkeypatch.setattr(marking, "close_old_connections", away)
    with pytest.raises(OperationalError, match="server closed"):
        marking.mark(submission.pk)
    assert marking_of(submission).state == Marking.State.RUNNING
    assert marking_of(submission).lease_until > timezone.now()


def test_a_verdict_that_no_row_can_hold_is_a_fault_like_any_other(monkeypatch):
    def too_long(*_, **__):
        raise DataError("value too long")

    submission = factories.submission()
    monkeypatch.setattr(marking, "give_verdict", too_long)
    for _ in range(3):
        marking.mark(submission.pk)
    assert marking_of(submission).state == Marking.State.BROKEN


def test_grading_holds_no_transaction(monkeypatch, django_capture_on_commit_callbacks):
    depths = []
    submission = factories.submission()
    real = marking.judge

    def watching(of):
        depths.append(len(connection.savepoint_ids))
        return real(of)

    monkeypatch.setattr(marking, "judge", watching)
    outside = len(connection.savepoint_ids)
    marking.mark(submission.pk)
    assert depths == [outside]


def test_a_submission_is_marked_by_the_wording_of_its_own_sheet():
    submission = factories.submission()
    catalog.revise(submission.sheet.exercise, MIX.replace("[0.7, 0.2, 0.1]", "[0.6, 0.3, 0.1]"))
    marking.mark(submission.pk)
    assert Submission.objects.get().score == 1


# --- The sweep


def test_the_sweep_wakes_what_waited_too_long(django_capture_on_commit_callbacks):
    factories.submission()
    assert marking.sweep() == marking.SweepReport(waiting=0, abandoned=0)
    with time_machine.travel(timezone.now() + timedelta(seconds=31), tick=False):
        with django_capture_on_commit_callbacks() as woken:
            assert marking.sweep() == marking.SweepReport(waiting=1, abandoned=0)
        assert len(woken) == 1
        assert marking.sweep().waiting == 0


def test_the_sweep_wakes_rows_whose_lease_ran_out():
    submission = factories.submission()
    now = timezone.now()
    Marking.objects.update(state=Marking.State.RUNNING, lease_until=now + timedelta(seconds=60))
    with time_machine.travel(now + timedelta(seconds=45), tick=False):
        assert marking.sweep().abandoned == 0
    with time_machine.travel(now + timedelta(seconds=61), tick=False):
        assert marking.sweep().abandoned == 1
        marking.mark(submission.pk)
    assert Submission.objects.get().score == 1


def test_the_sweep_leaves_done_and_broken_rows_alone():
    factories.marked()
    factories.submission()
    Marking.objects.waiting().update(state=Marking.State.BROKEN)
    with time_machine.travel(timezone.now() + timedelta(days=1), tick=False):
        assert marking.sweep() == marking.SweepReport(waiting=0, abandoned=0)


def test_a_sweep_wakes_the_oldest_first_and_not_everything_at_once(monkeypatch):
    monkeypatch.setattr(marking, "MOST_AT_ONCE", 2)
    monkeypatch.setattr(marking, "_at_work", lambda: True)
    sheet = factories.sheet()
    first, second, third = (factories.submission(sheet) for _ in range(3))
    now = timezone.now()
    for age, submission in ((90, second), (80, first), (70, third)):
        Marking.objects.filter(submission=submission).update(woken_at=now - timedelta(seconds=age))
    woken = []
    monkeypatch.setattr(marking.queue, "wake", lambda *call: woken.append(call))
    assert marking.sweep().waiting == 2
    assert woken == [("mark", second.pk), ("mark", first.pk)]


def test_while_no_worker_is_heard_a_sweep_sends_one_message_and_the_next_pulse_brings_all():
    exercise = factories.exercise(MIX.replace("tries: 3\n", ""))
    sheet = factories.sheet(exercise)
    for _ in range(12):
        factories.submission(sheet)
    now = timezone.now()
    cache.delete("pulse:grading")
    sent = 0
    for half_minutes in range(1, 121):
        with time_machine.travel(now + timedelta(seconds=31 * half_minutes), tick=False):
            sent += marking.sweep().waiting
    assert sent == 120 * marking.MOST_ALONE
    with time_machine.travel(now + timedelta(seconds=31 * 121), tick=False):
        cache.set("pulse:grading", timezone.now().timestamp())
        assert marking.sweep().waiting == 12
        cache.delete("pulse:grading")


# --- The truth about the queue


def test_the_queue_says_how_many_wait_and_for_how_long():
    assert marking.queue_truth().waiting == 0
    assert marking.queue_truth().oldest is None
    sheet = factories.sheet()
    first, second = factories.submission(sheet, RIGHT), factories.submission(sheet, WRONG)
    assert marking.position(first.marking) == 0
    assert marking.position(second.marking) == 1
    with time_machine.travel(first.received_at + timedelta(seconds=12), tick=False):
        truth = marking.queue_truth()
    assert truth.waiting == 2
    assert truth.oldest == timedelta(seconds=12)
    marking.mark(first.pk)
    assert marking.position(second.marking) == 0


def test_the_queue_says_whether_a_worker_is_alive():
    cache.delete("pulse:grading")
    assert marking.queue_truth().at_work is False
    cache.set("pulse:grading", timezone.now().timestamp())
    assert marking.queue_truth().at_work is True
    cache.set("pulse:grading", timezone.now().timestamp() - 60)
    assert marking.queue_truth().at_work is False


@pytest.mark.django_db(transaction=True)
def test_whether_a_worker_is_alive_is_asked_without_a_lock():
    factories.submission()
    with CaptureQueriesContext(connection) as queries:
        assert marking.queue_truth().waiting == 1
    assert not [query for query in queries if query["sql"].startswith(("BEGIN", "SAVEPOINT"))]


def test_the_pulse_is_read_where_workers_write_it():
    from quizsite import pulse

    assert pulse.key("grading") == "pulse:grading"
    assert pulse.SILENT_AFTER == marking.SILENT_AFTER
