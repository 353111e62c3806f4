"""Markdown and mathematics come out as safe HTML, whatever went in."""

import re
import time
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exercises import prose

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<math><annotation-xml encoding='text/html'><script>alert(1)</script></annotation-xml></math>",
    "<math href='javascript:alert(1)'>x</math>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java&#10;script:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](vbscript:x)",
    "<javascript:alert(1)>",
    "![x](https://elsewhere.example/pixel.png)",
    "![x](javascript:alert(1))",
    '[x](https://ok.example "onmouseover=alert(1)")',
    r"$\href{javascript:alert(1)}{x}$",
    r"$\text{<img src=x onerror=alert(1)>}$",
    r"$\text{</mtext></math><script>alert(1)</script>}$",
    r"$\mathrm{<svg onload=alert(1)>}$",
    r"$\style{background:url(https://elsewhere.example)}{x}$",
    r"$\class{stage}{x}$",
    "<style>body{display:none}</style>",
    '<p style="position:fixed">x</p>',
    "<form action=https://elsewhere.example><input name=password></form>",
    "<base href=https://elsewhere.example>",
    "<meta http-equiv=refresh content='0;url=https://elsewhere.example'>",
    "<p onclick=alert(1) id=main class=stage>x</p>",
    "| a |\n|---|\n| <img src=x onerror=alert(1)> |",
    "# <img src=x onerror=alert(1)>",
    "```html\n<script>alert(1)</script>\n```",
]


class Attributes(HTMLParser):
    """Collects every tag and attribute that a browser would see."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]


def assert_harmless(html: str) -> None:
    seen = Attributes(html)
    assert seen.tags <= prose.HTML_TAGS | prose.MATH_TAGS
    for tag, name, value in seen.attributes:
        assert not name.startswith("on")
        assert name not in {"style", "src", "srcdoc", "srcset", "action", "xlink:href", "name"}
        if name == "href":
            assert tag == "a"
            assert re.match(r"(https?:|mailto:|[/#?]|[^:]*$)", value)
        if name == "class":
            assert set(value.split()) <= {"scroll", "math-block", "bad-formula", "centre", "far"}


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_hostile_survives(text):
    assert_harmless(prose.block(text))
    assert_harmless(prose.inline(text))
    assert_harmless(prose.block(f"before\n\n{text}\n\nafter"))


@pytest.mark.parametrize("text", HOSTILE)
def test_what_follows_a_hostile_text_is_still_there(text):
    assert "<p>the end</p>" in prose.block(f"{text}\n\nthe end")


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.sampled_from("<>/=\"' abonerjsvgmth:$\\{}[]()!#|`*_&;\n-"), max_size=80))
def test_no_text_at_all_gets_a_handler_or_a_foreign_tag_through(text):
    assert_harmless(prose.block(text))
    assert_harmless(prose.inline(text))


def test_raw_html_is_shown_as_the_text_it_is():
    assert prose.inline("a <b>c</b>") == "a &lt;b&gt;c&lt;/b&gt;"


def test_a_formula_becomes_mathml():
    html = prose.inline(r"so $\sqrt{d_k}$ it is")
    assert "<math" in html
    assert "<msqrt>" in html
    assert "xmlns" not in html


def test_a_matrix_keeps_its_brackets_and_rows():
    html = prose.block(r"$$\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}$$")
    assert html.count("<mtr>") == 2
    assert "<mo>[</mo>" in html


def test_a_formula_that_cannot_be_read_is_shown_as_typed():
    assert prose.inline(r"$\left( 1$ and on") == (
        r'<code class="bad-formula">\left( 1</code> and on'
    )


def test_prices_are_not_formulas():
    assert prose.inline("from $5 to $6 each") == "from $5 to $6 each"


def test_a_sum_in_code_stays_code():
    assert prose.inline("`w$x$`") == "<code>w$x$</code>"


def test_tables_keep_their_alignment_without_a_style():
    html = prose.block("| a | b |\n|--:|:-:|\n| 1 | 2 |")
    assert '<th class="far">a</th>' in html
    assert '<td class="centre">2</td>' in html
    assert "style" not in html


def test_a_wide_table_can_be_reached_by_keyboard():
    assert 'tabindex="0"' in prose.block("| a |\n|---|\n| 1 |")


def test_long_lines_of_code_can_be_reached_by_keyboard():
    html = prose.block("```python\na < b\n```")
    assert html == '<pre tabindex="0"><code>a &lt; b\n</code></pre>\n'


def test_no_heading_stands_above_the_page_it_is_on():
    assert prose.block("# One\n\n### Three", top=3) == "<h3>One</h3>\n<h3>Three</h3>\n"


def test_a_lesson_is_cut_at_its_places():
    text = "Read this.\n\n::exercise mix-four-values\n\nThen that.\n\n::figure relay-race\n"
    found = [(piece.kind, piece.name) for piece in prose.pieces(text)]
    assert found == [
        ("prose", ""),
        ("exercise", "mix-four-values"),
        ("prose", ""),
        ("figure", "relay-race"),
    ]


def test_a_place_inside_a_code_fence_is_code():
    text = "```\n::exercise not-one\n```\n\n::exercise one\n"
    assert [piece.name for piece in prose.pieces(text)] == ["", "one"]


@pytest.mark.parametrize(
    "line", ["::exercise Two Words", "::exercise ../x", " ::exercise indented", "::video a"]
)
def test_a_line_that_is_nearly_a_place_is_prose(line):
    assert [piece.kind for piece in prose.pieces(line)] == ["prose"]


def test_time_grows_no_faster_than_the_text():
    def seconds(text: str) -> float:
        prose.block.cache_clear()
        begin = time.perf_counter()
        prose.block(text)
        return time.perf_counter() - begin

    for unit in ("[", "*a_", "$x$ ", "`", "> ", "| a "):
        small = min(seconds(unit * 1_000) for _ in range(3))
        large = min(seconds(unit * 4_000) for _ in range(3))
        assert large < max(16 * small, 0.05)


def test_an_endless_formula_is_not_worked_through():
    html = prose.inline("$" + "{" * 3_000 + "$")
    assert 'class="bad-formula"' in html
