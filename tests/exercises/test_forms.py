"""AnswerForm: boxes from what is shown, texts out of boxes, faults at their place."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.html import escape

from exercises.forms import AnswerForm, CellsBox, NameField, formula_reading, reading
from grading.exercise import Field, Option, Shown
from grading.grader import open as open_exercise
from grading.grader import vary
from tests import factories

SCORES = Field(name="scores", widget="vector", label="Scores", shape=(3,), columns=("a", "b", "c"))
GRID = Field(name="m", widget="grid", label="M", shape=(2, 2), rows=("x", "y"))
SHARE = Field(name="share", widget="number", label="The share")
PICK = Field(
    name="picked",
    widget="tokens",
    label="Your picks",
    many=True,
    options=(Option(value="0", label="Riya"), Option(value="1", label="thanked")),
)
PARTLY = Field(
    name="row",
    widget="vector",
    label="Row",
    shape=(3,),
    fixed=("0.4", "", "0.35"),
    columns=("a", "b", "c"),
)
FORMULA = Field(name="formula", widget="formula", label="The scale", names=("d", "tau"))
WHY = Field(name="why", widget="prose", label="Why?", limit=20)


def posted(**boxes: str | list[str]) -> QueryDict:
    data = QueryDict(mutable=True)
    for name, value in boxes.items():
        data.setlist(name.replace("__", "."), value if isinstance(value, list) else [value])
    return data


def form_of(*fields: Field, data: QueryDict | None = None, draft: object = None) -> AnswerForm:
    return AnswerForm({"p": Shown(prompt="", kind="number", fields=fields)}, data, draft=draft)


def mix(data: QueryDict | None = None) -> AnswerForm:
    variant = vary(open_exercise(factories.MIX, slug="mix"), seed=0)
    return AnswerForm(variant.shown, data)


# --- From boxes to text ---------------------------------------------------------------------------


def test_the_cells_of_a_vector_are_joined_by_commas():
    form = form_of(
        SCORES, data=posted(p__scores__0__0="1", p__scores__0__1=" 2 ", p__scores__0__2="3")
    )
    assert form.answer == {"p": {"scores": "1, 2, 3"}}


def test_the_rows_of_a_grid_are_joined_by_line_breaks():
    data = posted(p__m__0__0="1", p__m__0__1="2", p__m__1__0="3", p__m__1__1="4")
    assert form_of(GRID, data=data).answer["p"]["m"] == "1, 2\n3, 4"


def test_an_empty_cell_keeps_its_place():
    data = posted(p__scores__0__0="1", p__scores__0__2="3")
    assert form_of(SCORES, data=data).answer["p"]["scores"] == "1, , 3"


def test_all_cells_empty_is_no_answer():
    assert form_of(SCORES, data=posted(p__scores__0__0=" ")).answer["p"]["scores"] == ""


def test_a_decimal_comma_is_never_taken_for_the_end_of_a_cell():
    data = posted(p__scores__0__0="0,5", p__scores__0__1="1", p__scores__0__2="2")
    assert form_of(SCORES, data=data).answer["p"]["scores"] == "0,5; 1; 2"


@pytest.mark.parametrize("row", ["[1, 2, 3]", "1 2 3", "1\t2\t3", "1; 2; 3", "1,2,3"])
def test_a_whole_row_pasted_into_one_cell_is_taken_as_it_stands(row):
    assert form_of(SCORES, data=posted(p__scores__0__0=row)).answer["p"]["scores"] == row


def test_chosen_options_are_joined_by_spaces():
    assert form_of(PICK, data=posted(p__picked=["0", "1"])).answer["p"]["picked"] == "0 1"


def test_prose_and_numbers_are_kept_as_typed():
    data = posted(p__share=" 18/25 ", p__why="  so\nit is ")
    assert form_of(SHARE, WHY, data=data).answer == {
        "p": {"share": " 18/25 ", "why": "  so\nit is "}
    }


def test_a_nul_is_dropped_since_no_database_keeps_one():
    assert form_of(SHARE, data=posted(p__share="1\x002")).answer["p"]["share"] == "12"


def test_boxes_that_do_not_exist_are_not_read():
    data = posted(p__share="1", p__key="2", q__share="3")
    assert form_of(SHARE, data=data).answer == {"p": {"share": "1"}}


# --- From text to boxes ---------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["1, 2, 3", "1, , 3", "0,5; 1; 2"])
def test_a_draft_comes_back_into_its_cells_and_out_again_the_same(text):
    form = form_of(SCORES, draft={"p": {"scores": text}})
    html = form["p.scores"].as_widget()
    cells = text.split("; ") if ";" in text else text.split(", ")
    data = posted(**{f"p__scores__0__{i}": cell for i, cell in enumerate(cells)})
    assert all(f'value="{cell}"' in html for cell in cells)
    assert form_of(SCORES, data=data).answer["p"]["scores"] == text


def test_a_draft_of_another_shape_is_lost_nowhere():
    form = form_of(SCORES, draft={"p": {"scores": "1, 2"}})
    assert 'value="1, 2"' in form["p.scores"].as_widget()


def test_what_was_chosen_is_chosen_again():
    html = form_of(PICK, draft={"p": {"picked": "1"}})["p.picked"].as_widget()
    assert html.count("checked") == 1
    assert html.index('value="1"') < html.index("checked")


def test_what_a_learner_typed_is_text_and_nothing_else():
    bad = '"><img src=x onerror=alert(1)>'
    form = form_of(SHARE, WHY, SCORES, draft={"p": {"share": bad, "why": bad, "scores": bad}})
    for box in form:
        html = box.as_widget()
        assert "<img" not in html
        assert escape(bad) in html


def test_every_cell_has_a_name_of_its_own():
    html = form_of(GRID)["p.m"].as_widget()
    assert 'aria-label="M: x, 1"' in html
    assert 'aria-label="M: y, 2"' in html


def test_a_long_vector_stands_upright_with_the_same_cell_names():
    words = ("Riya", "thanked", "Meena", "because", "she", "helped")
    field = Field(name="w", widget="vector", label="W", shape=(6,), columns=words)
    html = form_of(field)["p.w"].as_widget()
    assert html.count("<tr>") == 6
    assert 'name="p.w.0.5"' in html


# --- Reading --------------------------------------------------------------------------------------


def test_an_answer_that_can_be_read_is_valid():
    form = mix(posted(output__output__0__0="3.2", output__output__0__1="2"))
    assert form.is_valid()
    assert form.answer == factories.RIGHT


def test_a_fault_is_told_at_its_cell_and_marked_in_the_text():
    form = mix(posted(output__output__0__0="3.2", output__output__0__1="two"))
    assert not form.is_valid()
    box = form["output.output"]
    assert box.errors
    assert form.error_target(box) == "a-output.output.0.1"
    assert 'aria-invalid="true"' in box.as_widget()
    (span,) = [(m.start, m.end) for m in box.misread]
    assert box.text[slice(*span)] == "two"


def test_all_blank_is_refused_without_blaming_a_box():
    form = mix(posted())
    assert not form.is_valid()
    assert list(form.errors) == ["__all__"]


def test_a_text_too_long_is_refused_with_the_limit():
    form = form_of(WHY, data=posted(p__why="x" * 21))
    assert not form.is_valid()
    assert "at most 20 characters, yours has 21" in form.errors["p.why"][0]


def test_the_form_knows_nothing_of_the_key():
    variant = vary(open_exercise(factories.MIX, slug="mix"), seed=0)
    form = AnswerForm(variant.shown)
    html = "".join(section.prompt + "".join(map(str, section.boxes)) for section in form.sections)
    assert "3.2" not in html


@pytest.mark.parametrize(
    ("text", "shape", "said"),
    [
        ("72%", (), "Read as 0.72."),
        ("1/3", (), "Read as 1/3 ≈ 0.333333."),
        ("sqrt(2)", (), "Read as ≈ 1.41421."),
        ("3.09, 137/100", (2,), "Read as 3.09, 1.37."),
        ("1, 2\n3, 4", (2, 2), "Read as 1, 2; 3, 4."),
        ("", (), ""),
        ("1, , 3", (3,), ""),
    ],
)
def test_numbers_are_read_back(text, shape, said):
    assert reading(text, shape) == said


def test_a_vector_is_read_back_though_a_cell_is_empty_where_it_may_be():
    assert reading("1, , 3", (3,), empty="blank") == "Read as 1, –, 3."
    assert reading("1, \n, 3", (2, 2), empty="given") == "Read as 1, 3."
    assert reading(", , ", (3,), empty="blank") == ""


def test_a_formula_is_read_back_as_mathematics():
    told = formula_reading("1/2*d", ["d"])
    assert told.startswith("Read as <math")
    # The fraction ends before d: what 1/2*d means is seen.
    assert re.search(r"<mn>2</mn>(</mrow>)?</mfrac><mo>[^<]+</mo><mi>d</mi>", told)
    assert formula_reading("", ["d"]) == ""


def test_a_formula_that_cannot_be_read_is_answered_with_the_reason_as_text():
    assert "Did you mean d_k?" in formula_reading("1/sqrt(d_q)", ["d_k"])
    assert "<math" not in formula_reading("d/<b>", ["d"])


def test_a_given_cell_is_shown_and_not_asked_for():
    form = form_of(PARTLY)
    html = str(form["p.row"])
    assert html.count("<input") == 1
    assert 'name="p.row.0.1"' in html
    assert '<td class="fixed">0.4</td>' in html
    assert form["p.row"].id_for_label.endswith(".0.1")
    assert form["p.row"].field.empty == "given"


def test_what_was_sent_stands_among_the_given_cells():
    _heads, _sides, table = CellsBox(PARTLY).as_table(", 0.25, ")
    assert table == (("", ("0.4", "0.25", "0.35")),)


def test_a_formula_is_one_box_and_its_reading_is_shown_when_it_is_checked():
    shown = Shown(prompt="", kind="expression", fields=(FORMULA,))
    form = AnswerForm({"p": shown}, posted(p__formula="d/tau"))
    assert form.is_valid()
    assert form.answer == {"p": {"formula": "d/tau"}}
    assert "<mfrac>" in form["p.formula"].reading
    assert form["p.formula"].field.names_text == "d,tau"
    assert form.checkable


def test_what_cannot_be_read_is_answered_with_the_reason():
    assert "nonsense" in reading("nonsense", ())


def test_a_valid_box_says_how_it_is_read():
    form = mix(posted(output__output__0__0="16/5", output__output__0__1="2"))
    form.is_valid()
    assert form["output.output"].reading == "Read as 3.2, 2."


def explain(words: str) -> AnswerForm:
    shown = Shown(prompt="", kind="explain", fields=(replace(WHY, name="text", limit=600),))
    return AnswerForm({"p": shown}, posted(p__text=words))


def test_sentences_are_counted_so_that_checking_them_says_something():
    assert explain("The state is too small.")["p.text"].reading == "Nothing to mend: 5 words."
    assert explain("")["p.text"].reading == ""
    assert form_of(WHY, draft={"p": {"why": "The state"}})["p.why"].reading == ""


def test_only_what_is_typed_can_be_checked():
    assert form_of(WHY).checkable
    assert not form_of(PICK).checkable


def test_a_cell_that_cannot_be_read_is_called_by_its_own_name():
    box = CellsBox(SCORES)
    assert box.in_its_words("Cell 2: “x” is no number.") == "“b”: “x” is no number."
    assert box.in_its_words("Cell 9 is empty.") == "“column 9” is empty."
    assert box.in_its_words("3 numbers are expected, 2 found.").startswith("3 numbers")
    grid = CellsBox(GRID)
    assert grid.in_its_words("Row 2, column 1 is empty.") == "“y, column 1” is empty."
    assert grid.in_its_words("Row 1: 2 numbers are expected.") == "“x”: 2 numbers are expected."


def test_a_place_that_nobody_named_keeps_its_number():
    bare = CellsBox(Field(name="v", widget="vector", label="V", shape=(2,)))
    assert bare.in_its_words("Cell 2 is empty.") == "Cell 2 is empty."


def test_the_page_and_the_summary_call_a_cell_the_same():
    form = mix(posted(output__output__0__0="1", output__output__0__1="two"))
    assert not form.is_valid()
    (message,) = form.errors["output.output"]
    assert message.startswith("“component 2”")


def test_a_closed_form_shows_what_was_sent_and_takes_nothing():
    form = form_of(SCORES, WHY, PICK)
    form.close({"p": {"scores": "1, 2, 3", "why": "so", "picked": "1"}})
    html = str(form)
    assert html.count("readonly") == 4
    assert html.count("disabled") == 2
    assert 'value="2"' in html
    assert ">\nso</textarea>" in html


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("\u202eanel", "anel"),
        ("Le\u200bna\u2066\u2069", "Lena"),
        ("Le\nna\x07", "Lena"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d🏫 Ms. Ito", "👩\u200d🏫 Ms. Ito"),
        ("  Ada  ", "Ada"),
    ],
)
def test_a_name_keeps_what_can_be_seen(typed, kept):
    assert NameField(max_length=20).clean(typed) == kept


@pytest.mark.parametrize("typed", ["\u202e", "\u200d\u200d", " \u2060 "])
def test_a_name_that_nobody_can_see_is_none(typed):
    with pytest.raises(ValidationError):
        NameField().clean(typed)


def test_a_closed_form_prefers_what_was_typed_last():
    form = form_of(WHY, draft={"p": {"why": "newer"}})
    form.close({"p": {"why": "older"}})
    assert form["p.why"].text == "newer"


def test_a_text_that_fits_its_shape_is_shown_as_a_table():
    assert CellsBox(GRID).as_table("1, 2\n3, 4") == (
        ("1", "2"),
        ("x", "y"),
        (("x", ("1", "2")), ("y", ("3", "4"))),
    )
    assert CellsBox(GRID).as_table("1, 2") == ((), (), ())
