"""A finding's code to its sentence; the site translates the template and keeps the facts."""

from __future__ import annotations

import re
from collections.abc import Mapping

from grading.verdict import Finding

SENTENCES: Mapping[str, str] = {
    # Across parts and kinds.
    "not-attempted": "You left this part blank, so it scores 0.",
    "undecided": "This part could not be decided. That is our fault, not yours: its authors look "
    "at it, and it does not count against you.",
    "kept-unread": "Part of this could not be read when time ran out. It is kept as you typed "
    "it, and a person decides.",
    "hints-taken": "Hints taken: {count}. They cost {percent} of this part.",
    "parts-disagree": "Your numbers say {first}, your words say {said}. Which one do you mean?",
    # Reading.
    "read-decimal-comma": "{typed} was read as {read}, the comma taken for a decimal point.",
    "read-percent": "{typed} was read as {read}.",
    "read-raised-point": "{typed} was read as {read}, the dot taken for times.",
    "read-log-is-natural": "log was read as the natural logarithm, to base e.",
    # Pick.
    "pick-right": "Yes: {tokens}.",
    "pick-wrong": "Not “{token}”.",
    "pick-more": "{count} more to pick.",
    # Scorecard.
    "card-sums": "Your weights lie between 0 and 1 and sum to exactly 1.",
    "card-percent": "Your numbers sum to 100, so they were read as percents.",
    "card-negative": "“{token}” has the weight {weight}. A share cannot be negative.",
    "card-above-one": "“{token}” has the weight {weight}. A share of the whole is 1 at most.",
    "card-sum-short": "Your weights sum to {sum}: {off} is not handed out yet.",
    "card-sum-over": "Your weights sum to {sum}: that is {off} too much.",
    "card-sum-short-rounding": "Your weights sum to {sum}. Rounding did that: add {off} to one "
    "of them and they are exact.",
    "card-sum-over-rounding": "Your weights sum to {sum}. Rounding did that: take {off} from one "
    "of them and they are exact.",
    "card-one-hot": "These are valid weights, but one word takes everything: that is a hard "
    "lookup. Where is the soft part?",
    "card-equal": "Every word weighs the same: this scorecard has no opinion yet.",
    "card-empty": "No word has any weight yet.",
    "card-few": "Only {count} word(s) share the weight; at least {least} should.",
    "card-top": "“{token}” has the largest weight. Read the sentence again: whom does it point to?",
    "card-order": "“{first}” should weigh more than “{second}”. Read the sentence again: what does "
    "it tell of each?",
    "card-not-hard": "{count} words share the weight: that is soft. A hard lookup gives one word "
    "everything.",
    "card-later": "{tokens} come(s) after “{asker}”. A reader of the whole sentence may look "
    "there; a model that writes word by word cannot.",
    "card-later-causal": "{tokens} come(s) after “{asker}” and has not been written yet: it can "
    "get no weight here.",
    "card-itself": "You gave “{asker}” some weight on itself. Outside this exercise that is usual.",
    # Numbers.
    "number-right": "Right.",
    "number-wrong": "{typed} is not it.",
    "percent-for-fraction": "{typed} looks like a percent: write it as a share of 1.",
    "sign": "The size is right; look at the sign of {typed} again.",
    "slipped-point": "The digits of {typed} are right; the decimal point has slipped.",
    "too-few-digits": "You typed {typed}. That is right as far as it goes: give {digits}.",
    # Expressions.
    "expression-right": "Right.",
    "expression-wrong": "This is another formula.",
    "expression-differs": "Try it {where}: yours gives {typed}. What should come out there?",
    "expression-no-value": "Try it {where}: yours has no value there, and the right one has.",
    "expression-sign": "Everything but the sign: yours is the right formula times −1.",
    "expression-factor": "The form is right, a factor is not.",
    "expression-upside-down": "Upside down: 1 divided by your formula is the right one.",
    # Grids.
    "grid-right": "All {count} cells are right.",
    "grid-so-far": "{right} of {count} cells are right so far.",
    "grid-some": "{right} of {count} cells are right. Look at {cells} again.",
    "grid-wrong": "None of these is right yet: {cells}.",
    "grid-blank": "Left blank: {cells}.",
    "grid-transposed": "The right numbers, but rows and columns have changed places.",
    "grid-swapped": "{first} and {second} have changed places.",
    "grid-percent-for-fraction": "{cells}: right, but in percent. Write a share of 1.",
    "grid-sign": "{cells}: the size is right; look at the sign again.",
    "grid-slipped-point": "{cells}: the digits are right; the decimal point has slipped.",
    "grid-too-few-digits": "{cells}: right as far as it goes. Give {digits}.",
    "grid-sum-broken": "{line}: the sum is {sum}. What must it be?",
    "grid-sign-broken": "“{cell}” is {typed}. It can only be {sign}: why?",
    "grid-order-broken": "You have “{first}” not larger than “{second}”. Compare the two again.",
    # Lookup: stage by stage.
    "stage-right": "{stage}: right.",
    "stage-wrong": "{stage}: not right, and no wrong turn that we know gives these numbers.",
    "stage-blank": "{stage}: left blank. Filled in, it shows where a wrong turn began.",
    "entries-right": "{stage}: {right} of {count} entries are right. Look at {entries} again.",
    "carried": "{stage}: this follows correctly from your {from}, so the method counts.",
    "carried-trivial": "{stage}: this follows from your {from}, but little is left to work out "
    "there, so nothing is credited here.",
    "rounded-answer": "{stage}: right, but rounded further than asked. You typed {typed} for "
    "{entry}; give {digits}.",
    "rounded-early": "{stage}: the method is right. You rounded on the way: keep four digits "
    "until the end.",
    "stage-percent": "{stage}: right, but in percent. A weight is a share of 1: divide by 100.",
    "cut-off": "{stage}: the method is right, but digits were cut off, not rounded.",
    "stage-sign": "{stage}: the sizes are right; look at the sign of {entries}.",
    "stage-slipped-point": "{stage}: the digits are right; the decimal point of {entries} has "
    "slipped.",
    "several-slips": "{stage}: several wrong turns give these numbers, or nearly these. Fill in "
    "the stage before, and it will show which.",
    "several-slips-alone": "{stage}: several wrong turns give these numbers, or nearly these. Work "
    "it out once more and write each step down: where do the steps part?",
    "weights-sum": "{stage}: these {count} weights sum to {sum}. Weights are shares of one whole.",
    "weights-sum-rounded": "{stage}: your weights sum to {sum}. With {count} rounded weights the "
    "sum may miss 1 by up to {room}, so that is only rounding.",
    "weights-negative": "{stage}: {typed} for {entry} is negative. A share cannot be.",
    "weights-order": "{stage}: “{first}” has a higher score than “{second}”, and less weight. "
    "Softmax keeps the order.",
    "output-hull": "{stage}: {typed} for {entry} lies outside {least} to {most}. A mixture cannot "
    "leave what it mixes.",
    # Lookup: wrong turns with a name.
    "hard-lookup": "That is the strongest key alone. A soft lookup lets the others speak too: by "
    "how much?",
    "uniform-average": "Every value counted the same, as if nobody had asked anything. Where do "
    "the weights come in?",
    "plain-sum-of-values": "You added the values up without weighing them.",
    "off-by-one-token-right": "The weights have slid one place: the first weight belongs to the "
    "first value.",
    "off-by-one-token-left": "The weights have slid one place: the first weight belongs to the "
    "first value.",
    "reversed-order": "The weights run backwards: the first weight belongs to the first value.",
    "softmax-of-weights": "These are weights already. You put them through softmax once more.",
    "dropped-smallest": "You left the smallest weight out. It is small, and it still counts.",
    "dropped-smallest-renormalised": "You left the smallest weight out and shared it among the "
    "rest. It is small, and it still counts.",
    "strongest-only-times-weight": "You kept the strongest row alone. Add the other rows to it.",
    "top2-only": "You kept the two strongest rows. The small weights count too.",
    "swapped-components": "The right numbers, in each other's places.",
    "swapped-weights": "The weights of “{first}” and “{second}” have changed places.",
    "divided-by-n": "You divided by the number of values at the end. The weights have done that.",
    "unscaled": "The recipe is right, but this exercise divides the scores by the square root of "
    "d before softmax.",
    "scaled-by-d": "You divided by d itself; the rule is its square root.",
    "scaled-although-unscaled": "You divided by the square root of d; this exercise takes the "
    "scores as they are.",
    "multiplied-by-sqrt-d": "You multiplied by the square root of d. That sharpens; dividing "
    "calms.",
    "skipped-softmax": "These come from the scaled scores themselves. Do they sum to 1?",
    "skipped-softmax-unscaled": "These come from the raw scores themselves. Do they sum to 1?",
    "divided-by-sum-no-exp": "You divided the scores by their sum. What would a negative score "
    "do there? Take e to the power of each first.",
    "exp-not-normalised": "You took e to the power of each score. Now divide by the total, so "
    "that they sum to 1.",
    "mixed-keys-not-values": "The weights are right, but they mixed the keys. Keys are for "
    "matching; values are what is carried.",
    "swapped-keys-values": "Keys and values have changed places all the way through.",
    "negated-scores": "The worst match got the most weight: look at the sign in the exponent.",
    "dropped-last-token": "The last key took no part.",
    "dropped-first-token": "The first key took no part.",
    "base2": "This looks like powers of 2. Softmax takes powers of e.",
    "base10": "This looks like powers of 10. Softmax takes powers of e.",
    "squared-weights": "You squared the scores. Softmax takes e to the power of each.",
    "sigmoid-not-softmax": "Each score was squashed by itself. They have to compete: divide by "
    "one total.",
    "scale-after-softmax": "You scaled the weights. The scaling comes before softmax.",
    "softmax-wrong-axis": "Each column sums to 1. Each row asks, so each row has to.",
    "softmax-twice": "These weights went through softmax a second time. Once is enough.",
    "mask-after-softmax": "The mask came after softmax, so the rows no longer sum to 1. Put it "
    "before: a masked score counts as minus infinity.",
    "mask-forgotten": "Here everybody still looks everywhere. What is masked takes no weight: "
    "strike it out first, then take the softmax of what is left.",
    "mask-inverted": "The mask is inside out: each looks where it should not.",
    "causal-strict": "Each looks only before itself. Under a causal mask it may look at itself "
    "too.",
    "causal-transposed": "The mask is upside down: each looks at itself and what comes after.",
    # Lookup: several wrong turns of one sort that give the same numbers here.
    "softened-too-much": "Softened too much: divide by the square root of d, and take powers of e.",
    "sharpened-too-much": "Sharpened too much: divide by the square root of d, and take powers of "
    "e.",
    "not-yet-weights": "These are not shares of one whole yet. Do they sum to 1?",
    "exp-left-out": "You shared out by the scores themselves. Take e to the power of each first.",
    "one-key-alone": "You kept the strongest key alone. The others take part too.",
    "keys-left-out": "Not every key took part. Small weights count too.",
    "weights-moved": "The weights have changed places: the first weight belongs to the first "
    "value.",
    "keys-for-values": "Keys stand where values should. Keys are for matching; values are what is "
    "carried.",
    "mask-astray": "The mask lets through what it should close, or comes too late.",
    # Explain. Most of these carry the author's own words in `say`.
    "concept-found": "This idea is there.",
    "concept-missing": "One idea is still missing.",
    "concept-denied": "Your words deny what you may have meant to say. Read this once more.",
    "misconception": "This is a wrong turn.",
    "misconception-denied": "You rejected this wrong idea, and rightly.",
    "said-both": "You say this and also its opposite, so a person looks at it.",
    "said-both-marked": "You say this and also its opposite, so it counts neither way here. Decide "
    "for one.",
    "both-offered": "You offer both of two opposites. Decide for one.",
    "half-met": "This comes close to an idea that counts, so a person looks at it.",
    "stranger": "A word here is new to this exercise, so a person looks at your answer.",
    "salad": "These are terms side by side. Say in a sentence how they hang together.",
    "injection-ignored": "Words addressed to whoever marks are ignored.",
    "copied-prompt": "This says the prompt back. Say it in your own words, and go a step on.",
    "tangled": "These words stand in an unusual order, so a person looks at them.",
    "other-language": "This seems to be in another language, so a person looks at it. An answer in "
    "English is marked at once.",
    "nothing-found": "None of the ideas looked for was found here.",
}

EARLIER: Mapping[str, str] = {
    "too-few-digits": "{typed} is right as far as it goes. Give more digits.",
    "entries-right": "{stage}: {right} of {count} entries are right.",
    "rounded-answer": "{stage}: right, but rounded further than asked.",
}
"""For verdicts stored before their findings told all that the sentence says now."""

FURTHER: Mapping[str, str] = {
    "step": "It begins at the {step}.",
    "went": "It begins at the {step}: there you went on from {went}.",
}
"""The second level of a slip: where it began, in the learner's own numbers. Never the key."""

SETTLED: Mapping[str, str] = {
    "entry": "{entry}: from {low} to {high} was accepted; {typed} is {off} off.",
    "entry-exact": "{entry}: only {low} was accepted; {typed} is {off} off.",
    "typed": "From {low} to {high} was accepted; {typed} is {off} off.",
    "typed-exact": "Only {low} was accepted; {typed} is {off} off.",
    "expression-differs": "There, the right formula gives {right}.",
    "expression-no-value": "There, the right formula gives {right}.",
    "expression-factor": "Times {factor}, yours would be the right formula.",
}
"""What would have passed. It gives the key away, so it is for an answer that is settled."""


def template(finding: Finding) -> str:
    """The sentence with its facts still open; the author's own words where there are some.

    An author's ``say`` wins over the built-in sentence: it is written for this very exercise.
    """
    if "say" in finding.facts:
        return "{say}"
    sentence = SENTENCES.get(finding.code, "{code}")
    earlier = EARLIER.get(finding.code)
    if earlier is not None and not set(re.findall(r"\{(\w+)\}", sentence)) <= set(finding.facts):
        return earlier
    return sentence


def say(finding: Finding) -> str:
    """The English sentence of a finding."""
    return fill_template(template(finding), finding)


def further(finding: Finding) -> str:
    """Where a wrong turn began, for whoever asks once more; empty where nothing is known."""
    known = next((name for name in ("went", "step") if name in finding.facts), "")
    return fill_template(FURTHER[known], finding) if known else ""


def settled(finding: Finding) -> str:
    """What would have been accepted, and how far off the answer was; empty where nothing is known.

    Only for an answer that is settled: it gives the key away.
    """
    if finding.code in SETTLED:
        return fill_template(SETTLED[finding.code], finding)
    if "low" not in finding.facts:
        return ""
    known = "entry" if "entry" in finding.facts else "typed"
    exact = "-exact" if finding.facts["low"] == finding.facts["high"] else ""
    return fill_template(SETTLED[known + exact], finding)


def fill_template(text: str, finding: Finding) -> str:
    """The template with the finding's facts in it. Facts are put in as they are, never read."""
    for name, fact in (("code", finding.code), *finding.facts.items()):
        if name != "say":
            text = text.replace("{" + name + "}", fact)
    # Last, so that braces in an author's or a learner's words are never taken for facts.
    return text.replace("{say}", finding.facts.get("say", ""))
