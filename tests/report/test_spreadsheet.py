"""CSV that a spreadsheet computes nothing of."""

import csv
from io import StringIO

import documents
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab4.analysis.tables import Quantity
from lab4.report import Student
from lab4.report.spreadsheet import COLUMNS, csv_text, guarded, render, unguarded

formulas = st.builds(
    "{}{}".format, st.sampled_from(["=", "+", "-", "@", "\t", "\r", "\n", " =", "'=", "\uff1d"]), st.text()
)
texts = st.text(st.characters(exclude_categories=["Cs"])) | formulas
numbers = st.floats(allow_nan=False, allow_infinity=False)


@given(texts)
def test_a_guarded_text_starts_no_formula_and_comes_back(text):
    assert unguarded(guarded(text)) == text
    assert guarded(text)[:1] not in {*"=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"} - {""}


@given(st.lists(st.tuples(texts, numbers, st.none() | numbers), max_size=5))
def test_texts_and_numbers_come_back_from_csv(rows):
    read = list(csv.reader(StringIO(csv_text(rows), newline="")))
    found = [(unguarded(text), float(one), float(other) if other else None) for text, one, other in read]
    assert found == rows


def test_a_negative_number_stays_a_number():
    assert csv_text([(-1.5, "-1.5")]) == "-1.5,'-1.5\r\n"


def _rows(made):
    return list(csv.DictReader(StringIO(render(made, Student("Ada", "42")), newline="")))


@pytest.mark.parametrize("name", documents.ALL)
def test_csv_has_one_line_per_value_under_its_columns(name):
    made = documents.ALL[name]
    rows = _rows(made)
    values = sum(len(row.values) for table in made.tables for row in table.rows)
    left_out = sum(len(each.names) for table in made.tables for each in table.unmeasured)
    assert len(rows) == values + left_out
    assert all(tuple(row) == COLUMNS and None not in row.values() for row in rows)


@pytest.mark.parametrize("name", documents.ALL)
def test_every_figure_comes_back_from_csv_exactly(name):
    made = documents.ALL[name]
    read = [row for row in _rows(made) if row["outcome"] == "measured"]
    wanted = [quantity for quantity, _ in documents.quantities(made)]
    found = [Quantity(*(float(row[key]) if row[key] else None for key in ("value", "low", "high"))) for row in read]
    assert found == wanted


def test_a_value_says_its_section_and_its_table():
    assert {(row["section"], row["table"]) for row in _rows(documents.FORM)} == {
        ("All kinds of blocks", "sizes"),
        ("More", "more"),
    }


def test_what_has_no_figure_has_an_outcome_and_a_reason_and_no_number():
    rows = _rows(documents.FORM)
    for row in rows:
        if row["outcome"] in {"failed", "not measured"}:
            assert row["reason"]
            assert not row["value"]
    assert {row["outcome"] for row in rows} == {"measured", "text", "not measured", "failed", "not applicable"}


def test_units_are_the_base_units():
    units = {row["column"]: row["unit"] for row in _rows(documents.FULL) if row["outcome"] == "measured"}
    assert (units["time"], units["size"], units["rate"]) == ("s", "B", "1/s")


def test_the_students_name_is_not_in_the_csv():
    assert "Ada" not in render(documents.FORM, Student("Ada", "42"))
