"""The cut font: small, and with a glyph for every sign in every formula that this site serves."""

import re
import unicodedata
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest
from fontTools.ttLib import TTFont

from exercises import prose

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def font_script() -> ModuleType:
    loader = SourceFileLoader("font_script", str(ROOT / "scripts" / "font"))
    module = module_from_spec(spec_from_loader("font_script", loader))
    loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def cut(font_script, tmp_path_factory) -> Path:
    target = tmp_path_factory.mktemp("font") / "math.woff2"
    font_script.cut(target)
    return target


def italic(letter: str) -> str:
    """The letter that a browser draws for a one-letter identifier."""
    if letter == "h":
        return "ℎ"
    for first, last, begin in (("A", "Z", 0x1D434), ("a", "z", 0x1D44E), ("Α", "Ω", 0x1D6E2)):
        if first <= letter <= last:
            return chr(begin + ord(letter) - ord(first))
    if "α" <= letter <= "ω":
        return chr(0x1D6FC + ord(letter) - ord("α"))
    return letter


def signs(html: str) -> set[str]:
    """Every sign drawn inside the formulas of a page."""
    found: set[str] = set()
    for maths in re.findall(r"<math.*?</math>", html, re.DOTALL):
        for tag, text in re.findall(r"<(mi|mn|mo|mtext)[^>]*>([^<]*)<", maths):
            text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
            found |= set(text)
            if tag == "mi" and len(text) == 1:
                found.add(italic(text))
    return {sign for sign in found if unicodedata.category(sign) not in {"Cf", "Cc"}}


def served() -> dict[str, str]:
    texts = sorted((ROOT / "exercises" / "content").rglob("*.md"))
    texts += sorted((ROOT / "exercises" / "content").rglob("*.yaml"))
    return {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in texts}


def test_every_sign_in_a_served_formula_has_a_glyph(cut):
    drawn = TTFont(cut).getBestCmap()
    missing = {
        name: sorted(sign for sign in signs(prose.block(text)) if ord(sign) not in drawn)
        for name, text in served().items()
    }
    assert served()
    assert not {name: found for name, found in missing.items() if found}


def test_a_sign_that_the_font_lacks_is_found(cut):
    drawn = TTFont(cut).getBestCmap()
    assert {sign for sign in signs(prose.block(r"$x + \text{щ}$")) if ord(sign) not in drawn} == {
        "щ"
    }


def test_the_cut_font_is_small(cut, font_script):
    assert cut.stat().st_size <= font_script.MOST_BYTES


def test_brackets_and_roots_can_stretch(cut):
    font = TTFont(cut)
    variants = font["MATH"].table.MathVariants
    tall = set(variants.VertGlyphCoverage.glyphs)
    names = font.getBestCmap()
    assert {names[ord(sign)] for sign in "()[]√∑"} <= tall
