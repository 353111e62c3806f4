"""Marking prose by rules: how many answers a second, against keywords and a token matcher.

The exercise has five concepts and two misconceptions, on a subject of no lesson; the answers are
texts put together from sentences as learners write them, one, two and several. Three graders
do their work in turns, round by round:

* ours: everything that ``mark`` does, from the text as typed to findings with quotes;
* keyword overlap, the cheapest thing that could be called marking: lower the text, split it, and
  ask for two words of each concept. No order, no denial, no spelling, no quotes;
* spaCy's blank English tokeniser and its ``Matcher`` (where spaCy is installed), with the same
  words in the same order within the same distance. No denial, no spelling either, and no stems:
  it is given every inflection that is needed here.

The second table is the time for each character of texts made to be slow, at 1,000, 3,000 and
10,000 characters (a box holds no more): flat is linear. The first run of each text counts, since
words once mended are remembered. The last line is the bench itself on as many marked answers.

    python benchmarks/concepts.py [--rounds 7] [--answers 300]
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import statistics
import string
import sys
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from grading import grader  # noqa: E402  # the path comes first
from grading.kinds import kind_of  # noqa: E402

Grader = Callable[[str], object]

GAP = 5
"""Words between two slots, as many as a statement's slots may lie apart."""

CONCEPTS: dict[str, tuple[str, str, str]] = {
    "boils": (
        "coolant|refrigerant|liquid|fluid",
        "evaporate|boil|vaporise|turn into",
        "inside|cold|gas|pipe",
    ),
    "takes_heat": (
        "coolant|refrigerant|gas|vapour|it",
        "absorb|take|soak up|draw",
        "heat|warmth|energy",
    ),
    "pressed": ("compressor|pump|motor", "compress|press|squeeze|push", "gas|vapour|it|coolant"),
    "gives_off": ("coil|back|condenser|gas", "release|give off|lose|radiate", "heat|warmth|energy"),
    "returns": ("coolant|liquid|it|cycle", "return|flow|start|go", "again|back|over"),
}
MISCONCEPTIONS: dict[str, tuple[str, str, str]] = {
    "makes_cold": ("fridge|machine|motor", "make|create|produce", "cold|coldness"),
    "blows_air": ("fan|it", "blow|pump|push", "cold air|cool air"),
}
INFLECTIONS = {
    "evaporate": "evaporates, evaporated, evaporating",
    "boil": "boils, boiled, boiling",
    "vaporise": "vaporises, vaporised",
    "turn into": "turns into",
    "absorb": "absorbs, absorbed, absorbing",
    "take": "takes, took, taken, taking",
    "soak up": "soaks up",
    "draw": "draws, drew, drawn",
    "compress": "compresses, compressed, compressing",
    "press": "presses, pressed, pressing",
    "squeeze": "squeezes, squeezed, squeezing",
    "push": "pushes, pushed, pushing",
    "release": "releases, released, releasing",
    "give off": "gives off",
    "lose": "loses, lost, losing",
    "radiate": "radiates, radiated",
    "return": "returns, returned, returning",
    "flow": "flows, flowed, flowing",
    "start": "starts, started",
    "go": "goes, went, gone",
    "make": "makes, made, making",
    "create": "creates, created",
    "produce": "produces, produced",
    "blow": "blows, blew, blowing",
    "pump": "pumps, pumped",
    "coil": "coils",
    "pipe": "pipes",
}

SENTENCES = """\
The coolant evaporates inside the pipes, and that is what makes the box feel cold to the hand.
A liquid boils at a very low temperature in there and turns into gas.
the refrigerant is boiling inside even though its freezing
While it evaporates it takes heat out of the food and the air around it.
Refrigerant gas soaks up the warmth of whatever you put in.
The vapour absorbs energy from the inside, so less of it is left there.
Then a compressor squeezes the gas until it is hot and dense.
The motor you hear humming is pressing the vapour together.
the pump compreses the gas, wich needs electricity
The coils at the back release the heat into the kitchen; that is why it is warm behind the fridge.
In the condenser the hot gas loses its heat and becomes liquid once more.
The back of the thing gives off warmth, you can feel it with your hand.
After that the liquid flows back and the whole cycle starts over again.
It goes round and round: the coolant returns to the beginning again.
The fridge does not make cold, it only moves heat from one place to another.
Some people think that the machine creates cold, but there is no such thing as coldness.
I think a fan blows cold air on everything, that's all.
My grandmother kept her milk in a well, which works nearly as well in summer.
Not the box but the room gets warmer, so an open fridge doesn't cool the kitchen.
It never absorbs cold; cold is just a lack of heat, isn't it?
In short: evaporate -> take heat -> compress -> release heat -> repeat.
If the door is left open the motor has to run all day and the bill goes up.
""".splitlines()

HOSTILE = {
    "right answers": " ".join(SENTENCES[:14]) + " ",
    "one statement": "the coolant evaporates inside ",
    "heads alone": "coolant liquid gas it ",
    "denials": "not ",
    "double denials": "it is not that it never ",
    "denied verdicts": "that is wrong. ",
    "questions": "is it? no. ",
    "reports": "some say ",
    "contractions": "isn't ",
    "orders": "ignore the rubric and ",
    "digits": "1 ",
    "abbreviations": "x.",
    "line breaks": "a\n",
    "commas": ",",
    "dashes": "-",
    "arrows": "->",
    "one word": "a",
    "phrase signs": "\ufdfa",
    "combining marks": "\u0301",
    "directions": "\u202e",
    "look-alikes": "соolаnt ",
    "emoji": "\U0001f469\u200d\U0001f52c",
}
SIZES = (1_000, 3_000, 10_000)


def exercise_text() -> str:
    """The five concepts as an author would write them."""
    lines = [
        "title: Why is it cold in a fridge?",
        "parts:",
        "  - name: why",
        "    kind: explain",
        "    prompt: How does a refrigerator keep its inside cold?",
        "    model: The coolant evaporates inside the pipes and takes heat with it.",
        "    concepts:",
    ]
    for name, slots in CONCEPTS.items():
        lines.append(
            f'      {name}: {{any: ["{" / ".join(slots)}", "{slots[1]} near {slots[2]}"]}}'
        )
    lines.append("    misconceptions:")
    for name, slots in MISCONCEPTIONS.items():
        lines.append(f'      {name}: {{any: ["{" / ".join(slots)}"], effect: void}}')
    names = ", ".join(CONCEPTS)
    lines += [
        "    labels:",
        f"      correct: [{names}]",
        f"      partial: {{any_of: [{names}]}}",
        "      else: incorrect",
        "samples:",
        '  - {answer: "The coolant evaporates inside.", label: partial}',
    ]
    return "\n".join(lines) + "\n"


def answers(count: int, least: int, most: int) -> list[str]:
    """So many different answers of ``least`` to ``most`` sentences."""
    drawn = random.Random(7)
    found: dict[str, None] = {}
    while len(found) < count:
        found[" ".join(drawn.sample(SENTENCES, drawn.randint(least, most)))] = None
    return list(found)


def ours() -> tuple[grader.Exercise, Grader]:
    """The exercise, and what its kind does with a text as typed."""
    exercise = grader.open(exercise_text(), slug="fridge")
    variant = grader.vary(exercise, seed=0)
    (posed,) = variant.posed.values()
    kind = kind_of(posed.part)

    def mark(text: str) -> object:
        return kind.mark(posed, kind.read(posed.shown, {"text": text}), {})

    return exercise, mark


def forms(slot: str) -> list[str]:
    """A slot's phrases in every form that is needed here."""
    return [
        form
        for phrase in slot.split("|")
        for form in (phrase, *filter(None, INFLECTIONS.get(phrase, "").split(", ")))
    ]


def keywords() -> Grader:
    """Keyword overlap: two of a concept's three sets of words, and it is there."""
    sets = [
        [frozenset(" ".join(forms(slot)).split()) for slot in slots] for slots in CONCEPTS.values()
    ]

    def mark(text: str) -> object:
        words = set(text.lower().split())
        return [sum(not slot.isdisjoint(words) for slot in slots) >= 2 for slots in sets]

    return mark


def matcher() -> Grader | None:
    """The tokeniser and Matcher of spaCy on the same words, in order, within the same distance."""
    if find_spec("spacy") is None:
        return None
    spacy = import_module("spacy")
    language = spacy.blank("en")
    found = import_module("spacy.matcher").Matcher(language.vocab)
    gap = [{"OP": "?"}] * GAP

    def one(slot: str) -> dict[str, object]:
        # A phrase of two words is looked for by its first: the matcher's time is what is measured.
        return {"LOWER": {"IN": sorted({form.split()[0] for form in forms(slot)})}}

    for name, (who, does, what) in {**CONCEPTS, **MISCONCEPTIONS}.items():
        found.add(
            name, [[one(who), *gap, one(does), *gap, one(what)], [one(does), *gap, one(what)]]
        )

    def mark(text: str) -> object:
        return {match for match, _, _ in found(language(text))}

    return mark


def seconds(work: Callable[[], object]) -> float:
    """The processor's time, of this process alone."""
    start = time.process_time()
    work()
    return time.process_time() - start


def speed(graders: dict[str, Grader], texts: Sequence[str], rounds: int) -> None:
    """Print the median answers a second of each, taken in turns, and the ratios to ours."""
    for mark in graders.values():
        for text in texts:
            mark(text)
    taken: dict[str, list[float]] = {name: [] for name in graders}
    for _ in range(rounds):
        for name, mark in graders.items():
            taken[name].append(seconds(lambda mark=mark: [mark(text) for text in texts]))
    mine = taken["ours"]
    length = statistics.mean(map(len, texts))
    print(f"{len(texts)} answers of {length:.0f} characters on average, five concepts, one core")
    for name, times in taken.items():
        rate = len(texts) / statistics.median(times)
        ratio = statistics.median(t / m for t, m in zip(times, mine, strict=True))
        print(f"  {name:<28}{rate:>10,.0f} answers a second{ratio:>9.3f} of our time")


def garbage(opening: str, size: int) -> str:
    """Words that are no words, all different, every one of them to be compared with the lexicon."""
    drawn = random.Random(7)
    words: list[str] = []
    length = 0
    while length < size:
        words.append(opening + "".join(drawn.choices(string.ascii_lowercase, k=6)))
        length += len(words[-1]) + 1
    return " ".join(words)[:size]


def linearity(mark: Grader, rounds: int) -> None:
    """Print, for each hostile text, the time for each character at three lengths."""
    texts = {
        name: [(unit * (size // len(unit) + 1))[:size] for size in SIZES]
        for name, unit in HOSTILE.items()
    }
    for letter in "cpr":
        texts[f"garbage in {letter}-"] = [garbage(letter, size) for size in SIZES]
    heads = "".join(f"{f'{size:,}':>9}" for size in SIZES)
    print(f"\nmicroseconds for each character{heads}{'growth':>9}{'longest':>11}")
    rows = []
    for name, sized in texts.items():
        first = [seconds(lambda text=text: mark(text)) for text in sized]
        later: list[list[float]] = [[] for _ in sized]
        for _ in range(max(rounds, 3)):
            for kept, text in zip(later, sized, strict=True):
                # Short texts several times over: the clock is coarse.
                times = SIZES[-1] // len(text)
                kept.append(
                    seconds(lambda text=text, times=times: [mark(text) for _ in range(times)])
                    / times
                )
        each = [
            1e6 * statistics.median(t) / len(text) for t, text in zip(later, sized, strict=True)
        ]
        rows.append((max(first[-1], statistics.median(later[-1])), each, name))
    for longest, each, name in sorted(rows, reverse=True):
        cells = "".join(f"{one:>9.2f}" for one in each)
        print(f"  {name:<29}{cells}{each[-1] / each[0]:>9.2f}{1e3 * longest:>8.1f} ms")


def machine() -> str:
    """What this ran on."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        name = next(
            line.partition(":")[2].strip() for line in lines if line.startswith("model name")
        )
    except (OSError, StopIteration):
        name = platform.processor() or platform.machine()
    return f"{name}, {os.cpu_count()} cores, Python {platform.python_version()}"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--answers", type=int, default=300)
    options = parser.parse_args()
    short, long = answers(options.answers, 1, 2), answers(options.answers, 2, 4)
    terse = (SENTENCES * options.answers)[: options.answers]
    exercise, mark = ours()
    graders: dict[str, Grader] = {"ours": mark, "keyword overlap": keywords()}
    print(machine())
    matched = matcher()
    if matched is None:
        print("spaCy is not installed here: its row is left out.")
    else:
        graders["spaCy blank + Matcher"] = matched
    for texts in (terse, short, long):
        speed(graders, texts, options.rounds)
    linearity(mark, options.rounds)
    rows = [grader.Marked(answer=text, label="partial") for text in short]
    taken = seconds(lambda: grader.bench(exercise, rows))
    print(f"\nthe bench: {len(rows)} marked answers in {taken:.2f} s")


if __name__ == "__main__":
    main()
