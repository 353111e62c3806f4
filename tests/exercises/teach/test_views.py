"""The teacher's pages: who may see them, what they do, what they say."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from exercises import classrooms, intake, review
from exercises.models import (
    Audit,
    Classroom,
    Marking,
    Membership,
    Override,
    Proposal,
    Submission,
    User,
    Verdict,
)
from grading import grader
from grading.verdict import Finding, Mark, Quote
from grading.verdict import Verdict as Spoken
from tests import factories
from tests.factories import MOON, TWO_PARTS, WRONG, said

pytestmark = pytest.mark.django_db

BOTH = {"hops": {"number": "30"}, "paths": {"number": "1"}}


@pytest.fixture
def tea() -> User:
    return factories.teacher(name="Tea")


@pytest.fixture
def lena() -> User:
    return factories.learner(name="Lena")


@pytest.fixture
def room(tea: User, lena: User) -> Classroom:
    return factories.classroom(taught_by=tea, with_learners=(lena,), name="Room one")


@pytest.fixture
def client(tea: User) -> Client:
    return signed_in(tea)


def signed_in(person: User) -> Client:
    browser = Client()
    browser.force_login(person)
    return browser


def text_of(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def answered(learner: User, exercise=None, raw=WRONG) -> Submission:
    return factories.marked(factories.sheet(exercise, to=learner), raw)


def with_a_person(learner: User, monkeypatch) -> Submission:
    """An answer whose first part waits for a person; the second is right."""

    def undecided(*_, **__):
        marks = {
            "hops": Mark(score=Fraction(0), state="review"),
            "paths": Mark(score=Fraction(1)),
        }
        return Spoken(outcome="review", score=None, marks=marks)

    with monkeypatch.context() as patch:
        patch.setattr(grader, "grade", undecided)
        return answered(learner, factories.exercise(TWO_PARTS, title="Two numbers"), BOTH)


def every_page(room: Classroom, submission: Submission) -> dict[str, str]:
    """Every address of the teacher's face that names something."""
    answer, learner = [submission.pk], [room.pk, submission.learner_id]
    return {
        "classroom": reverse("teach:classroom", args=[room.pk]),
        "people": reverse("teach:people", args=[room.pk]),
        "code": reverse("teach:code", args=[room.pk]),
        "archive": reverse("teach:archive", args=[room.pk]),
        "exercise": reverse("teach:exercise", args=[room.pk, submission.track.exercise.slug]),
        "learner": reverse("teach:learner", args=learner),
        "answer": reverse("teach:answer", args=answer),
        "settle": reverse("teach:settle", args=answer),
        "override": reverse("teach:override", args=answer),
        "lift": reverse("teach:lift", args=answer),
        "phrase": reverse("teach:phrase", args=answer),
    }


CHANGES = {"code", "settle", "override", "lift", "phrase"}
"""Those that only take a POST."""


# --- Who may see what -----------------------------------------------------------------------------


def test_a_stranger_is_asked_to_sign_in(room, lena):
    pages = every_page(room, answered(lena))
    for url in [reverse("teach:index"), reverse("teach:new"), reverse("teach:waiting")]:
        assert Client().get(url).url.startswith(reverse("account_login"))
    for name, url in pages.items():
        page = Client().post(url) if name in CHANGES else Client().get(url)
        assert page.status_code == 302
        assert page.url.startswith(reverse("account_login"))


@pytest.mark.parametrize("role", ["learner", "own learner", "teacher", "author"])
def test_for_others_a_classroom_and_its_answers_do_not_exist(role, room, lena):
    person = lena if role == "own learner" else getattr(factories, role)()
    submission = answered(lena)
    browser = signed_in(person)
    for name, url in every_page(room, submission).items():
        assert browser.get(url).status_code == (405 if name in CHANGES else 404), name
        assert browser.post(url, {"do": "rotate", "score": "1", "reason": "x"}).status_code in (
            404,
            405,
        ), name
    assert not Override.objects.exists()
    assert Classroom.objects.get(pk=room.pk).code == room.code


def test_another_rooms_learner_does_not_exist_in_mine(client, room, tea):
    other = factories.learner()
    factories.classroom(with_learners=(other,))
    answered(other)
    assert client.get(reverse("teach:learner", args=[room.pk, other.pk])).status_code == 404
    assert client.get(reverse("teach:learner", args=[room.pk, tea.pk])).status_code == 404


def test_a_missing_answer_and_anothers_look_alike(client, room):
    theirs = answered(factories.learner())
    missing = client.get(reverse("teach:answer", args=[theirs.pk + 1]))
    hidden = client.get(reverse("teach:answer", args=[theirs.pk]))
    assert hidden.status_code == missing.status_code == 404
    assert text_of(hidden) == text_of(missing)


@pytest.mark.parametrize("role", ["learner", "author"])
def test_who_does_not_teach_finds_no_classrooms(role):
    browser = signed_in(getattr(factories, role)())
    assert browser.get(reverse("teach:index")).status_code == 404
    assert browser.post(reverse("teach:new"), {"name": "Mine"}).status_code == 404
    assert not Classroom.objects.exists()


def test_a_role_taken_away_counts_from_the_next_page_on(client, tea, room):
    url = reverse("teach:classroom", args=[room.pk])
    assert client.get(url).status_code == 200
    User.objects.filter(pk=tea.pk).update(is_teacher=False)
    assert client.get(url).status_code == 404


def test_an_admin_may_do_what_teachers_may(room, lena):
    browser = signed_in(factories.admin())
    assert "Room one" in text_of(browser.get(reverse("teach:index")))
    for name, url in every_page(room, answered(lena)).items():
        if name not in CHANGES:
            assert browser.get(url).status_code == 200, name


def test_every_change_wants_a_token_and_nothing_changes_by_looking(room, lena, tea):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(tea)
    submission = answered(lena)
    for url in [reverse("teach:new"), *every_page(room, submission).values()]:
        assert strict.post(url, {"do": "rotate"}).status_code in (403, 405)
    lines = Audit.objects.count()
    for url in every_page(room, submission).values():
        strict.get(url)
    assert Audit.objects.count() == lines


# --- Classrooms -----------------------------------------------------------------------------------


def test_a_teacher_opens_a_classroom_and_sees_its_code_large(client, tea):
    page = client.post(reverse("teach:new"), {"name": "  Monday  "}, follow=True)
    room = Classroom.objects.get()
    assert room.name == "Monday"
    assert room.memberships.get().user == tea
    assert f"{room.code[:4]} {room.code[4:]}" in text_of(page)


@pytest.mark.parametrize("name", ["", "   ", "m" * 121])
def test_a_classroom_without_a_good_name_is_not_opened(client, name):
    page = client.post(reverse("teach:new"), {"name": name})
    assert page.status_code == 422
    assert "There is something to put right" in text_of(page)
    assert not Classroom.objects.exists()


def test_a_new_code_shuts_the_old_one_out(client, room):
    old = room.code
    page = client.post(reverse("teach:code", args=[room.pk]), {"do": "rotate"}, follow=True)
    room.refresh_from_db()
    assert room.code != old
    assert room.code[:4] in text_of(page)
    with pytest.raises(classrooms.UnknownCode):
        classrooms.join(old, factories.learner())


def test_the_code_is_closed_and_opened(client, room):
    url = reverse("teach:code", args=[room.pk])
    assert "The code is closed" in text_of(client.post(url, {"do": "close"}, follow=True))
    room.refresh_from_db()
    assert not room.code_open
    client.post(url, {"do": "open"})
    room.refresh_from_db()
    assert room.code_open
    assert client.post(url, {"do": "burn"}).status_code == 404


def test_an_archived_classroom_is_read_and_nobody_joins(client, room):
    client.get(reverse("teach:archive", args=[room.pk]))
    assert not Classroom.objects.get().archived
    client.post(reverse("teach:archive", args=[room.pk]))
    assert Classroom.objects.get().archived
    page = client.get(reverse("teach:people", args=[room.pk]))
    assert room.code[:4] not in text_of(page)
    refused = client.post(reverse("teach:code", args=[room.pk]), {"do": "open"}, follow=True)
    assert "archived" in text_of(refused)


def test_the_roster_says_what_each_has_done(client, room, lena):
    exercise = factories.exercise()
    answered(lena, exercise)
    answered(lena, exercise, factories.RIGHT)
    text = text_of(client.get(reverse("teach:people", args=[room.pk])))
    assert re.search(r"Lena \S+ \d+ \w+ \d{4} 1 of 1 1 2 ", text)


# --- Who has done what ----------------------------------------------------------------------------


def test_a_cell_says_by_word_and_score_how_a_learner_stands(client, room, lena):
    answered(lena, factories.exercise(title="First"))
    intake.deal(lena, factories.exercise(title="Second"))
    factories.exercise(title="Third")
    page = client.get(reverse("teach:classroom", args=[room.pk]))
    text = text_of(page)
    assert "not yet 0 %" in text
    assert "begun" in text
    assert "not begun" in text
    assert page.content.count(b'class="icon"') >= 2


def test_people_of_other_classrooms_are_never_named(client, room):
    stranger = factories.learner(name="Zoe Stranger")
    exercise = factories.exercise()
    factories.classroom(with_learners=(stranger,))
    answered(stranger, exercise)
    for url in (
        reverse("teach:classroom", args=[room.pk]),
        reverse("teach:people", args=[room.pk]),
        reverse("teach:exercise", args=[room.pk, exercise.slug]),
        reverse("teach:index"),
        reverse("teach:waiting"),
    ):
        assert "Zoe" not in text_of(client.get(url))


def test_an_exercises_answers_stand_with_their_evidence(client, room, lena):
    exercise = factories.exercise()
    submission = answered(lena, exercise)
    text = text_of(client.get(reverse("teach:exercise", args=[room.pk, exercise.slug])))
    assert "Lena, try 1" in text
    assert "strongest key alone" in text
    assert "hard-lookup" in text
    assert str(submission.sheet.seed) in text
    assert submission.sheet.revision.digest[:12] in text
    assert submission.marking.current.engine in text


def test_a_learners_answers_stand_in_the_order_in_which_they_were_sent(client, room, lena):
    one, two = factories.exercise(title="One"), factories.exercise(title="Two")
    answered(lena, one)
    answered(lena, two)
    answered(lena, one, factories.RIGHT)
    url = reverse("teach:learner", args=[room.pk, lena.pk])
    titles = re.findall(r"(Mix three values), try (\d)", text_of(client.get(url)))
    assert [number for _, number in titles] == ["1", "1", "2"]
    only = text_of(client.get(url, {"exercise": one.slug}))
    assert only.count("What decided this") == 2
    for missing in ("nothing", "\0", "mix\0"):
        assert client.get(url, {"exercise": missing}).status_code == 404


def test_evidence_is_lit_in_the_learners_own_words(client, room, lena, monkeypatch):
    said = Finding(
        code="entries-right",
        tone="partly",
        facts={"count": "1", "total": "2"},
        quotes=(Quote(start=0, end=4, text="29 <", field="number"),),
    )

    def quoting(*_, **__):
        return Spoken(
            outcome="marked",
            score=Fraction(3, 4),
            marks={
                "hops": Mark(score=Fraction(1), findings=(said,)),
                "paths": Mark(score=Fraction(0)),
            },
        )

    with monkeypatch.context() as patch:
        patch.setattr(grader, "grade", quoting)
        submission = answered(lena, factories.exercise(TWO_PARTS), {"hops": {"number": "29"}})
    page = client.get(reverse("teach:answer", args=[submission.pk])).content.decode()
    assert '<mark class="lit">29</mark>' in page


def test_hostile_words_are_shown_as_words(client, room, lena):
    submission = answered(lena)
    intake.dispute(submission, "<script>alert(1)</script>")
    page = client.get(reverse("teach:answer", args=[submission.pk])).content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_an_answer_whose_wording_is_accepted_no_more_is_still_read(client, room, lena):
    submission = answered(lena)
    with connection.cursor() as cursor:  # only so is a row changed that is kept as written
        cursor.execute("UPDATE exercises_revision SET text = 'title: [', digest = 'another'")
    text = text_of(client.get(reverse("teach:answer", args=[submission.pk])))
    assert "4, 1" in text
    assert "Decide by hand" not in text


# --- What waits for a person ----------------------------------------------------------------------


def test_what_waits_stands_with_its_reason(client, room, lena, monkeypatch):
    reviewed = with_a_person(lena, monkeypatch)
    disputed = answered(lena)
    intake.dispute(disputed, "I rounded.")
    broken = answered(lena)
    Marking.objects.filter(submission=broken).update(state=Marking.State.BROKEN)
    fine = answered(lena)
    page = client.get(reverse("teach:waiting"))
    text = text_of(page)
    for why in ("not decided by the machine", "Please look at this", "could not be marked"):
        assert why in text
    html = page.content.decode()
    assert all(reverse("teach:answer", args=[s.pk]) in html for s in (reviewed, disputed, broken))
    assert reverse("teach:answer", args=[fine.pk]) not in html
    assert "3 answers wait for you" in text_of(client.get(reverse("teach:index")))


def test_an_author_decides_for_learners_whom_nobody_teaches_and_reads_no_name():
    author = factories.author()
    exercise = factories.exercise(by=author)
    submission = answered(factories.learner(name="Zoe Stranger"), exercise)
    intake.dispute(submission, "Please.")
    browser = signed_in(author)
    assert "A learner without a teacher" in text_of(browser.get(reverse("teach:waiting")))
    page = browser.get(reverse("teach:answer", args=[submission.pk]))
    assert page.status_code == 200
    assert "Zoe" not in text_of(page)


def test_a_teacher_settles_a_part_with_a_score_and_words(client, room, lena, tea, monkeypatch):
    submission = with_a_person(lena, monkeypatch)
    url = reverse("teach:settle", args=[submission.pk])
    page = client.post(url, {"score-hops": "1/3", "say": "One off."}, follow=True)
    assert "Settled." in text_of(page)
    settled = Submission.objects.for_reading().get(pk=submission.pk)
    assert settled.score == Fraction(1, 2)
    assert settled.marking.current.cause.startswith("hand:")
    assert settled.comments.get().by == tea
    assert text_of(page).count("One off.") == 1
    assert not review.inbox(tea).exists()


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "this part waits for one"),
        ("two thirds", "Write a number from 0 to 1"),
        ("1.5", "A score lies between 0 and 1"),
        ("-0.1", "A score lies between 0 and 1"),
    ],
)
def test_a_score_that_is_none_is_refused_and_what_was_typed_is_kept(
    client, room, lena, monkeypatch, typed, says
):
    submission = with_a_person(lena, monkeypatch)
    url = reverse("teach:settle", args=[submission.pk])
    page = client.post(url, {"score-hops": typed, "say": "My long words."})
    assert page.status_code == 422
    assert says in text_of(page)
    assert "My long words." in text_of(page)
    assert re.search(r"<title>\s*Error:", page.content.decode())
    assert Verdict.objects.filter(submission=submission).count() == 1


@pytest.mark.parametrize(("typed", "score"), [("0.5", "1/2"), ("50 %", "1/2"), ("1/3", "1/3")])
def test_a_score_may_be_written_as_people_write_it(client, room, lena, monkeypatch, typed, score):
    submission = with_a_person(lena, monkeypatch)
    client.post(reverse("teach:settle", args=[submission.pk]), {"score-hops": typed})
    spoken = Verdict.objects.filter(submission=submission).last().spoken
    assert spoken.marks["hops"].score == Fraction(score)


def test_words_alone_settle_a_dispute_and_nothing_settles_nothing(client, room, lena):
    submission = answered(lena)
    intake.dispute(submission, "I rounded.")
    url = reverse("teach:settle", args=[submission.pk])
    assert client.post(url, {"say": " "}).status_code == 422
    assert submission.disputes.get().state == "open"
    client.post(url, {"say": "Two places were asked for."})
    assert submission.disputes.get().words == "Two places were asked for."
    assert Verdict.objects.filter(submission=submission).count() == 1


def test_an_answer_the_machine_still_has_is_not_settled(client, room, lena):
    submission = factories.submission(factories.sheet(to=lena))
    page = client.get(reverse("teach:answer", args=[submission.pk]))
    assert "The machine still has this answer" in text_of(page)
    url = reverse("teach:settle", args=[submission.pk])
    assert client.post(url, {"score-output": "1"}).status_code == 404


def test_a_broken_marking_is_settled_by_hand(client, room, lena):
    submission = factories.submission(factories.sheet(to=lena))
    Marking.objects.filter(submission=submission).update(state=Marking.State.BROKEN)
    client.post(reverse("teach:settle", args=[submission.pk]), {"score-output": "1"})
    assert Submission.objects.for_reading().get(pk=submission.pk).score == 1


def test_an_override_wants_a_reason_and_stands_beside_the_verdict(client, room, lena, tea):
    submission = answered(lena)
    url = reverse("teach:override", args=[submission.pk])
    assert client.post(url, {"score": "1", "reason": " "}).status_code == 422
    page = client.post(url, {"score": "0.75", "reason": "Nearly there."}, follow=True)
    assert "Tea set the score to 75 %" in text_of(page)
    assert Submission.objects.get(pk=submission.pk).score == Fraction(3, 4)
    assert Verdict.objects.get(submission=submission).score == 0
    matrix = text_of(client.get(reverse("teach:classroom", args=[room.pk])))
    assert "set by hand" in matrix
    client.post(reverse("teach:lift", args=[submission.pk]), {"reason": "My mistake."})
    assert Submission.objects.get(pk=submission.pk).score == 0
    assert Override.objects.count() == 2


def test_a_hand_made_form_sets_nothing_else(client, room, lena):
    submission = answered(lena)
    client.post(
        reverse("teach:override", args=[submission.pk]),
        {"score": "1", "reason": "Good.", "by": "1", "track": "1", "submission": "999"},
    )
    row = Override.objects.get()
    assert (row.submission, row.track) == (submission, None)


def test_the_pages_of_many_answers_are_cut(client, room, lena):
    exercise = factories.exercise(factories.MIX.replace("tries: 3\n", ""))
    for _ in range(26):
        answered(lena, exercise)
    url = reverse("teach:exercise", args=[room.pk, exercise.slug])
    assert text_of(client.get(url)).count("What decided this") == 25
    assert text_of(client.get(url, {"page": 2})).count("What decided this") == 1


def test_the_matrix_asks_no_more_for_a_larger_class(client, room, django_assert_max_num_queries):
    exercise = factories.exercise()
    for _ in range(8):
        one = factories.learner()
        Membership.objects.create(classroom=room, user=one)
        answered(one, exercise)
    with django_assert_max_num_queries(24):
        client.get(reverse("teach:classroom", args=[room.pk]))


def test_an_answer_in_an_archived_classroom_is_read_and_not_decided(client, room, lena):
    submission = answered(lena)
    classrooms.archive(room, by=room.memberships.teachers().get().user)
    page = client.get(reverse("teach:answer", args=[submission.pk]))
    assert page.status_code == 200
    assert "nothing is decided any more" in text_of(page)
    assert "<form" not in page.content.decode().split("<main")[1]
    refused = client.post(reverse("teach:override", args=[submission.pk]), {"score": "1"})
    assert refused.status_code == 404


def test_an_admin_reads_their_own_answer_and_leaves_it_to_others(client):
    admin = factories.admin()
    client.force_login(admin)
    submission = answered(admin)
    page = client.get(reverse("teach:answer", args=[submission.pk]))
    assert "somebody else decides" in text_of(page)
    assert "<form" not in page.content.decode().split("<main")[1]


# --- Why an answer waits, and a phrase of it ------------------------------------------------------

NEAR = "The sun lights half of the moon. It gives a different view to us."
PALE = "The moon turns pale when it is far from the earth."


@pytest.fixture
def moon():
    return factories.exercise(MOON, by=factories.author(), slug="half-a-moon", title="Half a moon")


def test_what_waits_says_why_in_words(client, room, lena, moon):
    answered(lena, moon, said(NEAR))
    page = text_of(client.get(reverse("teach:waiting")))
    assert "close to an idea angle different view" in page


def test_what_waits_can_be_filtered_and_the_filter_kept(client, room, lena, moon):
    answered(lena, moon, said(NEAR))
    disputed = answered(lena)
    intake.dispute(disputed, "I rounded <b>as</b> the lesson does.")
    url = reverse("teach:waiting")
    both = text_of(client.get(url))
    assert "Lena: Half a moon" in both
    assert "Lena: Mix three values" in both
    for chosen in ({"reason": "half"}, {"exercise": "half-a-moon"}):
        page = text_of(client.get(url, chosen))
        assert "Lena: Half a moon" in page
        assert "Lena: Mix three values" not in page
    assert "&lt;b&gt;as&lt;/b&gt;" in client.get(url, {"reason": "disputed"}).content.decode()
    assert "Nothing waits that is like this." in text_of(client.get(url, {"reason": "language"}))
    # What was never offered chooses nothing.
    for odd in ({"reason": "x"}, {"exercise": "\0"}, {"exercise": "none", "reason": "'"}):
        assert client.get(url, odd).status_code == 200


def test_the_page_of_an_answer_says_why_it_waits_and_begins_with_its_words(
    client, room, lena, moon
):
    page = client.get(reverse("teach:answer", args=[answered(lena, moon, said(NEAR)).pk]))
    assert "Why it waits for you" in text_of(page)
    html = page.content.decode()
    assert 'value="different view"' in html
    assert re.search(r'<option value="why:angle"\s+selected', html)
    assert "Propose it" in text_of(page)


def test_an_answer_of_numbers_has_no_phrase(client, room, lena):
    submission = answered(lena)
    page = client.get(reverse("teach:answer", args=[submission.pk]))
    assert "Accept a phrase" not in text_of(page)
    sent = {"phrase": "far away moon", "idea": "why:angle"}
    assert client.post(reverse("teach:phrase", args=[submission.pk]), sent).status_code == 404


def test_a_teacher_who_does_not_write_proposes_a_phrase(client, room, lena, moon):
    submission = answered(lena, moon, said(PALE))
    url = reverse("teach:phrase", args=[submission.pk])
    sent = {"phrase": " far from\r\nthe  earth ", "idea": "why:angle"}
    done = client.post(url, sent, follow=True)
    assert "The authors of the exercise see it on their desk." in text_of(done)
    assert "waits for an author far from the earth angle" in text_of(done)
    assert "These words wait for the authors already." in text_of(
        client.post(url, sent, follow=True)
    )
    assert Proposal.objects.get().phrase == "far from the earth"
    assert moon.current.text == MOON


def test_a_teacher_who_writes_is_led_to_what_it_would_change(room, lena, tea):
    tea.is_author = True
    tea.save()
    moon = factories.exercise(MOON, by=tea)
    submission = answered(lena, moon, said(PALE))
    sent = {"phrase": "far from the earth", "idea": "why:angle"}
    done = signed_in(tea).post(reverse("teach:phrase", args=[submission.pk]), sent)
    assert done.url == reverse("author:proposal", args=[Proposal.objects.get().pk])


@pytest.mark.parametrize(
    ("phrase", "idea", "told"),
    [
        ("", "why:angle", "Choose the words that shall count."),
        ("the of", "why:angle", "small words"),
        ("pale", "why:angle", "one word"),
        ("word " * 2_000, "why:angle", "9,999 characters"),
        ("x" * 10_000, "why:angle", "10,000 characters"),
        ("a. b c", "why:angle", "more than one clause"),
        ("see it from the side", "why:angle", "already"),
        ("far from earth", "", "Choose the idea that these words say."),
        ("far from earth", "why:shadow", "Choose one of the ideas of this exercise."),
        ("far from earth", "\0", "Choose one of the ideas of this exercise."),
    ],
)
def test_a_phrase_that_cannot_be_accepted_comes_back_with_a_sentence(
    client, room, lena, moon, phrase, idea, told
):
    submission = answered(lena, moon, said(PALE))
    sent = {"phrase": phrase, "idea": idea}
    page = client.post(reverse("teach:phrase", args=[submission.pk]), sent)
    assert page.status_code == 422
    assert told in text_of(page)
    assert "There is something to put right" in text_of(page)
    assert not Proposal.objects.exists()


def test_signs_of_yaml_and_of_patterns_are_only_words(client, room, lena, moon):
    submission = answered(lena, moon, said(PALE))
    sent = {"phrase": '- "far: {moon} & *earth | / @x unless #', "idea": "why:angle"}
    client.post(reverse("teach:phrase", args=[submission.pk]), sent)
    assert Proposal.objects.get().pattern == 'far moon and earth x "unless"'


def test_who_may_not_decide_finds_no_phrase_to_accept(room, lena, moon):
    submission = answered(lena, moon, said(PALE))
    for person in (lena, factories.teacher(), factories.author(), factories.learner()):
        sent = {"phrase": "far from earth", "idea": "why:angle"}
        url = reverse("teach:phrase", args=[submission.pk])
        assert signed_in(person).post(url, sent).status_code == 404
    assert not Proposal.objects.exists()


def test_words_tied_on_a_page_of_many_answers_have_ids_of_their_own(client, room, lena, moon):
    for _ in range(2):
        answered(lena, moon, said(NEAR))
    html = client.get(reverse("teach:learner", args=[room.pk, lena.pk])).content.decode()
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert 'class="tie right hue-1"' in html
