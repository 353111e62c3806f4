"""A calculation, its closed form where that is short, and its decimal."""

import subprocess
import sys

import pytest

from grading.numeric.equation import equation, short_text
from grading.numeric.reading import read_number


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("0.72", ""),
        ("0.72*4", r"0.72 \cdot 4 = 2.88"),
        ("1/3", ""),
        ("sqrt(0.64)", r"\sqrt{0.64} = 0.8"),
        ("e^2/(e+e^2)", r"\frac{e^{2}}{e + e^{2}} = \frac{e}{1 + e} \approx 0.731059"),
        ("2*3*sqrt(8)/4", r"\frac{2 \cdot 3 \cdot \sqrt{8}}{4} = 3 \sqrt{2} \approx 4.24264"),
        ("sqrt(2)", r"\sqrt{2} \approx 1.41421"),
        ("1/sqrt(2)", r"\frac{1}{\sqrt{2}} \approx 0.707107"),
    ],
)
def test_a_calculation_is_told_with_what_it_comes_to(text: str, line: str) -> None:
    assert equation(read_number(text).tree) == line


def test_a_closed_form_that_is_long_is_left_out() -> None:
    line = equation(read_number("exp(1.37)/(exp(1.37)+exp(0.29)+exp(2.71))").tree)
    assert line.count("=") == 0
    assert line.endswith(r"\approx 0.19385")
    powers = equation(read_number("1.0000001^1000000").tree)
    assert powers.endswith(r"\approx 1.10517")


def test_a_number_is_exact_in_a_sentence_where_that_is_short() -> None:
    assert short_text(read_number("1/7").value or 0) == "1/7"
    assert short_text(read_number("0.9^29").value or 0) == "0.0471013"


def test_what_is_rational_asks_for_no_algebra() -> None:
    script = (
        "import sys\n"
        "from grading.numeric.equation import equation\n"
        "from grading.numeric.reading import read_number\n"
        "equation(read_number('0.72*4 + sqrt(0.64)').tree)\n"
        "assert 'sympy' not in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
