"""The learner's pages: who may see them, what they do, what they say."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from exercises import catalog, intake, marking, review
from exercises.learn import views
from exercises.learn.forms import TRANSLATED
from exercises.models import Dispute, Marking, Membership, Sheet, Submission, Track, User
from grading.errors import BrokenExercise, Fault
from tests import factories

pytestmark = pytest.mark.django_db

RIGHT = {"output.output.0.0": "3.2", "output.output.0.1": "2"}
WRONG = {"output.output.0.0": "4", "output.output.0.1": "1"}


@pytest.fixture
def me() -> User:
    return factories.learner(name="Lena")


@pytest.fixture
def client(me: User) -> Client:
    browser = Client()
    browser.force_login(me)
    return browser


@pytest.fixture
def impatient(monkeypatch) -> None:
    monkeypatch.setattr(views, "PATIENCE", 0)


def text_of(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def title_of(response) -> str:
    found = re.search(r"<title>(.*?)</title>", response.content.decode(), re.DOTALL)
    return " ".join(found[1].split()) if found else ""


# --- Home, lessons, classrooms, profile -----------------------------------------------------------


def test_a_stranger_is_offered_an_account_and_nothing_else():
    page = Client().get("/")
    assert page.status_code == 200
    assert reverse("account_signup") in page.content.decode()
    assert reverse("learn:profile") not in page.content.decode()


def test_a_stranger_is_led_to_the_first_lesson():
    lesson = factories.lesson()
    page = Client().get("/")
    assert "Read the first lesson" in text_of(page)
    assert reverse("learn:lesson", args=[lesson.slug]) in page.content.decode()


def test_the_navigation_says_where_one_is(client):
    def here(name: str) -> list[str]:
        html = client.get(reverse(name)).content.decode()
        return re.findall(r'href="([^"]+)"\s+aria-current', html)

    assert here("learn:index") == [reverse("learn:index")]
    assert here("learn:join") == [reverse("learn:index")]
    assert here("learn:answers") == [reverse("learn:answers")]
    assert here("learn:profile") == []


def test_nobody_is_shown_a_face_that_is_not_theirs(me):
    seen = {}
    for role in ("learner", "teacher", "author", "admin"):
        browser = Client()
        browser.force_login(getattr(factories, role)())
        html = browser.get("/").content.decode()
        seen[role] = re.findall(r">(Teach|Write|Admin)<", html)
    assert seen["learner"] == []
    assert "Admin" not in seen["teacher"] + seen["author"]
    assert "Admin" in seen["admin"]


def test_home_leads_back_to_an_unsent_answer(client, me):
    sheet = factories.sheet(to=me)
    intake.keep_draft(sheet, factories.WRONG)
    page = client.get("/")
    assert reverse("learn:sheet", args=[sheet.pk]) in page.content.decode()
    assert "Mix three values" in page.content.decode()


def test_an_answer_that_was_sent_is_not_called_unsent(client, me):
    factories.marked(factories.sheet(to=me))
    assert "Go on with" not in text_of(client.get("/"))


def test_lessons_show_how_far_one_has_come(client, me):
    lesson = factories.lesson(title="Soft lookup")
    done = factories.exercise(lesson=lesson, position=1)
    factories.exercise(lesson=lesson, position=2)
    factories.draft(lesson=lesson, position=3)
    factories.marked(factories.sheet(done, to=me))
    text = text_of(client.get(reverse("learn:index")))
    assert "1 of 2 exercises answered" in text
    assert "solved 100 %" in text
    assert "not begun" in text


def test_the_page_of_lessons_takes_as_many_queries_for_many_as_for_few(
    client, me, django_assert_max_num_queries
):
    for _number in range(6):
        lesson = factories.lesson()
        for position in range(4):
            exercise = factories.exercise(lesson=lesson, position=position)
            factories.marked(factories.sheet(exercise, to=me))
    with django_assert_max_num_queries(16):
        client.get(reverse("learn:index"))


def test_a_lesson_is_open_to_readers_without_an_account():
    lesson = factories.lesson(body="Read *this*.\n\n::exercise mix\n", takeaways=["Mix $a_i v_i$."])
    factories.exercise(lesson=lesson, slug="mix", position=1)
    page = Client().get(reverse("learn:lesson", args=[lesson.slug]))
    assert "<em>this</em>" in page.content.decode()
    assert reverse("learn:exercise", args=["mix"]) in page.content.decode()
    assert "<msub>" in page.content.decode()


def test_the_place_of_a_figure_has_a_name():
    lesson = factories.lesson(body="::figure beam-of-light")
    page = Client().get(reverse("learn:lesson", args=[lesson.slug]))
    assert "The figure “beam of light” belongs here." in text_of(page)


def test_lessons_of_equal_order_follow_one_another():
    first, second, third = (factories.lesson(slug=slug, order=7) for slug in ("a", "b", "c"))
    for lesson, following in ((first, second), (second, third)):
        page = Client().get(reverse("learn:lesson", args=[lesson.slug]))
        assert f"Next lesson: {following.title}" in text_of(page)


def test_a_place_whose_exercise_is_not_published_is_left_out(client):
    lesson = factories.lesson(body="::exercise not-out-yet\n\nThe rest.")
    factories.draft(lesson=lesson, slug="not-out-yet")
    page = client.get(reverse("learn:lesson", args=[lesson.slug]))
    assert "not-out-yet" not in page.content.decode()
    assert "The rest." in text_of(page)


def test_a_lesson_that_does_not_exist_is_not_found(client):
    page = client.get("/learn/no-such-lesson/")
    assert page.status_code == 404
    assert "There is nothing here" in text_of(page)


def test_joining_takes_the_code_however_it_is_typed(client, me):
    classroom = factories.classroom(name="Year 12")
    typed = f" {classroom.code[:4].lower()}-{classroom.code[4:]} "
    page = client.post(reverse("learn:join"), {"code": typed, "sure": "yes"}, follow=True)
    assert Membership.objects.filter(classroom=classroom, user=me).exists()
    assert "You are in Year 12." in text_of(page)


def test_joining_first_says_who_will_see_what(client, me):
    classroom = factories.classroom(name="Year 12")
    page = client.post(reverse("learn:join"), {"code": classroom.code})
    assert "Join “ Year 12 ”?" in text_of(page)
    assert "those you have sent before" in text_of(page)
    assert not Membership.objects.filter(classroom=classroom, user=me).exists()


def test_an_unknown_code_gets_a_sentence_and_stays_in_its_box(client):
    page = client.post(reverse("learn:join"), {"code": "NOSUCH99"})
    assert page.status_code == 422
    assert title_of(page).startswith("Error:")
    assert "No classroom takes this code" in text_of(page)
    assert 'value="NOSUCH99"' in page.content.decode()
    assert 'href="#id_code"' in page.content.decode()


def test_leaving_asks_first(client, me):
    classroom = factories.classroom(with_learners=(me,))
    url = reverse("learn:leave", args=[classroom.pk])
    client.get(url)
    assert Membership.objects.filter(user=me).exists()
    client.post(url)
    assert not Membership.objects.filter(user=me).exists()


def test_a_classroom_that_is_not_mine_cannot_be_left(client):
    classroom = factories.classroom()
    assert client.post(reverse("learn:leave", args=[classroom.pk])).status_code == 404


def test_a_profile_is_kept(client, me):
    told = {"name": "Lena W.", "time_zone": "Asia/Kolkata", "language": "en"}
    client.post(reverse("learn:profile"), told)
    me.refresh_from_db()
    assert (me.name, me.time_zone) == ("Lena W.", "Asia/Kolkata")


def test_a_profile_offers_places_and_no_choice_of_one(client, me):
    page = client.get(reverse("learn:profile")).content.decode()
    assert 'value="Europe/Berlin"' in page
    for zone in ("Factory", "localtime", "Etc/GMT+5"):
        assert f'value="{zone}"' not in page
    assert ("language" in page) == (len(TRANSLATED) > 1)


def test_a_name_cannot_turn_the_text_around_it(client, me):
    told = {"name": "\u202eanel", "time_zone": "UTC"}
    client.post(reverse("learn:profile"), told)
    me.refresh_from_db()
    assert me.name == "anel"


def test_a_profile_takes_no_field_that_is_not_offered(client, me):
    told = {"name": "L", "time_zone": "UTC", "language": "en", "is_teacher": "on", "is_staff": "on"}
    client.post(reverse("learn:profile"), told)
    me.refresh_from_db()
    assert not me.is_teacher
    assert not me.is_staff


def test_times_are_told_by_ones_own_clock(client, me):
    User.objects.filter(pk=me.pk).update(time_zone="Asia/Kolkata")
    due_at = datetime(2030, 1, 1, 20, 0, tzinfo=UTC)
    classroom = factories.classroom(with_learners=(me,))
    factories.assignment(classroom, factories.exercise(), due_at=due_at)
    assert "2 January 2030, 01:30 IST" in text_of(client.get(reverse("learn:index")))


def test_an_unknown_time_zone_is_refused_beside_its_box(client, me):
    told = {"name": "L", "time_zone": "Mars/Olympus", "language": "en"}
    page = client.post(reverse("learn:profile"), told)
    assert page.status_code == 422
    assert 'href="#id_time_zone"' in page.content.decode()


# --- A sheet --------------------------------------------------------------------------------------


def test_the_first_view_deals_a_sheet_and_the_second_shows_the_same(client, me):
    exercise = factories.exercise(factories.DRAWN)
    url = reverse("learn:exercise", args=[exercise.slug])
    first, second = client.get(url), client.get(url)
    assert Sheet.objects.filter(learner=me).count() == 1
    tables = [re.findall(r"<td>[^<]*</td>", page.content.decode()) for page in (first, second)]
    assert tables[0] == tables[1]


def test_an_exercise_without_a_wording_does_not_exist(client):
    exercise = factories.draft()
    assert client.get(reverse("learn:exercise", args=[exercise.slug])).status_code == 404


def test_tries_and_what_counts_are_said_before_trying(client):
    exercise = factories.exercise()
    text = text_of(client.get(reverse("learn:exercise", args=[exercise.slug])))
    assert "3 left of 3" in text
    assert "your best try" in text
    assert "Show hint 1 of 2 (costs 10 % of this part)" in text


def test_the_key_is_nowhere_on_the_page(client, me):
    sheet = factories.sheet(to=me)
    page = client.get(reverse("learn:sheet", args=[sheet.pk])).content.decode()
    assert "3.2" not in page
    assert str(sheet.seed) not in page
    assert "hard-lookup" not in page


def test_given_numbers_are_a_table_with_heads(client, me):
    page = client.get(reverse("learn:sheet", args=[factories.sheet(to=me).pk])).content.decode()
    assert "<caption>weights</caption>" in page
    assert "<td>0.7</td>" in page


def test_a_readable_answer_is_one_try_and_its_page_is_next(client, me):
    sheet = factories.sheet(to=me)
    response = client.post(reverse("learn:sheet", args=[sheet.pk]), {**RIGHT, "key": uuid4()})
    submission = Submission.objects.get()
    assert response.status_code == 303
    assert response["Location"] == reverse("learn:answer", args=[submission.pk])
    assert submission.raw == factories.RIGHT


def test_the_same_form_sent_twice_is_one_try(client, me):
    sheet = factories.sheet(to=me)
    form = {**RIGHT, "key": str(uuid4())}
    url = reverse("learn:sheet", args=[sheet.pk])
    places = {client.post(url, form)["Location"] for _time in range(2)}
    assert len(places) == 1
    assert Submission.objects.count() == 1


def test_each_view_of_a_sheet_has_a_key_of_its_own(client, me):
    url = reverse("learn:sheet", args=[factories.sheet(to=me).pk])
    keys = {
        re.search(r'name="key" value="([^"]+)"', client.get(url).content.decode())[1]
        for _view in range(2)
    }
    assert len(keys) == 2


def test_an_unreadable_answer_comes_back_whole_and_takes_no_try(client, me):
    sheet = factories.sheet(to=me)
    key = str(uuid4())
    typed = {"output.output.0.0": "3.2", "output.output.0.1": "<two>", "key": key}
    page = client.post(reverse("learn:sheet", args=[sheet.pk]), typed)
    html = page.content.decode()
    assert page.status_code == 422
    assert not Submission.objects.exists()
    assert title_of(page).startswith("Error:")
    assert 'href="#a-output.output.0.1"' in html
    assert "data-focus-first" in html
    assert 'value="3.2"' in html
    assert 'value="&lt;two&gt;"' in html
    assert '<mark class="fault">&lt;' in html
    assert f'value="{key}"' in html
    assert html.index('class="errors"') < html.index("<h1")


def test_the_same_words_stand_in_the_summary_and_beside_the_box(client, me):
    sheet = factories.sheet(to=me)
    page = client.post(
        reverse("learn:sheet", args=[sheet.pk]),
        {"output.output.0.0": "x", "output.output.0.1": "2"},
    )
    html = page.content.decode()
    message = re.search(r'href="#a-output.output.0.0">([^<]+)<', html)[1]
    assert html.count(message) == 2


def test_an_empty_answer_is_not_taken(client, me):
    page = client.post(reverse("learn:sheet", args=[factories.sheet(to=me).pk]), {})
    assert page.status_code == 422
    assert "Nothing is filled in yet" in text_of(page)
    assert not Submission.objects.exists()


@pytest.mark.parametrize("key", ["", "not-a-key", "0" * 500])
def test_a_form_without_a_proper_key_is_still_taken_once(client, me, key):
    sheet = factories.sheet(to=me)
    client.post(reverse("learn:sheet", args=[sheet.pk]), {**RIGHT, "key": key})
    assert Submission.objects.count() == 1


def test_when_no_try_is_left_the_page_says_so_and_shows_the_worked_answer(client, me):
    sheet = factories.sheet(to=me)
    for _try in range(3):
        factories.marked(sheet, factories.WRONG)
    page = client.get(reverse("learn:sheet", args=[sheet.pk]))
    text = text_of(page)
    assert "none left of 3" in text
    assert "All your tries are used up" in text
    assert "A worked answer" in text
    assert "Submit this answer" not in text


def test_one_try_too_many_is_refused_with_a_sentence(client, me):
    sheet = factories.sheet(to=me)
    for _try in range(3):
        factories.marked(sheet, factories.WRONG)
    page = client.post(reverse("learn:sheet", args=[sheet.pk]), RIGHT, follow=True)
    assert Submission.objects.count() == 3
    assert "All your tries are used up" in text_of(page)


@pytest.mark.parametrize("refusal", ["no try is left", "the answer was shown", "a key of another"])
def test_what_was_typed_stays_when_an_answer_is_refused(client, me, refusal):
    sheet, key = factories.sheet(to=me), uuid4()
    if refusal == "no try is left":
        for _try in range(3):
            factories.marked(sheet, factories.WRONG)
    elif refusal == "the answer was shown":
        factories.marked(sheet, factories.WRONG)
        intake.ask_solution(sheet)
    else:
        intake.submit(factories.sheet(to=me), factories.RIGHT, key)
    sent = Submission.objects.count()
    typed = {"output.output.0.0": "2.75", "output.output.0.1": "1.25", "key": key}
    page = client.post(reverse("learn:sheet", args=[sheet.pk]), typed)
    assert page.status_code == 409
    assert title_of(page).startswith("Error:")
    assert 'value="2.75"' in page.content.decode()
    assert 'value="1.25"' in page.content.decode()
    assert str(key) not in page.content.decode()
    assert Submission.objects.count() == sent


def test_who_sends_like_a_machine_is_slowed_down_and_loses_nothing(client, me):
    sheet = factories.sheet(factories.exercise(factories.MIX.replace("tries: 3\n", "")), to=me)
    url = reverse("learn:sheet", args=[sheet.pk])
    with time_machine.travel("2030-01-01T10:00:00Z", tick=False) as clock:
        client.force_login(me)
        taken = [client.post(url, {**RIGHT, "key": uuid4()}).status_code for _ in range(30)]
        refused = client.post(url, {"output.output.0.0": "2.75"})
        clock.shift(60)
        later = client.post(url, {**RIGHT, "key": uuid4()})
    assert set(taken) == {303}
    assert refused.status_code == 429
    assert "very often within one minute" in text_of(refused)
    assert 'value="2.75"' in refused.content.decode()
    assert later.status_code == 303


def test_checking_reads_the_boxes_back_and_takes_no_try(client, me):
    sheet = factories.sheet(to=me)
    typed = {"output.output.0.0": "16/5", "output.output.0.1": "200%"}
    page = client.post(reverse("learn:check", args=[sheet.pk]), typed)
    assert "Read as 3.2, 2." in text_of(page)
    assert 'value="16/5"' in page.content.decode()
    assert not Submission.objects.exists()


def test_the_first_button_of_the_form_costs_nothing(client, me):
    html = client.get(reverse("learn:sheet", args=[factories.sheet(to=me).pk])).content.decode()
    form = html[html.index('id="answer"') :]
    first = form[form.index("<button") : form.index("</button>")]
    assert "/check/" in first


def test_a_draft_is_kept_and_found_again(client, me):
    sheet = factories.sheet(to=me)
    typed = {"output.output.0.0": "3.2", "output.output.0.1": "unfinished"}
    client.post(reverse("learn:draft", args=[sheet.pk]), typed)
    html = client.get(reverse("learn:exercise", args=[sheet.exercise.slug])).content.decode()
    assert 'value="unfinished"' in html
    assert "It is not sent yet" in html


def test_a_draft_saved_by_itself_answers_with_one_line(client, me):
    sheet = factories.sheet(to=me)
    saved = client.post(
        reverse("learn:draft", args=[sheet.pk]), RIGHT, headers={"HX-Request": "true"}
    )
    assert "<html" not in saved.content.decode()
    assert "Draft saved at" in saved.content.decode()


def autosaved(client, sheet, typed, **named):
    url = reverse("learn:draft", args=[sheet.pk])
    return client.post(url, typed, headers={"HX-Request": "true"}, **named)


def test_a_draft_that_cannot_be_saved_by_itself_says_so_in_its_line(client, me):
    line = autosaved(client, factories.sheet(to=me), {"output.output.0.0": "9" * 200_000})
    assert line.status_code == 200
    assert "<html" not in line.content.decode()
    assert text_of(line).strip().startswith("Not saved: This is too long")


def test_a_draft_that_arrives_after_its_answer_is_dropped_and_its_line_says_so(client, me):
    sheet = factories.sheet(to=me)
    form = {**WRONG, "key": str(uuid4())}
    client.post(reverse("learn:sheet", args=[sheet.pk]), form)
    assert "this form was sent before" in text_of(autosaved(client, sheet, form))
    sheet.refresh_from_db()
    assert sheet.draft == {}
    client.post(reverse("learn:draft", args=[sheet.pk]), form)
    sheet.refresh_from_db()
    assert sheet.draft == factories.WRONG


def test_what_a_page_asks_by_itself_after_the_session_ended_gets_a_sentence(me):
    submission = factories.submission(factories.sheet(to=me))
    sheet = submission.sheet
    line = autosaved(Client(), sheet, RIGHT)
    assert "Not saved: you are signed out." in text_of(line)
    assert f"next={reverse('learn:sheet', args=[sheet.pk])}" in line.content.decode()
    url = reverse("learn:status", args=[submission.pk])
    status = Client().get(url, headers={"HX-Request": "true"})
    assert "You are signed out." in text_of(status)
    for answer in (line, status):
        assert answer.status_code == 200
        assert "<html" not in answer.content.decode()


def test_an_answer_sent_after_the_session_ended_leads_back_to_its_sheet_and_says_so(me):
    sheet = factories.sheet(to=me)
    for name in ("sheet", "check", "draft", "hint"):
        visitor = Client()
        page = visitor.post(reverse(f"learn:{name}", args=[sheet.pk]), RIGHT, follow=True)
        assert "what you just sent was not taken" in text_of(page)
        back = reverse("learn:sheet", args=[sheet.pk])
        assert f'value="{back}"' in page.content.decode()
    assert not Submission.objects.exists()


def test_a_draft_of_any_length_is_answered(client, me):
    sheet = factories.sheet(to=me)
    huge = {"output.output.0.0": "9" * 200_000}
    page = client.post(reverse("learn:draft", args=[sheet.pk]), huge)
    assert page.status_code == 422
    assert "too long" in text_of(page)


def test_a_hint_is_shown_after_asking_and_keeps_what_was_typed(client, me):
    sheet = factories.sheet(to=me)
    url = reverse("learn:hint", args=[sheet.pk])
    page = client.post(url, {**WRONG, "hint": "output:1"}, follow=True)
    assert "Multiply each value by its weight first." in text_of(page)
    assert "Then add the products." not in text_of(page)
    assert 'value="4"' in page.content.decode()
    client.post(url, {**WRONG, "hint": "output:1"})
    sheet.refresh_from_db()
    assert sheet.hints == {"output": 1}


@pytest.mark.parametrize("hint", ["", "output", "output:x", "nothing:1", ":1"])
def test_a_hint_that_does_not_exist_is_not_found(client, me, hint):
    sheet = factories.sheet(to=me)
    assert client.post(reverse("learn:hint", args=[sheet.pk]), {"hint": hint}).status_code == 404


def test_new_numbers_are_offered_only_where_numbers_are_drawn(client, me):
    fixed, drawn = (
        factories.sheet(to=me),
        factories.sheet(factories.exercise(factories.DRAWN), to=me),
    )
    url = "learn:sheet"
    assert "New numbers" not in text_of(client.get(reverse(url, args=[fixed.pk])))
    text = text_of(client.get(reverse(url, args=[drawn.pk])))
    assert "This sheet and its answers are kept" in text


def test_new_numbers_keep_the_old_sheet(client, me):
    old = factories.sheet(factories.exercise(factories.DRAWN), to=me)
    response = client.post(reverse("learn:new_numbers", args=[old.pk]))
    new = Sheet.objects.get(number=2)
    assert response["Location"] == reverse("learn:sheet", args=[new.pk])
    assert "an earlier one of yours" in text_of(client.get(reverse("learn:sheet", args=[old.pk])))


def test_the_worked_answer_ends_the_tries_on_this_sheet(client, me):
    sheet = factories.sheet(to=me)
    factories.marked(sheet, factories.WRONG)
    before = text_of(client.get(reverse("learn:sheet", args=[sheet.pk])))
    assert "That ends the tries on this sheet" in before
    page = client.post(reverse("learn:solution", args=[sheet.pk]), follow=True)
    assert "A worked answer" in text_of(page)
    assert "this sheet takes no more tries" in text_of(page)


def test_nobody_gets_the_worked_answer_before_the_first_try(client, me):
    sheet = factories.sheet(to=me)
    assert client.post(reverse("learn:solution", args=[sheet.pk])).status_code == 404
    sheet.refresh_from_db()
    assert sheet.solution_at is None


def test_after_new_numbers_the_worked_answer_is_still_given(client, me):
    first = factories.sheet(factories.exercise(factories.DRAWN), to=me)
    factories.marked(first, {"steps": {"scores": "0, 0, 0", "output": ""}})
    client.post(reverse("learn:new_numbers", args=[first.pk]))
    second = Sheet.objects.get(number=2)
    page = text_of(client.get(reverse("learn:sheet", args=[second.pk])))
    assert "Show me, and end my tries on this sheet" in page
    shown = client.post(reverse("learn:solution", args=[second.pk]), follow=True)
    assert "A worked answer" in text_of(shown)


@pytest.mark.parametrize("verb", ["check", "draft", "hint", "new_numbers", "solution"])
def test_the_address_of_a_form_leads_back_to_its_sheet(client, me, verb):
    sheet = factories.sheet(to=me)
    response = client.get(reverse(f"learn:{verb}", args=[sheet.pk]))
    assert response["Location"] == reverse("learn:sheet", args=[sheet.pk])


def test_an_assignment_counts_its_own_tries(client, me):
    exercise = factories.exercise()
    classroom = factories.classroom(with_learners=(me,))
    work = factories.assignment(classroom, exercise, tries=1)
    url = f"{reverse('learn:exercise', args=[exercise.slug])}?assignment={work.pk}"
    assert "1 left of 1" in text_of(client.get(url))
    assert Track.objects.get().assignment == work


@pytest.mark.parametrize("named", ["999999", "x", "1 OR 1=1"])
def test_an_assignment_of_another_class_does_not_exist(client, me, named):
    exercise = factories.exercise()
    other = factories.assignment(factories.classroom(), exercise)
    for name in (named, str(other.pk)):
        page = client.get(
            reverse("learn:exercise", args=[exercise.slug]), query_params={"assignment": name}
        )
        assert page.status_code == 404
    assert not Track.objects.exists()


def test_closed_work_offers_no_button_and_says_why(client, me):
    exercise = factories.exercise()
    classroom = factories.classroom(with_learners=(me,))
    now = timezone.now()
    work = factories.assignment(
        classroom, exercise, opens_at=now - timedelta(days=2), due_at=now - timedelta(days=1)
    )
    url = f"{reverse('learn:exercise', args=[exercise.slug])}?assignment={work.pk}"
    page = client.get(url)
    assert "its time is over" in text_of(page)
    assert "Submit this answer" not in text_of(page)


# --- Reading one box ------------------------------------------------------------------------------


def test_a_box_is_read_back_while_it_is_typed(client):
    typed = {"box": "p.m", "shape": "2", "p.m.0.0": "1/2", "p.m.0.1": "50%"}
    read = client.post(reverse("learn:reading"), typed)
    assert read.content.decode().strip() == "Read as 0.5, 0.5."


def test_a_formula_is_read_back_with_the_names_it_may_use(client):
    typed = {"box": "p.f", "widget": "formula", "names": "d_k,<b>,1x", "p.f": "1/sqrt(d_k)"}
    read = client.post(reverse("learn:reading"), typed).content.decode()
    assert "<msqrt>" in read
    assert (
        "not known here"
        in client.post(reverse("learn:reading"), {**typed, "p.f": "x1"}).content.decode()
    )


def test_a_given_cell_does_not_keep_the_others_from_being_read_back(client):
    typed = {"box": "p.m", "shape": "2", "empty": "given", "p.m.0.1": "50%"}
    read = client.post(reverse("learn:reading"), typed)
    assert read.content.decode().strip() == "Read as 0.5."


@pytest.mark.parametrize("shape", ["1,2,3", "0", "61", "2,9999", "9" * 5_000, "²", "x"])
def test_a_shape_that_no_exercise_has_is_not_read(client, shape):
    page = client.post(reverse("learn:reading"), {"box": "x", "shape": shape})
    assert page.status_code == 404


def test_what_is_read_back_is_text(client):
    read = client.post(reverse("learn:reading"), {"box": "x", "x": "<img src=x onerror=1>"})
    assert "<img" not in read.content.decode()


# --- An answer ------------------------------------------------------------------------------------


def test_a_verdict_says_score_then_why_then_what_next(client, me):
    submission = factories.marked(factories.sheet(to=me), factories.WRONG)
    page = client.get(reverse("learn:answer", args=[submission.pk]))
    html = page.content.decode()
    assert html.index("Not yet") < html.index("To mend") < html.index("Try again")
    assert "data-focus-first" in html
    assert "2 tries are left." in text_of(page)


def test_full_marks_come_with_the_worked_answer(client, me):
    submission = factories.marked(factories.sheet(to=me))
    text = text_of(client.get(reverse("learn:answer", args=[submission.pk])))
    assert "Full marks" in text
    assert "A worked answer" in text


def test_a_wrong_answer_shows_no_worked_answer_while_tries_are_left(client, me):
    submission = factories.marked(factories.sheet(to=me), factories.WRONG)
    page = client.get(reverse("learn:answer", args=[submission.pk]))
    assert "A worked answer" not in text_of(page)
    assert "3.2" not in page.content.decode()


def test_what_would_have_passed_is_told_only_when_no_try_is_left(client, me):
    sheet = factories.sheet(to=me)
    near = {"output": {"output": "3.2, 2.4"}}
    first = reverse("learn:answer", args=[factories.marked(sheet, near).pk])
    before = text_of(client.get(first))
    assert "1 of 2 entries are right. Look at component 2 again." in before
    assert "was accepted" not in before
    for _try in range(2):
        factories.marked(sheet, factories.WRONG)
    assert "component 2: only 2 was accepted; 2.4 is 0.4 off." in text_of(client.get(first))


def test_scores_are_told_part_by_part(client, me):
    sheet = factories.sheet(factories.exercise(factories.TWO_PARTS), to=me)
    (box,) = catalog.variant(sheet).shown["hops"].fields
    submission = factories.marked(sheet, {"hops": {box.name: "29"}})
    text = text_of(client.get(reverse("learn:answer", args=[submission.pk])))
    assert "75 % of this exercise" in text
    assert "3 of 3 points" in text
    assert "left blank" in text


def test_a_waiting_answer_tells_the_truth_about_the_queue(client, me, impatient):
    submission = factories.submission(factories.sheet(to=me))
    page = client.get(reverse("learn:answer", args=[submission.pk]))
    text = text_of(page)
    assert "Your answer is stored" in text
    assert "It is the next one to be marked." in text
    assert "No marker is at work just now" in text
    assert "hx-get" in page.content.decode()


def test_only_a_waiting_page_loads_itself_again_and_only_without_javascript(client, me, impatient):
    submission = factories.submission(factories.sheet(to=me))
    url = reverse("learn:answer", args=[submission.pk])
    waiting = client.get(url).content.decode()
    assert re.search(r"<noscript>\s*<meta http-equiv=\"refresh\"", waiting)
    marking.mark(submission.pk)
    assert "http-equiv" not in client.get(url).content.decode()


def test_the_page_waits_a_moment_for_a_verdict_that_is_nearly_there(client, me, monkeypatch):
    submission = factories.submission(factories.sheet(to=me))
    monkeypatch.setattr(views.time, "sleep", lambda _seconds: marking.mark(submission.pk))
    text = text_of(client.get(reverse("learn:answer", args=[submission.pk])))
    assert "Full marks" in text


def test_a_waiting_fragment_asks_later_each_time(client, me):
    submission = factories.submission(factories.sheet(to=me))
    url = reverse("learn:status", args=[submission.pk])
    delays = [
        int(re.search(r"delay:(\d+)ms", client.get(url, {"seen": seen}).content.decode())[1])
        for seen in ("0", "3", "99", "1e9", "-1", "99999999999999999999")
    ]
    assert delays[0] < delays[1] < delays[2]
    assert delays[3:] == [delays[0]] * 3


def test_a_marked_fragment_asks_no_more(client, me):
    submission = factories.marked(factories.sheet(to=me))
    html = client.get(reverse("learn:status", args=[submission.pk])).content.decode()
    assert "hx-get" not in html
    assert "<html" not in html
    assert "Full marks" in html


def test_an_answer_with_a_person_is_not_counted_yet(client, me):
    sheet = factories.sheet(to=me)
    submission = factories.marked(sheet)
    spoken = submission.marking.current.spoken
    with_a_person = review.Spoken(outcome="review", score=None, marks=spoken.marks)
    marking.give_verdict(
        submission,
        with_a_person,
        cause="hand:0",
        revision=sheet.revision,
        marking=submission.marking,
    )
    text = text_of(client.get(reverse("learn:answer", args=[submission.pk])))
    assert "Not counted yet: a person looks at it" in text
    assert "with a person" in text_of(client.get(reverse("learn:index")))


def test_what_we_could_not_mark_is_called_our_fault(client, me):
    submission = factories.submission(factories.sheet(to=me))
    Marking.objects.filter(submission=submission).update(state=Marking.State.BROKEN)
    text = text_of(client.get(reverse("learn:answer", args=[submission.pk])))
    assert "that is our fault" in text
    assert "does not count against you" in text


def test_a_score_that_a_person_set_is_the_one_shown_with_the_reason(client, me):
    submission = factories.marked(factories.sheet(to=me), factories.WRONG)
    review.override(submission, Fraction(1, 2), "Method right.", factories.teacher())
    text = text_of(client.get(reverse("learn:answer", args=[submission.pk])))
    assert "50 % of this exercise" in text
    assert "Method right." in text


def test_trying_again_brings_back_what_was_sent(client, me):
    submission = factories.marked(factories.sheet(to=me), factories.WRONG)
    page = client.post(reverse("learn:again", args=[submission.pk]), follow=True)
    assert 'value="4"' in page.content.decode()


def test_trying_again_never_writes_over_a_newer_draft(client, me):
    submission = factories.marked(factories.sheet(to=me), factories.WRONG)
    intake.keep_draft(submission.sheet, {"output": {"output": "7, 7"}})
    page = client.post(reverse("learn:again", args=[submission.pk]), follow=True)
    assert page.content.decode().count('value="7"') == 2


def test_a_learner_may_ask_for_somebody_to_look(client, me):
    submission = factories.marked(factories.sheet(to=me), factories.WRONG)
    url = reverse("learn:dispute", args=[submission.pk])
    page = client.post(url, {"reason": "I rounded <late>."}, follow=True)
    assert Dispute.objects.get().reason == "I rounded <late>."
    assert "I rounded &lt;late&gt;." in page.content.decode()
    assert "I think this verdict is wrong" not in text_of(page)


def test_asking_without_a_reason_is_refused_with_a_sentence(client, me):
    submission = factories.marked(factories.sheet(to=me), factories.WRONG)
    page = client.post(reverse("learn:dispute", args=[submission.pk]), {"reason": "  "})
    assert page.status_code == 422
    assert title_of(page).startswith("Error:")
    assert not Dispute.objects.exists()


def test_my_answers_are_listed_newest_first(client, me):
    sheet = factories.sheet(to=me)
    for raw in (factories.WRONG, factories.RIGHT):
        factories.marked(sheet, raw)
    factories.marked()
    text = text_of(client.get(reverse("learn:answers")))
    assert text.index("Try 2") < text.index("Try 1")
    assert "Try 3" not in text


def kept_back(release: str) -> str:
    """MIX with another word on when its verdict is shown."""
    return factories.MIX.replace("tries: 3", f"tries: 3\nrelease: {release}")


def pages_that_tell(submission: Submission) -> list[str]:
    """Every page on which a learner reads how an answer stands."""
    lesson = submission.track.exercise.lesson
    return [
        reverse("learn:answer", args=[submission.pk]),
        reverse("learn:status", args=[submission.pk]),
        reverse("learn:answers"),
        reverse("learn:sheet", args=[submission.sheet_id]),
        reverse("learn:index"),
        *([reverse("learn:lesson", args=[lesson.slug])] if lesson else []),
    ]


TOLD = (
    "To mend",
    "not yet",
    "solved",
    "partly right",
    "Full marks",
    "100",
    "points",
    "with a person",
)


@pytest.mark.parametrize("raw", [factories.WRONG, factories.RIGHT])
def test_a_verdict_kept_back_is_shown_on_no_page(client, me, raw):
    exercise = factories.exercise(kept_back("never"), lesson=factories.lesson(), position=1)
    classroom = factories.classroom(with_learners=(me,))
    work = factories.assignment(classroom, exercise)
    for sheet in (factories.sheet(exercise, to=me), intake.deal(me, exercise, work)):
        submission = factories.marked(sheet, raw)
        for url in pages_that_tell(submission):
            shown = text_of(client.get(url))
            assert [word for word in TOLD if word in shown] == [], url
    assert text_of(client.get(reverse("learn:index"))).count("stored") == 2


def test_a_verdict_for_the_close_is_kept_back_beside_the_set_work_too(client, me):
    exercise = factories.exercise(kept_back("close"))
    classroom = factories.classroom(with_learners=(me,))
    submission = factories.marked(factories.sheet(exercise, to=me), factories.WRONG)
    url = reverse("learn:answer", args=[submission.pk])
    sheet_url = reverse("learn:sheet", args=[submission.sheet_id])
    assert "Not yet: no marks this time" in text_of(client.get(url))
    assert "at once, with reasons" in text_of(client.get(sheet_url))
    work = factories.assignment(classroom, exercise, due_at=timezone.now() + timedelta(days=1))
    assert "The verdict is shown when the work closes." in text_of(client.get(url))
    assert "when the work closes" in text_of(client.get(sheet_url))
    for page in pages_that_tell(submission):
        assert "0 %" not in text_of(client.get(page)).replace("10 %", "")
    work.due_at = timezone.now()
    work.save()
    assert "Not yet: no marks this time" in text_of(client.get(url))


def test_work_set_for_others_keeps_back_nothing_from_me(client, me):
    exercise = factories.exercise(kept_back("close"))
    tomorrow = timezone.now() + timedelta(days=1)
    factories.assignment(factories.classroom(), exercise, due_at=tomorrow)
    submission = factories.marked(factories.sheet(exercise, to=me), factories.WRONG)
    page = client.get(reverse("learn:answer", args=[submission.pk]))
    assert "Not yet: no marks this time" in text_of(page)


def test_a_wording_that_opens_no_more_breaks_no_page(client, me, monkeypatch):
    lesson = factories.lesson()
    exercise = factories.exercise(lesson=lesson, position=1)
    fresh = factories.exercise(lesson=lesson, position=2)
    submission = factories.marked(factories.sheet(exercise, to=me), factories.WRONG)

    def refused(*_args, **_named):
        raise BrokenExercise([Fault(code="gone", message="No such kind any more.")])

    monkeypatch.setattr(catalog, "_open", refused)
    catalog._rebuilt.cache_clear()
    for url in pages_that_tell(submission):
        page = client.get(url)
        if url == reverse("learn:sheet", args=[submission.sheet_id]):
            continue
        assert page.status_code == 200, url
    answer = text_of(client.get(reverse("learn:answer", args=[submission.pk])))
    assert "cannot be shown just now; its authors are told" in answer
    assert "4, 1" in answer
    assert "To mend" in answer
    for url in (
        reverse("learn:sheet", args=[submission.sheet_id]),
        reverse("learn:exercise", args=[exercise.slug]),
        reverse("learn:exercise", args=[fresh.slug]),
    ):
        page = client.get(url)
        assert page.status_code == 503
        assert "No try was taken" in text_of(page)
    typed = {"output.output.0.0": "2.75"}
    sent = client.post(reverse("learn:sheet", args=[submission.sheet_id]), typed)
    assert "2.75" in text_of(sent)
    assert "Not saved: this exercise" in text_of(autosaved(client, submission.sheet, typed))


# --- Other people, and no person at all -----------------------------------------------------------


def addresses(sheet: Sheet, submission: Submission) -> list[tuple[str, str]]:
    """Every address of one learner's own things, with its method."""
    return [
        ("get", reverse("learn:sheet", args=[sheet.pk])),
        ("post", reverse("learn:sheet", args=[sheet.pk])),
        ("post", reverse("learn:check", args=[sheet.pk])),
        ("post", reverse("learn:draft", args=[sheet.pk])),
        ("post", reverse("learn:hint", args=[sheet.pk])),
        ("post", reverse("learn:new_numbers", args=[sheet.pk])),
        ("post", reverse("learn:solution", args=[sheet.pk])),
        ("get", reverse("learn:answer", args=[submission.pk])),
        ("get", reverse("learn:status", args=[submission.pk])),
        ("post", reverse("learn:again", args=[submission.pk])),
        ("post", reverse("learn:dispute", args=[submission.pk])),
    ]


@pytest.mark.parametrize("role", ["learner", "teacher", "author", "admin"])
def test_another_persons_work_does_not_exist(role):
    submission = factories.marked()
    other = Client()
    other.force_login(getattr(factories, role)())
    for method, url in addresses(submission.sheet, submission):
        page = getattr(other, method)(url, {**RIGHT, "hint": "output:1", "reason": "x"})
        missing = getattr(other, method)(re.sub(r"\d+", "999999", url), RIGHT)
        assert page.status_code == 404, url
        assert page.content == missing.content or text_of(page) == text_of(missing)


def test_a_stranger_is_asked_to_sign_in_and_changes_nothing():
    submission = factories.marked()
    before = Sheet.objects.values().get(pk=submission.sheet_id)
    for method, url in [
        *addresses(submission.sheet, submission),
        ("get", reverse("learn:index")),
        ("get", reverse("learn:answers")),
        ("get", reverse("learn:profile")),
        ("post", reverse("learn:join")),
        ("post", reverse("learn:reading")),
        ("get", reverse("learn:exercise", args=[submission.track.exercise.slug])),
    ]:
        page = getattr(Client(), method)(url, RIGHT)
        assert page.status_code == 302, url
        assert page["Location"].startswith(reverse("account_login"))
    assert Sheet.objects.values().get(pk=submission.sheet_id) == before


def test_no_form_is_taken_without_its_token(me):
    submission = factories.marked(factories.sheet(to=me))
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(me)
    for method, url in [
        *addresses(submission.sheet, submission),
        ("post", reverse("learn:join")),
        ("post", reverse("learn:profile")),
        ("post", reverse("learn:reading")),
    ]:
        if method == "post":
            page = strict.post(url, {**RIGHT, "reason": "x"})
            assert page.status_code == 403, url
            assert "what you typed is still there" in text_of(page)


def test_reading_a_page_changes_nothing(client, me):
    submission = factories.marked(factories.sheet(to=me), factories.WRONG)
    before = Sheet.objects.values().get(pk=submission.sheet_id)
    for method, url in addresses(submission.sheet, submission):
        page = client.get(url)
        assert page.status_code == (200 if method == "get" else page.status_code)
        assert page.status_code in {200, 302}
    assert Sheet.objects.values().get(pk=submission.sheet_id) == before
    assert Submission.objects.count() == 1


# --- What does not count --------------------------------------------------------------------------


def test_an_answer_after_the_deadline_says_that_it_does_not_count(client, me):
    room, exercise = factories.classroom(with_learners=(me,)), factories.exercise()
    homework = factories.assignment(room, exercise, due_at=timezone.now() - timedelta(hours=1))
    late = factories.marked(intake.deal(me, exercise, homework), factories.RIGHT)
    page = text_of(client.get(reverse("learn:answer", args=[late.pk])))
    assert "does not count" in page
    assert "too late to count" in text_of(client.get(reverse("learn:answers")))


def test_a_try_that_was_guessed_at_says_that_it_costs_nothing(client, me):
    sheet = factories.sheet(to=me)
    guessed = factories.marked(sheet, {"output": {"output": "3,3; 2,5"}})
    again = factories.marked(sheet, {"output": {"output": "3,3; 2,6"}})
    words = "so this try costs nothing"
    assert words in text_of(client.get(reverse("learn:answer", args=[guessed.pk])))
    assert words not in text_of(client.get(reverse("learn:answer", args=[again.pk])))
