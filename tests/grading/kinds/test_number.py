from fractions import Fraction

import pytest

from grading import grader
from grading.errors import BrokenExercise, Unreadable
from grading.sentences import settled

LEFT = """\
title: What is left
given:
  named: {draw: choose, from: [0.7, 0.6]}
parts:
  - name: left
    kind: number
    prompt: One word has {named}, another 0.15. How much is left?
    answer: "1 - {named} - 0.15"
    wrong:
      - {answer: "1 - {named}", code: forgot-one, say: "You took away {named} alone."}
    steps: ["1 - {named} - 0.15"]
samples:
  - {answer: "1 - 0.7 - 0.15", score: 1, seed: 1}
"""


def graded(text, number, seed=1):
    variant = grader.vary(grader.open(text, slug="x"), seed=seed)
    return grader.grade(variant, {"left": {"number": number}})


def seed_with(named):
    exercise = grader.open(LEFT.replace("seed: 1", "seed: 0"), slug="x")
    return next(s for s in range(50) if named in grader.vary(exercise, seed=s).shown["left"].prompt)


def test_the_key_follows_the_numbers_of_the_sheet():
    assert graded(LEFT, "0.15", seed_with("0.7")).score == 1
    assert graded(LEFT, "3/20", seed_with("0.7")).score == 1
    assert graded(LEFT, "0.25", seed_with("0.6")).score == 1
    assert graded(LEFT, "0.25", seed_with("0.7")).score == 0


def test_a_foreseen_wrong_number_is_told_in_the_authors_words():
    verdict = graded(LEFT, "0.3", seed_with("0.7"))
    (finding,) = verdict.every_finding()
    assert (finding.code, grader.say(finding)) == ("forgot-one", "You took away 0.7 alone.")


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("15", "percent-for-fraction"),
        ("-0.15", "sign"),
        ("1.5", "slipped-point"),
        ("7", "number-wrong"),
    ],
)
def test_near_misses_have_names_and_do_not_tell_the_key(number, code):
    (finding,) = graded(LEFT, number, seed_with("0.7")).every_finding()
    assert finding.code == code
    assert "0.15" not in grader.say(finding).replace(number, "")


def test_a_guessed_reading_is_said_beside_the_verdict():
    findings = graded(LEFT, "0,15", seed_with("0.7")).every_finding()
    assert [finding.code for finding in findings] == ["number-right", "read-decimal-comma"]
    assert grader.say(findings[1]) == "0,15 was read as 0.15, the comma taken for a decimal point."


def test_what_is_no_number_costs_no_try():
    with pytest.raises(Unreadable):
        graded(LEFT, "__import__('os')")


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('answer: "1 - {named} - 0.15"', "answer: [1]", "calculation"),
        ('answer: "1 - {named} - 0.15"', 'answer: "1 - {name} - 0.15"', "calculation"),
        ("code: forgot-one", "code: Forgot One", "wrong"),
        ("    steps:", "    tolerance: {places: -1}\n    steps:", "tolerance-digits"),
    ],
)
def test_faults_are_told_to_the_author(old, new, code):
    with pytest.raises(BrokenExercise) as caught:
        grader.open(LEFT.replace(old, new, 1), slug="x")
    assert code in [fault.code for fault in caught.value.faults]


def test_a_foreseen_wrong_number_that_is_right_is_found_by_proving():
    text = LEFT.replace('{answer: "1 - {named}", code', '{answer: "0.85 - {named}", code')
    with pytest.raises(BrokenExercise, match="as good as the right one"):
        grader.open(text, slug="x")


RELAY = """\
title: A relay
given:
  keep: {draw: choose, from: [0.9, 0.95]}
  hops: [12, 29]
parts:
  - name: left
    kind: number
    prompt: "{hops[2]} hand-overs, each keeps {keep}."
    answer: "{keep}^{hops[2]}"
    tolerance: {places: 3}
    near: {too-few-digits: 0.5}
    wrong:
      - {answer: "{keep}*{hops[2]}", code: product, say: "Not {hops[2]} times {keep}."}
    steps: ["${keep}^{{hops[2]}}$"]
samples:
  - {answer: "x", outcome: unreadable}
"""


def seed_keeping(share):
    exercise = grader.open(RELAY, slug="x")
    return next(s for s in range(50) if share in grader.vary(exercise, seed=s).shown["left"].prompt)


def test_a_calculation_may_name_an_entry_of_a_list():
    seed = seed_keeping("0.9.")
    assert graded(RELAY, "0.9^29", seed).score == 1
    assert graded(RELAY, "0.047", seed).score == 1
    assert (
        "29 hand-overs" in grader.vary(grader.open(RELAY, slug="x"), seed=seed).shown["left"].prompt
    )
    (finding,) = graded(RELAY, "26.1", seed).every_finding()
    assert grader.say(finding) == "Not 29 times 0.9."


def test_an_entry_that_is_not_there_is_refused_at_its_line():
    with pytest.raises(BrokenExercise) as caught:
        grader.open(RELAY.replace('"{keep}^{hops[2]}"', '"{keep}^{hops[3]}"'), slug="x")
    (fault,) = caught.value.faults
    assert (fault.code, fault.line) == ("calculation", 9)
    assert "counted from 1" in fault.message


def test_a_long_power_is_told_as_somebody_would_write_it():
    variant = grader.vary(grader.open(RELAY, slug="x"), seed=seed_keeping("0.9."))
    assert grader.solve(variant)["left"].answer["number"].startswith("0.0471012")


def test_too_few_digits_earn_what_the_author_says_and_are_told_what_was_asked():
    verdict = graded(RELAY, "0.05", seed_keeping("0.9."))
    assert verdict.score == Fraction(1, 2)
    (finding,) = verdict.every_finding()
    assert finding.tone == "partly"
    assert grader.say(finding) == (
        "You typed 0.05. That is right as far as it goes: give 3 decimal places."
    )
    assert settled(finding) == "From 0.046601287 to 0.0475 was accepted; 0.05 is 0.00289871 off."


def test_honest_rounding_is_not_for_one_number():
    with pytest.raises(BrokenExercise, match="say its `places`"):
        grader.open(RELAY.replace("{places: 3}", "{honest: 3}"), slug="x")


def test_two_wrong_numbers_that_cannot_be_told_apart_are_drawn_again():
    wrong = '      - {answer: "{keep}*29 + 0.0001", code: other, say: No.}\n    steps'
    with pytest.raises(BrokenExercise, match="cannot be told apart"):
        grader.open(RELAY.replace("    steps", wrong), slug="x")


WRONG = """\
title: Wrong
given:
  a: 0.5
parts:
  - name: left
    kind: number
    prompt: What?
    answer: "{{a}} / 2"
    tolerance: {tolerance}
    wrong:
      - {{answer: 7, code: seven, say: No.}}
      - {{answer: "{wrong}", code: same, say: No.}}
samples:
  - {{answer: "99", score: 0}}
"""


def test_a_wrong_number_that_is_written_as_the_right_one_is_refused_at_its_line():
    for wrong in ("{a} / 2", "{a}/2"):
        text = WRONG.format(wrong=wrong, tolerance="exact").replace('"{a} / 2"', f'"{wrong}"', 1)
        with pytest.raises(BrokenExercise) as caught:
            grader.open(text, slug="x")
        (fault,) = caught.value.faults
        assert (fault.code, fault.line) == ("wrong", 12)


@pytest.mark.parametrize("tolerance", ["exact", "{places: 2}", "{range: [0, 1]}"])
def test_a_wrong_number_that_comes_to_the_right_one_is_refused_at_its_line(tolerance):
    text = WRONG.format(wrong="1/4", tolerance=tolerance)
    report = grader.check(grader.open(text, slug="x"), seeds=[0])
    assert [(fault.code, fault.line) for fault in report.faults] == [("stray-passes", 12)]


def test_a_foreseen_number_is_told_beside_a_range_too():
    text = WRONG.format(wrong="9", tolerance="{range: [0, 1]}")
    assert grader.check(grader.open(text, slug="x"), seeds=[0]).good
    assert [f.code for f in graded(text, "9", 0).every_finding()] == ["same"]
    assert [f.code for f in graded(text, "8", 0).every_finding()] == ["number-wrong"]
    close = text.replace('"9"', "7").replace("same", "other")
    warned = grader.check(grader.open(close, slug="x"), seeds=[0]).warnings
    assert [warning.code for warning in warned] == ["coincides"]


def test_an_irrational_number_cannot_be_asked_for_exactly():
    text = LEFT.replace("1 - {named} - 0.15", "sqrt({named})", 1)
    with pytest.raises(BrokenExercise, match="This number is irrational") as caught:
        grader.open(text, slug="x")
    (fault,) = caught.value.faults
    assert fault.line == 8
    near = text.replace("    wrong:", "    tolerance: {places: 3}\n    wrong:")
    assert grader.open(near.replace("score: 1,", "score: 0,"), slug="x").drawn


def test_without_steps_the_calculation_itself_is_worked_with_its_closed_form():
    text = LEFT.replace('    steps: ["1 - {named} - 0.15"]\n', "")
    worked = grader.solve(grader.vary(grader.open(text, slug="x"), seed=seed_with("0.7")))["left"]
    assert worked.steps == ("$1 - 0.7 - 0.15 = 0.15$",)
    irrational = (
        'title: t\nparts:\n  - {name: n, kind: number, prompt: x, answer: "e^2/(e+e^2)", '
        'tolerance: {places: 2}}\nsamples:\n  - {answer: "0.73", score: 1}\n'
    )
    worked = grader.solve(grader.vary(grader.open(irrational, slug="x"), seed=0))["n"]
    assert worked.steps == (r"$\frac{e^{2}}{e + e^{2}} = \frac{e}{1 + e} \approx 0.731059$",)
