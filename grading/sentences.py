"""A finding's code to its sentence; the site translates the template and keeps the facts."""

from __future__ import annotations

from collections.abc import Mapping

from grading.verdict import Finding

SENTENCES: Mapping[str, str] = {
    # Across parts and kinds.
    "not-attempted": "You left this part blank, so it scores 0.",
    "undecided": "This part could not be decided. That is our fault, not yours: its authors look "
    "at it, and it does not count against you.",
    "kept-unread": "Part of this could not be read when time ran out. It is kept as you typed "
    "it, and a person decides.",
    "hints-taken": "You took {count} hint(s), which cost {percent} of this part.",
    "parts-disagree": "Your numbers say {first}, your words say {said}. Which one do you mean?",
    # Reading.
    "read-as": "{typed} was read as {value}.",
    "read-decimal-comma": "{typed} was read as {value}, taking the comma for a decimal point.",
    "read-percent": "{typed} was read as {value}.",
    "read-log": "log was read as the natural logarithm (base e).",
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
    "card-few": "Only {count} word(s) share the weight; at least {least} should.",
    "card-top": "“{token}” has the largest weight. Read the sentence again: whom does it point to?",
    "card-later": "{tokens} come(s) after “{asker}”. A reader of the whole sentence may look "
    "there; a model that writes word by word cannot.",
    "card-later-causal": "{tokens} come(s) after “{asker}” and has not been written yet: it can "
    "get no weight here.",
    "card-itself": "You gave “{asker}” some weight on itself. Outside this exercise that is usual.",
}


def template(finding: Finding) -> str:
    """The sentence with its facts still open; the author's own words where there are some.

    An author's ``say`` wins over the built-in sentence: it is written for this very exercise.
    """
    if "say" in finding.facts:
        return "{say}"
    return SENTENCES.get(finding.code, "{code}")


def say(finding: Finding) -> str:
    """The English sentence of a finding."""
    return fill_template(template(finding), finding)


def fill_template(text: str, finding: Finding) -> str:
    """The template with the finding's facts in it. Facts are put in as they are, never read."""
    for name, fact in (("code", finding.code), *finding.facts.items()):
        if name != "say":
            text = text.replace("{" + name + "}", fact)
    # Last, so that braces in an author's or a learner's words are never taken for facts.
    return text.replace("{say}", finding.facts.get("say", ""))
