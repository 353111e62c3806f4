import pytest

from grading.draws import Stream


def test_the_stream_is_the_same_on_every_machine_and_in_every_version():
    # Golden: a sheet drawn today must be drawn alike by every later version.
    stream = Stream("given", 7, 0, "keys")
    assert [stream.between(-2, 5) for _ in range(12)] == GOLDEN


GOLDEN = [-2, -2, 4, 2, 4, -2, 1, 4, 3, 3, 1, 5]


def test_labels_make_streams_differ():
    one, other = Stream(1, "a"), Stream(1, "b")
    assert [one.below(1000) for _ in range(5)] != [other.below(1000) for _ in range(5)]


def test_every_number_of_the_range_comes_about_equally_often():
    stream = Stream("even")
    counts = [0] * 6
    for _ in range(6000):
        counts[stream.below(6)] += 1
    assert all(850 < count < 1150 for count in counts)


def test_one_of_takes_from_the_options():
    assert Stream("x").one_of(["only"]) == "only"


@pytest.mark.parametrize("bound", [0, -1, 2**33])
def test_a_bound_out_of_range_is_refused(bound):
    with pytest.raises(ValueError, match="bound"):
        Stream("x").below(bound)
