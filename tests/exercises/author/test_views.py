"""The author's pages: who may write what, every fault at its line, and nothing typed is lost."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from exercises import catalog, desk, intake, phrases, queue, review
from exercises.author.views import STARTER
from exercises.models import Audit, Exercise, Proposal, Revision, Sheet, Submission, User
from grading.errors import BrokenExercise, Fault
from tests import factories
from tests.factories import DRAWN, MIX, MOON, said

pytestmark = pytest.mark.django_db

FAULTY = """\
title: Half done
tries: many
parts:
  - name: one
    kind: number
    prompt: How much?
    anser: 3
samples:
  - {answer: 3}
"""
"""A text with faults in lines 2, 7 and 9, and a part that lacks its answer."""

FAILING = MIX.replace('"3.2, 2", score: 1', '"3.2, 2", score: 0')


@pytest.fixture
def ada() -> User:
    return factories.author(name="Ada")


@pytest.fixture
def client(ada: User) -> Client:
    return signed_in(ada)


def signed_in(person: User) -> Client:
    browser = Client()
    browser.force_login(person)
    return browser


def html_of(response) -> str:
    return response.content.decode()


def text_of(response) -> str:
    bare = re.sub(r"<[^>]+>", " ", html_of(response))
    return re.sub(r"\s+", " ", bare.replace("&quot;", '"').replace("&#x27;", "'"))


def url(name: str, exercise: Exercise) -> str:
    return reverse(f"author:{name}", args=[exercise.slug])


def save(client: Client, exercise: Exercise, text: str, base: str | None = None, **more):
    typed = {"text": text, "base": exercise.draft_digest if base is None else base, **more}
    return client.post(url("exercise", exercise), typed, follow=True)


def typed_in(response) -> str:
    """What stands in the box."""
    found = re.search(r"<textarea[^>]*>(.*?)</textarea>", html_of(response), re.DOTALL)
    assert found
    text = found[1].replace("&quot;", '"').replace("&#x27;", "'").replace("&lt;", "<")
    return text.replace("&gt;", ">").replace("&amp;", "&").removeprefix("\n")


PAGES = ("exercise", "preview", "proof", "publish", "versions", "bench")


# --- Who may write what ---------------------------------------------------------------------------


def test_a_stranger_is_asked_to_sign_in():
    exercise = factories.draft()
    for address in [reverse("author:index"), reverse("author:new")]:
        assert Client().get(address).url.startswith(reverse("account_login"))
    for name in PAGES:
        assert Client().post(url(name, exercise)).url.startswith(reverse("account_login"))


@pytest.mark.parametrize("role", ["learner", "teacher", "author"])
def test_for_others_an_exercise_does_not_exist(role, ada):
    exercise = factories.exercise(by=ada)
    browser = signed_in(getattr(factories, role)())
    for name in PAGES:
        assert browser.get(url(name, exercise), follow=True).status_code == 404, name
        answer = browser.post(url(name, exercise), {"text": "mine", "base": ""})
        assert answer.status_code in (404, 405), name
    assert Exercise.objects.get().draft == MIX
    assert Revision.objects.count() == 1


def test_who_does_not_write_finds_no_desk():
    browser = signed_in(factories.teacher())
    assert browser.get(reverse("author:index")).status_code == 404
    assert browser.post(reverse("author:new"), {"slug": "mine"}).status_code == 404
    assert not Exercise.objects.exists()


def test_the_list_holds_ones_own_and_those_of_nobody(client, ada):
    factories.draft(by=ada, title="Mine")
    factories.draft(title="Nobodys")
    factories.draft(by=factories.author(name="Ben"), title="Bens")
    text = text_of(client.get(reverse("author:index")))
    assert "Mine" in text
    assert "Nobodys" in text
    assert "any author" in text
    assert "Bens" not in text


def test_an_admin_writes_everything(ada):
    exercise = factories.exercise(by=ada, title="Adas")
    browser = signed_in(factories.admin())
    assert "Ada" in text_of(browser.get(reverse("author:index")))
    assert "The draft is saved" in text_of(save(browser, exercise, MIX + "# by an admin\n"))


def test_every_change_wants_a_token_and_looking_changes_nothing(ada):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ada)
    exercise = factories.draft(by=ada)
    for name in ("exercise", "preview", "proof", "publish"):
        assert strict.post(url(name, exercise), {"text": "x"}).status_code == 403
    before = (Audit.objects.count(), Sheet.objects.count(), Exercise.objects.get().draft_at)
    for name in PAGES:
        strict.get(url(name, exercise))
    assert before == (Audit.objects.count(), Sheet.objects.count(), Exercise.objects.get().draft_at)
    assert Exercise.objects.get().report is None


# --- Beginning ------------------------------------------------------------------------------------


def test_the_starter_proves_good():
    report = desk.prove(STARTER.read_text(encoding="utf-8"), "starter")
    assert report.good
    assert not report.warnings
    assert len(report.samples) == 4


def test_a_new_exercise_begins_with_the_starter_in_its_lesson(client, ada):
    lesson = factories.lesson(title="Soft lookup")
    factories.exercise(lesson=lesson, position=4)
    page = client.post(
        reverse("author:new"), {"slug": "my-first", "lesson": lesson.pk}, follow=True
    )
    made = Exercise.objects.get(slug="my-first")
    assert (made.lesson, made.position) == (lesson, 5)
    assert list(made.authors.all()) == [ada]
    assert typed_in(page) == STARTER.read_text(encoding="utf-8")


@pytest.mark.parametrize("slug", ["", "Mine", "my first", "../etc", "a_b", "m" * 81])
def test_a_name_that_makes_no_address_is_refused(client, slug):
    page = client.post(reverse("author:new"), {"slug": slug})
    assert page.status_code == 422
    assert "There is something to put right" in text_of(page)
    assert not Exercise.objects.exists()


def test_a_name_that_is_taken_is_refused(client):
    factories.draft(slug="mix")
    page = client.post(reverse("author:new"), {"slug": "mix"})
    assert page.status_code == 422
    assert "already" in text_of(page)


# --- Writing --------------------------------------------------------------------------------------


def test_every_fault_stands_at_its_line_and_column_at_once(client, ada):
    exercise = factories.draft(by=ada)
    page = save(client, exercise, FAULTY)
    html, text = html_of(page), text_of(page)
    assert Exercise.objects.get().draft == FAULTY
    assert "The draft is saved" in text
    places = re.findall(r"Line (\d+), column (\d+)", text)
    assert {line for line, _ in places} >= {"2", "7", "9"}
    for line, _ in places:
        assert re.search(rf'id="line-{line}"\s+class="bad"', html)
        assert f'href="#line-{line}"' in html
    marked = re.search(r'data-bad-lines="([^"]*)"', html)
    assert marked
    assert set(marked[1].split()) == {line for line, _ in places}
    assert re.search(r"<title>\s*Error:", html)
    assert re.search(r"<button[^>]*disabled[^>]*>Publish", html)


@pytest.mark.parametrize(
    "text",
    [
        "title: [",
        "\t- : :\n  %%% not yaml at all",
        "<script>alert(1)</script>",
        "just words",
        "",
        "ö 🔦 \u202e backwards",
        "a: &x 1\nb: *x",
        "- " * 500,
        "</textarea><script>alert(1)</script>",
    ],
)
def test_what_is_no_exercise_is_kept_as_it_was_typed(client, ada, text):
    exercise = factories.draft(by=ada)
    page = save(client, exercise, text)
    assert page.status_code == 200
    assert Exercise.objects.get().draft == text
    assert typed_in(page) == text
    assert "<script>alert(1)" not in html_of(page)
    assert re.search(r"There (is \d+ fault|are \d+ faults) in the text", text_of(page))


def test_a_text_that_is_too_long_is_refused_and_given_back(client, ada):
    exercise = factories.draft(by=ada)
    long = "# " + "m" * desk.LONGEST
    page = save(client, exercise, long)
    assert page.status_code == 422
    assert "200,000 characters" in text_of(page)
    assert typed_in(page) == long
    assert Exercise.objects.get().draft == MIX


def test_two_authors_at_once_lose_nothing(client, ada):
    exercise = factories.draft(by=ada)
    ben = factories.author()
    exercise.authors.add(ben)
    base = exercise.draft_digest
    save(signed_in(ben), exercise, MIX + "# by ben\n")
    page = save(client, exercise, MIX + "# by ada\n", base=base)
    assert page.status_code == 409
    assert Exercise.objects.get().draft == MIX + "# by ben\n"
    assert typed_in(page) == MIX + "# by ada\n"
    text = text_of(page)
    assert "This draft was saved elsewhere while you wrote" in text
    assert "# by ben" in text
    renewed = re.search(r'name="base" value="(\w+)"', html_of(page))
    assert renewed
    again = save(client, exercise, MIX + "# by both\n", base=renewed[1])
    assert again.status_code == 200
    assert Exercise.objects.get().draft == MIX + "# by both\n"


def test_a_form_that_lost_its_digest_does_not_write_over_anybody(client, ada):
    exercise = factories.draft(by=ada)
    assert save(client, exercise, "mine", base="").status_code == 409
    assert Exercise.objects.get().draft == MIX


def test_saving_may_go_on_to_the_preview_or_the_proof(client, ada):
    exercise = factories.draft(by=ada)
    preview = save(client, exercise, MIX + "# 1\n", then="preview")
    assert preview.redirect_chain[-1][0] == url("preview", exercise)
    exercise.refresh_from_db()
    proof = save(client, exercise, MIX + "# 2\n", then="proof")
    assert proof.redirect_chain[-1][0] == url("proof", exercise)


def test_an_exercise_from_a_file_may_be_changed_and_loading_leaves_it_alone(client, tmp_path):
    home = tmp_path / "01-one"
    (home / "exercises").mkdir(parents=True)
    (home / "lesson.md").write_text("---\ntitle: One\n---\nRead.\n", encoding="utf-8")
    file = home / "exercises" / "mix.yaml"
    file.write_text(MIX, encoding="utf-8")
    list(catalog.load(tmp_path))
    exercise = Exercise.objects.get()
    assert "comes from a file" in text_of(client.get(url("exercise", exercise)))
    save(client, exercise, MIX + "# changed here\n")
    file.write_text(MIX + "# changed there\n", encoding="utf-8")
    assert [one.did for one in catalog.load(tmp_path) if "mix" in one.name] == ["left"]
    assert Exercise.objects.get().draft.endswith("# changed here\n")


def test_an_authors_exercise_stays_in_its_lesson_when_files_are_loaded_again(ada, tmp_path):
    home = tmp_path / "01-one"
    (home / "exercises").mkdir(parents=True)
    (home / "lesson.md").write_text("---\ntitle: One\n---\nRead.\n", encoding="utf-8")
    (home / "exercises" / "mix.yaml").write_text(MIX, encoding="utf-8")
    list(catalog.load(tmp_path))
    lesson = Exercise.objects.get().lesson
    mine = desk.create("mine", ada, MIX, lesson)
    (home / "exercises" / "more.yaml").write_text(MIX, encoding="utf-8")
    list(catalog.load(tmp_path))
    mine.refresh_from_db()
    assert mine.lesson == lesson
    in_order = lesson.exercises.in_order().values_list("slug", "position")
    assert list(in_order) == [("mix", 1), ("more", 2), ("mine", 3)]


# --- Trying it as a learner -----------------------------------------------------------------------


def test_the_preview_deals_the_chosen_seed_and_the_same_one_again(client, ada):
    exercise = factories.draft(DRAWN, by=ada)
    zero, one = (text_of(client.get(url("preview", exercise), {"seed": n})) for n in (0, 1))
    assert zero != one
    again = text_of(client.get(url("preview", exercise), {"seed": 0}))
    assert zero == again
    links = html_of(client.get(url("preview", exercise), {"seed": 1}))
    assert "?seed=0" in links
    assert "?seed=2" in links


@pytest.mark.parametrize("seed", ["-1", "9223372036854775808", "two", "", "1.5", "9" * 5000])
def test_a_seed_out_of_range_is_told_in_a_sentence(client, ada, seed):
    page = client.get(url("preview", factories.draft(by=ada)), {"seed": seed})
    assert page.status_code == 422
    assert "A seed is a whole number from 0 to 9223372036854775807." in text_of(page)


def test_the_largest_seed_is_dealt(client, ada):
    page = client.get(url("preview", factories.draft(DRAWN, by=ada)), {"seed": 2**63 - 1})
    assert page.status_code == 200


def test_an_answer_is_tried_with_its_verdict_and_nothing_is_stored(client, ada):
    exercise = factories.draft(by=ada)
    page = client.post(
        url("preview", exercise) + "?seed=0",
        {"output.output.0.0": "4", "output.output.0.1": "1"},
    )
    text = text_of(page)
    assert "strongest key alone" in text
    assert "Nothing was stored" in text
    assert not Sheet.objects.exists()
    assert not Submission.objects.exists()


def test_an_answer_that_cannot_be_read_is_refused_and_kept_in_the_preview(client, ada):
    page = client.post(
        url("preview", factories.draft(by=ada)),
        {"output.output.0.0": "three!", "output.output.0.1": "1"},
    )
    assert page.status_code == 422
    assert 'value="three!"' in html_of(page)


def test_a_faulty_draft_has_no_preview_and_says_why(client, ada):
    exercise = factories.draft(FAULTY, by=ada)
    page = client.get(url("preview", exercise))
    assert page.status_code == 200
    assert f'href="{url("exercise", exercise)}#line-2"' in html_of(page)


# --- Proving and publishing -----------------------------------------------------------------------


def test_a_proof_shows_each_sample_with_what_it_got(client, ada):
    exercise = factories.draft(FAILING, by=ada)
    assert "was not proved" in text_of(client.get(url("proof", exercise)))
    text = text_of(client.post(url("proof", exercise), follow=True))
    assert "It does not hold yet" in text
    assert re.search(r"1 no 3\.2, 2 score 0 score 1;", text)
    assert "The score is 100%." in text
    assert re.search(r"2 yes 4, 1 score 0, finding hard-lookup", text)
    assert "1 sample does not get what it must." in text
    assert "failing" in text_of(client.get(reverse("author:index")))


def test_a_proof_warns_of_a_wrong_turn_that_gives_the_right_answer(client, ada):
    stray = MIX.replace("    tolerance: exact", "    tolerance: {absolute: 2}")
    text = text_of(client.post(url("proof", factories.draft(stray, by=ada)), follow=True))
    assert "Worth a second look" in text
    assert re.search(r"Line 7, column 5: output : the wrong turn hard-lookup gives the", text)


def test_a_proof_of_a_faulty_text_tells_its_faults_at_their_lines(client, ada):
    text = text_of(client.post(url("proof", factories.draft(FAULTY, by=ada)), follow=True))
    assert "It does not hold yet" in text
    assert re.search(r"Line 2, column 1 ?: tries is a whole number", text)
    assert "no sample was run" in text


def test_a_proof_of_drawn_numbers_says_on_how_many_sheets(client, ada):
    text = text_of(client.post(url("proof", factories.draft(DRAWN, by=ada)), follow=True))
    assert f"Tried on {len(desk.SEEDS)} sheets" in text


def test_a_slow_text_is_proved_on_fewer_sheets(monkeypatch):
    monkeypatch.setattr(desk, "WHILE_ASKED", 0.0)
    report = desk.prove_soon(DRAWN, "slow")
    assert report.good
    assert report.seeds_run == 2


def test_the_publish_button_says_why_it_is_shut(client, ada):
    exercise = factories.draft(by=ada)
    shut = client.get(url("exercise", exercise))
    assert "not proved since it was last changed" in text_of(shut)
    client.post(url("proof", exercise))
    ready = client.get(url("exercise", exercise))
    assert not re.search(r"<button[^>]*disabled", html_of(ready))
    base = re.search(r'publish/.*?name="base"\s+value="(\w+)"', html_of(ready), re.DOTALL)
    assert base
    done = client.post(url("publish", exercise), {"base": base[1]}, follow=True)
    assert "Published as version 1" in text_of(done)
    assert "Learners already get this text." in text_of(done)
    row = Exercise.objects.get()
    assert row.state == "published"
    assert row.current.published_by == ada


def test_what_does_not_hold_is_not_published_however_it_is_sent(client, ada):
    exercise = factories.draft(FAILING, by=ada)
    page = client.post(url("publish", exercise), {"base": exercise.draft_digest}, follow=True)
    assert "It cannot be published yet" in text_of(page)
    assert not Revision.objects.exists()


def test_what_is_slow_to_prove_is_published_once_a_worker_has_proved_all_of_it(
    client, ada, monkeypatch
):
    exercise = factories.draft(factories.DRAWN, by=ada)
    woken = []
    monkeypatch.setattr(desk, "WHILE_ASKED", 0.0)
    monkeypatch.setattr(queue, "wake", lambda *named: woken.append(named))
    send = {"base": exercise.draft_digest}
    page = client.post(url("publish", exercise), send, follow=True)
    assert "good on 2 of 40 sheets so far" in text_of(page)
    assert woken == [("prove", exercise.pk)]
    exercise.refresh_from_db()
    assert exercise.current is None
    client.post(url("proof", exercise))
    assert "good on 2 of 40 sheets so far" in text_of(client.get(url("proof", exercise)))
    desk.prove_draft(exercise.pk)
    assert "sheets so far" not in text_of(client.get(url("proof", exercise)))
    client.post(url("publish", exercise), send)
    exercise.refresh_from_db()
    assert exercise.state == "published"
    assert exercise.report["seeds_run"] == 40


def test_a_published_wording_that_opens_no_more_is_shown_to_its_authors(client, ada, monkeypatch):
    exercise = factories.exercise(by=ada)

    def refused(*_args):
        raise BrokenExercise([Fault(code="gone", message="No such kind any more.")])

    monkeypatch.setattr(catalog, "_open", refused)
    assert "learners cannot open it" in text_of(client.get(reverse("author:index")))
    assert "learners cannot open it" in text_of(client.get(url("exercise", exercise)))


def test_only_the_draft_that_was_looked_at_is_published(client, ada):
    exercise = factories.draft(by=ada)
    seen = exercise.draft_digest
    desk.save_draft(exercise, MIX.replace("tries: 3", "tries: 9"), factories.author())
    page = client.post(url("publish", exercise), {"base": seen}, follow=True)
    assert "The draft was saved again since you looked" in text_of(page)
    assert not Revision.objects.exists()


def test_a_faulty_draft_is_not_offered_to_be_proved(ada):
    exercise = factories.exercise(by=ada)
    faulty = factories.draft("title: [", by=ada)
    browser = signed_in(ada)
    assert "Prove it" in text_of(browser.get(url("proof", exercise)))
    page = text_of(browser.get(url("proof", faulty)))
    assert "Prove it" not in page
    assert "once its faults are mended" in page


def test_a_new_draft_is_called_by_its_title_once_it_has_one(ada):
    fresh = factories.draft("", by=ada)
    desk.save_draft(fresh, MIX, ada)
    assert str(Exercise.objects.get(pk=fresh.pk)) == "Mix three values"
    desk.save_draft(fresh, "title: [", ada)
    assert str(Exercise.objects.get(pk=fresh.pk)) == "Mix three values"


def test_a_published_title_stays_until_the_next_is_published(ada):
    exercise = factories.exercise(by=ada)
    desk.save_draft(exercise, MIX.replace("Mix three values", "Another title"), ada)
    exercise.refresh_from_db()
    assert str(exercise) != "Another title"


def test_past_sheets_keep_the_version_they_were_dealt(client, ada):
    exercise = factories.exercise(by=ada)
    dealt = intake.deal(factories.learner(), exercise)
    exercise.refresh_from_db()
    save(client, exercise, MIX.replace("tries: 3", "tries: 9"))
    exercise.refresh_from_db()
    client.post(url("publish", exercise), {"base": exercise.draft_digest})
    dealt.refresh_from_db()
    assert dealt.revision.number == 1
    assert intake.deal(factories.learner(), exercise).revision.number == 2


# --- Versions -------------------------------------------------------------------------------------


def test_any_two_versions_are_compared(client, ada):
    exercise = factories.exercise(by=ada)
    catalog.revise(exercise, MIX.replace("tries: 3", "tries: 4"), by=ada)
    catalog.revise(exercise, MIX.replace("tries: 3", "tries: 5"), by=ada)
    Exercise.objects.update(draft=MIX.replace("tries: 3", "tries: 6"))
    page = client.get(url("versions", exercise))
    assert re.search(r"taken out: tries: 5 .*put in: tries: 6", text_of(page))
    page = client.get(url("versions", exercise), {"old": "1", "new": "2"})
    assert re.search(r"taken out: tries: 3 .*put in: tries: 4", text_of(page))
    assert "They are the same." in text_of(
        client.get(url("versions", exercise), {"old": "2", "new": "2"})
    )


@pytest.mark.parametrize("asked", [{"old": "7", "new": "1"}, {"old": "1"}, {"old": "x", "new": ""}])
def test_a_version_that_does_not_exist_is_told(client, ada, asked):
    page = client.get(url("versions", factories.exercise(by=ada)), asked)
    assert page.status_code == 422
    assert "no such version" in text_of(page) or "required" in text_of(page)


def test_texts_that_would_take_too_long_are_not_compared(client, ada):
    exercise = factories.exercise(by=ada)
    Exercise.objects.update(draft="\n" * 4000)
    page = client.get(url("versions", exercise))
    assert "too long to be compared" in text_of(page)


def test_before_the_first_publication_there_is_no_version(client, ada):
    page = client.get(url("versions", factories.draft(by=ada)))
    assert "never published" in text_of(page)


# --- A phrase to accept ---------------------------------------------------------------------------

SIDEWAYS = "The sun lights half of the moon, and sideways we look at <that> half."


@pytest.fixture
def moon(ada) -> Exercise:
    return factories.exercise(MOON, by=ada, slug="half-a-moon", title="Half a moon")


def proposed(moon: Exercise, phrase: str = "sideways we look") -> Proposal:
    submission = factories.marked(factories.sheet(moon), said(SIDEWAYS))
    review.override(submission, Fraction(1), "Right.", factories.teacher())
    made, _ = phrases.propose(
        submission, part="why", concept="angle", phrase=phrase, by=factories.teacher(name="Tea")
    )
    return made


def page_of(proposal: Proposal) -> str:
    return reverse("author:proposal", args=[proposal.pk])


def base_in(response) -> str:
    found = re.search(r'name="base"\s+value="(\w+)"', html_of(response))
    assert found
    return found[1]


def test_phrases_wait_on_the_desk_of_those_who_may_write(client, moon):
    made = proposed(moon)
    page = client.get(reverse("author:index"))
    assert "1 phrase to accept or discard" in text_of(page)
    assert page_of(made) in html_of(page)
    other = signed_in(factories.author()).get(reverse("author:index"))
    assert "phrase to accept" not in text_of(other)


@pytest.mark.parametrize("role", ["learner", "teacher", "author"])
def test_for_others_a_phrase_does_not_exist(role, moon):
    made = proposed(moon)
    browser = signed_in(getattr(factories, role)())
    assert browser.get(page_of(made)).status_code == 404
    assert browser.post(page_of(made), {"do": "keep", "base": "x"}).status_code == 404
    assert browser.get(page_of(made).replace(str(made.pk), "99999")).status_code == 404
    assert Proposal.objects.get().state == "open"


def test_a_phrases_page_shows_what_it_would_change_before_anything_does(client, moon):
    page = client.get(page_of(proposed(moon)))
    text = text_of(page)
    assert "Answers marked again: 1 that a person decided, 0 others." in text
    assert "Nearer to the person: 1." in text
    assert "&lt;that&gt; half" in html_of(page)
    assert re.search(r"partial\s+correct\s+1", text)
    assert re.search(r'put in: any: .* lit", "sideways we look"\]', text)
    assert "With the phrase in it, the draft proves good." in text
    moon.refresh_from_db()
    assert moon.draft == MOON


def test_names_of_learners_stand_on_no_authors_page(client, moon):
    lena = factories.learner(name="Lena Lamp")
    factories.classroom(with_learners=(lena,))
    submission = factories.marked(factories.sheet(moon, to=lena), said(SIDEWAYS))
    made, _ = phrases.propose(
        submission, part="why", concept="angle", phrase="sideways we look", by=factories.teacher()
    )
    for page in (
        client.get(page_of(made)),
        client.post(url("bench", moon), {"part": "why", "from": "site"}),
    ):
        assert "answer" in text_of(page)
        assert "Lena" not in text_of(page)
        assert reverse("teach:answer", args=[submission.pk]) not in html_of(page)


def test_a_phrase_is_kept_in_the_draft_and_not_published(client, moon):
    made = proposed(moon)
    base = base_in(client.get(page_of(made)))
    done = client.post(page_of(made), {"do": "keep", "base": base}, follow=True)
    assert "The phrase stands in the draft now." in text_of(done)
    moon.refresh_from_db()
    assert moon.draft.count(', "sideways we look"]') == 1
    assert moon.current.text == MOON
    again = client.post(page_of(made), {"do": "keep", "base": moon.draft_digest})
    assert again.status_code == 409
    assert "It was put into the draft." in text_of(again)


def test_a_phrase_is_discarded(client, moon):
    made = proposed(moon)
    done = client.post(page_of(made), {"do": "discard"}, follow=True)
    assert "Discarded. The rules are as they were." in text_of(done)
    moon.refresh_from_db()
    assert moon.draft == MOON


def test_a_phrase_is_not_kept_over_a_draft_that_moved(client, moon, ada):
    made = proposed(moon)
    base = base_in(client.get(page_of(made)))
    desk.save_draft(moon, MOON.replace("Half a", "A whole"), ada)
    done = client.post(page_of(made), {"do": "keep", "base": base})
    assert done.status_code == 409
    assert "Somebody saved another version of this draft" in text_of(done)
    assert Proposal.objects.get().state == "open"


def test_a_phrase_that_breaks_a_sample_is_shut_with_the_sample(client, moon):
    made = proposed(moon, "grows and shrinks")
    page = client.get(page_of(made))
    assert "It is shut because a sample would not hold any more." in text_of(page)
    assert "The moon grows and shrinks each month." in text_of(page)
    done = client.post(page_of(made), {"do": "keep", "base": base_in(page)})
    assert done.status_code == 409
    assert "a sample would not get what it must" in text_of(done)


def test_a_phrase_for_a_faulty_draft_can_only_be_discarded(client, moon, ada):
    made = proposed(moon)
    desk.save_draft(moon, FAULTY, ada)
    page = client.get(page_of(made))
    assert page.status_code == 200
    assert "nothing can be added before they are mended" in text_of(page)
    assert "Keep it in the draft" not in text_of(page)
    assert client.post(page_of(made), {"do": "keep", "base": "x"}).status_code == 409
    assert client.post(page_of(made), {"do": "dance"}).status_code == 404
    assert client.post(page_of(made), {"do": "discard"}).status_code == 302


# --- The bench ------------------------------------------------------------------------------------

MARKED = """\
answer,label
"The sun lights half of the moon, and we see it from the side.",correct
"The sun lights half of the moon, and we see it sideways.",1
"The <b>moon</b> turns pale.",incorrect
"",correct
"Pale again.",perhaps
"""


def held(client: Client, exercise: Exercise, content: bytes | str | None, **more):
    sent = {"part": "why", "from": "site" if content is None else "file", **more}
    if content is not None:
        raw = content.encode() if isinstance(content, str) else content
        sent["marked"] = SimpleUploadedFile("marked.csv", raw)
    return client.post(url("bench", exercise), sent)


def test_a_file_of_marked_answers_is_held_against_the_draft(client, moon):
    page = held(client, moon, MARKED)
    text = text_of(page)
    assert page.status_code == 200
    assert "3 answers with a person's label" in text
    assert "2 rows were left out" in text
    assert "Line 5: There is no answer." in text
    assert "“perhaps” is no label" in text
    assert re.search(r"Accuracy on three labels 0\.67 \[", text)
    assert "lit_half required 2 2" in text
    assert "Where angle goes wrong" in text
    assert "Marked differently from the person" in text
    assert "&lt;b&gt;moon" in html_of(page)
    assert "From what learners get to the draft" not in text


def test_a_draft_is_held_against_what_learners_get(client, moon, ada):
    edited = MOON.replace('"see near side|angle"', '"see near side|angle|sideways"')
    desk.save_draft(moon, edited, ada)
    text = text_of(held(client, moon, MARKED))
    assert "From what learners get to the draft" in text
    assert "Nearer to the person: 1. Further from the person: 0." in text
    desk.save_draft(moon, MOON + "\n# nothing new\n", ada)
    assert "No answer would be labelled otherwise." in text_of(held(client, moon, MARKED))


def test_the_sites_own_answers_are_held_against_the_draft(client, moon, ada):
    proposed(moon)
    factories.marked(factories.sheet(moon), said("It turns pale."))
    text = text_of(held(client, moon, None))
    assert "1 answer with a person's label" in text
    assert "1 answer that only the machine marked" in text
    assert "It turns pale." in text
    desk.save_draft(moon, MOON.replace("see near side|angle", "sideways near look"), ada)
    assert "Nearer to the person: 1." in text_of(held(client, moon, None))


def test_without_any_answer_the_bench_says_so(client, moon):
    assert "so there are no figures" in text_of(held(client, moon, None))
    assert "so there are no figures" in text_of(held(client, moon, "answer,label\n"))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty"),
        (b"\x00\x01\x02", "not a text file"),
        (b"PK\x03\x04 no workbook", "workbook"),
        ("words,label\nx,1\n", "no column `answer`"),
        (b"answer,label\n" + b"x" * (5 * 2**20), "is the most that is read"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(client, moon, content, told):
    page = held(client, moon, content)
    assert page.status_code == 422
    assert told in text_of(page)


def test_a_file_is_asked_for_and_a_part_that_is_not_there_is_none(client, moon):
    page = client.post(url("bench", moon), {"part": "why", "from": "file"})
    assert page.status_code == 422
    assert "Choose a file first." in text_of(page)
    assert client.post(url("bench", moon), {"part": "what", "from": "site"}).status_code == 422


def test_the_bench_takes_so_many_answers_and_says_what_it_left(client, moon):
    rows = "".join(f"Pale moon number {n},incorrect\n" for n in range(503))
    text = text_of(held(client, moon, f"answer,label\n{rows}"))
    assert "500 answers with a person's label" in text
    assert "3 more answers were not taken." in text


def test_an_exercise_without_rules_or_with_faults_has_an_empty_bench(client, ada):
    assert "No part of this exercise is decided by rules" in text_of(
        client.get(url("bench", factories.exercise(by=ada)))
    )
    faulty = factories.draft(FAULTY, by=ada)
    assert "The draft has faults" in text_of(client.get(url("bench", faulty)))
    assert client.post(url("bench", faulty), {"from": "site"}).status_code == 200


def test_a_draft_with_what_no_database_keeps_is_kept_without_it(client, ada):
    exercise = factories.draft(by=ada)
    save(client, exercise, "title: One\x00 two")
    exercise.refresh_from_db()
    assert exercise.draft == "title: One two"
