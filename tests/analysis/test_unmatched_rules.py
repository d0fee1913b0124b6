import pytest
from lab4_gate_runs import CELLS, cell, run_with

from lab4.analysis.gate.verdict import GateResult, Verdict, VerdictOutcome
from lab4.analysis.policy import BudgetRule, ExpectedRule, Policy, PolicyRule, ThresholdRule
from lab4.analysis.policy_scope import with_notes_on_policy

GATE = GateResult([Verdict("latency/gone", "measurement", VerdictOutcome.MISSING, "gone")], ["a note"], (), ())
RUNS = [run_with({key: cell() for key in CELLS})]


@pytest.mark.parametrize(
    ("policy", "named"),
    [
        (Policy(warn=[PolicyRule("rnn-*", "p99")]), "'rnn-*' (warn)"),
        (Policy(thresholds=[ThresholdRule("latency/cnn_*")]), "'latency/cnn_*' (thresholds)"),
        (Policy(expected=[ExpectedRule("inferense/*")], warn=[PolicyRule("*")]), "'inferense/*' (expected)"),
    ],
)
def test_a_rule_that_is_like_no_cell_is_named(policy, named):
    assert with_notes_on_policy(GATE, policy, RUNS).notes == [
        "a note",
        f"rules of the policy that match no cell: {named}",
    ]


@pytest.mark.parametrize("cells", ["*", "cnn-*", "latency/gone", "examine/cnn-cpu-onnx"])
def test_rules_of_cells_that_there_are_or_of_parts_that_nobody_measured_are_not_named(cells):
    policy = Policy(thresholds=[ThresholdRule(cells)], warn=[PolicyRule(cells)], expected=[ExpectedRule(cells)])
    assert with_notes_on_policy(GATE, policy, RUNS) is GATE


def test_budgets_are_judged_and_not_named():
    assert with_notes_on_policy(GATE, Policy(budgets=[BudgetRule("rnn-*", "size", at_most=1.0)]), RUNS) is GATE
