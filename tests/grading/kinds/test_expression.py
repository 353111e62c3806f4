import pytest

from grading import grader
from grading.errors import BrokenExercise, Unreadable

SCALE = """\
title: The scale of a score
given:
  c: {draw: choose, from: [2, 3]}
parts:
  - name: scale
    kind: expression
    prompt: Write the scaled score, times {c}.
    names:
      d_k: {means: how many components a key has, domain: positive}
      s: the score.
    answer: "{c}*s/sqrt(d_k)"
    near: {sign: 0.5, factor: 0.25}
    wrong:
      - {answer: "{c}*s/d_k", code: scaled-by-d, say: "You divided {c}*s by d itself."}
    steps: ["Divide {c}*s by the root."]
samples:
  - {answer: "s", score: 0, finding: expression-differs}
"""


def variant(text=SCALE, two=True):
    exercise = grader.open(text, slug="x")
    return next(
        v for v in (grader.vary(exercise, seed=s) for s in range(50))
        if ("times 2" in v.shown["scale"].prompt) == two
    )  # fmt: skip


def graded(formula, text=SCALE, two=True):
    return grader.grade(variant(text, two), {"scale": {"formula": formula}})


def codes(formula):
    return [finding.code for finding in graded(formula).every_finding()]


@pytest.mark.parametrize(
    "formula",
    [
        "2*s/sqrt(d_k)",
        "2 * S / √dk",
        "s*2*d_k^-0.5",
        "sqrt(4*s^2/d_k)*s/abs(s)",
        "s/(50%*d_k**(1/2))",
        "2*s*exp(-ln(d_k)/2)",
    ],
)
def test_a_formula_is_right_however_it_is_written(formula):
    assert graded(formula).score == 1


def test_the_key_follows_the_numbers_of_the_sheet():
    assert graded("3*s/sqrt(d_k)", two=False).score == 1
    assert graded("2*s/sqrt(d_k)", two=False).score != 1


def test_a_foreseen_wrong_formula_is_told_in_the_authors_words_and_shown_at_a_point():
    verdict = graded("2*s*d_k^-1")
    assert verdict.score == 0
    told = [grader.say(finding) for finding in verdict.every_finding()]
    assert told == [
        "You divided 2*s by d itself.",
        "Try it at d_k = 4 and s = 9: yours gives 4.5. What should come out there?",
    ]


@pytest.mark.parametrize(
    ("formula", "score", "found"),
    [
        ("-2*s/sqrt(d_k)", 0.5, ["expression-sign", "expression-differs"]),
        ("s/sqrt(d_k)", 0.25, ["expression-factor", "expression-differs"]),
        ("sqrt(d_k)/(2*s)", 0, ["expression-upside-down", "expression-differs"]),
        ("2*s*sqrt(d_k)", 0, ["expression-differs"]),
        ("2*s/sqrt(-d_k)", 0, ["expression-no-value"]),
        ("2*s/sqrt(d_k) + 1e-100", 0, ["expression-wrong"]),
        ("7", 0, ["expression-differs"]),
    ],
)
def test_near_misses_have_names_and_the_credit_their_author_gives(formula, score, found):
    assert graded(formula).score == score
    assert codes(formula) == found


def test_a_witness_names_the_point_and_both_values():
    (finding,) = graded("s + d_k").every_finding()
    at = "Try it at d_k = 4 and s = 9: yours gives 13."
    assert grader.say(finding) == f"{at} What should come out there?"


def test_what_cannot_be_decided_goes_to_the_authors_and_costs_nothing():
    verdict = graded("2*s/sqrt(d_k) * d_k^999999999/d_k^999999998/d_k")
    assert (verdict.outcome, verdict.score) == ("review", None)
    assert verdict.marks["scale"].state == "undecided"


@pytest.mark.parametrize(
    ("formula", "told"),
    [
        ("2*s/sqrt(d_q)", "Did you mean d_k?"),
        ("2s", "Did you forget a * between 2 and s?"),
        ("s/0", "nothing can be divided by 0"),
        ("s + 9^9^9^9", "This"),
        ("s*sqrt(1-2)", "A negative number has no real root"),
        ("__import__('os')", "not known here"),
        ("s.real", "is not read here"),
        ("", "Nothing is filled in"),
    ],
)
def test_what_is_no_formula_costs_no_try(formula, told):
    with pytest.raises(Unreadable, match=None) as caught:
        graded(formula)
    assert told in str(caught.value)


def test_the_names_and_what_they_stand_for_are_shown_and_no_key():
    (field,) = variant().shown["scale"].fields
    assert field.widget == "formula"
    assert field.names == ("d_k", "s")
    assert field.help == "Use d_k (how many components a key has) and s (the score)."


def test_a_guessed_reading_is_said_beside_the_verdict():
    assert codes("s*2*exp(-log(d_k)/2)") == ["expression-right", "read-log-is-natural"]


def test_equal_texts_for_equal_answers_however_spaced():
    def normal(formula):
        return grader.normal(variant(), {"scale": {"formula": formula}})["scale"]

    assert normal("2*s / sqrt(d_k)") == normal("(2*S)/√dk") != normal("s*2/sqrt(d_k)")


def test_the_solution_is_worked_or_at_least_set_as_mathematics():
    assert grader.solve(variant())["scale"].steps == ("Divide 2*s by the root.",)
    bare = SCALE.replace('    steps: ["Divide {c}*s by the root."]\n', "")
    worked = grader.solve(variant(bare))["scale"]
    assert worked.steps == (r"$\frac{2 \cdot s}{\sqrt{d_{k}}}$",)
    assert worked.answer == {"formula": "2*s/sqrt(d_k)"}


RIGHT = """\
title: A right formula
parts:
  - name: f
    kind: expression
    prompt: Write it.
    names:
      s: the first score.
      t: the second score.
    answer: "{answer}"
samples:
  - {{answer: "s*t + 77", score: 0}}
"""


@pytest.mark.parametrize(
    "answer",
    [
        "ln(1+exp(-s))",
        "-ln(exp(s)/(exp(s)+exp(t)))",
        "exp(s)/(exp(s)+exp(t))*(1-exp(s)/(exp(s)+exp(t)))",
        "1-tanh(s)^2",
        "max(0, s)",
        "min(1, max(0, s))",
        "max(s,t) + ln(exp(s-max(s,t)) + exp(t-max(s,t)))",
        "s/sqrt(s^2+t^2)",
        "abs(s-t)/2",
    ],
)
def test_a_formula_that_is_right_can_be_published(answer):
    report = grader.check(grader.open(RIGHT.format(answer=answer), slug="x"), seeds=[0])
    assert report.good, report.faults


def test_it_proves():
    report = grader.check(grader.open(SCALE, slug="x"), seeds=range(6))
    assert report.good, report.faults


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        ("s: the score.", "e: the score.", 10, "`e` has a meaning of its own"),
        ("s: the score.", "s: ''", 10, "Say in a few words what `s` stands for"),
        ("s: the score.", "2s: the score.", 10, "`2s` cannot name a quantity"),
        ("domain: positive", "domain: postive", 9, "A domain is one of any, positive, whole"),
        ("domain: positive", "doman: positive", 9, "Did you mean `domain`?"),
        ("domain: positive", "domain: any", 8, "The formula has no value at"),
        ('answer: "{c}*s/sqrt(d_k)"', "answer: s/sqrt(dk_)*q", 11, "“q” is not known here"),
        ('answer: "{c}*s/sqrt(d_k)"', 'answer: "{c} + 1"', 11, "at least one of its names"),
        ('answer: "{c}*s/sqrt(d_k)"', 'answer: "{k}*s"', 11, "no given is called `k`"),
        ('answer: "{c}*s/sqrt(d_k)"', "answer: 3", 11, "`answer` is a formula"),
        ("sign: 0.5", "sign: 1", 12, "`sign` earns a share"),
        ("sign: 0.5", "signs: 0.5", 12, "Did you mean `sign`?"),
        ('"{c}*s/d_k"', '"{c}*s/d_k + "', 14, "A number is missing after"),
        ('"{c}*s/d_k"', '"{c}*s*d_k^-0.5"', 5, "`scaled-by-d` is as good as the right one"),
        ("code: scaled-by-d", "code: Scaled By", 14, "`code` names the wrong turn"),
    ],
)
def test_faults_are_told_to_the_author_at_their_line(old, new, line, told):
    assert old in SCALE
    try:
        report = grader.check(grader.open(SCALE.replace(old, new, 1), slug="x"), seeds=[0])
        faults = (*report.faults, *report.warnings)
    except BrokenExercise as broken:
        faults = broken.faults
    assert any(told in fault.message for fault in faults), faults
    if "as good as" not in told:
        assert [fault.line for fault in faults if told in fault.message] == [line]


def test_two_foreseen_formulas_that_are_the_same_are_told():
    twice = SCALE.replace(
        "    steps:", '      - {answer: "s/d_k*{c}", code: again, say: No.}\n    steps:'
    )
    with pytest.raises(BrokenExercise, match="`scaled-by-d` and `again` are the same"):
        grader.open(twice, slug="x")
