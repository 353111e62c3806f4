"""Loading folders of lessons, wording exercises anew, and telling two texts apart."""

from pathlib import Path

import pytest

from exercises import catalog, desk
from exercises.learn import urls as learn_urls
from exercises.models import Audit, Exercise, Lesson, Revision
from grading import grader
from grading.errors import BrokenExercise
from tests import factories
from tests.factories import MIX, TWO_PARTS

pytestmark = pytest.mark.django_db

LESSON = """\
---
title: Soft lookup
minutes: 7
summary: What it is.
takeaways:
  - Weights sum to one.
---

Read this.

::exercise two-numbers

Then do that.

::exercise mix

```
::exercise not-this-one
```
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, "01-soft-lookup/lesson.md", LESSON)
    write(tmp_path, "01-soft-lookup/exercises/mix.yaml", MIX)
    write(tmp_path, "01-soft-lookup/exercises/two-numbers.yaml", TWO_PARTS)
    return tmp_path


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


def load(folder: Path) -> dict[str, str]:
    return {loaded.name.rpartition("/")[2]: loaded.did for loaded in catalog.load(folder)}


def test_a_folder_becomes_a_lesson_and_its_published_exercises(folder):
    assert load(folder) == {"lesson.md": "new", "mix.yaml": "new", "two-numbers.yaml": "new"}
    lesson = Lesson.objects.get()
    assert (lesson.slug, lesson.order, lesson.minutes) == ("soft-lookup", 1, 7)
    assert (lesson.title, lesson.summary) == ("Soft lookup", "What it is.")
    assert lesson.takeaways == ["Weights sum to one."]
    assert lesson.body.startswith("Read this.")
    placed = [(exercise.slug, exercise.title) for exercise in lesson.exercises.in_order()]
    assert placed == [("two-numbers", "Two numbers"), ("mix", "Mix three values")]
    assert all(exercise.state == "published" for exercise in Exercise.objects.all())


@pytest.mark.parametrize("name", sorted(catalog.TAKEN))
def test_a_lesson_is_not_called_like_a_page(tmp_path, name):
    write(tmp_path, f"01-{name}/lesson.md", LESSON)
    (loaded,) = catalog.load(tmp_path)
    assert loaded.did == "broken"
    assert "address of a page" in loaded.why
    assert not Lesson.objects.exists()


def test_every_page_beside_the_lessons_is_known_to_be_taken():
    pages = {str(entry.pattern).split("/")[0] for entry in learn_urls.urlpatterns}
    assert {page for page in pages if page and "<" not in page} == catalog.TAKEN


def test_loading_again_changes_nothing(folder):
    load(folder)
    rows = [list(model.objects.values()) for model in (Lesson, Exercise, Revision, Audit)]
    assert set(load(folder).values()) == {"same"}
    assert rows == [list(model.objects.values()) for model in (Lesson, Exercise, Revision, Audit)]


def test_a_changed_file_makes_a_new_revision_and_keeps_the_old(folder):
    load(folder)
    write(folder, "01-soft-lookup/exercises/mix.yaml", MIX.replace("tries: 3", "tries: 4"))
    write(folder, "01-soft-lookup/lesson.md", LESSON.replace("Read this.", "Read that."))
    loaded = load(folder)
    assert (loaded["mix.yaml"], loaded["lesson.md"]) == ("changed", "changed")
    mix = Exercise.objects.get(slug="mix")
    assert [revision.number for revision in mix.revisions.all()] == [1, 2]
    assert mix.current.number == 2
    assert mix.revisions.first().text == MIX
    assert Lesson.objects.get().body.startswith("Read that.")


def test_what_somebody_changed_on_the_site_is_never_written_over(folder):
    load(folder)
    Exercise.objects.filter(slug="mix").update(draft=MIX + "# an author's line\n")
    Lesson.objects.update(title="An author's title")
    write(folder, "01-soft-lookup/exercises/mix.yaml", MIX + "# a file's line\n")
    write(folder, "01-soft-lookup/lesson.md", LESSON.replace("Read this.", "Read that."))
    loaded = load(folder)
    assert (loaded["mix.yaml"], loaded["lesson.md"]) == ("left", "left")
    mix = Exercise.objects.select_related("current").get(slug="mix")
    assert mix.draft.endswith("# an author's line\n")
    assert mix.current.text == MIX
    assert Lesson.objects.get().title == "An author's title"
    assert Lesson.objects.get().body.startswith("Read this.")


def test_an_exercise_made_on_the_site_keeps_its_text_from_a_file_of_the_same_name(folder):
    factories.exercise(TWO_PARTS, slug="mix")
    assert load(folder)["mix.yaml"] == "left"
    assert Exercise.objects.get(slug="mix").draft == TWO_PARTS


def test_a_file_changed_to_what_the_site_says_already_is_the_same(folder):
    load(folder)
    edited = MIX + "# an author's line\n"
    mix = Exercise.objects.get(slug="mix")
    mix.draft = edited
    mix.save()
    catalog.revise(mix, edited)
    write(folder, "01-soft-lookup/exercises/mix.yaml", edited)
    assert load(folder)["mix.yaml"] == "same"
    write(folder, "01-soft-lookup/exercises/mix.yaml", MIX)
    assert load(folder)["mix.yaml"] == "changed"


def test_what_an_author_publishes_while_a_file_is_proved_stays(folder, monkeypatch):
    load(folder)
    theirs, author = MIX + "# an author's line\n", factories.author()
    real = catalog.prove

    def meanwhile(text, *, slug, seeds):
        monkeypatch.setattr(catalog, "prove", real)
        mix = Exercise.objects.get(slug="mix")
        desk.save_draft(mix, theirs, author)
        desk.publish(mix, desk.prove(theirs, "mix"), author)
        return real(text, slug=slug, seeds=seeds)

    monkeypatch.setattr(catalog, "prove", meanwhile)
    write(folder, "01-soft-lookup/exercises/mix.yaml", MIX.replace("tries: 3", "tries: 4"))
    assert load(folder)["mix.yaml"] == "left"
    mix = Exercise.objects.select_related("current").get(slug="mix")
    assert mix.draft == mix.current.text == theirs
    assert mix.proved
    assert mix.report_good


def test_an_exercise_begun_on_the_site_while_a_file_of_its_name_is_proved_stays(
    folder, monkeypatch
):
    real, author = catalog.prove, factories.author()

    def meanwhile(text, *, slug, seeds):
        if slug == "mix":
            desk.create("mix", author, TWO_PARTS)
        return real(text, slug=slug, seeds=seeds)

    monkeypatch.setattr(catalog, "prove", meanwhile)
    assert load(folder)["mix.yaml"] == "left"
    assert Exercise.objects.get(slug="mix").draft == TWO_PARTS


def test_loading_a_new_wording_touches_nothing_else_of_the_row(folder, monkeypatch):
    load(folder)
    real, elsewhere = catalog.prove, factories.lesson()

    def meanwhile(text, *, slug, seeds):
        Exercise.objects.filter(slug="mix").update(lesson=elsewhere, position=7)
        return real(text, slug=slug, seeds=seeds)

    monkeypatch.setattr(catalog, "prove", meanwhile)
    write(folder, "01-soft-lookup/exercises/mix.yaml", MIX.replace("tries: 3", "tries: 4"))
    assert load(folder)["mix.yaml"] == "changed"
    mix = Exercise.objects.get(slug="mix")
    assert (mix.lesson, mix.position) == (elsewhere, 7)


def test_where_an_admin_moved_an_exercise_it_stays_until_the_lesson_changes(folder):
    load(folder)
    elsewhere = factories.lesson()
    Exercise.objects.filter(slug="mix").update(lesson=elsewhere, position=9)
    Exercise.objects.filter(slug="two-numbers").update(position=5)
    write(folder, "01-soft-lookup/exercises/a-spare.yaml", TWO_PARTS)
    load(folder)
    stands = {row.slug: (row.lesson.slug, row.position) for row in Exercise.objects.all()}
    assert stands["mix"] == (elsewhere.slug, 9)
    assert stands["two-numbers"] == ("soft-lookup", 5)
    assert stands["a-spare"] == ("soft-lookup", 6)
    write(folder, "01-soft-lookup/lesson.md", LESSON.replace("Read this.", "Read that."))
    load(folder)
    placed = Exercise.objects.filter(lesson__slug="soft-lookup").in_order()
    assert [row.slug for row in placed] == ["two-numbers", "mix", "a-spare"]


def test_a_broken_exercise_says_every_fault_and_stops_nothing_else(folder):
    write(folder, "01-soft-lookup/exercises/mix.yaml", "title: Mix\nparts: []\nsamplse: []\n")
    told = {loaded.name.rpartition("/")[2]: loaded for loaded in catalog.load(folder)}
    assert told["mix.yaml"].did == "broken"
    assert "line 3" in told["mix.yaml"].why
    assert told["two-numbers.yaml"].did == "new"
    mix = Exercise.objects.get(slug="mix")
    assert (mix.current, mix.state) == (None, "failing")


def test_an_exercise_whose_samples_fail_is_not_published_and_the_old_wording_stays(folder):
    load(folder)
    lying = MIX.replace('"4, 1", score: 0', '"4, 1", score: 1')
    write(folder, "01-soft-lookup/exercises/mix.yaml", lying)
    told = {loaded.name.rpartition("/")[2]: loaded for loaded in catalog.load(folder)}
    assert told["mix.yaml"].did == "broken"
    assert "sample 2 (“4, 1”) was to get score 1" in told["mix.yaml"].why
    mix = Exercise.objects.get(slug="mix")
    assert (mix.current.text, mix.state) == (MIX, "failing")


def test_a_lesson_that_places_what_there_is_not_is_told(folder):
    (folder / "01-soft-lookup/exercises/mix.yaml").unlink()
    told = [loaded for loaded in catalog.load(folder) if loaded.did == "broken"]
    assert ["mix" in loaded.why for loaded in told] == [True]


def test_an_exercise_that_no_place_names_comes_last(folder):
    write(folder, "01-soft-lookup/exercises/a-spare.yaml", TWO_PARTS)
    load(folder)
    assert Lesson.objects.get().exercises.in_order().last().slug == "a-spare"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("No front at all.\n", "two lines of three hyphens"),
        ("---\ntitle: [\n---\nBody\n", "line 3"),
        ("---\njust words\n---\nBody\n", "title: ..."),
        ("---\ntitle: T\nauthor: me\n---\nBody\n", "not author"),
        ("---\nminutes: 3\n---\nBody\n", "title"),
        ("---\ntitle: T\nminutes: soon\n---\nBody\n", "minutes"),
        ("---\ntitle: T\x07\n---\nBody\n", "special characters are not allowed"),
        ("---\ntitle: T\ntakeaways: none\n---\nBody\n", "list of sentences"),
    ],
)
def test_a_broken_lesson_says_what_is_wrong(folder, text, words):
    write(folder, "01-soft-lookup/lesson.md", text)
    told = list(catalog.load(folder))
    assert [loaded.did for loaded in told] == ["broken"]
    assert words in told[0].why
    assert not Lesson.objects.exists()


def test_a_folder_without_lessons_is_refused(tmp_path):
    with pytest.raises(catalog.BrokenContent, match="No lessons"):
        list(catalog.load(tmp_path))
    with pytest.raises(catalog.BrokenContent, match="no folder"):
        list(catalog.load(tmp_path / "nowhere"))


def test_files_that_cannot_be_read_or_named_are_told(folder):
    (folder / "01-soft-lookup/exercises/mix.yaml").write_bytes(b"\xff\xfe\x00")
    write(folder, "01-soft-lookup/exercises/not a name.yaml", MIX)
    told = {loaded.name.rpartition("/")[2]: loaded.did for loaded in catalog.load(folder)}
    assert told["mix.yaml"] == told["not a name.yaml"] == "broken"


def test_the_same_wording_is_no_new_revision():
    exercise = factories.exercise()
    first = exercise.current
    assert catalog.revise(exercise, MIX) == first
    assert Revision.objects.count() == 1
    second = catalog.revise(exercise, MIX + "# more\n")
    assert (second.number, exercise.current) == (2, second)
    # A wording may come back: it is then the newest once more.
    assert catalog.revise(exercise, MIX).number == 3


def test_a_text_that_cannot_be_opened_is_no_revision():
    exercise = factories.draft()
    with pytest.raises(BrokenExercise):
        catalog.revise(exercise, "title: x\n")
    assert not Revision.objects.exists()


def test_a_variant_comes_from_the_stored_numbers_alone(monkeypatch):
    sheet = factories.sheet(factories.exercise(factories.DRAWN))
    shown = catalog.variant(sheet).shown

    def never(*_, **__):
        raise AssertionError("drawn again")

    monkeypatch.setattr(grader, "vary", never)
    assert catalog.variant(sheet).shown == shown


def test_a_difference_tells_what_goes_out_and_what_comes_in():
    lines = catalog.difference("a\nb\nc\n", "a\nB\nc\nd\n")
    assert [(line.change, line.text) for line in lines] == [
        ("kept", "a"),
        ("out", "b"),
        ("in", "B"),
        ("kept", "c"),
        ("in", "d"),
    ]
    assert catalog.difference("", "") == ()
