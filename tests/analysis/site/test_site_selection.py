from dataclasses import replace
from math import inf, nan

import pytest
from lab4_gate_runs import cell, run_with
from lab4_sites import CELLS, MACHINES, STEPPED, numbered

from lab4.analysis.site.selection import level, selection_of
from lab4.domain.errors import HistoryError
from lab4.domain.figures import CellFigures


def test_an_empty_history_says_how_to_fill_it():
    with pytest.raises(HistoryError, match="is empty; add a run with"):
        selection_of([])


def test_a_machine_that_changes_its_name_stays_one_machine():
    found = selection_of(numbered())
    assert [machine.label for machine in found.machines] == ["box-renamed", "server"]
    assert found.machines[0].names == ("box", "box-renamed")
    assert [len(machine.runs) for machine in found.machines] == [16, 16]


def test_machines_of_one_name_have_labels_of_their_own():
    runs = [run_with({}, number, machine=replace(machine, node="same")) for number, machine in enumerate(MACHINES)]
    labels = [machine.label for machine in selection_of(enumerate(runs, 1)).machines]
    assert len(set(labels)) == 2
    assert all(label.startswith("same (") for label in labels)


def test_runs_are_in_the_order_of_time_in_whatever_zone_they_are_written():
    later = run_with({}, started_at="2026-01-01T12:00:00+00:00")
    earlier = run_with({}, started_at="2026-01-01T13:00:00+02:00")
    assert [run.number for run in selection_of([(1, later), (2, earlier)]).runs] == [2, 1]


def test_a_start_that_is_no_time_is_named():
    with pytest.raises(HistoryError, match="run 7 began at 'yesterday', which is no time"):
        selection_of([(7, run_with({}, started_at="yesterday"))])


def test_a_cell_has_its_axes_and_a_benchmark_of_another_suite_has_none():
    cells = {each.key: each for each in selection_of(numbered()).cells}
    pruned = cells["latency/cnn.pruned80-cpu-b1-tflite_int8"].axes
    assert {axis: each.name for axis, each in pruned.items()} == {
        "model": "cnn",
        "technique": "pruned80",
        "format": "tflite_int8",
        "device": "cpu",
    }
    foreign = next(each for key, each in cells.items() if key.endswith("onerror=alert(1)>"))
    assert {each.name for each in foreign.axes.values()} == {""}
    assert foreign.kind == "benchmark"


def test_the_main_figure_is_one_that_is_judged():
    cells = {each.key: each for each in selection_of(numbered()).cells}
    assert cells[STEPPED].main == "latency"
    examined = selection_of([(1, run_with({"examine/cnn-cpu-onnx": CellFigures("measured", {"load": 1, "size": 2})}))])
    assert examined.cells[0].main == "size"
    assert not cells["examine/cnn-cpu-onnx"].main


@pytest.mark.parametrize("value", [nan, inf, -inf, 0.0, -1.0, 1e308, 1e-300])
def test_values_that_no_meter_gives_are_left_out(value):
    damaged = CellFigures("measured", {"latency": value, "size": 3.0}, {"latency": value})
    found = selection_of([(1, run_with({CELLS[0]: damaged}))])
    assert found.cells[0].points[0][1].values == {"size": 3.0}
    assert found.cells[0].points[0][1].corrected == {}


def test_a_level_is_the_median_of_the_newest_five_runs_that_have_the_figure():
    values = [9.0, 9.0, 1.0, 2.0, 3.0, 4.0, 50.0]
    runs = [run_with({CELLS[0]: cell(value)}, number) for number, value in enumerate(values)]
    runs.append(run_with({CELLS[0]: CellFigures("failed", reason="crashed")}, len(runs)))
    found = selection_of(enumerate(runs, 1))
    assert level(found.cells[0], found.machines[0].key, "latency") == 3.0
    assert level(found.cells[0], found.machines[0].key, "size") is None


def test_a_speed_is_the_median_over_cells_against_what_is_usual_on_the_machine():
    runs = [run_with({key: cell(1e-3) for key in CELLS}, number) for number in range(5)]
    slow = {key: cell(1.2e-3) for key in CELLS} | {CELLS[0]: cell(9e-3)}
    found = selection_of(enumerate([*runs, run_with(slow, 5)], 1))
    assert found.speeds[6] == pytest.approx(1.2)
    assert found.speeds[1] == pytest.approx(1.0)
