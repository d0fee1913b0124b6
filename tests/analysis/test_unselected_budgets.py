from random import Random

import pytest
from lab4_gate_runs import CELLS, cell, lucky, run_with

from lab4.analysis.cell_selection import like, only_cells
from lab4.analysis.gate.judge import judge_first_run
from lab4.analysis.gate.verdict import ExitCode
from lab4.analysis.policy import BudgetRule, Policy
from lab4.analysis.policy_scope import without_unselected_budgets
from lab4.domain.figures import CellFigures

INFERENCE = lucky(Random(1), 1)


def judged(cells, figure="size", runs=INFERENCE, whole=(), **more):
    gate = judge_first_run(
        runs, Policy(budgets=[BudgetRule(cells, figure, at_most=1e9, written="at most 1 GB")]), ok=True
    )
    return without_unselected_budgets(gate, runs, whole, **more)


@pytest.mark.parametrize("cells", ["examine/*", "examine/cnn-cpu-onnx", "ex*/cnn-*"])
def test_a_budget_of_a_part_that_is_not_selected_is_named_and_stops_nobody(cells):
    gate = judged(cells)
    assert gate.exit_code is ExitCode.PASSED
    assert f"budgets of cells that are not selected were not judged: size of {cells!r}" in gate.notes
    assert not any(each.is_budget for each in gate.verdicts)


def test_a_figure_of_other_parts_is_beside_the_selection_too():
    assert judged("cnn-*", "accuracy").exit_code is ExitCode.PASSED


@pytest.mark.parametrize(
    ("cells", "figure"),
    [("deploymnt/*", "size"), ("latency/rnn-*", "size"), ("rnn-*", "size"), ("latency/*", "accuracy")],
)
def test_a_budget_that_is_like_nothing_stops_all_the_same(cells, figure):
    assert judged(cells, figure).exit_code is ExitCode.CANNOT_JUDGE
    assert judged(cells, figure, narrowed=True).exit_code is ExitCode.PASSED


def test_a_budget_of_some_of_the_runs_other_cells_is_left_out():
    onnx = only_cells(INFERENCE, like("*-onnx", INFERENCE))
    assert judged("latency/*tflite_int8", runs=onnx, whole=INFERENCE).exit_code is ExitCode.PASSED
    assert judged("latency/*tflite_int8", runs=onnx).exit_code is ExitCode.CANNOT_JUDGE


def test_a_selected_cell_that_has_not_told_its_budget_is_not_beside_the_selection():
    cut = [run_with({CELLS[0]: CellFigures("unavailable", reason="no GPU"), CELLS[1]: cell()})]
    assert judged(CELLS[0], runs=cut, whole=INFERENCE).exit_code is ExitCode.CANNOT_JUDGE


def test_budgets_that_are_kept_stay():
    gate = judged("latency/*")
    assert [each.is_budget for each in gate.verdicts].count(True) == len(CELLS)
    assert gate.exit_code is ExitCode.PASSED
