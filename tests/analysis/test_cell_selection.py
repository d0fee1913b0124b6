from dataclasses import replace
from random import Random

import pytest
from lab4_gate_runs import CELLS, cell, lucky, run_with

from lab4.analysis.cell_selection import like, only_cells, require_selected, with_unselected
from lab4.analysis.gate.presence import require_measured
from lab4.domain.errors import Lab4Error
from lab4.domain.figures import CellFigures

RUNS = lucky(Random(1), 2)


def test_several_patterns_select_on_both_sides():
    pattern = f"{CELLS[0]},*-onnx"
    require_selected(pattern, RUNS[:1], RUNS[1:])
    candidates, baselines = (only_cells(side, like(pattern, RUNS)) for side in (RUNS[:1], RUNS[1:]))
    chosen = [key for key in CELLS if key == CELLS[0] or key.endswith("-onnx")]
    assert [list(side[0].cells) for side in (candidates, baselines)] == [chosen, chosen]


def test_a_pattern_that_is_like_no_cell_of_either_side_is_refused():
    with pytest.raises(Lab4Error, match=r"no cell is like 'rnn-\*'; cells are named as in latency/"):
        require_selected("*-onnx,rnn-*", RUNS[:1], RUNS[1:])


@pytest.mark.parametrize("missing", [0, 1])
def test_a_side_without_a_selected_cell_is_told_how_to_measure_it(missing):
    sides = [RUNS[:1], RUNS[1:]]
    sides[missing] = only_cells(sides[missing], like("*-keras", RUNS))
    name = ("candidate", "baseline")[missing]
    with pytest.raises(Lab4Error) as refused:
        require_selected("*-b1-onnx", *sides)
    start = (
        f"the {name} has no cell like '*-b1-onnx' (run{missing}.json); measure it with: pytest benchmarks -m latency"
    )
    assert str(refused.value).startswith(start)


def test_a_side_that_measured_nothing_says_why():
    unavailable = run_with({CELLS[0]: CellFigures("unavailable", reason="no GPU here")})
    with pytest.raises(Lab4Error, match=rf"no measured cell \(run0.json\); {CELLS[0]}: unavailable: no GPU here"):
        require_measured([unavailable], "candidate")
    cut = run_with({CELLS[0]: CellFigures("interrupted")})
    with pytest.raises(Lab4Error, match="measure it with: pytest benchmarks -m latency --lab4-profile quick"):
        require_measured([replace(cut, settings=replace(cut.settings, profile="quick"))], "candidate")


def test_cells_that_are_left_out_are_named_and_nothing_is_known_of_them():
    run = with_unselected(run_with({CELLS[0]: cell()}), CELLS[:2])
    assert {key: each.state for key, each in run.cells.items()} == {CELLS[0]: "measured", CELLS[1]: "unavailable"}
