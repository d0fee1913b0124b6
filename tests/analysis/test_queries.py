import math
from dataclasses import replace

import pytest
from lab4.analysis.findings import cautions, findings
from lab4.analysis.worksheet import worksheet
from worksheet_cases import REAL, RUNS
from worksheet_factory import LABELS, NO_GPU, at, realistic, run, timed

from lab4.analysis.query import compare, figures, missing, table_of
from lab4.analysis.tables import Column, Quantity, Row, Table, Text
from lab4.domain.run import Commit


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
        table_of(REAL, "training").index("nothing")


@pytest.mark.parametrize(
    ("one", "other", "verdict"),
    [
        (Quantity(1, 0.9, 1.1), Quantity(2, 1.9, 2.1), "lower"),
        (Quantity(2, 1.9, 2.1), Quantity(1, 0.9, 1.1), "higher"),
        (Quantity(1, 0.9, 1.1), Quantity(1.15, 1.05, 1.2), "no clear difference"),
        (Quantity(1), Quantity(1.2), "no clear difference"),
        (Quantity(58.0, 57.2, 58.7), Quantity(68.3, 67.0, 72.1), "no clear difference"),
        (Quantity(1), Quantity(2), "lower"),
    ],
)
def test_figures_differ_only_beyond_their_spreads(one, other, verdict):
    assert compare(one, other) == verdict


def test_every_reason_is_listed_once_with_the_rows_it_concerns():
    found = {gap.reason: dict(gap.blanks) for gap in missing(worksheet([realistic(70)]))}
    assert found[NO_GPU.reason]["Training on different hardware"] == ("CNN, GPU", "FCNN, GPU")


def test_failures_are_told_apart_in_the_list_of_reasons():
    assert {gap.failed for gap in missing(worksheet(RUNS["only failures"]))} == {True, False}


def test_findings_of_a_full_run_cover_the_measured_parts_and_of_an_empty_one_nothing():
    assert len(findings(REAL)) == 10
    assert findings(worksheet([])) == ()


def test_an_effect_within_the_spread_is_found_to_be_none():
    keys = {"latency/cnn-cpu-b1-keras": 1e-3, "latency/cnn-cpu-b32-keras": 32e-3}
    found = findings(worksheet([run(*(at(key, timed(typical)) for key, typical in keys.items()))]))
    assert any("no clear difference" in finding.template for finding in found)


def test_cautions_name_interrupted_merged_dirty_and_differing_runs():
    one = run(complete=False, commit=Commit(None, dirty=True))
    two = run(settings=replace(one.settings, profile="thorough"), started_at="2026-03-02T00:00:00+00:00")
    found = cautions(worksheet([one, two]))
    assert len(found) == 4
    for named in ("interrupted", "merged", "not committed", "different settings"):
        assert sum(named in caution for caution in found) == 1
    assert cautions(worksheet([two])) == ()


def test_figures_are_those_measured_in_the_rows_asked_for():
    found = figures(table_of(REAL, "inference"), "rate", model=LABELS["cnn"])
    assert [figure.row.name for figure in found] == ["CNN, CPU, batch 1", "CNN, CPU, batch 32"]
