"""Kinds of machines side by side: how far machines of one are apart, and how far the kinds."""

from dataclasses import replace
from math import exp, log
from random import Random

import numpy as np
import pytest
from lab4_gate_runs import CELLS, lucky
from lab4_releases import on
from scipy import stats

from lab4.analysis.by_kind import kinds_compared, sorted_by_kind
from lab4.analysis.figures import FIGURES
from lab4.analysis.pivot import ComparedSide
from lab4.analysis.side_by_side import side_by_side
from lab4.report.kind_words import kind_lines, shown_kinds

LATENCY = {("latency", "latency"): FIGURES["latency"]}
#: Kind B is twice as fast.
MACHINES = {"a1": ("A", 1.0), "b1": ("B", 0.5), "a2": ("A", 1.02), "a3": ("A", 0.98), "b2": ("B", 0.51)}


def fleet(machines=MACHINES, runs=3, noise=0.005):
    random = Random(1)
    return [
        ComparedSide(name, on(name, cpu, lucky(random, runs, noise, factors=dict.fromkeys(CELLS, factor))))
        for name, (cpu, factor) in machines.items()
    ]


def compared(sides, figures=LATENCY, first=0):
    return kinds_compared(sides, figures, sides[first])


def means(sides, cell, cpu):
    """The mean logarithm of a cell on each machine of a kind."""
    return [
        np.mean([log(run.cells[cell].values["latency"]) for run in side.runs])
        for side in sides
        if side.runs[0].machine.cpu == cpu
    ]


def test_machines_are_grouped_by_hardware_and_not_by_name():
    found = compared(fleet())
    assert [(each.machines, each.runs) for each in found.columns] == [(("a1", "a2", "a3"), 9), (("b1", "b2"), 6)]
    assert found.columns[0].label == "A, 8 cores, 16 GiB, H"


def test_a_cell_has_each_kind_s_mean_and_spread_and_their_ratio_with_its_interval():
    sides = fleet()
    (table,) = compared(sides).tables
    row = next(row for row in table.rows if row.levels and row.values[0].figure < 1.5e-4)
    one, other = means(sides, CELLS[0], "A"), means(sides, CELLS[0], "B")
    first, second = row.values
    assert first.figure == pytest.approx(exp(np.mean(one)))
    assert first.spread.value == pytest.approx(exp(np.std(one, ddof=1)) - 1)
    assert first.against is None
    interval = stats.ttest_ind(one, other).confidence_interval(0.95)
    ratio = second.against
    assert (ratio.value, ratio.low, ratio.high) == pytest.approx(
        (exp(np.mean(one) - np.mean(other)), exp(interval.low), exp(interval.high))
    )


def test_a_rate_is_as_many_times_as_good_as_its_time():
    (latency, rate) = compared(fleet(noise=0.0), {**LATENCY, ("latency", "throughput"): FIGURES["throughput"]}).tables
    assert latency.rows[-1].values[1].against.value == pytest.approx(1 / (0.5 * 0.51) ** 0.5, rel=0.01)
    assert rate.figure.higher_is_better


def test_the_last_row_is_the_geometric_mean_over_cells_that_all_machines_have():
    sides = fleet()
    without = [
        replace(run, cells={key: cell for key, cell in run.cells.items() if key != CELLS[3]}) for run in sides[0].runs
    ]
    (table,) = compared([ComparedSide("a1", without), *sides[1:]]).tables
    assert len(table.rows) == len(CELLS) + 1
    assert (table.rows[-1].levels, table.rows[-1].cells) == ((), len(CELLS) - 1)
    assert table.rows[-1].values[1].against.low < 1.98 < table.rows[-1].values[1].against.high


def test_spreads_between_runs_and_between_machines_are_told_apart():
    (table,) = compared(fleet({f"a{number}": ("A", 1.0) for number in range(8)} | {"b": ("B", 1.0)}, noise=0.05)).tables
    row = table.rows[0]
    assert row.between_runs == pytest.approx(0.05, rel=0.4)
    assert row.between_machines < 0.03


def test_others_are_compared_with_the_kind_of_the_reference():
    found = compared(fleet(), first=1)
    assert found.columns[0].machines == ("b1", "b2")
    assert found.tables[0].rows[-1].values[1].against.value == pytest.approx(0.505, rel=0.02)


@pytest.mark.parametrize("machines", [{"a": ("A", 1.0), "b": ("B", 1.0)}, {"a": ("A", 1.0)}])
def test_without_two_machines_of_a_kind_there_is_nothing(machines):
    assert compared(fleet(machines)) is None


def test_two_sides_of_one_machine_are_no_two_machines():
    (side, *_) = fleet()
    assert compared([side, ComparedSide("again", side.runs)]) is None


def test_a_slower_machine_is_named():
    found = compared(fleet({**MACHINES, "a4": ("A", 1.5)}))
    assert [(each.machine, each.fault) for each in found.unusual] == [("a4", "slower")]
    assert any(line.startswith("a4 is slower than the 3 other machines of its kind") for line in kind_lines(found))


def test_one_run_of_each_machine_shows_no_spread_between_runs():
    found = compared(fleet(runs=1))
    assert found.tables[0].rows[0].between_runs is None
    shown = shown_kinds(found)[0]
    assert {row[-2] for row in shown.rows} == {"-"}
    assert "runs of one machine" not in shown.summary


def test_kinds_are_next_to_each_other_and_the_first_machine_stays_first():
    assert [side.name for side in sorted_by_kind(fleet())] == ["a1", "a2", "a3", "b1", "b2"]
    found = side_by_side(fleet(), ["machine"])
    assert [column.label for column in found.columns] == ["a1", "a2", "a3", "b1", "b2"]
    assert found.kinds is not None
    assert side_by_side(fleet()).kinds is None


def test_one_machine_in_every_kind_but_one_has_intervals_from_that():
    (table,) = compared(fleet({"a1": ("A", 1.0), "a2": ("A", 1.02), "b": ("B", 0.5)})).tables
    only = table.rows[0].values[1]
    assert only.spread is None
    assert only.against.low < 2 < only.against.high
