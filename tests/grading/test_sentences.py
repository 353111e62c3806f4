import re

from grading.sentences import SENTENCES, say
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
