"""What every answer in English has in common: closed lists of small words, whatever the exercise.

Nothing here knows a subject. A word belongs in these lists when it would mean the same in an
exercise on the moon, on contracts or on attention.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache


def words(text: str) -> frozenset[str]:
    """The set of the words of a line."""
    return frozenset(text.split())


ARTICLES = words("a an the")
DETERMINERS = ARTICLES | words("this that these those its their our your my his her")
QUANTIFIERS = words(
    "all every each any some both everything anything something everyone everybody someone one "
    "many most few several much more less only"
)
SUBJECTS = words("i you he she it we they")
PRONOUNS = SUBJECTS | words("me him us them itself themselves who whom what which whatever")
BE = words("is are was were be been being am")
PASSIVE = BE | words("get gets got gotten getting become becomes became")
MODALS = words("can could may might must shall should will would")
AUXILIARIES = BE | MODALS | words("do does did have has had")
FINITE = words(
    "is are was were am can could may might must shall should will would does did has gets needs"
)
"""Words that open a second statement where one has been made already: "isn't growing MUST hold"."""
PREPOSITIONS = words(
    "in into on onto at by for from of to with within through throughout over under between among "
    "across along about against after before during until without inside toward towards via per "
    "as than like off out upon"
)
RELATIVES = words("that which where whom who what whose when how")
CAUSES = words("because since so therefore thus hence then if when as")
CONJUNCTIONS = words("and or nor but while whereas although though however yet") | CAUSES
CONTRAST = words("but however whereas although though yet nevertheless nonetheless")
"""Open a clause that does not share the negation, the attribution or the relation before it."""

POINTERS = ("it", "they", "them", "itself", "themselves", "this", "that", "these", "those", "which")
"""May stand for what was named before them."""
STAND_INS = tuple(sorted(AUXILIARIES - words("be been being am")))
"""At a clause's end they stand for what was said to be done: "the iron sinks, the cork doesn't"."""
GOES_ON = words("and then which who that also so thus therefore thereby")
"""After these a verb may belong to a subject further back."""


def points(form: str, after: str, *, opens: bool) -> bool:
    """Whether "this" or "which" stands for something, with no noun of its own behind it."""
    if form == "which":
        return opens
    verb = not after or after in AUXILIARIES or acts(after)
    return verb and (opens or form in ("this", "these", "those"))


FUNCTION = (
    DETERMINERS
    | QUANTIFIERS
    | PRONOUNS
    | AUXILIARIES
    | PASSIVE
    | PREPOSITIONS
    | RELATIVES
    | CONJUNCTIONS
    | words("not no never there here too also just very still such same other another again only")
)

LIGHT = DETERMINERS | words("very really just quite also always simply own actually basically")
"""May stand between the words of one phrase: "send a request" is still "send request"."""

PARTICLES = words("out off away down up over aside back apart together along on around")
"""May stand behind the object of their verb: "wear off", "it wears the paint off"."""

SYMBOLS = words("-> = +")
"""Signs that relate the words around them, as verbs do."""

COMPARING = words(
    "like as imagine picture similar similarly analogy metaphor think suppose compare compared "
    "equivalent resembles = -> if when"
)
"""Say that something else is spoken of, to be compared."""

# -- negation ---------------------------------------------------------------------------------

ADVERBS_OF_DENIAL = words("not never hardly scarcely barely neither nor")
NOUNS_OF_DENIAL = words("no nothing nobody none nowhere")
PREPOSITIONS_OF_DENIAL = words("without lacking")
VERBS_OF_DENIAL = words(
    "lack lacks lacked avoid avoids avoided avoiding prevent prevents prevented preventing unable "
    "incapable refuse refuses"
)
VERBS_BEFORE_TO = words("fail fails failed failing unlikely impossible")
"""Deny only in "fails to"; a thing that fails, or an unlikely one, is no denial."""
VERBS_BEFORE_CLAIMS = words("disagree deny denies denied reject rejects dispute disputes refute")
CLAIMS = words("idea claim claims view belief notion statement theory opinion assumption")
"""Deny only in "disagrees that", "rejects the claim that": a body may reject an organ."""
PAIRS_OF_DENIAL = frozenset(
    {("instead", "of"), ("rather", "than"), ("free", "of"), ("free", "from"), ("far", "from")}
)
IDIOMS = frozenset(
    {
        ("no", "doubt"),
        ("no", "wonder"),
        ("no", "matter"),
        ("nothing", "but"),
        ("none", "other"),
        ("without", "doubt"),
        ("or", "not"),
        ("or", "nothing"),
    }
)
"""Pairs that look like denials and are none."""
SOFT = words("only just merely simply mainly really primarily solely")
""""Not only X" grants X as an idea; it does not grant that X is the whole of it."""
COMPLEMENT = words(
    "think believe agree mean means meaning say says saying imply implies true case that suggest "
    "claim"
)
"""A denial reaches through these into the statement that follows: "I don't think it squeezes"."""
WHOLE = words("true case correct right false untrue wrong")
"""After "it is not ... that" the whole sentence is denied, commas and all."""
POINT = words(
    "reason problem issue point cause answer trouble explanation true right correct case culprit "
    "why matter main real exist exists happen apply"
)
"""What a thing is said not to be, when a learner sets it aside: "speed is not the problem"."""
VERDICTS = words(
    "wrong false untrue incorrect mistaken nonsense myth misconception misleading lie rubbish"
)

VERBS_OF_CHANGE = words(
    "change changes changed alter alters altered affect affects affected influence influences "
    "matter"
)
"""What does not change how a thing is leaves it so: the denial does not reach into the "how"."""

NEGATIVE_PREFIXES = ("un", "non")
NEGATIVE_SUFFIX = "less"

# -- who is speaking --------------------------------------------------------------------------

SPEAKERS = words(
    "some many people others most they students someone everyone everybody friend friends "
    "textbooks books folks you one colleague classmate he she teacher teachers professor lecturer "
    "tutor author authors article articles blog paper textbook book lesson video tutorial brother "
    "sister mother father dad mum mom wikipedia internet website chatgpt experts scientists "
    "researchers critics classmates colleagues person guy man woman media newspaper me us whoever "
    "anyone anybody those"
)
SAYING = words(
    "say says said think thinks thought believe believes believed claim claims claimed "
    "argue argues "
    "assume assumes assumed suppose supposes guess expect expects told tells imagine writes wrote "
    "insist insists insisted suggests suggested states stated maintains"
)
PARTICIPLES_OF_SAYING = words("said believed claimed thought assumed argued")
SEEMINGS = words("look looks looked seem seems seemed appear appears appeared sound sounds")
SEEM_AFTER = {
    form: words("like as")
    if form.startswith(("look", "sound"))
    else words("to like as that a an the it very")
    for form in SEEMINGS
}
"""What follows "it looks" or "it seems" where something only seems so."""
SEEMING = words("might may could would")
FALSE_CUES = words("misconception myth tempting mistakenly wrongly contrary fallacy")
OPENS_DENIAL = words("no nope wrong false incorrect untrue actually instead not really rather")

# -- instructions to whoever marks ------------------------------------------------------------

INSTRUCTIONS: tuple[tuple[frozenset[str], ...], ...] = (
    (
        words("ignore disregard forget override bypass skip"),
        words(
            "instruction instructions rubric rules guidelines prompt grading marking guide criteria"
        ),
    ),
    (
        words("give award grant assign"),
        words("full mark marks point points credit score grade 100 answer"),
    ),
    (words("full maximum top"), words("marks mark credit points score grade")),
    (words("mark grade score rate accept treat count"), words("correct right passed 100 full")),
    (words("verdict grade score label result"), words("correct right passed full 100")),
    (words("you"), words("grader examiner marker")),
    (words("dear"), words("grader examiner teacher marker")),
)
"""Two kinds of word near each other that make a clause an order to the marker, not an answer."""
NOT_IN_ANSWERS = words(
    "rubric grader marker marks mark grade verdict instructions instruction credit"
)
"""At least one of these must be there: "ignore the rules" alone may well be about the subject."""

# -- other tongues ----------------------------------------------------------------------------

TONGUES: dict[str, frozenset[str]] = {  # without accents, as words are read
    "Spanish": words(
        "el la los las un una unos que de del en y es por para con se su al lo como pero todo toda "
        "porque cada sus muy ya solo mas menos cuando si hay esta este esto tiene puede son nos"
    ),
    "French": words(
        "le la les un une des que du de dans et est par pour avec se son sa au ce qui mais tout "
        "toute parce chaque ne pas dans il elle plus moins quand sont cette ces aux ou tous seul "
        "seule doit peut"
    ),
    "German": words(
        "der die das den dem ein eine einen einem und ist nicht mit auf von zu im weil dass aber "
        "alle alles jeder jedes wird werden durch sich es nur als wie hat haben sind sie er ich "
        "wir mehr kein keine wenn zum zur bei nach vor aus oder dann damit ihr sein immer kann "
        "muss einzigen"
    ),
    "Italian": words(
        "il lo la gli le un una che di del della in e per con si suo ma tutto tutta "
        "ogni perche non "
        "sono nel nella"
    ),
    "Portuguese": words(
        "o os as um uma que de do da em e por para com se seu ao mas tudo toda porque cada nao na"
    ),
    "Polish": words(
        "w i z na do sie nie jest to ze co jak po za przez kazdy wszystko jeden ale bo gdy kiedy "
        "ma tylko od tego"
    ),
    "Swedish": words("och att det som en ett ar av for med till inte den alla varje men genom"),
    "Danish": words("og at det som en et er af for med til ikke den alle hver men gennem"),
    "Romanian": words("si de la cu din pe nu este sunt un o toate fiecare dar prin ca intr"),
    "Czech": words("a je se na v ze to jeden vsechno kazdy ale pres do s ktery neni"),
    "Dutch": words(
        "de het een en van in is niet met op dat voor aan maar alle alles elke wordt door"
    ),
    "Indonesian": words(
        "yang dan di ke dari untuk dengan ini itu tidak adalah karena semua setiap"
    ),
    "Turkish": words("ve bir bu da de icin ile cok her gibi daha olarak tum ama"),
}

SMALL_WORDS = words(
    "much instead until already perhaps maybe always never often again enough almost really "
    "anyway together little never even back away down over under else"
)
"""Words like the small ones that a slip of the pen may be mended into, whatever the exercise."""

# -- spelling ---------------------------------------------------------------------------------

CONTRACTED = {
    "dont": "do",
    "doesnt": "does",
    "dosnt": "does",
    "dosent": "does",
    "doesent": "does",
    "doenst": "does",
    "dosen": "does",
    "didint": "did",
    "canot": "can",
    "cannnot": "can",
    "arent": "are",
    "arnt": "are",
    "wasent": "was",
    "coudnt": "could",
    "woudnt": "would",
    "shoudnt": "should",
    "havnt": "have",
    "hasent": "has",
    "didnt": "did",
    "isnt": "is",
    "wasnt": "was",
    "werent": "were",
    "cant": "can",
    "cannot": "can",
    "couldnt": "could",
    "wont": "will",
    "wouldnt": "would",
    "shouldnt": "should",
    "hasnt": "has",
    "havent": "have",
    "hadnt": "had",
    "mustnt": "must",
    "neednt": "need",
    "aint": "is",
}
"""Each is its word and a ``not``, with or without its apostrophe."""
TAILS = {"re": "are", "ve": "have", "ll": "will", "d": "would", "m": "am"}
S_IS_IS = words("it that there here what he she who where how everything nothing thats")

SHORT = {
    "u": "you",
    "ur": "your",
    "bc": "because",
    "b/c": "because",
    "cuz": "because",
    "coz": "because",
    "becuase": "because",
    "becouse": "because",
    "w/o": "without",
    "w/": "with",
    "thru": "through",
    "tho": "though",
    "info": "information",
    "infos": "information",
    "prev": "previous",
    "ergo": "so",
    "evry": "every",
    "teh": "the",
    "adn": "and",
    "&": "and",
    "1st": "first",
    "0": "zero",
    "1": "one",
    "2": "two",
    "3": "three",
    "4": "four",
    "5": "five",
    "6": "six",
    "7": "seven",
    "8": "eight",
    "9": "nine",
    "10": "ten",
}
ABBREVIATIONS = words("e g i vs etc approx fig cf eg ie dr mr")

_IRREGULAR = """
be: am is are was were been being; bear: bore borne; begin: began begun; bend: bent; bind: bound
blow: blew blown; break: broke broken; bring: brought; build: built; buy: bought; catch: caught
choose: chose chosen; come: came; cut: cutting; deal: dealt; die: dying
tie: tying; do: does did done; draw: drew drawn
drive: drove driven; eat: ate eaten; fall: fell fallen; feed: fed; feel: felt; fight: fought
find: found; fly: flew flown; forget: forgot forgotten; freeze: froze frozen; get: got gotten
give: gave given; go: goes went gone; grow: grew grown; hang: hung; have: has had
hear: heard; hide: hid hidden; hold: held; keep: kept; know: knew known; lay: laid; lead: led
leave: left; lend: lent; lose: lost losing; make: made making; mean: meant; meet: met; pay: paid
read: reading; ride: rode ridden; ring: rang rung; rise: rose risen; run: ran running; say: said
see: saw seen; seek: sought; sell: sold; send: sent; shake: shook shaken; show: showed shown
shrink: shrank shrunk shrunken; sing: sang sung; sink: sank sunk; speak: spoke spoken
spend: spent; spread: spreading; stand: stood; steal: stole stolen; stick: stuck; swallow: swallowed
sweep: swept; swim: swam swum; take: took taken; teach: taught; tear: tore torn; tell: told
think: thought; throw: threw thrown; understand: understood; wake: woke woken; wash: washed
wear: wore worn; weave: wove woven; win: won; wind: wound; write: wrote written
"""


def _irregular() -> Iterator[tuple[str, str]]:
    for entry in _IRREGULAR.replace("\n", ";").split(";"):
        base, _, forms = entry.strip().partition(": ")
        for form in forms.split():
            yield form, base
            for prefix in ("over", "re", "under", "out"):
                yield prefix + form, prefix + base


_COMPARED = words(
    "big small large little wide narrow long short old new late early deep high low fast slow "
    "great weak strong light heavy faint blurry clear near far thin thick tight full "
    "simple hard soft "
    "close dark bright cheap quick rich poor safe sharp smooth warm cold young"
)


def _compared() -> Iterator[tuple[str, str]]:
    for word in _COMPARED:
        root = word[:-1] + "i" if word.endswith("y") else word.removesuffix("e")
        for ending in ("er", "est"):
            yield root + ending, word
            yield root + root[-1] + ending, word


_NOUNS_OF_VERBS = """
analyse: analysis; assume: assumption; absorb: absorption; acquire: acquisition; believe: belief
choose: choice; close: closure; collide: collision; compare: comparison; compose: composition
consume: consumption; convert: conversion; decide: decision; deny: denial; describe: description
destroy: destruction; die: death; dissolve: dissolution; divide: division; erase: erasure
erode: erosion; evolve: evolution; exclude: exclusion; expand: expansion; explode: explosion
expose: exposure; extend: extension; fail: failure; fuse: fusion; grow: growth
include: inclusion; invade: invasion; know: knowledge; lose: loss; mix: mixture; move: movement
multiply: multiplication; omit: omission; perceive: perception; permit: permission
produce: production; prove: proof; react: reaction; receive: reception; reduce: reduction
repeat: repetition; reproduce: reproduction; respond: response; retain: retention
simplify: simplification; store: storage; suspend: suspension; transmit: transmission
treat: treatment; vary: variation
"""
"""Nouns that say what a verb says and share no stem with it: "the loss of heat"."""


def _nouns() -> Iterator[tuple[str, str]]:
    for entry in _NOUNS_OF_VERBS.replace("\n", ";").split(";"):
        base, _, noun = entry.strip().partition(": ")
        if noun:
            yield noun, base
            yield (noun[:-2] + "es" if noun.endswith("is") else noun + "es"), base
            yield noun + "s", base


NOUNS_OF_VERBS: dict[str, str] = dict(_nouns())
PLURALS = {
    "children": "child",
    "feet": "foot",
    "halves": "half",
    "indices": "index",
    "loaves": "loaf",
    "matrices": "matrix",
    "men": "man",
    "mice": "mouse",
    "people": "person",
    "shelves": "shelf",
    "teeth": "tooth",
    "vertices": "vertex",
    "wolves": "wolf",
    "women": "woman",
}
COMPARED: dict[str, str] = dict(_compared())


def compared(word: str) -> bool:
    """Whether ``word`` is an adjective or a grade of one: big, bigger, biggest."""
    return word in COMPARED or word in _COMPARED


IRREGULAR: dict[str, str] = dict(_irregular()) | COMPARED | NOUNS_OF_VERBS | PLURALS


def _kept_apart() -> Iterator[tuple[str, str]]:
    for family in (
        "useful usefully usefulness",
        "important importantly importance",
        "likely likeliest likelihood",
        "meaning meanings",
        "position positions positional",
        "hardly",
        "barely",
        "nearly",
        "evening evenings",
        "several",
        "organic",
        "university universities",
        "factory factories",
    ):
        base, *_ = family.split()
        for form in family.split():
            yield form, base


KEPT_APART: dict[str, str] = dict(_kept_apart())
"""Words whose stem would be that of another word: "likely" is not "like"."""


def names_an_act(word: str) -> bool:
    """Whether ``word`` looks like the noun of a verb: loss, compression, mixing, treatment."""
    return word in NOUNS_OF_VERBS or (len(word) > 5 and word.endswith(("ion", "ing", "ment")))


_DONE = frozenset(
    form
    for form, base in IRREGULAR.items()
    if form not in AUXILIARIES
    and form not in NOUNS_OF_VERBS
    and form not in PLURALS
    and not form.endswith("ing")
    and base != "be"
) | words("cut put shut lost")
_ACTS = words(
    "go come leave lose get fade forget keep hold store pass carry vanish shrink grow become "
    "fit need make "
    "take give send move change mix blend blur drop push squeeze compress overwrite "
    "replace remember "
    "disappear die leak wash survive travel flow reach remain stay exist depend work fail happen "
    "choose pick select return ask answer match compare look see read write learn know show tell "
    "mean use contain help cause let put run turn add multiply divide sum increase decrease fill "
    "throw degrade decay weaken dilute distort wear handle say"
)

PLAIN_VERBS = words(
    "mean hold need give take carry make keep get contain help say tell represent show signal "
    "indicate express reflect receive enter collect gather combine merge point consult search "
    "seek find want offer advertise describe provide supply produce create form build cause lead "
    "bring follow belong count matter decide determine learn train update rewrite copy repeat "
    "share split score rank weigh consider treat focus attend observe notice detect influence "
    "affect shape limit restrict stop block contribute play allow enable let encode decode store "
    "save load process compute warm cool attract repel absorb travel sink float push pull"
)
"""Behind a plural noun and before another noun these are verbs: "weights show words"."""


@lru_cache(maxsize=16384)
def acts(word: str) -> bool:
    """Whether ``word`` looks like a verb in use: fades, faded, lost, gone. Rough, on purpose."""
    if word in NOUNS_OF_VERBS:
        return False
    if word in _DONE or word in _ACTS or IRREGULAR.get(word) in _ACTS:
        return True
    if len(word) > 4 and word.endswith("ed"):
        return True
    return any(
        word.endswith(ending) and word.removesuffix(ending) in _ACTS for ending in ("es", "s")
    )
