"""Guesses are told, one of each sort, and what was certain is not."""

from grading.numeric.notes import guessed
from grading.numeric.reading import read_number


def test_a_guess_is_told_once_with_what_was_typed():
    notes = [note for text in ("0,7", "0,3", "70%", "0.5") for note in read_number(text).notes]
    found = list(guessed(notes, "box"))
    assert [finding.code for finding in found] == ["read-decimal-comma", "read-percent"]
    assert {finding.place for finding in found} == {"box"}
    assert found[0].facts["typed"] == "0,7"


def test_a_reading_that_could_be_nothing_else_is_not_told():
    notes = read_number("−2*.3").notes
    assert not [note for note in notes if note.guess]
    assert list(guessed(notes, "box")) == []
