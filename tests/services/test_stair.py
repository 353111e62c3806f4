"""An answer goes down the stair and a verdict comes back, whatever happens on the way."""

import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from exercises import catalog, intake, marking, queue
from exercises.forms import AnswerForm
from exercises.models import Exercise, Marking, Submission, Verdict
from quizsite import pulse
from tests.services.conftest import wait_until

ANIMAL = """\
title: Find the animal
tries: 3
parts:
  - name: who
    kind: pick
    prompt: Pick the animal.
    tokens: the cat sat
    right: [cat]
samples:
  - {answer: cat, score: 1}
"""

AT_ONCE = timedelta(0)
"""A sweep without patience: what waits is woken now."""


@pytest.fixture
def sheet(database):
    """A sheet of the exercise above, dealt to a learner."""
    learner = get_user_model().objects.create_user("lea", "lea@example.org", "lea's password")
    exercise = Exercise.objects.create(slug="animal")
    catalog.revise(exercise, ANIMAL)
    return intake.deal(learner, exercise)


def submit(sheet, key=None) -> Submission:
    return intake.submit(sheet, answer_of(sheet), key or uuid.uuid4())


def answer_of(sheet):
    """The right answer, in the boxes that the sheet shows."""
    shown = catalog.variant(sheet).shown
    return {part: {posed.fields[0].name: "1"} for part, posed in shown.items()}


def timed(verb: Callable[[], object]) -> float:
    start = time.monotonic()
    verb()
    return time.monotonic() - start


def state(submission: Submission) -> str:
    return Marking.objects.get(submission=submission).state


def is_done(submission: Submission) -> bool:
    return state(submission) == Marking.State.DONE


def the_verdict(submission: Submission) -> Verdict:
    """The only verdict on it, in full marks."""
    verdict = Verdict.objects.get(submission=submission)
    assert verdict.score == 1
    assert Marking.objects.get(submission=submission).current == verdict
    return verdict


# --- The plain walk -------------------------------------------------------------------------------


def test_an_answer_is_marked_by_a_plain_worker(sheet, start_worker):
    worker = start_worker()
    submission = submit(sheet)
    wait_until(lambda: is_done(submission), "it is marked", worker.log)
    the_verdict(submission)


def test_a_worker_tells_its_pulse_and_the_other_queue_stays_silent(start_worker):
    start_worker("grading")
    wait_until(lambda: pulse.silence("grading") is not None, "the worker speaks")
    assert pulse.silence("grading") < pulse.SILENT_AFTER
    assert pulse.silence("bulk") is None


def test_bulk_work_never_takes_a_live_answer(sheet, start_worker, broker):
    start_worker("bulk")
    submission = submit(sheet)
    wait_until(lambda: broker.ask("llen", "grading").strip() == "1", "the message lies in grading")
    time.sleep(1)
    assert state(submission) == Marking.State.WAITING


# --- The broker is away ---------------------------------------------------------------------------


def test_with_the_broker_down_the_answer_is_kept_and_the_sweep_delivers_later(
    sheet, broker, start_worker
):
    broker.kill()
    assert timed(lambda: submit(sheet)) < 2
    submission = Submission.objects.get()
    assert state(submission) == Marking.State.WAITING
    broker.start()
    pause_is_over()
    worker = start_worker()
    assert marking.sweep(AT_ONCE).waiting == 1
    wait_until(lambda: is_done(submission), "it is marked", worker.log)
    the_verdict(submission)


def test_with_the_broker_frozen_the_answer_is_kept_and_the_sweep_delivers_later(
    sheet, broker, start_worker
):
    worker = start_worker()
    broker.freeze()
    assert timed(lambda: submit(sheet)) < 2
    # What the first one wrote may still lie in the socket; of the second the broker never heard.
    assert timed(lambda: submit(sheet)) < 2
    first, second = Submission.objects.order_by("pk")
    assert state(first) == state(second) == Marking.State.WAITING
    broker.thaw()
    pause_is_over()
    assert marking.sweep(AT_ONCE).waiting in {1, 2}
    for submission in (first, second):
        wait_until(lambda one=submission: is_done(one), "it is marked", worker.log)
        the_verdict(submission)


def test_while_the_broker_is_frozen_only_the_first_of_a_class_waits_for_it(sheet, broker):
    broker.freeze()
    times = [timed(lambda: submit(sheet)) for _ in range(3)]
    assert times[0] < 2
    assert max(times[1:]) < 0.5
    assert Submission.objects.count() == 3


def test_the_pages_answer_in_time_while_the_broker_is_frozen(sheet, broker):
    client = Client()
    client.force_login(sheet.learner)
    [box] = AnswerForm(catalog.variant(sheet).shown).fields
    form = {box: "1", "key": str(uuid.uuid4())}
    page = reverse("learn:sheet", args=[sheet.pk])
    assert client.get(page).status_code == 200  # templates are read once, and not in this time
    broker.freeze()

    start = time.monotonic()
    answer = client.post(page, form)
    assert time.monotonic() - start < 2
    submission = Submission.objects.get()
    assert answer.status_code == 303
    assert answer.url == reverse("learn:answer", args=[submission.pk])

    start = time.monotonic()
    waiting = client.get(answer.url)
    assert time.monotonic() - start < 2
    assert waiting.status_code == 200

    again = client.post(page, form)
    assert again.url == answer.url, "sent again, it is the same submission"
    assert Submission.objects.count() == 1


def test_whoever_watches_is_told_in_time_that_the_broker_is_frozen(database, broker):
    broker.freeze()
    start = time.monotonic()
    answer = Client().get("/readyz")
    assert time.monotonic() - start < 2
    assert answer.status_code == 503
    assert answer.json()["broker"].startswith("does not answer")
    assert answer.json()["database"] == "ok"


def test_a_broker_that_comes_back_is_used_again_without_a_restart(sheet, broker, start_worker):
    worker = start_worker()
    broker.kill()
    submit(sheet)
    broker.start()
    pause_is_over()
    submission = submit(sheet)
    wait_until(lambda: is_done(submission), "the second is marked", worker.log)


def pause_is_over() -> None:
    """Waits until the queue is tried again after a failure."""
    wait_until(lambda: not queue.pause.on(), "the queue is tried again")


# --- A worker dies --------------------------------------------------------------------------------


def test_a_worker_killed_in_mid_task_leaves_a_row_that_another_takes_up(sheet, start_worker):
    submission = submit(sheet)
    with transaction.atomic():
        # Nobody can write a verdict while we hold the table: the worker stops in mid-task.
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {Verdict._meta.db_table} IN EXCLUSIVE MODE")
        first = start_worker()
        wait_until(lambda: state(submission) == Marking.State.RUNNING, "it runs", first.log)
        first.kill()
    assert state(submission) == Marking.State.RUNNING
    second = start_worker()
    assert marking.sweep(AT_ONCE).abandoned == 0, "its lease still runs"
    lease_runs_out(submission)
    assert marking.sweep(AT_ONCE).abandoned == 1
    wait_until(lambda: is_done(submission), "it is marked", second.log)
    the_verdict(submission)
    assert Marking.objects.get(submission=submission).runs == 2


def test_a_row_whose_worker_died_three_times_waits_for_a_person(sheet, broker):
    submission = submit(sheet)
    Marking.objects.filter(submission=submission).update(state=Marking.State.RUNNING, runs=3)
    lease_runs_out(submission)
    marking.mark(submission.pk)
    assert state(submission) == Marking.State.BROKEN
    assert not Verdict.objects.exists()


def test_a_running_row_whose_lease_ran_out_is_taken_again(sheet, broker):
    submission = submit(sheet)
    Marking.objects.filter(submission=submission).update(
        state=Marking.State.RUNNING, runs=1, lease_until=timezone.now() + marking.LEASE
    )
    marking.mark(submission.pk)
    assert state(submission) == Marking.State.RUNNING, "it is still in the other's hands"
    lease_runs_out(submission)
    marking.mark(submission.pk)
    the_verdict(submission)


def lease_runs_out(submission: Submission) -> None:
    Marking.objects.filter(submission=submission).update(
        lease_until=timezone.now() - timedelta(seconds=1)
    )


# --- Twice ----------------------------------------------------------------------------------------


def test_a_message_delivered_twice_makes_one_verdict(sheet, broker, start_worker):
    submission = submit(sheet)
    message = broker.ask("lindex", "grading", "0").strip()
    broker.ask("lpush", "grading", message)
    assert broker.ask("llen", "grading").strip() == "2"
    worker = start_worker()
    wait_until(lambda: worker.log.read_text().count("succeeded in") == 2, "both ran", worker.log)
    the_verdict(submission)
    assert Marking.objects.get(submission=submission).runs == 1


def test_two_workers_on_one_row_write_one_verdict(sheet, broker):
    for _ in range(3):
        submission = submit(sheet)
        together(8, lambda pk=submission.pk: marking.mark(pk))
        the_verdict(submission)
        assert Marking.objects.get(submission=submission).runs == 1


def test_two_workers_that_both_think_it_theirs_write_one_verdict(sheet, broker):
    submission = submit(sheet)
    # The first one's lease ran out while it thought: both have taken the row.
    early = marking._take(submission.pk)
    lease_runs_out(submission)
    late = marking._take(submission.pk)
    spoken = marking.judge(submission)
    meet = Barrier(2)
    finish = iter([early, late])

    def end(taken=None):
        taken = next(finish)
        meet.wait()
        marking._finish(taken, spoken)

    together(2, end)
    the_verdict(submission)


def test_the_same_form_sent_twice_is_one_submission(sheet, broker):
    key = uuid.uuid4()
    sent = together(8, lambda: submit(sheet, key).pk)
    assert len(sent) == 8
    assert len(set(sent)) == 1
    assert Submission.objects.count() == 1


def test_eight_tries_at_once_never_pass_the_limit_of_three(sheet, broker):
    for _ in range(5):
        Marking.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {Submission._meta.db_table} CASCADE")
        outcomes = together(8, lambda: try_to_submit(sheet))
        assert sorted(outcomes) == ["refused"] * 5 + ["taken"] * 3
        assert sorted(Submission.objects.values_list("try_number", flat=True)) == [1, 2, 3]


def try_to_submit(sheet) -> str:
    try:
        submit(sheet)
    except intake.TriesUsedUp:
        return "refused"
    return "taken"


def together(times: int, verb: Callable[[], object]) -> list:
    """Runs it in so many threads at the same moment, each with a connection of its own."""
    start = Barrier(times)

    def run():
        start.wait()
        try:
            return verb()
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return [future.result() for future in [pool.submit(run) for _ in range(times)]]
