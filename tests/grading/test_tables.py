"""Tables from outside: every form that is read, every fault told, every bound kept."""

import io
import json
import zipfile
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grading import tables
from grading.tables import BadTable, read_table

NEEDS = ("answer", "label")

RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Target="worksheets/sheet1.xml"/>'
    '<Relationship Id="r2" Target="/xl/worksheets/sheet2.xml"/></Relationships>'
)
BOOK = (
    '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
    '<sheet name="one" sheetId="1" r:id="r1"/><sheet name="two" sheetId="2" r:id="r2"/>'
    "</sheets></workbook>"
)
HEADER = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>'
STRINGS = (
    "<sst><si><t>Answer</t></si><si><t>LABEL</t></si>"
    "<si><r><t>all in </t></r><r><t>one_x000D_</t></r><rPh><t>said</t></rPh></si></sst>"
)


def workbook(rows, **more):
    files = {
        "xl/workbook.xml": BOOK,
        "xl/_rels/workbook.xml.rels": RELATIONS,
        "xl/sharedStrings.xml": STRINGS,
        "xl/worksheets/sheet1.xml": f"<worksheet><sheetData>{rows}</sheetData></worksheet>",
        **more,
    }
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def read(content):
    return [(row.line, dict(row.cells)) for row in read_table(content, NEEDS).rows]


def bad(content):
    return [(row.line, row.message) for row in read_table(content, NEEDS).bad]


def complaint(content):
    with pytest.raises(BadTable) as caught:
        read_table(content, NEEDS)
    return str(caught.value)


ONE = [(2, {"answer": "it, too", "label": "correct"})]


@pytest.mark.parametrize(
    "content",
    [
        b'answer,label\n"it, too",correct\n',
        b'answer,label\r\n"it, too",correct\r\n\r\n',
        b"answer;label\nit, too;correct\n",
        b"answer\tlabel\nit, too\tcorrect",
        b"answer|label\nit, too|correct",
        b"\xef\xbb\xbf Answer , LABEL \n'it, too',correct\n".replace(b"'", b'"'),
        "answer\tlabel\nit, too\tcorrect\n".encode("utf-16"),
        b'\n{"Answer": "it, too", "label": "correct"}\n',
    ],
)
def test_columns_are_found_by_name_whatever_parts_them(content):
    assert read(content) == ONE


def test_a_line_break_within_a_cell_belongs_to_it_and_lines_are_still_counted():
    content = b'answer,label,kind\n"one\ntwo ""said""",correct,\nthree,partial,plain\n'
    assert read(content) == [
        (2, {"answer": 'one\ntwo "said"', "label": "correct", "kind": ""}),
        (4, {"answer": "three", "label": "partial", "kind": "plain"}),
    ]


def test_a_line_of_json_may_hold_what_passes_for_a_line_break():
    assert read('{"answer": "a\u2028b", "label": 1}'.encode())[0][1]["answer"] == "a\u2028b"


@pytest.mark.parametrize(
    ("content", "line", "says"),
    [
        (b"answer,label\na, b,correct\nc,correct\n", 2, "3 cells stand under 2 columns"),
        (b'answer,label\nc,correct\n"ab,correct\nd,correct\n', 3, "never closed"),
        (b'answer,label\n"a"b,correct\nc,correct\n', 2, "write it twice"),
        (b"answer,label\n" + b"a" * 140_000 + b",correct\nc,correct\n", 2, "far too long"),
        (b'{"answer": "a"}\n{"answer"\n', 2, "not JSON"),
        (b'{"answer": "a"}\n["answer"]\n', 2, "an object"),
        (b'{"answer": "a"}\n{"answer": ' + b"[" * 100_000 + b"\n", 2, "too deep"),
        (b'{"answer": "a"}\n{"answer": ' + b"9" * 5000 + b"}\n", 2, "too long"),
        (b'{"a": "a"}\n{"answer": "' + b"a" * 100_001 + b'"}\n', 2, "100,000 characters"),
        (b'{"a": "a"}\n{"answer": "' + b"a" * 2**20 + b'"}\n', 2, "1,048,576 characters"),
    ],
)
def test_a_row_that_cannot_be_read_is_told_by_its_line_and_the_rest_is_kept(content, line, says):
    ((told, message),) = bad(content)
    assert told == line
    assert says in message
    assert len(read(content)) == 1


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\n \n", "empty"),
        (b"text,mark\na,b\n", "no column `answer` and no column `label`"),
        (b"answers,label\na,b\n", "Is “answers” meant?"),
        (b"answer,label,answer\na,b,c\n", "two columns called `answer`"),
        (b"answer,label" + b",x" * 300, "302 columns"),
        (b'"answer,label\n', "never closed"),
        (b"answer,label\nh\xe9,correct\n", "Line 2 is not text in UTF-8"),
        (b"\xff\xfea", "UTF-16"),
        (b"answer,label\na\0,b\n", "not a text file"),
        (b"\x89PNG\r\n\x1a\n\0\0", "not text"),
        (b"\xd0\xcf\x11\xe0\0\0", "old form"),
        (b'[{"answer": "a"}]', "JSON list"),
        (b"PK\x03\x04 and no more", "no workbook"),
        (b"answer,label\n" + b"," * 2**20 + b"\n", "Line 2 holds more than 1,048,576"),
        (b"answer,label\n" + b"a,b\n" * 20_001, "more than 20,000 rows"),
        (b'{"a":1}\n' * 20_001, "more than 20,000 rows"),
        (b"a" * (tables.LARGEST + 1), "larger than 64 MB"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_table_is_refused_in_a_sentence(content, says):
    assert says in complaint(content)


def test_a_sheet_is_read_as_it_shows():
    rows = (
        HEADER + '<row r="3"><c r="A3" t="s"><v>2</v></c><c r="B3"><v>0.5</v></c></row>'
        '<row><c t="inlineStr"><is><t>here</t></is></c><c t="b"><v>1</v></c></row>'
        '<row r="9"><c r="B9" t="str"><f>IF(1,2)</f><v>correct</v></c><c r="ZZ9"><v>1</v></c></row>'
    )
    assert read(workbook(rows)) == [
        (3, {"answer": "all in one\r", "label": "0.5"}),
        (4, {"answer": "here", "label": "TRUE"}),
        (9, {"label": "correct"}),
    ]


def test_the_first_sheet_with_the_columns_is_read():
    second = f"<worksheet><sheetData>{HEADER}<row><c><v>1</v></c></row></sheetData></worksheet>"
    book = workbook(
        '<row r="1"><c r="A1"><v>1</v></c></row>', **{"xl/worksheets/sheet2.xml": second}
    )
    assert read(book) == [(2, {"answer": "1"})]


def test_nothing_is_worked_out_and_what_shows_an_error_is_told():
    rows = (
        HEADER + '<row r="2"><c r="A2"><f>1+1</f></c></row>'
        '<row r="3"><c r="A3" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
        '<row r="4"><c r="A4" t="s"><v>99</v></c></row>'
        '<row r="5"><c r="A5"><f>1+1</f><v>2</v></c></row>'
    )
    assert read(workbook(rows)) == [(5, {"answer": "2"})]
    assert [(line, message.split()[-1]) for line, message in bad(workbook(rows))] == [
        (2, "value."),
        (3, "#DIV/0!."),
        (4, "hold."),
    ]


@pytest.mark.parametrize(
    ("book", "says"),
    [
        (workbook(" " * (tables.LARGEST + 1)), "unpacks to more than 64 MB"),
        (workbook("<c/>" * (tables.MOST_CELLS + 1)), "1,000,000 cells"),
        (workbook(HEADER + "<row><c><v>1</v></c></row>" * 20_001), "20,000 rows"),
        (workbook("</b>"), "damaged"),
        (workbook("<a>" * 100_000), "damaged"),
        (workbook("<row>"), "damaged"),
        (workbook(""), "no column `answer`"),
        (workbook("", **{"xl/workbook.xml": "<workbook/>"}), "no sheets"),
        (
            workbook("", **{"xl/sharedStrings.xml": '<!DOCTYPE a [<!ENTITY b "cc">]><a>&b;</a>'}),
            "document type",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_hostile_workbook_is_refused_in_a_sentence(book, says):
    assert says in complaint(book)


def test_a_zip_of_another_sort_a_cut_one_and_a_locked_one_are_no_workbooks():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("letter.txt", "hello")
    assert "no workbook" in complaint(stream.getvalue())
    assert "no workbook" in complaint(workbook(HEADER)[:-40])
    whole = bytearray(workbook(HEADER))
    for flags in (at + 6 for at in range(len(whole)) if whole[at : at + 4] == b"PK\x03\x04"):
        whole[flags] |= 1
    for flags in (at + 8 for at in range(len(whole)) if whole[at : at + 4] == b"PK\x01\x02"):
        whole[flags] |= 1
    assert "locked with a password" in complaint(bytes(whole))


@given(st.binary(max_size=300))
@example(b"PK\x05\x06" + b"\0" * 18)
def test_any_bytes_are_a_table_or_a_complaint(content):
    for opening in (b"", b"answer,label\n", b"{", b"PK\x03\x04"):
        with suppress(BadTable):
            table = read_table(opening + content, NEEDS)
            assert all(row.line > 0 for row in (*table.rows, *table.bad))


CELLS = st.lists(
    st.tuples(st.text(st.characters(codec="utf-8", exclude_characters="\0")), st.just("correct")),
    max_size=5,
)


@given(CELLS)
def test_json_lines_lose_nothing(rows):
    content = "".join(json.dumps({"answer": a, "label": b}) + "\n" for a, b in rows)
    if rows:
        assert [(c["answer"], c["label"]) for _, c in read(content.encode())] == rows
