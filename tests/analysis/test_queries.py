import math

import pytest
from lab4_examples import table_of
from worksheet_factory import realistic

from lab4.analysis.overview import report
from lab4.analysis.query import compare, figures
from lab4.analysis.tables import Column, Quantity, Row, Table, Text

REAL = report([realistic(70)])


def test_a_row_that_does_not_fit_its_columns_is_refused():
    with pytest.raises(ValueError, match="2 values for 1 columns"):
        Table("t", "T", (Column("a", "A", "text"),), (Row("r", "R", (Text("x"), Text("y"))),))


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_what_is_not_a_number_is_no_quantity(number):
    with pytest.raises(ValueError, match="finite"):
        Quantity(1.0, number, 2.0)


def test_unknown_tables_and_columns_are_key_errors():
    with pytest.raises(KeyError):
        table_of(REAL, "nothing")
    with pytest.raises(KeyError):
        table_of(REAL, "train").index("nothing")


@pytest.mark.parametrize(
    ("one", "other", "verdict"),
    [
        (Quantity(1, 0.9, 1.1), Quantity(2, 1.9, 2.1), "lower"),
        (Quantity(2, 1.9, 2.1), Quantity(1, 0.9, 1.1), "higher"),
        (Quantity(1, 0.9, 1.1), Quantity(1.15, 1.05, 1.2), "no clear difference"),
        (Quantity(1), Quantity(1.2), "no clear difference"),
        (Quantity(58.0, 57.2, 58.7), Quantity(68.3, 67.0, 72.1), "no clear difference"),
        (Quantity(1), Quantity(2), "lower"),
        (Quantity(1, 0.9, 1.1), Quantity(1.6, 1.1 * 1.32, 1.7), "no clear difference"),
        (Quantity(1, 0.9, 1.1), Quantity(1.6, 1.1 * 1.33, 1.7), "lower"),
    ],
)
def test_figures_differ_only_beyond_their_spreads(one, other, verdict):
    assert compare(one, other) == verdict


def test_figures_are_those_measured_in_the_rows_whose_cells_fit():
    found = figures(table_of(REAL, "train"), "rate", lambda cell: cell.model == "cnn")
    assert [figure.row.cell.id for figure in found] == ["cnn-cpu-b128-keras"]
