"""Patterns that a teacher can read aloud, and where the words of a text meet them.

    word            any inflection, a typing slip mended        "exact words"   just as written
    stem*           any word that begins so                     @set            a set of the lexicon
    a|b c|d         any of these phrases                        (a|b) c         the same, grouped
    ?word           may be there                                not             any denial
    A .. B          at most 5 words between; ..2: at most 2     A near B        in any order
    A before B      in this order, in one clause               A / B / C       who does what to whom
    A ~ B           in one sentence, in any order, however its clauses part them
    A / B unless C  not where C stands in the same clause

``|`` parts whole phrases: ``one|fixed vector`` is "one", or "fixed vector". A statement is met in
the active and the passive voice ("the sun lights half", "half is lit by the sun"), turned around
by a relative word ("the half that the sun lights"), and as a noun ("the lighting of half by the
sun"). All slots stand in one clause, unless ``~`` joins them, and no word fills two of them: slots
are matched in order by dynamic programming, so a word that two slots want goes to the one that
lets both be filled. Where nothing else fills one slot, a pronoun may that follows its meaning:
"The yeast eats the sugar. It gives off gas."
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from itertools import permutations, product
from typing import Literal, TypeVar

from grading.concepts import english
from grading.concepts.everyday import EVERYDAY
from grading.concepts.stance import Stance
from grading.concepts.words import Text, fold, stem

GAP = 5
NEAR = 8
STATEMENT = 8
BEFORE = 14
FAR = 16
CARRIED = 24
OBJECT = 4
MOST_SLOTS = 4
MOST_ATOMS = 12
MOST_DEPTH = 4
SHARED = "shared."


class Unsound(Exception):
    """A pattern that cannot be read. Its author mends it."""


AtomKind = Literal["word", "exact", "opening", "not", "group"]


@dataclass(frozen=True, slots=True)
class Atom:
    """One place of a phrase."""

    kind: AtomKind
    text: str = ""
    stem: str = ""
    group: Chain | None = None

    def wants(self) -> frozenset[str] | None:
        """The stems of which a text must hold one, or None where it cannot be said."""
        if self.kind == "word":
            return frozenset((self.stem,))
        return self.group.opens if self.group is not None else None


Phrase = tuple[Atom, ...]


@dataclass(frozen=True, slots=True)
class Segment:
    """Any one of these: a single word (by its stem), or a phrase."""

    singles: Mapping[str, frozenset[str]]
    """From stem to the words as written."""
    phrases: tuple[Phrase, ...]
    opened: Mapping[str, tuple[Phrase, ...]] = field(default_factory=dict)
    """The phrases that begin with a word, by its stem: most are passed over at this."""
    others: tuple[Phrase, ...] = ()

    @classmethod
    def of(cls, singles: Mapping[str, frozenset[str]], phrases: Sequence[Phrase]) -> Segment:
        """The segment of these words and phrases."""
        opened: dict[str, tuple[Phrase, ...]] = {}
        others: list[Phrase] = []
        for phrase in phrases:
            if phrase[0].kind == "word":
                opened[phrase[0].stem] = (*opened.get(phrase[0].stem, ()), phrase)
            else:
                others.append(phrase)
        return cls(singles, tuple(phrases), opened, tuple(others))

    def wants(self) -> frozenset[str] | None:
        """The stems of which a text must hold one, or None where it cannot be said."""
        wanted = set(self.singles)
        for phrase in self.phrases:
            first = phrase[0].wants()
            if first is None:
                return None
            wanted |= first
        return frozenset(wanted)


@dataclass(frozen=True, slots=True)
class Chain:
    """Segments in order; ``gaps[i]`` words at most stand between segment i and the next."""

    segments: tuple[Segment, ...]
    gaps: tuple[int, ...]
    wants: tuple[frozenset[str], ...]
    """Of each of these a text must hold one: most patterns are passed over at this."""
    opens: frozenset[str] | None
    """What a text must hold one of for the first segment, or None where it cannot be said."""
    parts: tuple[Chain, ...] = ()
    """Each segment by itself, where there are several."""


Shape = Literal["chain", "near", "before", "statement", "beside"]


@dataclass(frozen=True, slots=True)
class Pattern:
    """One pattern: its slots, and how they must stand to each other."""

    text: str
    shape: Shape
    slots: tuple[Chain, ...]
    wants: tuple[frozenset[str], ...]
    unless: Chain | None = None
    """What must not stand in the same clause."""


@dataclass(frozen=True, slots=True)
class Met:
    """Where words meet a pattern: their indices in order, and the denials the pattern asked for."""

    words: tuple[int, ...]
    spent: frozenset[int] = frozenset()
    slots: tuple[tuple[int, int], ...] = ()
    """First and last word of what fills each slot, in reading order."""
    carried: bool = False
    """A pronoun fills one of them."""


# -- reading a pattern --------------------------------------------------------------------------

_PIECE = re.compile(r'"[^"]*"|\.\.\d*|->|[()|/=]|\?|@[\w-]+(?:\.\w[\w-]*)?|[^\s()|/"?=@~]+|\S')


class Sets:
    """The lexicon's named sets, and those of everyday English behind them.

    A name means the lexicon's own set or, where it has none, the everyday one; ``shared.name``
    always means the everyday one. Each is read once, so that a text is searched for it once.
    """

    def __init__(self, entries: Mapping[str, Sequence[str]]) -> None:
        self.entries = entries
        self._read: dict[str, Chain] = {}
        self._spelt: dict[tuple[str, ...], Chain] = {}

    def shared(self, pieces: tuple[str, ...], chain: Chain) -> Chain:
        """The chain that these pieces spelt before, so that a text is searched for it once."""
        return self._spelt.setdefault(pieces, chain)

    def _phrases(self, name: str) -> Sequence[str]:
        shared = name.removeprefix(SHARED)
        if name in self.entries:
            return self.entries[name]
        if shared in EVERYDAY:
            return EVERYDAY[shared]
        known = ", ".join(f"@{known}" for known in self.entries) or "none"
        near = get_close_matches(shared, [*self.entries, *EVERYDAY], n=1, cutoff=0.75)
        hint = f"; did you mean @{near[0]}?" if near else ""
        raise Unsound(f"the lexicon has no set @{name}; it has {known}{hint}")

    def named(self, name: str, within: tuple[str, ...] = ()) -> Chain:
        """The set called ``name``, as any one of its phrases. Raises Unsound."""
        if name in within:
            raise Unsound(f"the set @{name} stands inside itself")
        phrases_of = self._phrases(name)
        if name not in self._read:
            singles: dict[str, frozenset[str]] = {}
            phrases: list[Phrase] = []
            for entry in phrases_of:
                chain = _Parser(_PIECE.findall(entry), self, (*within, name)).whole()
                if chain.gaps:
                    phrases.append((Atom("group", group=chain),))
                else:
                    for stemmed, spelt in chain.segments[0].singles.items():
                        singles[stemmed] = singles.get(stemmed, frozenset()) | spelt
                    phrases.extend(chain.segments[0].phrases)
            if not singles and not phrases:
                raise Unsound(f"the set @{name} is empty")
            self._read[name] = _chain([Segment.of(singles, phrases)], ())
        return self._read[name]


def parse(text: str, sets: Sets) -> Pattern:
    """The pattern that ``text`` spells, with the lexicon's ``sets``. Raises Unsound."""
    pieces = _PIECE.findall(text)
    if not pieces:
        raise Unsound("the pattern is empty")
    depth = 0
    slots: list[list[str]] = [[]]
    shapes: set[Shape] = set()
    unless: list[str] | None = None
    for piece in pieces:
        depth += (piece == "(") - (piece == ")")
        shape = _JOINS.get(piece)
        if piece == "unless" and depth == 0 and unless is None:
            unless = []
        elif unless is not None:
            if shape is not None and depth == 0:
                raise Unsound(f"after `unless` stand words or phrases, without `{piece}`")
            unless.append(piece)
        elif shape is not None and depth == 0:
            shapes.add(shape)
            slots.append([])
        else:
            slots[-1].append(piece)
    if depth:
        raise Unsound("a bracket is not closed" if depth > 0 else "a bracket closes none")
    if len(shapes) > 1:
        raise Unsound("a pattern uses one of `/`, `near`, `before` and `~`, not several of them")
    if len(slots) > MOST_SLOTS:
        raise Unsound(f"a pattern has at most {MOST_SLOTS} slots, this one has {len(slots)}")
    chains = tuple(sets.shared(tuple(slot), _Parser(slot, sets).whole()) for slot in slots)
    return Pattern(
        text=text,
        shape=shapes.pop() if shapes else "chain",
        slots=chains,
        wants=tuple(sorted((w for chain in chains for w in chain.wants), key=len)),
        unless=None if unless is None else _Parser(unless, sets).whole(),
    )


_JOINS: Mapping[str, Shape] = {
    "/": "statement",
    "near": "near",
    "before": "before",
    "~": "beside",
}


def _chain(segments: Sequence[Segment], gaps: Sequence[int]) -> Chain:
    wants = [segment.wants() for segment in segments]
    return Chain(
        segments=tuple(segments),
        gaps=tuple(gaps),
        wants=tuple(wanted for wanted in wants if wanted is not None),
        opens=wants[0],
        parts=tuple(_chain([segment], ()) for segment in segments) if gaps else (),
    )


class _Parser:
    """Reads one slot. A lexicon's set stands in it as a group, so sets may use sets."""

    def __init__(self, pieces: Sequence[str], sets: Sets, within: tuple[str, ...] = ()) -> None:
        self.pieces = list(pieces)
        self.sets = sets
        self.within = within
        self.at = 0

    def whole(self) -> Chain:
        if not self.pieces:
            raise Unsound("a slot is empty: something must stand on both sides of `/` or `near`")
        chain = self.chain(depth=0)
        if self.at < len(self.pieces):
            raise Unsound(f"`{self.pieces[self.at]}` does not belong here")
        return chain

    def chain(self, depth: int) -> Chain:
        if depth > MOST_DEPTH:
            raise Unsound(f"brackets stand at most {MOST_DEPTH} deep")
        segments = [self.segment(depth)]
        gaps: list[int] = []
        while self.at < len(self.pieces) and self.pieces[self.at].startswith(".."):
            digits = self.pieces[self.at][2:]
            gap = int(digits[:3]) if digits else GAP
            if not 0 < gap <= BEFORE:
                raise Unsound(f"a gap is of 1 to {BEFORE} words")
            self.at += 1
            gaps.append(gap)
            segments.append(self.segment(depth))
        return _chain(segments, gaps)

    def segment(self, depth: int) -> Segment:
        found = self.phrase(depth)
        while self.at < len(self.pieces) and self.pieces[self.at] == "|":
            self.at += 1
            found += self.phrase(depth)
        singles: dict[str, frozenset[str]] = {}
        for phrase in found:
            if len(phrase) == 1 and phrase[0].kind == "word":
                spelt = singles.get(phrase[0].stem, frozenset())
                singles[phrase[0].stem] = spelt | {phrase[0].text}
        phrases = tuple(p for p in found if len(p) > 1 or p[0].kind != "word")
        return Segment.of(singles, phrases)

    def phrase(self, depth: int) -> list[Phrase]:
        """A phrase, once with and once without each word that may be missing."""
        choices: list[tuple[Phrase, ...]] = []
        while self.at < len(self.pieces):
            piece = self.pieces[self.at]
            if piece in ("|", ")") or piece.startswith(".."):
                break
            self.at += 1
            optional = piece == "?"
            if optional:
                if self.at == len(self.pieces):
                    raise Unsound("`?` stands before the word that may be missing")
                piece = self.pieces[self.at]
                self.at += 1
            if piece == "(":
                start = self.at
                group = self.chain(depth + 1)
                if self.at == len(self.pieces) or self.pieces[self.at] != ")":
                    raise Unsound("a bracket is not closed")
                group = self.sets.shared(tuple(self.pieces[start : self.at]), group)
                self.at += 1
                atoms: Phrase = (Atom("group", group=group),)
            else:
                atoms = tuple(self.atoms(piece))
            choices.append((atoms, ()) if optional else (atoms,))
        if all(() in choice for choice in choices) or len(choices) > MOST_ATOMS:
            raise Unsound("a phrase is empty: a word must stand on each side of `|` and `..`")
        return [tuple(atom for part in chosen for atom in part) for chosen in product(*choices)]

    def atoms(self, piece: str) -> Iterator[Atom]:
        if piece.startswith("@"):
            yield Atom("group", group=self.sets.named(piece[1:], self.within))
        elif piece == "not":
            yield Atom("not")
        elif piece.startswith('"'):
            if len(piece) < 3 or not piece.endswith('"'):
                raise Unsound("a quotation mark is not closed")
            for word in _words(piece[1:-1]):
                yield Atom("exact", word)
        elif piece.endswith("*"):
            opening = fold(piece[:-1])
            if len(opening) < 3 or not opening.isalpha():
                raise Unsound(f"`{piece}`: at least three letters stand before `*`")
            yield Atom("opening", opening)
        elif piece in english.SYMBOLS:
            yield Atom("exact", piece)
        else:
            words = _words(piece)
            if not words:
                raise Unsound(f"`{piece}` means nothing in a pattern")
            for word in words:
                yield Atom("word", word, stem(word))


def _words(piece: str) -> list[str]:
    """The words a pattern's piece spells, read as a learner's would be: 1 is one, - parts."""
    return [
        english.SHORT.get(word, word).replace("'", "")
        for word in re.findall(r"\d+(?:[.,]\d+)*(?![^\W_])|[^\W_]+(?:'[^\W_]+)*|->|=", fold(piece))
    ]


def lone_words(pattern: Pattern) -> tuple[str, ...]:
    """The words that meet a pattern by themselves beside its one phrase: ``one|fixed vector``.

    Several phrases are a list of names for one thing, and a word among them is one of these.
    """
    chain = pattern.slots[0]
    if pattern.shape != "chain" or chain.gaps:
        return ()
    segment = chain.segments[0]
    if sum(1 for phrase in segment.phrases if len(phrase) > 1) != 1:
        return ()
    return tuple(sorted(word for spelt in segment.singles.values() for word in spelt))


def atoms_of(pattern: Pattern) -> Iterator[Atom]:
    """Every atom of a pattern that stands for a word, groups opened."""
    for slot in (*pattern.slots, *((pattern.unless,) if pattern.unless else ())):
        yield from _atoms_of_chain(slot)


def _atoms_of_chain(chain: Chain) -> Iterator[Atom]:
    for segment in chain.segments:
        for stemmed, spelt in segment.singles.items():
            for word in sorted(spelt):
                yield Atom("word", word, stemmed)
        for phrase in segment.phrases:
            for atom in phrase:
                if atom.group is not None:
                    yield from _atoms_of_chain(atom.group)
                else:
                    yield atom


# -- meeting a text -----------------------------------------------------------------------------

T = TypeVar("T")

Stretch = tuple[int, int, tuple[int, ...], frozenset[int]]
"""First word, last word, the words that count, the denials asked for."""

NONE: frozenset[int] = frozenset()


@dataclass
class View:
    """One text, indexed for meeting patterns. Every group and slot is looked for once."""

    text: Text
    stance: Stance
    work: int = 0
    """Steps taken so far: what tests count to see that the cost is linear."""
    _stems: dict[str, list[int]] = field(default_factory=dict)
    _texts: dict[str, list[int]] = field(default_factory=dict)
    _chains: dict[int, list[Stretch]] = field(default_factory=dict)
    _held: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        for at, word in enumerate(self.text.words):
            self._stems.setdefault(word.stem, []).append(at)
            self._texts.setdefault(word.text, []).append(at)
        self._held = frozenset(self._stems)

    def chain(self, chain: Chain) -> list[Stretch]:
        """Every stretch of the text that meets ``chain``, in order of its end."""
        key = id(chain)
        found = self._chains.get(key)
        if found is None and not self.holds(chain.wants):
            found = self._chains[key] = []
        if found is None:
            if chain.parts:
                found = self.chain(chain.parts[0])
                for gap, part in zip(chain.gaps, chain.parts[1:], strict=True):
                    if not found:
                        break
                    found = self.follow(found, self.chain(part), gap)
            else:
                found = self._segment(chain.segments[0])
            self._chains[key] = found
        return found

    def holds(self, wants: Iterable[frozenset[str]]) -> bool:
        """Whether the text holds one of each."""
        held = self._held
        for wanted in wants:  # noqa: SIM110 - a generator would cost more than the look itself
            if held.isdisjoint(wanted):
                return False
        return True

    def _segment(self, segment: Segment) -> list[Stretch]:
        found: dict[tuple[int, int], Stretch] = {}
        for stemmed in self._stems.keys() & segment.singles.keys():
            for at in self._stems[stemmed]:
                self.work += 1
                found[at, at] = (at, at, (at,), self._spent(at))
        for stemmed in self._stems.keys() & segment.opened.keys():
            for phrase in segment.opened[stemmed]:
                if (
                    len(phrase) > 1
                    and phrase[1].kind == "word"
                    and phrase[1].stem not in self._held
                ):
                    continue
                for stretch in self._phrase(phrase):
                    found.setdefault(stretch[:2], stretch)
        for phrase in segment.others:
            for stretch in self._phrase(phrase):
                found.setdefault(stretch[:2], stretch)
        if len(found) < 2:
            return list(found.values())
        return sorted(found.values(), key=_by_end)

    def _phrase(self, phrase: Phrase) -> list[Stretch]:
        stretches = self._atom(phrase[0])
        for atom in phrase[1:]:
            if not stretches:
                break
            found = self._adjoin(stretches, self._atom(atom))
            if not found and atom is phrase[-1] and atom.text in english.PARTICLES:
                found = self._around(stretches, self._atom(atom))
            stretches = found
        return stretches

    def _around(self, verbs: list[Stretch], particles: list[Stretch]) -> list[Stretch]:
        """Verbs with their particle behind a short object: "pushes the old words out".

        They end at the verb, so that what stands between may fill the next slot.
        """
        words = self.text.words
        by_end = {verb[1]: verb for verb in verbs if english.acts(words[verb[1]].text)}
        joined: list[Stretch] = []
        for particle in particles:
            for at in range(particle[0] - 1, max(particle[0] - OBJECT - 2, -1), -1):
                self.work += 1
                if words[at + 1].apart or words[at + 1].clause != words[at].clause:
                    break
                if at in by_end:
                    first, last, held, spent = by_end[at]
                    joined.append((first, last, held + particle[2], spent | particle[3]))
                    break
        return joined

    def _atom(self, atom: Atom) -> list[Stretch]:
        if atom.group is not None:
            return self.chain(atom.group)
        if atom.kind == "not":
            return self._denials
        if atom.kind == "opening":
            places = sorted(
                at for text, ats in self._texts.items() if text.startswith(atom.text) for at in ats
            )
        elif atom.kind == "exact":
            places = self._texts.get(atom.text, [])
        else:
            places = self._stems.get(atom.stem, [])
        self.work += len(places)
        return [(at, at, (at,), self._spent(at)) for at in places]

    def _spent(self, at: int) -> frozenset[int]:
        """A denial that the author has spelt ("hardly matter") says what the pattern says."""
        return frozenset((at,)) if at in self.stance.negators else NONE

    def _adjoin(self, befores: list[Stretch], afters: list[Stretch]) -> list[Stretch]:
        """Stretches that follow one another with at most two light words between."""
        by_start: dict[int, list[Stretch]] = {}
        for after in afters:
            by_start.setdefault(after[0], []).append(after)
        words = self.text.words
        joined: list[Stretch] = []
        for before in befores:
            at = before[1] + 1
            for _ in range(3):
                self.work += 1
                if at < len(words) and words[at].clause == words[before[1]].clause:
                    joined += [_join(before, after) for after in by_start.get(at, ())]
                if at >= len(words) or words[at].text not in english.LIGHT:
                    break
                at += 1
        return joined

    def follow(self, befores: list[Stretch], afters: list[Stretch], gap: int) -> list[Stretch]:
        """Each of ``afters`` with the nearest of ``befores`` that ends at most ``gap`` back."""
        by_end: dict[int, Stretch] = {}
        for before in befores:
            held = by_end.get(before[1])
            if held is None or before[0] > held[0]:
                by_end[before[1]] = before
        joined: list[Stretch] = []
        for after in afters:
            found = self.back(after[0], gap, by_end)
            if found is not None:
                joined.append(_join(found, after))
        return joined

    @cached_property
    def _denials(self) -> list[Stretch]:
        return [(at, at, (at,), frozenset((at,))) for at in sorted(self.stance.negators)]

    @cached_property
    def pronouns(self) -> tuple[int, ...]:
        """The words that may stand for what was named before them."""
        return tuple(
            at
            for forms, points in (
                (english.STAND_INS, self._stands_in),
                (english.POINTERS, self._points),
            )
            for form in forms
            for at in self._texts.get(form, ())
            # In the first stretch of all nothing has been named before.
            if self.text.words[at].segment != self.text.words[0].segment and points(at)
        )

    def _stands_in(self, at: int) -> bool:
        """Whether a helping verb ends its clause: "the iron sinks, the cork doesn't"."""
        words = self.text.words
        ends = at + 1 == len(words) or words[at + 1].segment != words[at].segment
        return ends and words[at - 1].segment == words[at].segment

    def _points(self, at: int) -> bool:
        words = self.text.words
        if words[at].text not in ("this", "that", "these", "those", "which"):
            return True
        after = words[at + 1].text if at + 1 < len(words) else ""
        opens = words[at].segment != words[at - 1].segment
        return english.points(words[at].text, after, opens=opens)

    def standing_for(self, slot: Sequence[Stretch]) -> list[Stretch]:
        """The pronouns that may mean one of ``slot``, which ends at most a sentence before."""
        words = self.text.words
        ends = sorted(stretch[1] for stretch in slot)
        things = [at for at in ends if not english.acts(words[at].text)]
        acts = ends
        found: list[Stretch] = []
        for at in self.pronouns:
            self.work += 1
            # "It" is a thing; "this" may be what happens to it.
            thing = words[at].text in ("it", "they", "them", "these", "those")
            ends = things if thing else acts
            before = bisect_left(ends, at) - 1
            if before < 0 or at - ends[before] > CARRIED:
                continue
            named, pronoun = words[ends[before]], words[at]
            if pronoun.sentence - named.sentence > 1 or named.segment == pronoun.segment:
                continue
            found.append((at, at, (at,), NONE))
        return sorted(found)

    def back(
        self, start: int, gap: int, by_end: Mapping[int, T], *, far: int | None = None
    ) -> T | None:
        """What ``by_end`` holds for the nearest word at most ``gap`` words before ``start``.

        A verb after "and" may have its subject further off: at most ``far`` words.
        """
        if far is not None and start and self.text.words[start - 1].text in english.GOES_ON:
            gap = far
        words = self.text.words
        at = start - 1
        left = gap - words[start].apart
        clause = words[start].clause
        if at >= 0 and words[start].text in english.CONTRAST:
            clause = words[at].clause  # a pattern that spells the "but" looks at both its sides
        while at >= 0 and left >= 0 and words[at].clause == clause:
            self.work += 1
            found = by_end.get(at)
            if found is not None:
                return found
            left -= 1 + words[at].apart
            at -= 1
        return None


def _by_end(stretch: Stretch) -> tuple[int, int]:
    return stretch[1], stretch[0]


def _join(before: Stretch, after: Stretch) -> Stretch:
    spent = before[3] | after[3] if before[3] or after[3] else NONE
    return (before[0], after[1], before[2] + after[2], spent)


Linked = tuple[Stretch, ...]
"""Slots met in order: one stretch for each."""


def meet(pattern: Pattern, view: View, *, carry: bool = False) -> list[Met]:
    """Every place where ``view``'s text meets ``pattern``; one for each place where it may end.

    With ``carry``, and where there is no such place, a pronoun may fill one of the slots.
    """
    if not view.holds(pattern.wants):
        return []
    found: list[Linked] = []
    if pattern.shape == "chain":
        found = [(stretch,) for stretch in view.chain(pattern.slots[0])]
    else:
        slots = _filled(pattern.slots, view)
        found = _linked(pattern, slots, view) if slots else []
    if not found and carry and view.pronouns:
        slots = _filled(pattern.slots[0].parts if pattern.shape == "chain" else pattern.slots, view)
        for number, slot in enumerate(slots):
            standing = view.standing_for(slot)
            if standing:
                found += _linked(pattern, [*slots[:number], standing, *slots[number + 1 :]], view)
        return _free(pattern, _unique(found, carried=True), view)
    return _free(pattern, _unique(found), view)


def _free(pattern: Pattern, found: list[Met], view: View) -> list[Met]:
    """Those in whose clause nothing stands that the pattern excludes."""
    if not found or pattern.unless is None:
        return found
    words = view.text.words
    barred = {words[stretch[0]].clause for stretch in view.chain(pattern.unless)}
    return [met for met in found if not any(words[at].clause in barred for at in met.words)]


def _filled(parts: Sequence[Chain], view: View) -> list[list[Stretch]]:
    """The stretches that meet each, or nothing where one of them is met nowhere."""
    slots: list[list[Stretch]] = []
    for part in parts:
        stretches = view.chain(part)
        if not stretches:
            return []
        slots.append(stretches)
    return slots


def _linked(pattern: Pattern, slots: Sequence[list[Stretch]], view: View) -> list[Linked]:
    if pattern.shape == "chain":
        found = slots[0]
        for gap, slot in zip(pattern.slots[0].gaps, slots[1:], strict=True):
            found = view.follow(found, slot, gap)
        return [(stretch,) for stretch in found]
    if pattern.shape == "before":
        return _in_order(view, slots, BEFORE)
    if pattern.shape == "beside":
        return _beside(view, slots)
    if pattern.shape == "near":
        return [
            linked for arranged in permutations(slots) for linked in _in_order(view, arranged, NEAR)
        ]
    return [
        linked
        for order, holds in _TURNS[len(slots)]
        for linked in _in_order(view, [slots[k] for k in order], STATEMENT, far=FAR)
        if holds is None or holds(view, dict(zip(order, linked, strict=True)))
    ]


def _beside(view: View, slots: Sequence[list[Stretch]]) -> list[Linked]:
    """The slots met in one sentence in any order, each by what stands nearest to the first."""
    words = view.text.words
    found: list[Linked] = []
    for first in slots[0]:
        linked: Linked = (first,)
        for slot in slots[1:]:
            nearest: Stretch | None = None
            at = bisect_left(slot, first[1], key=lambda stretch: stretch[1])
            for other in slot[max(at - 4, 0) : at + 4]:
                view.work += 1
                if words[other[0]].sentence != words[first[0]].sentence or any(
                    not set(other[2]).isdisjoint(held[2]) for held in linked
                ):
                    continue
                if nearest is None or abs(other[0] - first[0]) < abs(nearest[0] - first[0]):
                    nearest = other
            if nearest is None:
                break
            linked = (*linked, nearest)
        else:
            found.append(linked)
    return found


def partly(pattern: Pattern, view: View) -> list[Met]:
    """Where all slots but one of a statement of three or more are met, in order, in one clause."""
    if pattern.shape != "statement" or len(pattern.slots) < 3:
        return []
    slots = [view.chain(slot) for slot in pattern.slots]
    found: list[Linked] = []
    for left_out in range(len(slots)):
        rest = [slot for number, slot in enumerate(slots) if number != left_out]
        if all(rest):
            found += _in_order(view, rest, STATEMENT)
    return _free(pattern, _unique(found), view)


def _unique(found: Iterable[Linked], *, carried: bool = False) -> list[Met]:
    unique: dict[tuple[int, ...], Met] = {}
    for linked in found:
        words = tuple(sorted(at for stretch in linked for at in stretch[2]))
        spent = NONE.union(*(stretch[3] for stretch in linked))
        unique.setdefault(words, Met(words, spent, tuple(s[:2] for s in linked), carried))
    return list(unique.values())


def _in_order(
    view: View, slots: Sequence[list[Stretch]], gap: int, *, far: int | None = None
) -> list[Linked]:
    """The slots met in this order, each by the nearest that leaves room for those before it."""
    found: list[Linked] = [(stretch,) for stretch in slots[0]]
    for slot in slots[1:]:
        by_end: dict[int, Linked] = {}
        for linked in found:
            held = by_end.get(linked[-1][1])
            if held is None or linked[-1][0] > held[-1][0]:
                by_end[linked[-1][1]] = linked
        found = []
        for after in slot:
            before = view.back(after[0], gap, by_end, far=far)
            if before is not None:
                found.append((*before, after))
        if not found:
            break
    return found


def _passive(view: View, at: int) -> bool:
    """Whether the word at ``at`` is in the passive: "is (not) lit", "gets squeezed"."""
    words = view.text.words
    if words[at].text.endswith("ing"):
        return False  # "is holding" is no "is held"
    for back in range(at - 1, max(at - 4, -1), -1):
        if words[back].clause != words[at].clause:
            return False
        if words[back].text in english.PASSIVE:
            return True
    return False


def _by(view: View, at: int) -> bool:
    words = view.text.words
    return any(words[back].text == "by" for back in range(max(at - 3, 0), at))


def _turned_two(view: View, placed: Mapping[int, Stretch]) -> bool:
    """So "the past is compressed" meets compress / past, "lit by the sun" meets sun / light."""
    return _passive(view, placed[0][0]) or _by(view, placed[0][0]) or _compound(view, placed)


def _active(view: View, placed: Mapping[int, Stretch]) -> bool:
    """So "the sun is lit by half" does not meet sun / light / half."""
    return not (_passive(view, placed[1][0]) and _by(view, placed[2][0]))


def _turned_three(view: View, placed: Mapping[int, Stretch]) -> bool:
    """So "half of it is lit by the sun" meets sun / light / half."""
    return _passive(view, placed[1][0]) or _by(view, placed[0][0])


def _compound(view: View, placed: Mapping[int, Stretch]) -> bool:
    """So "gas production" meets produce / gas."""
    at = placed[0][0]
    return placed[1][1] == at - 1 and english.names_an_act(view.text.words[at].text)


def _named(view: View, placed: Mapping[int, Stretch]) -> bool:
    """So "the production of gas by the yeast" meets yeast / produce / gas."""
    return _by(view, placed[0][0]) and english.names_an_act(view.text.words[placed[1][0]].text)


def _relative(view: View, placed: Mapping[int, Stretch]) -> bool:
    """So "the half that the sun lights" meets sun / light / half."""
    words = view.text.words
    between = range(placed[2][1] + 1, placed[0][0])
    after = placed[1][1] + 1
    return any(words[k].text in english.RELATIVES for k in between) or (
        after < len(words) and words[after].text in english.PREPOSITIONS
    )


Turn = tuple[tuple[int, ...], Callable[[View, Mapping[int, Stretch]], bool] | None]

_TURNS: Mapping[int, tuple[Turn, ...]] = {
    2: (((0, 1), None), ((1, 0), _turned_two)),
    3: (
        ((0, 1, 2), _active),
        ((2, 1, 0), _turned_three),
        ((2, 0, 1), _relative),
        ((1, 2, 0), _named),
    ),
    4: (((0, 1, 2, 3), None),),
}
"""The orders in which the slots of a statement may stand, and what must hold in each."""
