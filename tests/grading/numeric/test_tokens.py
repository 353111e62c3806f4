"""Characters to tokens: what is the same, and which brackets belong together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grading.errors import Unreadable
from grading.numeric.tokens import match_brackets, plain_text, tokens_of


def kinds(text: str) -> list[str]:
    tokens, _ = tokens_of(text, plain_text(text), 0, len(text), infinite=False, in_list=False)
    return [token.kind for token in tokens]


@given(st.text(max_size=40))
def test_plain_text_keeps_every_place(text: str) -> None:
    assert len(plain_text(text)) == len(text)


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("０１２．５", "012.5"),
        ("−‐‑‒–﹣", "------"),
        ("×·⋅∙∗✕⨯", "*******"),
        ("÷⁄∕", "///"),
        ("，、；", ",,;"),
        ("。｡．", "..."),
        ("【１】［２］", "[1][2]"),
        ("1\u00a02\u20093\u202f4\u30005", "1 2 3 4 5"),
        ("\u200b\ufeff\u2060", "   "),
        ("—١𝟙", "—١𝟙"),
    ],
)
def test_what_keyboards_and_pages_give_for_a_sign_is_that_sign(typed: str, plain: str) -> None:
    assert plain_text(typed) == plain


def test_tokens_stand_where_they_were_typed() -> None:
    text = " 2**sqrt( ½ )⁻¹ "
    tokens, notes = tokens_of(text, plain_text(text), 0, len(text), infinite=False, in_list=False)
    assert notes == []
    assert [(token.kind, text[token.start : token.end]) for token in tokens] == [
        ("number", "2"),
        ("^", "**"),
        ("name", "sqrt"),
        ("(", "("),
        ("part", "½"),
        (")", ")"),
        ("raised", "⁻¹"),
        ("end", ""),
    ]


@pytest.mark.parametrize(
    ("text", "pairs", "lonely"),
    [
        ("(1)[2]", {0: 2, 3: 5}, []),
        ("([1])", {0: 4, 1: 3}, []),
        ("(1]", {}, [0, 2]),
        (")1(", {}, [0, 2]),
        ("([1)", {0: 3}, [1]),
        ("((1)", {1: 3}, [0]),
    ],
)
def test_every_bracket_has_a_partner_or_is_lonely(
    text: str, pairs: dict[int, int], lonely: list[int]
) -> None:
    assert match_brackets(text, 0, len(text)) == (pairs, lonely)


@given(st.text("()[]1", max_size=30))
def test_no_bracket_is_both_or_neither(text: str) -> None:
    pairs, lonely = match_brackets(text, 0, len(text))
    told = [*pairs, *pairs.values(), *lonely]
    assert sorted(told) == [at for at, sign in enumerate(text) if sign in "()[]"]
    assert all(text[start] + text[end] in ("()", "[]") for start, end in pairs.items())


def test_a_comma_parts_arguments_or_is_decimal() -> None:
    assert kinds("max(1,2)") == ["name", "(", "number", ",", "number", ")", "end"]
    assert kinds("max(1,2;3)") == ["name", "(", "number", ",", "number", ")", "end"]
    assert kinds("exp(1,2)") == ["name", "(", "number", ")", "end"]
    assert kinds("2*(1,5+1)") == ["number", "*", "(", "number", "+", "number", ")", "end"]


def test_everything_strange_is_told_at_once_in_order() -> None:
    with pytest.raises(Unreadable) as refused:
        kinds("$ (foo ٣٣ \\frac" + "1" * 31)
    assert [(fault.code, fault.start, fault.end) for fault in refused.value.misreadings] == [
        ("unknown-character", 0, 1),
        ("unbalanced-bracket", 2, 3),
        ("unknown-name", 3, 6),
        ("unknown-character", 7, 9),
        ("unknown-character", 10, 15),
        ("too-many-digits", 15, 46),
    ]
