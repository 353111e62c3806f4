"""What a text does with what it says: states it, denies it, or reports that others say so.

A denial reaches over words, not over sentences: "it is not speed but memory" denies speed alone.
Denials inside one another cancel out ("no step leaves it untouched"). Every reach is cut at
twenty-four words, so that a text of nothing but "not" costs no more than another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from grading.concepts import english
from grading.concepts.words import Text, Word

REACH = 24

_BEFORE_A_VERDICT = english.ARTICLES | english.SOFT | {"totally", "entirely", "completely"}
_BEFORE_A_CAUSE = english.SOFT | english.LIGHT | {"so", "much", "all", "necessarily", "probably"}
_BEFORE_A_POINT = english.DETERMINERS | english.SOFT | {"main", "real", "what", "is"}
_BE_OR_DO = english.BE | {"do", "does"}
_GOES_ON = english.COMPLEMENT | english.RELATIVES | english.PREPOSITIONS | {"because"}
"""After these a pronoun belongs to what has begun."""
_OPENS_WITHIN = english.COMPLEMENT | english.RELATIVES | {"because"}
_QUANTIFIERS_THAT_OPEN = english.QUANTIFIERS - {"one", "more", "less", "much"}
_DETERMINERS_THAT_OPEN = english.DETERMINERS - english.RELATIVES

Voice = Literal["own", "reported", "mistaken"]
"""own: the learner's view; reported: others say so; mistaken: said in a way that sets it aside."""
Cue = Literal["reported", "mistaken", "seeming"]
"""seeming: "it may look like ...", which is set aside only where a "but" follows."""


@dataclass(frozen=True, slots=True)
class Denial:
    """One denial: the word that denies, and the words [first, last) it reaches."""

    at: int
    first: int
    last: int
    soft: bool = False
    """ "Not only": denies that this is all, not that it is so."""
    corrected: int | None = None
    """Where a "but" says what is meant instead: "not heat but gas"."""
    doubtful: int | None = None
    """From this word on nobody can say whether it reaches: "I don't think it keeps all BECAUSE"."""


@dataclass(frozen=True, slots=True)
class Stance:
    """For every word of a text: what denies it, whose voice it is in, whether it is taken back."""

    denials: tuple[Denial, ...]
    over: tuple[tuple[int, ...], ...]
    """For each word the denials that reach it, as indices."""
    voices: tuple[Voice, ...]
    answered: tuple[bool, ...]
    """Reported, and followed by a "but"."""
    rejected: tuple[bool, ...]
    """Taken back by name: "... That is wrong.", "Is it speed? No." """
    supposed: tuple[bool, ...]
    """Only supposed, against the facts: "if it were endless"."""
    imagined: tuple[bool, ...]
    """Supposed, or said to follow from that: "nothing would be lost"."""
    open: tuple[bool, ...]
    """Left open: "either it grows or it doesn't"."""
    negators: frozenset[int]
    """The words that deny: what ``not`` in a pattern may stand for."""


def take(text: Text) -> Stance:
    """The stance of every word of ``text``."""
    words = text.words
    denials: list[Denial] = []
    rejected = [False] * len(words)
    for at, word in enumerate(words):
        if word.text not in _MAY_DENY:
            continue
        kind = _denies(words, at)
        if kind is not None:
            denials.append(_forward(words, at, kind))
        if word.text in english.VERDICTS:
            denial = _verdict(words, at)
            if denial is not None:
                denials.append(denial)
    denials = [_with_subject(words, denial) for denial in denials]
    voices, answered = _voices(text)
    for at, word in enumerate(words):
        if word.text in _MAY_TAKE_BACK:
            _reject_before(text, at, voices, rejected)
    _reject_questions(text, rejected)
    supposed, imagined = _suppositions(text)
    over: list[list[int]] = [[] for _ in words]
    for number, denial in enumerate(denials):
        for at in range(denial.first, denial.last):
            over[at].append(number)
    return Stance(
        denials=tuple(denials),
        over=tuple(tuple(numbers) for numbers in over),
        voices=tuple(voices),
        answered=tuple(answered),
        rejected=tuple(rejected),
        supposed=tuple(supposed),
        imagined=tuple(imagined),
        open=tuple(_left_open(text)),
        negators=frozenset(denial.at for denial in denials),
    )


def _text(words: Sequence[Word], at: int) -> str:
    """The word at ``at``, or nothing where there is none or another sentence begins."""
    return words[at].text if 0 <= at < len(words) else ""


def _next(words: Sequence[Word], at: int) -> str:
    if at + 1 < len(words) and words[at + 1].sentence == words[at].sentence:
        return words[at + 1].text
    return ""


def _before(words: Sequence[Word], at: int) -> str:
    if at > 0 and words[at - 1].sentence == words[at].sentence:
        return words[at - 1].text
    return ""


Kind = Literal["adverb", "noun", "preposition", "whole"]


_MAY_DENY = (
    english.ADVERBS_OF_DENIAL
    | english.NOUNS_OF_DENIAL
    | english.PREPOSITIONS_OF_DENIAL
    | english.VERBS_OF_DENIAL
    | english.VERBS_BEFORE_TO
    | english.VERBS_BEFORE_CLAIMS
    | english.VERDICTS
    | frozenset(first for first, _ in english.PAIRS_OF_DENIAL)
    | {"doubt", "doubts"}
)
"""No other word denies: most are passed over at this."""


def _denies(words: Sequence[Word], at: int) -> Kind | None:
    word, after = words[at].text, _next(words, at)
    if (word, after) in english.IDIOMS or (_before(words, at), word) in english.IDIOMS:
        return None
    if (word, after) == ("far", "from"):
        distant = _text(words, at + 2)
        return None if distant in english.FUNCTION and distant != "being" else "preposition"
    if (word, after) in english.PAIRS_OF_DENIAL or word in english.PREPOSITIONS_OF_DENIAL:
        return "preposition"
    if word in english.VERBS_BEFORE_TO:
        return "adverb" if after in ("to", "that") else None
    if word in english.VERBS_BEFORE_CLAIMS:
        claim = after in ("that", "with") or _text(words, at + 2) in english.CLAIMS
        return "whole" if claim else None
    if word in ("doubt", "doubts"):
        thinks = _before(words, at) in english.SUBJECTS | english.AUXILIARIES | english.SOFT
        return "adverb" if thinks or after in ("that", "whether", "if") else None
    if word in english.ADVERBS_OF_DENIAL or word in english.VERBS_OF_DENIAL:
        if word == "not" and _acquits(words, at):
            return None
        if word == "not" and _whole(words, at):
            return "whole"
        return "adverb"
    if word in english.NOUNS_OF_DENIAL:
        if word == "no" and (not after or words[at + 1].apart or _opens(after)):
            return None
        return "adverb" if (word, after) == ("no", "longer") else "noun"
    return None


def _acquits(words: Sequence[Word], at: int) -> bool:
    """Whether a "not" only takes back a verdict: "it is not wrong to say"."""
    ahead = at + 1
    while _text(words, ahead) in _BEFORE_A_VERDICT:
        ahead += 1
    return _text(words, ahead) in english.VERDICTS


def _opens(word: str) -> bool:
    """Whether a statement opens here, so that the "no" before it stands alone."""
    return (
        word in english.SUBJECTS
        or word in english.DETERMINERS
        or word in _QUANTIFIERS_THAT_OPEN
        or word in english.CONJUNCTIONS
        or word == "there"
    )


def _whole(words: Sequence[Word], at: int) -> bool:
    """Whether all that follows is denied: "it isn't the case that ..."."""
    for ahead in range(at + 1, min(at + 4, len(words))):
        if words[ahead].sentence != words[at].sentence:
            return False
        if words[ahead].text in english.WHOLE:
            return _next(words, ahead) in ("that", "to")
    return False


def _forward(words: Sequence[Word], at: int, kind: Kind) -> Denial:
    first = at + 1
    if (words[at].text, _next(words, at)) in english.PAIRS_OF_DENIAL:
        first = at + 2
    soft = words[at].text == "not" and _next(words, at) in english.SOFT
    limit = min(first + REACH, len(words))
    finites = 0 if _before(words, at) in english.AUXILIARIES or kind == "preposition" else 1
    nested = within = False
    aside = 0
    doubtful: int | None = None
    corrected: int | None = None
    last = first
    while last < limit:
        word = words[last]
        if word.text == "but" and word.clause == words[at].clause:
            corrected = last
            break
        if word.clause != words[at].clause or (word.text == "->" and kind != "whole"):
            break
        if word.announced:
            break
        if kind != "whole":
            if word.apart and last == first and word.text in english.CAUSES | {"and"}:
                break
            if word.apart and last == first and kind != "noun":
                aside = 1
            elif word.apart:
                if aside:
                    aside -= 1
                elif not _lists_on(words, last):
                    break
            opens = last > first or (kind == "noun" and word.text == "and")
            opens = opens and word.text in _MAY_END
            if opens and _ends(words, last, kind=kind, nested=nested, first=first):
                if word.text != "because":
                    break
                if not _denies_a_cause(words, last, at, within=within):
                    if not nested:
                        break
                    if _next(words, last) != "of":
                        doubtful = last
            if word.text in _OPENS_WITHIN:
                nested = within = True
            elif word.text in english.FINITE:
                if nested:
                    nested = False
                elif finites:
                    finites -= 1
                elif last > first:
                    break
        last += 1
    beside = at > 0 and words[at - 1].segment == words[at].segment
    if kind == "noun" and beside and english.acts(_before(words, at)):
        first = at - 1  # "it overwrites nothing" denies the overwriting
    return Denial(at=at, first=first, last=last, soft=soft, corrected=corrected, doubtful=doubtful)


def _denies_a_cause(words: Sequence[Word], at: int, denies: int, *, within: bool) -> bool:
    """Whether a "because" is denied: "is not only because", "I don't think it is because"."""
    back = at - 1
    while back > denies and words[back].text in _BEFORE_A_CAUSE:
        back -= 1
    return back == denies or (within and words[back].text in english.BE)


def _lists_on(words: Sequence[Word], at: int) -> bool:
    """Whether the comma before ``at`` parts a list: "compress, blur or drop"."""
    for ahead in range(at, min(at + 5, len(words))):
        if words[ahead].text in ("or", "nor"):
            return True
        if words[ahead].sentence != words[at].sentence or words[ahead].text in english.SUBJECTS:
            return False
    return False


_TO_CAUSE = english.DETERMINERS | english.AUXILIARIES | {"to", "and", "or", "main", "real", "only"}
_AFTER_BECAUSE = english.SUBJECTS | english.DETERMINERS | english.QUANTIFIERS | {"there"}


def _ends(words: Sequence[Word], at: int, *, kind: Kind, nested: bool, first: int) -> bool:
    """Whether a new statement begins at ``at``, out of the reach of a denial before it."""
    word, before, after = words[at].text, words[at - 1].text, _next(words, at)
    if word == "cause" and before not in _TO_CAUSE and after in _AFTER_BECAUSE:
        return True
    if word in ("how", "that", "what", "why") and before in english.VERBS_OF_CHANGE:
        return True
    if word in ("because", "so", "therefore", "thus", "hence", "since", "then", "nor", "while"):
        return True
    if word == "as" and _opens_another(words, at) and before not in ("so", "such", "same", "just"):
        return True
    if word == "as" and after in english.SUBJECTS and before not in ("so", "such", "same", "just"):
        return True
    if word == "and":
        return (
            _opens_another(words, at)
            or after in english.SUBJECTS
            or after in english.DETERMINERS
            or after in english.QUANTIFIERS
            or after in english.FINITE
            or after in english.PASSIVE
            or after in ("have", "had", "do", "did")
            or after in english.NOUNS_OF_DENIAL
            or after in english.ADVERBS_OF_DENIAL
            or (after in english.AUXILIARIES and _next(words, at + 1) == "not")
            or (after.endswith("s") and english.acts(after))
        )
    if kind == "preposition" and word in english.SUBJECTS and before not in english.FUNCTION:
        return after not in english.FUNCTION or _acts_next(words, at)
    if word in english.SUBJECTS and not english.acts(before):
        return before not in _GOES_ON and (_acts_next(words, at))
    opens = (
        word == "there"
        or word in english.QUANTIFIERS
        or (word in english.SUBJECTS and _acts_next(words, at))
        or word in _DETERMINERS_THAT_OPEN
    )
    if kind in ("noun", "preposition") and opens and not nested:
        acting = any(
            words[k].text.endswith("ing") or english.acts(words[k].text) for k in range(first, at)
        )
        return before not in english.FUNCTION and not acting
    return False


_MAY_END = (
    english.SUBJECTS
    | english.QUANTIFIERS
    | english.DETERMINERS
    | english.words(
        "because so therefore thus hence since then nor while and as cause how that what"
    )
    | english.words("why")
    | english.words("there")
)
"""No other word ends a denial: most are passed over at this."""


def _opens_another(words: Sequence[Word], at: int) -> bool:
    """Whether a statement with a subject of its own follows an "and": "and small ones do not"."""
    if english.acts(_next(words, at)):
        return False
    for ahead in range(at + 2, min(at + 5, len(words))):
        if words[ahead].apart or words[ahead].clause != words[at].clause:
            return False
        if words[ahead].text in english.PREPOSITIONS:
            return False
        if words[ahead].text in english.AUXILIARIES - {"be", "been", "being"}:
            return True
    return False


def _acts_next(words: Sequence[Word], at: int) -> bool:
    after = _next(words, at)
    third = words[at].text in ("it", "he", "she") and after.endswith("s")
    return after in english.AUXILIARIES or english.acts(after) or third


def _verdict(words: Sequence[Word], at: int) -> Denial | None:
    """What "the idea that it grows is wrong" denies, or "it is wrong to say that it grows"."""
    after = _next(words, at)
    start = at - 1
    while start >= 0 and words[start].text in _BEFORE_A_VERDICT:
        start -= 1
    if start < 0 or words[start].sentence != words[at].sentence:
        return None
    if words[start].text == "not" or words[start].text not in english.BE:
        return None
    if words[at].text in english.FALSE_CUES and after in ("that", "to", "is"):
        return None  # told as a mistaken voice
    ahead = [words[k].text for k in range(at + 1, min(at + 6, len(words)))]
    if after in ("that", "to") or (
        after in ("when", "who", "if", "in", "because") and english.SAYING & set(ahead)
    ):
        last = at + 1
        while (
            last < min(at + REACH, len(words))
            and words[last].clause == words[at].clause
            and not words[last].announced
        ):
            last += 1
        return Denial(at=at, first=at + 1, last=last)
    first = _clause_start(words, start)
    return Denial(at=at, first=first, last=start)


def _clause_start(words: Sequence[Word], at: int) -> int:
    first = at
    while first > 0 and words[first - 1].clause == words[at].clause and at - first < REACH:
        first -= 1
        if words[first].text in ("because", "so", "therefore"):
            return first + 1
        if words[first].apart and at - first > 1:
            return first
    return first


def _with_subject(words: Sequence[Word], denial: Denial) -> Denial:
    """In "speed is not the problem", what is set aside stands before the denial."""
    at = denial.at
    if words[at].text != "not" or _before(words, at) not in english.AUXILIARIES:
        return denial
    if _point(words, at) is None:
        return denial
    first = _clause_start(words, at - 1)
    return replace(denial, first=first, last=max(denial.last, at + 1))


def _point(words: Sequence[Word], at: int) -> int | None:
    """Where, after a "not", stands what a thing is said not to be."""
    for ahead in range(at + 1, min(at + 5, len(words))):
        text = words[ahead].text
        if words[ahead].clause != words[at].clause or words[ahead].apart:
            return None
        if text in english.POINT and text not in ("main", "real"):
            return None if _next(words, ahead) in ("that", "to") else ahead
        if text not in _BEFORE_A_POINT:
            return None
    return None


def _reject_before(text: Text, at: int, voices: Sequence[Voice], rejected: list[bool]) -> None:
    """Takes back what stands before "That is wrong." or "but I disagree"."""
    words = text.words
    number = words[at].sentence
    start = text.sentences[number].first
    opens = at == start or words[at].apart or words[at].text in english.CONTRAST
    if not opens and (words[at - 1].text not in english.CONTRAST or words[at].text in _PRELUDE):
        return
    if not _takes_back(words, at):
        return
    if at != start and any(words[k].text not in _PRELUDE for k in range(start, at)):
        first, last = start, at
    elif number:
        first, last = text.sentences[number - 1].first, text.sentences[number - 1].last
        while (
            first
            and last - first < 2 * REACH
            and voices[first] != "own"
            and voices[text.sentences[words[first].sentence - 1].first] != "own"
        ):
            first = text.sentences[words[first].sentence - 1].first
    else:
        return
    first = max(first, last - 2 * REACH)
    # What the learner says beside the report is not taken back with it.
    others = any(voices[k] == "reported" for k in range(first, last))
    for k in range(first, last):
        rejected[k] = rejected[k] or not others or voices[k] != "own"


_PRELUDE = english.CONTRAST | {"no", "nope", "and", "so", "well", "actually", "oh", "of", "course"}
"""What may come before "that is wrong" in a sentence that says no more than this."""
_SUBJECTS_TAKEN_BACK = frozenset(
    {"it", "this", "that", "which", "they", "these", "he", "she", "all", "both", "those"}
)
_EMPHASIS = english.SOFT | {"do", "would", "strongly", "totally", "completely", "also", "still"}
_VIEWS = frozenset({"think", "believe", "find", "feel", "know", "guess", "say", "consider"})


_MAY_TAKE_BACK = (
    _PRELUDE
    | _SUBJECTS_TAKEN_BACK
    | english.VERDICTS
    | english.DETERMINERS
    | english.BE
    | english.words("i not which")
)


def _takes_back(words: Sequence[Word], at: int) -> bool:
    """Whether a remark begins here that says no more than that what was said is not so."""
    for _ in range(4):
        if _text(words, at) in _PRELUDE and _next(words, at):
            at += 1
    sentence = words[at].sentence
    denied = False

    def said(k: int) -> str:
        return words[k].text if k < len(words) and words[k].sentence == sentence else ""

    def ends(k: int) -> bool:
        after = said(k + 1)
        return not after or words[k + 1].segment != words[k].segment or after in _CLOSES

    if said(at) == "which" and said(at + 1) == "i":
        at += 1
    if said(at) == "i":
        at += 1
        while said(at) in _EMPHASIS:
            at += 1
        if said(at) == "not":
            denied = True
            at += 1
        if said(at) in ("disagree", "object"):
            return not denied and (ends(at) or said(at + 1) == "with")
        if said(at) == "agree":
            return denied and (ends(at) or said(at + 1) == "with")
        if said(at) == "doubt":
            return not denied and said(at + 1) in ("it", "this", "that") and ends(at + 1)
        if said(at) in ("buy", "accept"):
            return denied and said(at + 1) in ("it", "this", "that") and ends(at + 1)
        if said(at) not in _VIEWS:
            return False
        at += 1
        if said(at) in ("so", "it", "this", "that") and ends(at):
            return denied
        if said(at) == "that" and said(at + 1) in _SUBJECTS_TAKEN_BACK:
            at += 1
    if said(at) in english.VERDICTS:
        told = said(at) in _NOUNS and at + 1 < len(words) and words[at + 1].announced
        return not denied and ends(at) and not told
    if said(at) == "not":
        if at > 1 and words[at - 2].sentence == sentence and words[at - 1].text != "no":
            return False  # "..., but not the reason" takes back nothing before it
        point = _point(words, at)
        return point is not None and ends(point)
    if said(at) in english.DETERMINERS and said(at + 1) in english.SPEAKERS:
        at += 1
    elif said(at) not in _SUBJECTS_TAKEN_BACK and said(at) not in english.BE:
        return False
    if said(at) not in english.BE:
        at += 1
    if said(at) not in _BE_OR_DO and said(at) != "can":
        return False
    if said(at + 1) == "not":
        denied = not denied
        at += 1
        if ends(at):
            return denied and words[at].text == "not" and said(at - 2) in ("it", "this", "they")
    ahead = at + 1
    while said(ahead) in _BEFORE_A_VERDICT:
        ahead += 1
    if said(ahead) in english.VERDICTS:
        return not denied and ends(ahead)
    point = _point(words, at) if denied else None
    return point is not None and ends(point)


_NOUNS = frozenset({"myth", "misconception"})
_CLOSES = frozenset({"because", "since", "though", "however", "imo", "here", "of"})
"""After these a remark that takes something back may go on to say why."""


def _reject_questions(text: Text, rejected: list[bool]) -> None:
    for asked, reply in zip(text.sentences, text.sentences[1:], strict=False):
        if asked.asks and text.words[reply.first].text in ("no", "nope", "not", "wrong", "never"):
            for k in range(asked.first, asked.last):
                rejected[k] = True


def _voices(text: Text) -> tuple[list[Voice], list[bool]]:
    words = text.words
    voices: list[Voice] = ["own"] * len(words)
    answered = [False] * len(words)
    for number, sentence in enumerate(text.sentences):
        reply = number + 1 < len(text.sentences) and _replies(
            words, text.sentences[number + 1].first
        )
        heard: Voice = "own"
        clause = -1
        until_comma = False
        for at in range(sentence.first, sentence.last):
            word = words[at]
            if heard != "own" and (
                word.clause != clause
                or (word.apart and (until_comma or word.text in english.OPENS_DENIAL))
            ):
                if word.clause != clause or word.text in english.OPENS_DENIAL:
                    _answer(voices, answered, sentence.first, at)
                heard = "own"
            cue = _cue(words, at)
            if cue == "seeming":
                cue = "mistaken" if _goes_on_with_but(words, at) else None
            if cue is not None and heard != "mistaken":
                heard, clause, until_comma = cue, word.clause, word.text == "contrary"
                if cue == "reported" and _trails(words, at, sentence.first):
                    for before in range(max(sentence.first, at - 2 * REACH), at):
                        if voices[before] == "own":
                            voices[before] = "reported"
            if heard != "own":
                voices[at] = heard
        if reply:
            _answer(voices, answered, sentence.first, sentence.last)
    return voices, answered


def _goes_on_with_but(words: Sequence[Word], at: int) -> bool:
    """Whether a contrast follows in the same sentence, or opens the next."""
    for ahead in range(at + 1, min(at + REACH, len(words))):
        if words[ahead].text in english.CONTRAST:
            return True
        if words[ahead].sentence > words[at].sentence:
            return _replies(words, ahead)
    return False


def _trails(words: Sequence[Word], at: int, first: int) -> bool:
    """Whether who said it is told behind what was said: "..., says my friend"."""
    start = at
    while start > max(first, at - 4) and words[start].segment == words[start - 1].segment:
        start -= 1
    if start == first or at - start > 3:
        return False
    last = at
    while last < min(at + 3, len(words) - 1) and words[last + 1].segment == words[at].segment:
        last += 1
    return last - at <= 2 and any(words[k].text in english.SAYING for k in range(start, last + 1))


def _left_open(text: Text) -> list[bool]:
    """What stands before an "or it doesn't", or between "either" and "or not"."""
    words = text.words
    opened = [False] * len(words)
    for at, word in enumerate(words):
        if word.text != "or" or _before(words, at) in ("", "whether"):
            continue
        first = at - 1
        while first and words[first - 1].segment == words[at - 1].segment and at - first < REACH:
            first -= 1
        begins = max(text.sentences[word.sentence].first, at - 2 * REACH)
        either = [k for k in range(begins, at) if words[k].text == "either"]
        if either:
            first = either[-1]
        elif _next(words, at) == "not":
            continue
        for ahead in range(at + 1, min(at + 5, len(words))):
            if words[ahead].segment != words[at + 1].segment:
                break
            closes = ahead + 1 == len(words) or words[ahead + 1].segment != words[ahead].segment
            if words[ahead].text == "not" and closes:
                for k in range(first, at):
                    opened[k] = True
    return opened


_IFS = frozenset({"if", "unless"})
_THEN = frozenset({"would", "could", "might"})
_REAL = frozenset({"even", "as", "see", "check", "ask", "know", "tell", "wonder"})
"""Before "if" these make no supposition: "as if", "even if", "to see if"."""


def _suppositions(text: Text) -> tuple[list[bool], list[bool]]:
    """What is only supposed against the facts, and what with all that is said to follow from it.

    "If it were endless, nothing would be lost" holds both; "if it is long, much is lost" is a law,
    and "even if it were long, nothing would be lost" says that the rest is so in any case.
    """
    words = text.words
    supposed = [False] * len(words)
    imagined = [False] * len(words)
    for at, word in enumerate(words):
        if word.text not in _IFS or _before(words, at) in _REAL:
            continue
        first = at
        while first and words[first - 1].clause == word.clause and at - first < REACH:
            first -= 1
        last = at + 1
        while last < len(words) and words[last].clause == word.clause and last - at < 2 * REACH:
            last += 1
        then = [k for k in range(first, last) if words[k].text in _THEN]
        if not then:
            continue
        end = next((k for k in range(at + 1, last) if words[k].apart), None)
        if end is None:
            end = next((k for k in then if k > at + 2), last) if then[0] > at else last
        for k in range(at, end):
            supposed[k] = True
        if not any(
            words[k].text in ("still", "anyway", "nevertheless") for k in range(first, last)
        ):
            for k in range(first, last):
                imagined[k] = True
    return supposed, imagined


def _answer(voices: list[Voice], answered: list[bool], first: int, last: int) -> None:
    for at in range(first, last):
        if voices[at] == "reported":
            answered[at] = True


def _replies(words: Sequence[Word], at: int) -> bool:
    """Whether a sentence opens as an answer to what was reported before it."""
    word, after = words[at].text, _next(words, at)
    if word in english.CONTRAST or word in english.OPENS_DENIAL:
        return True
    if (word, after) in {("in", "fact"), ("in", "reality"), ("the", "truth"), ("the", "real")}:
        return True
    if word in ("it", "that", "this", "they") and after in english.AUXILIARIES:
        return _text(words, at + 2) == "not" or _text(words, at + 2) in english.VERDICTS
    return word == "i" and after in ("disagree", "do")


_INDIRECT = english.RELATIVES - {"that"} | {"whether", "why"}


_MAY_CUE = (
    english.SAYING
    | english.VERDICTS
    | english.FALSE_CUES
    | english.SEEMINGS
    | english.SPEAKERS
    | english.words("contrary according belief claim opinion rumour rumor it i")
)
"""No other word opens a report: most are passed over at this."""


def _cue(words: Sequence[Word], at: int) -> Cue | None:
    """Whether words begin here that are somebody else's."""
    word = words[at].text
    if word not in _MAY_CUE:
        return None
    after = _next(words, at)
    if word == "contrary" and after == "to":
        return "mistaken"
    if word == "according" and after == "to":
        return "reported"
    if word in english.SAYING and words[at].apart:
        speaker = {after, _text(words, at + 2)} & english.SPEAKERS
        return "reported" if speaker and after in english.DETERMINERS | english.SPEAKERS else None
    if at + 1 < len(words) and words[at + 1].announced and word in english.VERDICTS:
        # "Wrong: ..." takes back the sentence before it, where there is one.
        opens = at == 0 or (words[at - 1].sentence != words[at].sentence and word in _NOUNS)
        return "mistaken" if opens or _before(words, at) in english.ARTICLES else None
    if word in ("belief", "claim", "opinion", "rumour", "rumor") and after == "that":
        return "reported"
    if word in english.FALSE_CUES and word != "contrary":
        return "mistaken" if after in ("that", "to", "is") or word.endswith("ly") else None
    if word == "it" and after == "is":
        said = [_text(words, k) for k in range(at + 2, at + 5)]
        told = not english.PARTICIPLES_OF_SAYING.isdisjoint(said)
        return "reported" if told and said[0] != "not" else None
    ahead: list[str] = []
    for k in range(at + 1, min(at + 5, len(words))):
        if words[k].sentence != words[at].sentence:
            break
        ahead.append(words[k].text)
    if word == "i":
        past = {"thought", "assumed", "believed", "guessed", "supposed"}
        if ahead[:1] and ahead[0] in past:
            return "mistaken"
        if len(ahead) > 1 and ahead[1] in past and ahead[0] in ("first", "once", "originally"):
            return "mistaken"
        return "mistaken" if ahead[:2] == ["used", "to"] else None
    if word in english.SEEMINGS and after in english.SEEM_AFTER.get(word, ()):
        return "seeming"
    if word in english.SPEAKERS:
        for k, text in enumerate(ahead[:3]):
            if text in english.SAYING:
                if ahead[k + 1 : k + 2] and ahead[k + 1] in _INDIRECT:
                    return None  # "they tell how ...": what they tell is nobody's opinion
                between = set(ahead[:k])
                if between & english.ADVERBS_OF_DENIAL:
                    return None
                seeming = word in ("you", "one") and between & english.SEEMING
                return "mistaken" if seeming else "reported"
            if words[at + 1 + k].apart:
                break
    return None
