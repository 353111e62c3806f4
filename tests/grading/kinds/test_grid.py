import pytest

from grading import grader
from grading.errors import BrokenExercise, Unreadable

ROW = """\
title: One row of products
given:
  w: {value: [0.72, 0.05]}
  v: {value: [[4, 1], [1, 4]]}
parts:
  - name: row
    kind: grid
    prompt: Weigh the first value.
    columns: [first, second]
    cells: ["{w[1]}*{v[1][1]}", "{w[1]}*{v[1][2]}"]
    near: {too-few-digits: 0.5}
    wrong:
      - {cells: ["{w[1]}*{v[1][1]}", "{v[1][2]}"], code: first-only, say: "Only {w[1]}*{v[1][1]} is weighed."}
      - {cells: ["{v[1][1]}", "{v[1][2]}"], code: unweighed, say: That is the value itself.}
samples:
  - {answer: "2.88, 0.72", score: 1}
"""  # noqa: E501  # as authors write it

TABLE = """\
title: A table
parts:
  - name: table
    kind: grid
    prompt: Fill it in.
    rows: [cat, cup]
    columns: [left, right]
    cells: [["0.1", {shown: 0.9}], ["exp(0)/5", {answer: "sqrt(0.64)", tolerance: {places: 1}}]]
    must:
      - {sum: 1, of: rows}
      - {sign: positive, say: No weight is negative.}
      - {order: "[2][2] > [2][1]"}
samples:
  - {answer: "0.1, , 0.2, 0.8", outcome: unreadable}
"""

SQUARE = """\
title: Products of two pairs
parts:
  - name: table
    kind: grid
    prompt: Fill it in.
    cells: [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
samples:
  - {answer: "1, 2, 3; 4, 5, 6; 7, 8, 9", score: 1}
"""


def graded(text, cells):
    variant = grader.vary(grader.open(text, slug="x"), seed=0)
    (name,) = variant.posed
    return grader.grade(variant, {name: {"cells": cells}})


def codes(text, cells):
    return [finding.code for finding in graded(text, cells).every_finding()]


def told(text, cells):
    return [grader.say(finding) for finding in graded(text, cells).every_finding()]


@pytest.mark.parametrize(
    "cells", ["2.88, 0.72", "[2.88; 72%]", "0.72*4\n0.72*1", "2,88; 0,72", "72/25\t18/25"]
)
def test_all_cells_right_however_they_are_written(cells):
    verdict = graded(ROW, cells)
    assert verdict.score == 1
    assert verdict.every_finding()[0].code == "grid-right"


def test_each_cell_counts_for_itself_and_the_others_are_called_by_name():
    assert graded(ROW, "2.88, 0.5").score == 0.5
    assert told(ROW, "2.88, 0.5") == ["1 of 2 cells are right. Look at “second” again."]


def test_all_or_nothing_where_the_author_says_so():
    text = ROW.replace("    near:", "    credit: all\n    near:")
    assert graded(text, "2.88, 0.5").score == 0
    assert graded(text, "2.88, 0.7").score == 0
    assert graded(text, "2.88, 0.72").score == 1


def test_a_blank_cell_is_said_and_the_others_are_marked():
    assert graded(ROW, "2.88, ").score == 0.5
    assert told(ROW, "2.88, ") == ["1 of 2 cells are right so far.", "Left blank: “second”."]


def test_a_foreseen_wrong_grid_is_told_in_the_authors_words_and_keeps_its_right_cells():
    verdict = graded(ROW, "2.88, 1")
    assert verdict.score == 0.5
    assert "Only 0.72*4 is weighed." in told(ROW, "2.88, 1")
    assert codes(ROW, "4, 1") == ["unweighed"]
    assert graded(ROW, "4, 1").score == 0


@pytest.mark.parametrize(
    ("cells", "code", "score"),
    [
        ("0.72, 2.88", "grid-swapped", 0),
        ("-2.88, -0.72", "grid-sign", 0),
        ("28.8, 7.2", "grid-slipped-point", 0),
        ("2.9, 0.7", "grid-too-few-digits", 0.5),
        ("17, 33", "grid-wrong", 0),
    ],
)
def test_what_went_wrong_has_a_name(cells, code, score):
    assert code in codes(ROW, cells)
    assert graded(ROW, cells).score == score


def test_no_message_tells_the_key():
    for cells in ("0.72, 2.88", "-2.88, -0.72", "17, 33", "2.9, 33"):
        for sentence in told(ROW, cells):
            assert "2.88" not in sentence
            assert "0.72" not in sentence


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ("1 4 7\n2 5 8\n3 6 9", "rows and columns have changed places"),
        ("4 5 6\n1 2 3\n7 8 9", "“row 1” and “row 2” have changed places."),
        ("3 2 1\n6 5 4\n9 8 7", "“column 1” and “column 3” have changed places."),
        ("1 6 3\n4 5 2\n7 8 9", "“row 1, column 2” and “row 2, column 3” have changed places."),
    ],
)
def test_right_numbers_in_each_others_places_are_seen(cells, said):
    assert any(said in sentence for sentence in told(SQUARE, cells.replace(" ", ", ")))


def test_of_many_wrong_cells_only_the_count_is_said():
    assert told(SQUARE, "1, 2, 0; 0, 0, 0; 0, 0, 0") == [
        "2 of 9 cells are right. Look at 7 cells again."
    ]


def test_shown_cells_are_not_asked_for_and_not_counted():
    variant = grader.vary(grader.open(TABLE, slug="x"), seed=0)
    (field,) = variant.shown["table"].fields
    assert field.fixed == ("", "0.9", "", "")
    assert field.widget == "grid"
    assert graded(TABLE, "0.1, \n0.2, 0.8").score == 1
    assert graded(TABLE, "0.1, 0.9\n0.2, 0.8").score == 1
    assert graded(TABLE, "0.1, 0.2, 0.8").score == 1
    assert graded(TABLE, "0.1, \n0.2, 0.5").score == pytest.approx(2 / 3)


def test_a_shown_cell_cannot_be_changed():
    with pytest.raises(Unreadable, match=r"This cell is given: it is 0\.9") as caught:
        graded(TABLE, "0.1, 0.85\n0.2, 0.8")
    (fault,) = caught.value.misreadings
    assert (fault.start, fault.end) == (5, 9)


def test_a_cell_may_have_a_tolerance_of_its_own():
    assert graded(TABLE, "0.1, \n0.2, 0.84").score == 1
    assert graded(TABLE, "0.11, \n0.2, 0.8").score == pytest.approx(2 / 3)


def test_what_must_hold_is_said_in_its_own_words():
    assert "“cup”: the sum is 1.1. What must it be?" in told(TABLE, "0.1, \n0.2, 0.9")
    assert "No weight is negative." in told(TABLE, "-0.1, \n0.2, 0.8")
    order = "You have “cup, right” not larger than “cup, left”. Compare the two again."
    assert order in told(TABLE, "0.1, \n0.8, 0.2")


def test_of_lines_with_the_same_fault_only_the_first_is_told():
    assert codes(TABLE, "0.3, \n0.3, 0.3").count("grid-sum-broken") == 1


def test_what_cannot_be_seen_yet_is_not_held_against_anybody():
    assert codes(TABLE, "0.1, \n0.2, ") == ["grid-so-far", "grid-blank"]


def test_honest_rounding_does_not_break_a_sum():
    text = """\
title: Thirds
parts:
  - name: thirds
    kind: grid
    prompt: Share 1 among three.
    cells: [1/3, 1/3, 1/3]
    tolerance: {places: 3}
    must: [{sum: 1}]
samples: [{answer: "1/3, 1/3, 1/3", score: 1}]
"""
    assert graded(text, "0.333, 0.333, 0.333").score == 1
    assert "grid-sum-broken" not in codes(text, "0.33, 0.33, 0.33")
    assert "grid-sum-broken" in codes(text, "0.3, 0.2, 0.333")


def test_one_asked_cell_is_told_as_one_number():
    text = """\
title: The missing weight
given: {w: {draw: weights, count: 3}}
parts:
  - name: row
    kind: grid
    prompt: What is missing?
    columns: [cat, car, cup]
    cells: [{shown: "{w[1]}"}, "1 - {w[1]} - {w[3]}", {shown: "{w[3]}"}]
samples: [{answer: "7", score: 0}]
"""
    exercise = grader.open(text, slug="x")
    variant = grader.vary(exercise, seed=0)
    weight = grader.solve(variant)["row"].answer["cells"].split(", ")[1]
    assert grader.grade(variant, {"row": {"cells": weight}}).score == 1
    assert grader.grade(variant, {"row": {"cells": f", {weight}, "}}).score == 1
    (finding,) = grader.grade(variant, {"row": {"cells": ", 7, "}}).every_finding()
    assert grader.say(finding) == "7 is not it."
    assert grader.check(exercise, seeds=range(10)).good


def test_a_guessed_reading_is_said_beside_the_verdict():
    assert codes(ROW, "2,88; 0,72") == ["grid-right", "read-decimal-comma"]


def test_the_solution_works_out_each_cell_that_needs_it():
    variant = grader.vary(grader.open(TABLE, slug="x"), seed=0)
    worked = grader.solve(variant)["table"]
    assert worked.steps == (
        r"cup, left: $\frac{e^{0}}{5} = 0.2$",
        r"cup, right: $\sqrt{0.64} = 0.8$",
    )
    assert worked.answer == {"cells": "0.1, 0.9\n0.2, 0.8"}


def test_equal_answers_have_equal_texts():
    variant = grader.vary(grader.open(ROW, slug="x"), seed=0)

    def normal(cells):
        return grader.normal(variant, {"row": {"cells": cells}})["row"]

    assert normal("2.88, 72%") == normal("[288/100; 0.720]") != normal("2.88, 0.7")


@pytest.mark.parametrize("text", [ROW, TABLE, SQUARE])
def test_it_proves(text):
    report = grader.check(grader.open(text, slug="x"), seeds=range(9))
    assert not report.faults
    assert not report.warnings


@pytest.mark.parametrize(
    ("text", "old", "new", "told_so"),
    [
        (SQUARE, "[4, 5, 6]", "[4, 5]", "as many cells as the first"),
        (SQUARE, "[4, 5, 6]", "4", "as many cells as the first"),
        (SQUARE, "[[1, 2, 3], [4, 5, 6], [7, 8, 9]]", "[]", "`cells` is a list"),
        (SQUARE, "[4, 5, 6]", '[4, "5 +", 6]', "A number is missing after"),
        (SQUARE, "[4, 5, 6]", '[4, "{x}", 6]', "no given is called `x`"),
        (SQUARE, "[4, 5, 6]", '[4, "1/0", 6]', "nothing can be divided by 0"),
        (SQUARE, "[4, 5, 6]", '[4, "sqrt(2)", 6]', "This number is irrational"),
        (SQUARE, "[4, 5, 6]", '[4, {shown: "sqrt(2)"}, 6]', "holds an exact number"),
        (SQUARE, "[4, 5, 6]", "[4, {answer: 5, shown: 5}, 6]", "A cell is a number"),
        (SQUARE, "[4, 5, 6]", "[4, {answer: 5, tolerence: exact}, 6]", "Did you mean"),
        (SQUARE, "[4, 5, 6]", "[4, {answer: 5, tolerance: {honest: 2}}, 6]", "its `places`"),
        (ROW, "columns: [first, second]", "columns: [first]", "a list of 2 labels"),
        (ROW, "columns: [first, second]", "rows: [first, second]", "has no `rows`"),
        (ROW, "near: {too-few-digits: 0.5}", "credit: some", "`credit` is `each`"),
        (ROW, "too-few-digits: 0.5", "too-few-digits: 1", "earns a share"),
        (ROW, '"{v[1][2]}"], code: first-only', "], code: first-only", "2 cells in a row"),
        (ROW, "code: unweighed", "code: Un weighed", "`code` names the wrong turn"),
        (TABLE, "{sum: 1, of: rows}", "{sum: 1, of: lines}", "`rows`, `columns` or `all`"),
        (TABLE, "{sum: 1, of: rows}", "{sum: 2, of: rows}", "break a rule in `must`: sum"),
        (TABLE, "{sum: 1, of: rows}", "{total: 1}", "A rule is one of"),
        (TABLE, "sign: positive", "sign: negative", "break a rule in `must`: sign"),
        (TABLE, "sign: positive", "sign: plus", "`sign` is one of"),
        (TABLE, "[2][2] > [2][1]", "[2][1] > [2][2]", "break a rule in `must`: order"),
        (TABLE, "[2][2] > [2][1]", "[2][2] > dog", "“dog” names no cell"),
        (TABLE, "[2][2] > [2][1]", "[2][2]", "the largest first"),
        (TABLE, "[2][2] > [2][1]", "[2][2] > [3][1]", "“[3][1]” names no cell"),
    ],
)  # fmt: skip
def test_faults_are_told_to_the_author_at_their_line(text, old, new, told_so):
    assert old in text
    changed = text.replace(old, new, 1)
    with pytest.raises(BrokenExercise) as caught:
        grader.open(changed, slug="x")
    found = [fault for fault in caught.value.faults if told_so in fault.message]
    assert found, caught.value
    # It stands in the line that was changed.
    assert found[0].line == text[: text.index(old)].count("\n") + 1


def test_a_wrong_grid_that_is_the_right_one_is_refused_or_never_drawn():
    same = SQUARE.replace(
        "samples:",
        "    wrong: [{cells: [[1, 2, 3], [4, 10/2, 6], [7, 8, 9]], code: same, say: No}]\nsamples:",
    )
    with pytest.raises(BrokenExercise, match="This wrong grid is the right one"):
        grader.open(same, slug="x")
    drawn = ROW.replace(
        "w: {value: [0.72, 0.05]}", "w: {draw: integers, low: 1, high: 2, shape: 2}"
    )
    exercise = grader.open(drawn, slug="x")
    for seed in range(20):
        # With a weight of 1 the unweighed value would be right.
        assert grader.vary(exercise, seed=seed).numbers["given"]["w"][0] == "2"


def test_two_wrong_grids_that_are_the_same_are_told():
    twice = ROW.replace("code: unweighed", "code: again").replace(
        "    wrong:\n",
        '    wrong:\n      - {cells: ["{v[1][1]}", "{v[1][2]}"], code: unweighed, say: No.}\n',
    )
    report = grader.check(grader.open(twice, slug="x"), seeds=[0])
    assert any("cannot be told apart" in fault.message for fault in report.warnings)


COMMAS = """\
title: Labels with signs in them
parts:
  - name: n
    kind: grid
    prompt: x
    rows: [a, "b > c"]
    columns: ["x, y", "z"]
    cells: [[1, 2], [3, 4]]
    must: [{order: ["b > c, z", "a, x, y"]}]
samples:
  - {answer: "2, 1; 4, 3", score: 0, finding: grid-swapped}
"""


def test_a_label_is_told_whole_whatever_stands_in_it():
    variant = grader.vary(grader.open(COMMAS, slug="x"), seed=0)

    def told(cells):
        return [
            grader.say(f) for f in grader.grade(variant, {"n": {"cells": cells}}).every_finding()
        ]

    assert "“x, y” and “z” have changed places." in told("2, 1; 4, 3")
    assert "“a” and “b > c” have changed places." in told("3, 4; 1, 2")
    assert any("“b > c, z” not larger than “a, x, y”" in text for text in told("7, 0; 0, 2"))


def test_an_order_of_one_cell_is_refused_as_a_list_too():
    with pytest.raises(BrokenExercise, match="the largest first"):
        grader.open(COMMAS.replace(', "a, x, y"]', "]"), slug="x")
