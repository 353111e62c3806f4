"""Markdown and mathematics to safe HTML: every text that an author or a finding wrote passes here.

Markdown-it writes the HTML (raw HTML in a text is shown as text), latex2mathml the formulas, and
nh3 has the last word: only what its lists name leaves this file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import nh3
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererProtocol
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin

LONGEST_FORMULA = 2_000
"""In characters: more than a lesson ever needs, less than could keep a reader waiting."""

HTML_TAGS = {
    "a", "blockquote", "br", "code", "del", "div", "em", "h2", "h3", "h4", "h5", "h6", "hr", "li",
    "ol", "p", "pre", "s", "span", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
MATH_TAGS = {
    "math", "menclose", "mfrac", "mi", "mmultiscripts", "mn", "mo", "mover", "mpadded", "mphantom",
    "mprescripts", "mroot", "mrow", "mspace", "msqrt", "mstyle", "msub", "msubsup", "msup",
    "mtable", "mtd", "mtext", "mtr", "munder", "munderover", "none",
}  # fmt: skip
MATH_ATTRIBUTES = {
    "accent", "accentunder", "columnalign", "columnlines", "columnspacing", "depth", "display",
    "displaystyle", "fence", "form", "height", "largeop", "linethickness", "lspace", "mathvariant",
    "maxsize", "minsize", "movablelimits", "notation", "rowspacing", "rspace", "scriptlevel",
    "separator", "stretchy", "symmetric", "voffset", "width",
}  # fmt: skip

_ADDRESS = re.compile(r"(?:https?://|mailto:|#|/(?!/)|[\w.-]+(?:[/?#]|$))", re.IGNORECASE)


def _keep_attribute(tag: str, name: str, value: str) -> str | None:
    """Lets through only addresses that say plainly what they are."""
    return value if name != "href" or _ADDRESS.match(value) else None


_cleaner = nh3.Cleaner(
    tags=HTML_TAGS | MATH_TAGS,
    attributes={
        "a": {"href"},
        "div": {"tabindex", "role", "aria-label"},
        "ol": {"start"},
        "pre": {"tabindex"},
        **{heading: {"id"} for heading in ("h2", "h3", "h4", "h5", "h6")},
        **dict.fromkeys(MATH_TAGS, MATH_ATTRIBUTES),
    },
    allowed_classes={
        "code": {"bad-formula"},
        "div": {"scroll", "math-block"},
        "td": {"centre", "far"},
        "th": {"centre", "far"},
    },
    attribute_filter=_keep_attribute,
    url_schemes={"http", "https", "mailto"},
    link_rel="noopener noreferrer",
)


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A stretch of a lesson: prose as HTML, or the place of an exercise or figure, by name."""

    kind: Literal["prose", "exercise", "figure"]
    html: str = ""
    name: str = ""


_PLACE = re.compile(r"^::(exercise|figure)[ \t]+([a-z0-9]+(?:-[a-z0-9]+)*)[ \t]*$", re.MULTILINE)


@lru_cache(maxsize=256)
def block(text: str, *, top: int = 2) -> SafeString:
    """Whole paragraphs. No heading stands higher than ``top`` (2 to 6)."""
    return _clean(_markdown(top).render(text))


@lru_cache(maxsize=1024)
def inline(text: str) -> SafeString:
    """One line: a prompt's label, a finding's sentence. No paragraphs, no headings."""
    return _clean(_markdown(2).renderInline(text))


def pieces(text: str) -> Iterator[Piece]:
    """A lesson in reading order.

    A place is a line of its own: ``::exercise slug`` or ``::figure name``. Lines inside a code
    fence are prose, whatever they say.
    """
    begin = 0
    fences = _fences(text)
    for place in _PLACE.finditer(text):
        if any(start <= place.start() < end for start, end in fences):
            continue
        if before := text[begin : place.start()].strip():
            yield Piece(kind="prose", html=block(before))
        yield Piece(kind="exercise" if place[1] == "exercise" else "figure", name=place[2])
        begin = place.end()
    if rest := text[begin:].strip():
        yield Piece(kind="prose", html=block(rest))


def formula(latex: str, *, display: bool = False) -> str:
    """MathML of a formula; where it cannot be read, its own text, marked as such."""
    if len(latex) <= LONGEST_FORMULA:
        try:
            # Cleaned by itself, so that whatever it leaves open cannot swallow the text behind it.
            return _cleaner.clean(convert(latex, display="block" if display else "inline"))
        except Exception:  # noqa: S110 - the library has no error class of its own
            pass
    return f'<code class="bad-formula">{escape(latex)}</code>'


def _clean(html: str) -> SafeString:
    # Clean, so safe: nh3 keeps only the tags, attributes and addresses listed above.
    return mark_safe(_cleaner.clean(html))  # noqa: S308


@lru_cache(maxsize=8)
def _markdown(top: int) -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False, "maxNesting": 20})
    markdown.enable(["table", "strikethrough"])
    # Prices are not formulas: "$5 and $6" has a blank after its second dollar's neighbour.
    markdown.use(dollarmath_plugin, allow_space=False, allow_digits=False, double_inline=True)
    rules: dict[str, Callable[..., str]] = {
        "math_inline": _math_inline,
        "math_inline_double": _math_block,
        "math_block": _math_block,
        "image": _image,
        "table_open": _table_open,
        "table_close": _table_close,
        "fence": _code,
        "code_block": _code,
        "th_open": _cell,
        "td_open": _cell,
        "heading_open": _heading(top, "<{}>"),
        "heading_close": _heading(top, "</{}>\n"),
    }
    for name, rule in rules.items():
        markdown.add_render_rule(name, rule)
    return markdown


def _math_inline(_: RendererProtocol, tokens: Sequence[Token], at: int, *__: Any) -> str:
    return formula(tokens[at].content)


def _math_block(_: RendererProtocol, tokens: Sequence[Token], at: int, *__: Any) -> str:
    maths = formula(tokens[at].content.strip(), display=True)
    tag = "div" if tokens[at].type == "math_block" else "span"
    opening = '<div class="math-block" tabindex="0" role="group">' if tag == "div" else "<span>"
    return f"{opening}{maths}</{tag}>"


def _image(_: RendererProtocol, tokens: Sequence[Token], at: int, *__: Any) -> str:
    # A picture from elsewhere would tell that elsewhere who reads: only its words are shown.
    return escape(tokens[at].content)


def _table_open(*_: Any) -> str:
    # A wide table scrolls by itself, and then the keyboard must be able to reach it.
    return '<div class="scroll" tabindex="0" role="group" aria-label="Table"><table>'


def _table_close(*_: Any) -> str:
    return "</table></div>\n"


def _code(_: RendererProtocol, tokens: Sequence[Token], at: int, *__: Any) -> str:
    # As with a wide table: long lines scroll, and the keyboard must reach them.
    return f'<pre tabindex="0"><code>{escape(tokens[at].content)}</code></pre>\n'


def _cell(_: RendererProtocol, tokens: Sequence[Token], at: int, *__: Any) -> str:
    # Markdown-it writes a style, which the content policy forbids; two classes say the same.
    style = str(tokens[at].attrGet("style") or "")
    place = "centre" if "center" in style else "far" if "right" in style else ""
    return f'<{tokens[at].tag} class="{place}">' if place else f"<{tokens[at].tag}>"


def _heading(top: int, shape: str) -> Callable[..., str]:
    def rule(_: RendererProtocol, tokens: Sequence[Token], at: int, *__: Any) -> str:
        return shape.format(f"h{max(top, int(tokens[at].tag[1]))}")

    return rule


def _fences(text: str) -> list[tuple[int, int]]:
    """Where code fences lie in the text, as character positions."""
    lines = text.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    return [
        (starts[token.map[0]], starts[token.map[1]])
        for token in _markdown(2).parse(text)
        if token.type in {"fence", "code_block"} and token.map
    ]
