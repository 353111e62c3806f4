import ast
import re
from pathlib import Path

import pytest

import grading
from grading.engine.slips import swapped_weights
from grading.kinds import expression, grid, number
from grading.sentences import SENTENCES, say
from grading.stages.deciding import _ENTRY_NEAR
from grading.stages.recipe import STAGES_OF, slip_codes, slip_family
from grading.stages.turns import FAMILIES
from grading.verdict import Finding


def test_facts_fill_the_sentence():
    finding = Finding(code="card-sum-short", tone="wrong", facts={"sum": "0.9", "off": "0.1"})
    assert say(finding) == "Your weights sum to 0.9: 0.1 is not handed out yet."


def test_the_authors_own_words_win():
    assert say(Finding(code="pick-wrong", tone="wrong", facts={"say": "Not that."})) == "Not that."


def test_braces_in_anybodys_words_are_never_taken_for_facts():
    facts = {"say": "{token} {0.__class__}", "token": "{say}"}
    assert say(Finding(code="x", tone="note", facts=facts)) == "{token} {0.__class__}"


def test_sentences_are_sentences():
    for code, text in SENTENCES.items():
        assert re.fullmatch(r"[a-z0-9-]+", code)
        assert text[-1] in ".?:", text


GRADING = Path(grading.__file__).parent


def codes_in(path):
    """The codes of findings that a file names where it makes them."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        told = [keyword.value for keyword in node.keywords if keyword.arg == "code"]
        if node.func.id in ("_finding", "_found"):
            told += node.args[:1]
        elif node.func.id != "Finding":
            continue
        for code in told:
            # `"card-negative" if weight < 0 else "card-above-one"` names two.
            ends = [code.body, code.orelse] if isinstance(code, ast.IfExp) else [code]
            yield from (end.value for end in ends if isinstance(end, ast.Constant))


def test_every_finding_that_is_made_has_a_sentence():
    files = [*(GRADING / "kinds").glob("*.py"), *(GRADING / "stages").glob("*.py")]
    codes = {code for path in [*files, GRADING / "weigh.py"] for code in codes_in(path)}
    assert {"stage-right", "card-above-one", "grid-wrong", "expression-right"} <= codes
    assert codes <= set(SENTENCES)


@pytest.mark.parametrize("family", STAGES_OF)
def test_every_wrong_turn_that_a_lookup_can_be_taken_for_has_a_sentence(family):
    reachable = {*slip_codes(family), *FAMILIES}
    assert {slip_family(code) for code in swapped_weights(4)} <= set(slip_codes("blend"))
    assert reachable <= set(SENTENCES)
    # A teacher asks or shows what to do; nobody is helped by the name of what went wrong.
    for code in reachable:
        assert len(SENTENCES[code].split()) >= 5, code
        assert code not in SENTENCES[code]


@pytest.mark.parametrize(
    ("near", "code"),
    [
        *((near, near) for near in number.NEAR),
        *((near, f"grid-{near}") for near in grid.NEAR),
        *((near, f"expression-{near}") for near in expression.NEAR),
        *(_ENTRY_NEAR.items()),
    ],
)
def test_every_near_miss_has_a_sentence(near, code):
    assert code in SENTENCES, near
