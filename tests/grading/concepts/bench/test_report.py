"""The bench on another subject: figures, rules, patterns, what is sent, before and after."""

import pytest

from grading.concepts.bench import judging
from grading.concepts.bench.answers import Marked
from grading.concepts.bench.report import bench, compare, pool
from tests.grading.concepts.bread import BREAD, BREAD_RULES, POST_RULES, rules

GAS = "The yeast makes gas"
BOTH = f"{GAS}, and the dough holds the gas."

ROWS = [
    (BOTH, "correct", "plain"),
    ("Fungus gives off bubbles that gluten traps.", "correct", "plain"),
    ("The little bugs in there breathe out and blow it up.", "correct", "analogy"),
    (f"{GAS}.", "partial", "plain"),
    (f"{GAS}. The elastic dough does something.", "partial", "plain"),
    ("The air gets hot.", "incorrect", "misconception"),
    (f"{BOTH} The air gets hot.", "correct", "contradiction"),
    ("It is not true that the yeast makes gas.", "incorrect", "negation"),
    ("The little bugs in there are poisonous.", "incorrect", "plain"),
    ("My grandmother knows.", "incorrect", "vague"),
]


def marked(rows=ROWS, **more):
    return [
        Marked(answer=answer, label=label, kind=kind, line=line, **more)
        for line, (answer, label, kind) in enumerate(rows, start=2)
    ]


REPORT = bench(BREAD_RULES, marked())


def told():
    return {j.row.line: j.told for j in REPORT.judged}


def rule(name, report=REPORT):
    (found,) = [one for one in report.rules if one.name == name]
    return found


def test_every_answer_is_judged_as_it_would_be_marked():
    assert told() == {
        2: "correct",
        3: "correct",
        4: "incorrect",
        5: "partial",
        6: None,
        7: "incorrect",
        8: "incorrect",
        9: "incorrect",
        10: "incorrect",
        11: "incorrect",
    }
    (sent,) = REPORT.sent
    assert (sent.row.line, sent.review) == (6, ("half",))


def test_the_confusion_counts_everyone_once():
    assert REPORT.figures.confusion == ((2, 0, 2, 0), (0, 1, 0, 1), (0, 0, 4, 0))
    assert REPORT.figures.n == 10
    assert (REPORT.figures.sent.part, REPORT.figures.sent.whole) == (1, 10)


def test_an_answer_that_is_sent_is_left_out_a_miss_or_taken_as_it_leans():
    figures = REPORT.figures
    alone, strict, leaning = figures.alone, figures.strict, figures.leaning
    assert (alone.two.part, alone.two.whole) == (7, 9)
    assert (strict.two.part, strict.two.whole) == (7, 10)
    assert (leaning.two.part, leaning.two.whole) == (8, 10)
    assert (alone.three.part, strict.three.part, leaning.three.part) == (7, 7, 8)
    assert strict.two_kappa.value < leaning.two_kappa.value
    assert strict.quadratic.value < alone.quadratic.value


def test_who_is_let_down_and_who_is_let_through_are_counted():
    assert (REPORT.figures.zero_to_right.part, REPORT.figures.zero_to_right.whole) == (2, 4)
    assert (REPORT.figures.full_to_wrong.part, REPORT.figures.full_to_wrong.whole) == (0, 6)
    strict_person = bench(BREAD_RULES, marked([(BOTH, "partial", ""), (BOTH, "correct", "")]))
    assert strict_person.figures.full_to_wrong.value == 1


def test_kinds_of_answers_have_figures_of_their_own():
    kinds = {kind.kind: kind for kind in REPORT.figures.kinds}
    assert list(kinds) == sorted({kind for _, _, kind in ROWS})
    assert (kinds["plain"].three.part, kinds["plain"].three.whole) == (4, 5)
    assert kinds["plain"].sent.part == 1
    assert kinds["analogy"].zero_to_right.value == 1
    assert bench(BREAD_RULES, marked([(BOTH, "correct", "")])).figures.kinds == ()


def test_a_concept_is_right_where_the_answer_is_not_incorrect():
    found = rule("makes_gas")
    assert (found.right.part, found.right.whole, found.denied) == (5, 5, 1)
    assert (found.missed.part, found.missed.whole) == (1, 4)
    assert [one.row.line for one in found.missed_examples] == [4]
    assert rule("held_in").half == 1
    assert rule("warmth").missed is None


def test_ideas_tell_exactly_where_a_concept_is_right():
    rows = [
        Marked(answer=BOTH, label="partial", ideas=frozenset({"held_in"})),
        Marked(answer="My grandmother knows.", label="partial", ideas=frozenset({"held_in"})),
        Marked(answer=f"{GAS}.", label="partial", ideas=frozenset({"makes_gas", "else"})),
    ]
    report = bench(BREAD_RULES, rows)
    gas, held = rule("makes_gas", report), rule("held_in", report)
    assert gas.by_ideas
    assert (gas.right.part, gas.right.whole, gas.missed.part, gas.missed.whole) == (1, 2, 0, 1)
    assert (held.right.part, held.right.whole, held.missed.part, held.missed.whole) == (1, 1, 1, 2)
    assert [one.row.answer for one in gas.wrong_examples] == [BOTH]


def test_a_misconception_is_right_where_the_answer_fails():
    found = rule("hot_air")
    assert (found.need, found.right.part, found.right.whole) == ("void", 1, 2)
    assert found.missed is None
    assert [one.row.line for one in found.wrong_examples] == [8]


def test_each_pattern_is_told_by_what_it_meets_by_itself():
    made, ferment = rule("makes_gas").patterns
    assert (made.right.whole, made.only, ferment.right.whole) == (5, 5, 0)
    doubled = rules(
        concepts={
            "makes_gas": {"any": ("@yeast / make / @gas", "yeast / make|give off / gas")},
            "held_in": BREAD["concepts"]["held_in"],
        }
    )
    report = bench(doubled, marked([(BOTH, "correct", ""), ("Fungus makes gas.", "partial", "")]))
    first, second = rule("makes_gas", report).patterns
    assert (first.right.whole, first.only) == (2, 1)
    assert (second.right.whole, second.only) == (1, 0)
    half = rule("held_in").patterns[-1]
    assert (half.key, half.right.whole) == (("held_in", "half", 0), 1)


def test_paired_rules_are_benched_too():
    rows = [
        ("The author writes it, the courier brings it, the clerk weighs it.", "correct", ""),
        ("The postman writes it and the sender carries it.", "incorrect", ""),
    ]
    report = bench(POST_RULES, marked(rows))
    assert [j.told for j in report.judged] == ["correct", "incorrect"]
    assert rule("sender_writes", report).right.part == 1
    assert rule("crossed", report).right.part == 1


def test_what_no_rule_saw_is_grouped():
    unseen = [*[j for g in REPORT.unseen.groups for j in g.answers], *REPORT.unseen.alone]
    assert {j.row.line for j in unseen} == {4, 10, 11}
    (bugs,) = REPORT.unseen.groups
    assert bugs.labels == {"correct": 1, "incorrect": 1}
    assert set(bugs.shared) == {"little", "bugs"}


def test_the_worst_marks_stand_first():
    assert [j.row.line for j in REPORT.misjudged] == [4, 8]
    lenient = bench(BREAD_RULES, marked([(f"{GAS}.", "correct", ""), (BOTH, "incorrect", "")]))
    assert [j.row.line for j in lenient.misjudged] == [3, 2]


def test_equal_answers_are_equal_reports_and_are_looked_at_once(monkeypatch):
    looked = []
    look = judging.see
    monkeypatch.setattr(judging, "see", lambda by, raw: looked.append(raw) or look(by, raw))
    assert bench(BREAD_RULES, marked()) == REPORT
    once = len(looked)
    twice = bench(BREAD_RULES, marked(ROWS * 2))
    assert len(looked) == 2 * once
    assert twice.figures.n == 20
    assert [j.told for j in twice.judged] == [j.told for j in REPORT.judged] * 2
    assert {j.row.line for j in twice.judged} == set(range(2, 22))


def test_nothing_marked_is_a_report_of_nothing():
    report = bench(BREAD_RULES, [])
    assert report.figures.alone.two.value is None
    assert report.unseen.groups == report.suggestions == ()


def test_reports_are_pooled_by_their_answers():
    one, two = (bench(BREAD_RULES, marked(rows)) for rows in (ROWS[:4], ROWS[4:]))
    assert pool({"one": one, "two": two}) == REPORT.figures


# -- before and after ---------------------------------------------------------------------------

ACCEPTED = rules(
    concepts={
        **BREAD["concepts"],
        "makes_gas": {"any": ("@yeast / make|give off / @gas", "bugs near (breathe out)")},
        "held_in": {"any": ("@dough / @trap / @gas", "blow it up")},
    }
)


def test_a_comparison_says_who_changes_from_what_to_what():
    found = compare(REPORT, bench(ACCEPTED, marked()))
    changed = {one.row.line: (one.before, one.after, one.effect) for one in found.changed}
    assert changed[4] == ("incorrect", "correct", "better")
    assert changed[6] == (None, "partial", "better")
    assert found.count("better") == 2 == len(found.changed)
    assert found.after.strict.two.part == found.before.strict.two.part + 2


def test_what_an_edit_breaks_stands_first():
    eager = rules(
        concepts={
            **BREAD["concepts"],
            "makes_gas": {"any": ("bugs ..5 there", "@yeast / make / @gas")},
        }
    )
    found = compare(REPORT, bench(eager, marked()))
    effects = [one.effect for one in found.changed]
    assert effects == sorted(effects, key=("worse", "better", "neither").index)
    assert ("incorrect", "partial", "worse") in [
        (one.before, one.after, one.effect) for one in found.changed if one.row.line == 10
    ]
    assert found.count("better") >= 1


def test_the_same_rules_change_nobody():
    assert compare(REPORT, REPORT).changed == ()


def test_only_the_same_answers_are_compared():
    with pytest.raises(ValueError, match="the same answers"):
        compare(REPORT, bench(BREAD_RULES, marked()[1:]))
