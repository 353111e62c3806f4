"""Marking prose by rules, against the cheapest thing that could be called marking: keywords.

The keyword grader lowers the text, splits it and counts which words of the rules' lexicon occur: no
order, no denial, no spelling, no quotes. Prints answers a second and the ratio of the two, then how
the time for a long text grows when its length doubles (2 is linear) and the slowest of the texts
made to be slow, each at the full length that a box holds.

    python benchmarks/concepts.py
"""

from __future__ import annotations

import random
import string
import sys
import time
import timeit
from collections.abc import Callable
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from grading import grader  # noqa: E402  # the path comes first
from grading.concepts.evidence import decide, see  # noqa: E402
from grading.concepts.rules import Rules, compile_rules  # noqa: E402

EXERCISE = ROOT / "exercises/content/attention/01-soft-lookup/exercises/rnn-bottleneck.yaml"
FULL = 10_000

UNITS = {
    "right answers": "Each new word overwrites the old words in one small state that holds all. ",
    "one statement": "squeeze everything into one state ",
    "denials": "not ",
    "denied verdicts": "that is wrong. ",
    "questions": "is it? no. ",
    "reports": "some say ",
    "contractions": "isn't ",
    "digits": "1 ",
    "abbreviations": "x.",
    "line breaks": "a\n",
    "commas": ",",
    "dashes": "-",
    "phrase signs": "\ufdfa",
    "combining marks": "\u0301",
    "directions": "\u202e",
}


def garbage(opening: str, size: int) -> str:
    """Words that are no words, all different, every one of them to be compared with the lexicon."""
    drawn = random.Random(7)
    words: list[str] = []
    length = 0
    while length < size:
        words.append(opening + "".join(drawn.choices(string.ascii_lowercase, k=6)))
        length += len(words[-1]) + 1
    return " ".join(words)[:size]


def keywords(rules: Rules) -> Callable[[str], int]:
    """The keyword grader: how many words of the lexicon a text holds."""
    lexicon = rules.lexicon.words
    return lambda text: len(lexicon.intersection(text.lower().split()))


def seconds(work: Callable[[], object], repeat: int = 5) -> float:
    """The best of several runs, in seconds of this process alone."""
    return min(timeit.repeat(work, number=1, repeat=repeat, timer=time.process_time))


def main() -> None:
    exercise = grader.open(EXERCISE.read_text(), slug=EXERCISE.stem)
    (part,) = exercise.parts
    rules = compile_rules(part.prompt, part.body)
    answers = [text for s in exercise.samples for text in s.answer[part.name].values()]

    def mark(text: str) -> object:
        return decide(rules, see(rules, text))

    bare = keywords(rules)
    for text in answers:
        mark(text)
    ours = seconds(lambda: [mark(text) for text in answers]) / len(answers)
    least = seconds(lambda: [bare(text) for text in answers * 1000]) / len(answers) / 1000
    print(f"answers a second: {1 / ours:,.0f} by rules, {1 / least:,.0f} by keywords")
    print(f"ratio to keywords: {ours / least:,.0f}")

    print("\nfull length, slowest first (ratio: time for twice the length)")
    rows = []
    texts = {name: (unit * FULL)[:FULL] for name, unit in UNITS.items()}
    texts |= {f"garbage in {letter}-": garbage(letter, FULL) for letter in "scm"}
    for name, text in texts.items():
        # The first time counts: afterwards the words mended are remembered.
        first = seconds(partial(mark, text), 1)
        whole = seconds(partial(mark, text), 3)
        half = seconds(partial(mark, text[: FULL // 2]), 3)
        rows.append((first, whole / half, name))
    for slowest, ratio, name in sorted(rows, reverse=True):
        print(f"{slowest * 1000:7.1f} ms  {ratio:4.1f}  {name}")


if __name__ == "__main__":
    main()
