import csv
from io import StringIO

import documents
import pytest

from lab4.analysis.tables import Quantity
from lab4.report.long_form import COLUMNS, render
from lab4.report.student import Student


def _rows(made):
    return list(csv.DictReader(StringIO(render(made, Student("Ada", "42")), newline="")))


@pytest.mark.parametrize("name", documents.ALL)
def test_csv_has_one_line_per_value_under_its_columns(name):
    made = documents.ALL[name]
    rows = _rows(made)
    assert len(rows) == sum(len(row.values) for table in made.tables for row in table.rows)
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
