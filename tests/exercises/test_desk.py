"""The author's desk: nothing is lost while writing, and only what is good is published."""

import pytest

from exercises import catalog, desk, intake
from exercises.models import Exercise, Revision, digest_of
from tests import factories
from tests.factories import DRAWN, MIX

pytestmark = pytest.mark.django_db


def test_an_author_begins_an_exercise():
    author = factories.author()
    exercise = desk.create("mix-it", author, MIX)
    assert list(exercise.authors.all()) == [author]
    assert (exercise.state, exercise.draft) == ("draft", MIX)


@pytest.mark.parametrize("slug", ["", "Mix", "mix it", "../mix", "mix_it", "m" * 81, "ö"])
def test_a_name_that_makes_no_address_is_refused(slug):
    with pytest.raises(desk.BadName):
        desk.create(slug, factories.author())


def test_a_name_is_given_once():
    desk.create("mix", factories.author())
    with pytest.raises(desk.BadName, match="already"):
        desk.create("mix", factories.author())


def test_a_draft_is_kept_good_or_not_and_learners_keep_what_they_have():
    exercise, author = factories.exercise(), factories.author()
    desk.save_draft(exercise, "title: [", author)
    exercise = Exercise.objects.get(pk=exercise.pk)
    assert exercise.draft == "title: ["
    assert exercise.current.text == MIX
    assert intake.deal(factories.learner(), exercise).revision.text == MIX


def test_a_browsers_line_ends_are_made_plain():
    exercise = desk.save_draft(factories.draft(), "a: 1\r\nb: 2\rc: 3\x00", factories.author())
    assert exercise.draft == "a: 1\nb: 2\nc: 3"


def test_two_authors_do_not_write_over_each_other():
    exercise, ann, ben = factories.draft(), factories.author(), factories.author()
    base = exercise.draft_digest
    desk.save_draft(exercise, "by ann", ann, base=base)
    with pytest.raises(desk.DraftMoved) as moved:
        desk.save_draft(exercise, "by ben", ben, base=base)
    assert moved.value.theirs == "by ann"
    assert Exercise.objects.get().draft == "by ann"
    desk.save_draft(exercise, "by both", ben, base=digest_of("by ann"))
    assert Exercise.objects.get().draft == "by both"


def test_saving_the_same_draft_twice_is_no_clash():
    exercise, ann = factories.draft(), factories.author()
    base = exercise.draft_digest
    desk.save_draft(exercise, "new", ann, base=base)
    desk.save_draft(exercise, "new", ann, base=base)
    assert Exercise.objects.get().draft == "new"


def test_a_draft_that_is_too_long_is_refused():
    with pytest.raises(desk.TooLong):
        desk.save_draft(factories.draft(), "x" * (desk.LONGEST + 1), factories.author())
    with pytest.raises(desk.TooLong):
        desk.prove("x" * (desk.LONGEST + 1), "x")


def test_proving_tells_every_fault_at_its_line():
    report = desk.prove("title: T\ntires: 3\nparts:\n  - {name: a, kind: nothing}\n", "x")
    assert not report.good
    assert {fault.line for fault in report.faults} >= {2, 4}


def test_proving_runs_the_samples_on_many_sheets():
    report = desk.prove(DRAWN, "x", seeds=range(5))
    assert report.good
    assert report.seeds_run == 5
    assert len(report.samples) >= 1


def test_a_good_draft_is_published_as_the_next_revision():
    exercise, author = factories.exercise(), factories.author()
    desk.save_draft(exercise, MIX.replace("tries: 3", "tries: 4"), author)
    report = desk.prove(exercise.draft, exercise.slug)
    revision = desk.publish(exercise, report, author)
    assert (revision.number, revision.published_by) == (2, author)
    assert exercise.current == revision
    assert exercise.state == "published"


def test_publishing_the_same_text_makes_no_revision():
    exercise, author = factories.exercise(), factories.author()
    report = desk.prove(exercise.draft, exercise.slug)
    assert desk.publish(exercise, report, author) == exercise.current
    assert Revision.objects.count() == 1


def test_a_report_on_another_text_publishes_nothing():
    exercise, author = factories.draft(), factories.author()
    report = desk.prove(exercise.draft, exercise.slug)
    desk.save_draft(exercise, MIX + "# edited since\n", author)
    with pytest.raises(desk.NotThisText):
        desk.publish(exercise, report, author)
    assert not Revision.objects.exists()


def test_a_bad_report_publishes_nothing_and_says_why():
    lying = MIX.replace('"4, 1", score: 0', '"4, 1", score: 1')
    exercise, author = factories.draft(lying), factories.author()
    with pytest.raises(desk.NotGood, match="sample 2"):
        desk.publish(exercise, desk.prove(lying, exercise.slug), author)
    assert not Revision.objects.exists()


def test_proving_a_draft_keeps_the_report_beside_it():
    exercise = factories.draft("title: Nothing in it\n")
    report = desk.prove_draft(exercise.pk)
    kept = Exercise.objects.get()
    assert (kept.state, kept.proved, kept.report_good) == ("failing", True, False)
    assert kept.report["faults"][0]["message"] == report.faults[0].message


def test_a_proof_that_comes_after_the_next_draft_is_not_kept(monkeypatch):
    exercise, real = factories.draft(), catalog.prove

    def slow(text, *, slug, seeds):
        monkeypatch.setattr(catalog, "prove", real)
        desk.save_draft(exercise, MIX + "# more\n", factories.author())
        assert desk.prove_draft(exercise.pk).good
        return real(text, slug=slug, seeds=seeds)

    monkeypatch.setattr(catalog, "prove", slow)
    desk.prove_draft(exercise.pk)
    assert Exercise.objects.get().proved
