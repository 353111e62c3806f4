from __future__ import annotations

from pathlib import Path

import pytest

from grading.concepts.evidence import decide, see
from tests.grading.concepts.subjects import GERMS_RULES, ICE_RULES

RULES = {"germs": GERMS_RULES, "ice": ICE_RULES}
ANSWERS = [
    (*head.split(), answer)
    for line in Path(__file__).with_name("subject_answers.txt").read_text().splitlines()
    if not line.startswith("#")
    for head, _, answer in [line.partition(": ")]
]


@pytest.mark.parametrize(("subject", "label", "answer"), ANSWERS)
def test_answers_on_any_subject_are_marked_by_what_they_say(
    subject: str, label: str, answer: str
) -> None:
    rules = RULES[subject]
    decision = decide(rules, see(rules, answer))
    assert ("person" if decision.review else decision.label) == label
