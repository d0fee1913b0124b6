from dataclasses import replace
from random import Random

import pytest
from lab4_gate_runs import CELLS, lucky

from lab4.analysis.gate.judge import judge_first_run
from lab4.analysis.gate.verdict import ExitCode
from lab4.analysis.policy import BudgetRule, Policy, PolicyRule
from lab4.domain.errors import Lab4Error
from lab4.domain.figures import CellFigures

RUNS = lucky(Random(1), 1)


def test_a_first_run_says_that_it_has_no_baseline_and_has_its_own_exit_code():
    assert "no baseline" in judge_first_run(RUNS, Policy(), ok=False).notes[0]
    assert judge_first_run(RUNS, Policy(), ok=False).exit_code is ExitCode.NO_BASELINE
    assert judge_first_run(RUNS, Policy(), ok=True).exit_code is ExitCode.PASSED


def test_a_broken_budget_stops_a_first_run_too():
    gate = judge_first_run(RUNS, Policy(budgets=(BudgetRule(CELLS[0], "size", at_most=1.0),)), ok=True)
    assert gate.exit_code is ExitCode.REGRESSION


def test_a_broken_budget_that_only_warns_stops_no_first_run():
    """It stopped first runs alone: later ones kept the policy's word."""
    budgets, warn = (BudgetRule(CELLS[0], "size", at_most=1.0),), (PolicyRule(CELLS[0], "size"),)
    gate = judge_first_run(RUNS, Policy(budgets=budgets, warn=warn), ok=True)
    assert gate.exit_code is ExitCode.PASSED
    assert any("breaks its budget" in each.reason and "only warns" in each.reason for each in gate.verdicts)


@pytest.mark.parametrize("state", ["failed", "interrupted"])
def test_a_cell_that_failed_or_was_cut_short_is_named_and_no_pass(state):
    (run,) = RUNS
    cut = replace(run, cells={**run.cells, CELLS[0]: CellFigures(state, reason="gone")})
    gate = judge_first_run([cut], Policy(), ok=True)
    assert gate.exit_code is ExitCode.CANNOT_JUDGE
    assert any(each.cell == CELLS[0] and "gone" in each.reason for each in gate.verdicts)


def test_a_cell_that_this_machine_lacks_is_no_fault():
    (run,) = RUNS
    gpu = {CELLS[0]: CellFigures("unavailable", reason="no GPU")}
    assert judge_first_run([replace(run, cells={**run.cells, **gpu})], Policy(), ok=True).exit_code == 0


def test_a_first_run_without_a_measured_cell_is_refused():
    (run,) = RUNS
    with pytest.raises(Lab4Error, match="no measured cell"):
        judge_first_run([replace(run, cells={})], Policy(), ok=True)
