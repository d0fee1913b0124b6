import shlex
import sys
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from lab4_gate_runs import CELLS, cell, lucky, run_with

from lab4.analysis.gate.presence import require_measured
from lab4.analysis.gate.selection import measuring, selected_run, selected_sides, with_unselected
from lab4.domain.errors import Lab4Error
from lab4.domain.figures import CellFigures
from lab4.launch import LaunchSide, collected

RUNS = lucky(Random(1), 2)


def test_several_patterns_select_on_both_sides():
    candidates, baselines = selected_sides(f"{CELLS[0]},*-onnx", RUNS[:1], RUNS[1:])
    chosen = [key for key in CELLS if key == CELLS[0] or key.endswith("-onnx")]
    assert [list(side[0].cells) for side in (candidates, baselines)] == [chosen, chosen]


def test_a_pattern_that_is_like_no_cell_of_either_side_is_refused():
    with pytest.raises(Lab4Error, match=r"no cell is like 'rnn-\*'; cells are named as in latency/"):
        selected_sides("*-onnx,rnn-*", RUNS[:1], RUNS[1:])


TUNED = ["latency/cnn-cpu-b1-onnx", "latency/cnn-cpu-b1-onnx+graph.off", "latency/cnn-cpu-b1-tflite_int8+xnnpack.off"]


@pytest.mark.parametrize("missing", [0, 1])
def test_a_side_without_a_selected_cell_is_told_how_to_measure_it(missing):
    sides = [RUNS[:1], RUNS[1:]]
    sides[missing] = [selected_run("*-keras", sides[missing][0])]
    name = ("candidate", "baseline")[missing]
    with pytest.raises(Lab4Error) as refused:
        selected_sides("*-b1-onnx", *sides)
    start = (
        f"the {name} has no cell like '*-b1-onnx' (run{missing}.json); measure it with: pytest benchmarks -m latency"
    )
    assert str(refused.value).startswith(start)


@pytest.mark.parametrize(
    "cells", [CELLS, CELLS[:1], ["examine/cnn-cpu-tflite_int8", "train/fcnn-cpu-b64-keras"], TUNED]
)
def test_the_command_of_the_message_measures_these_cells(pytestconfig, cells):
    here = LaunchSide("here", Path(sys.executable), pytestconfig.rootpath)
    words = shlex.split(measuring(cells, "quick"))
    assert words[0] == "pytest"
    assert set(cells) <= set(collected(here, words[1:]))


def test_tests_of_plain_pytest_benchmark_are_measured_by_it():
    assert measuring(["test_plain.py::test_sum"], "") == "pytest --benchmark-autosave"


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
