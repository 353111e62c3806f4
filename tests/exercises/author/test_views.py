"""The author's pages: who may write what, every fault at its line, and nothing typed is lost."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from exercises import catalog, desk, intake, queue
from exercises.author.views import STARTER
from exercises.models import Audit, Exercise, Revision, Sheet, Submission, User
from grading.errors import BrokenExercise, Fault
from tests import factories
from tests.factories import DRAWN, MIX

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


PAGES = ("exercise", "preview", "proof", "publish", "versions")


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
