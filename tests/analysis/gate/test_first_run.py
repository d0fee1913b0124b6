from random import Random

from lab4_gate_runs import CELLS, lucky

from lab4.analysis.gate.first_run import first_exit_code, judge_first
from lab4.analysis.gate.policy import Budget, Policy
from lab4.analysis.gate.verdict import ExitCode

RUNS = lucky(Random(1), 1)


def test_a_first_run_says_that_it_has_no_baseline_and_has_its_own_exit_code():
    gate = judge_first(RUNS, Policy())
    assert "no baseline" in gate.notes[0]
    assert first_exit_code(gate, ok=False) is ExitCode.NO_BASELINE
    assert first_exit_code(gate, ok=True) is ExitCode.PASSED


def test_a_broken_budget_stops_a_first_run_too():
    gate = judge_first(RUNS, Policy(budgets=(Budget(CELLS[0], "size", at_most=1.0),)))
    assert first_exit_code(gate, ok=True) is ExitCode.REGRESSION
