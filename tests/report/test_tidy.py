import csv
from io import StringIO

import pytest
import worksheets

from lab4.analysis.tables import Quantity
from lab4.report.student import Student
from lab4.report.tidy import COLUMNS, render


def _rows(made):
    return list(csv.DictReader(StringIO(render(made, Student("Ada", "42")), newline="")))


@pytest.mark.parametrize("name", worksheets.ALL)
def test_csv_has_one_line_a_value_under_its_columns(name):
    made = worksheets.ALL[name]
    rows = _rows(made)
    assert len(rows) == sum(len(row.values) for table in made.tables for row in table.rows)
    assert all(tuple(row) == COLUMNS and None not in row.values() for row in rows)


@pytest.mark.parametrize("name", worksheets.ALL)
def test_every_figure_comes_back_from_csv_exactly(name):
    made = worksheets.ALL[name]
    read = [row for row in _rows(made) if row["outcome"] == "measured"]
    wanted = [quantity for quantity, _ in worksheets.quantities(made)]
    found = [Quantity(*(float(row[key]) if row[key] else None for key in ("value", "low", "high"))) for row in read]
    assert found == wanted


def test_what_has_no_figure_has_an_outcome_and_a_reason_and_no_number():
    for row in _rows(worksheets.BROKEN):
        if row["outcome"] in {"failed", "not measured"}:
            assert row["reason"]
            assert not row["value"]
    assert {row["outcome"] for row in _rows(worksheets.FULL)} == {"measured", "text", "not measured", "not applicable"}


def test_units_are_the_base_units():
    units = {row["column"]: row["unit"] for row in _rows(worksheets.FULL) if row["outcome"] == "measured"}
    assert (units["time"], units["size"], units["loss"], units["rate"]) == ("s", "B", "1", "1/s")


def test_the_students_name_is_not_in_the_csv():
    assert "Ada" not in render(worksheets.FULL, Student("Ada", "42"))
