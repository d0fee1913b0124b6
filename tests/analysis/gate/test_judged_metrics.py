"""A metric of another package is judged by what it declares, like ours."""

from dataclasses import replace
from datetime import date

import pytest
from lab4_gate_runs import CATALOGUE, cell, run_with

from lab4.analysis.gate.judge import judge
from lab4.analysis.gate.verdict import ExitCode, VerdictOutcome
from lab4.analysis.policy import BudgetRule, Policy
from lab4.domain.catalogue import MetricTraits
from lab4.report.gate.text import render

KEY = "examine/cnn-cpu-onnx"
ERROR = MetricTraits("mae", "Mean error", unit="number", higher_is_better=False, tolerance=0.01)
F1 = MetricTraits("macro-f1", "Macro F1", unit="share", higher_is_better=True, tolerance=0.005)


def judged(before, after, traits, policy=None):
    catalogue = replace(CATALOGUE, metrics={**CATALOGUE.metrics, traits.name: traits})
    sides = [
        [run_with({KEY: cell(**{traits.name: value})}, number, catalogue=catalogue)]
        for number, value in enumerate((before, after))
    ]
    gate = judge(sides[1], sides[0], policy or Policy(), today=date(2026, 1, 1))
    return gate, next(verdict for verdict in gate.verdicts if verdict.figure == traits.name)


@pytest.mark.parametrize(
    ("before", "after", "traits", "outcome"),
    [
        (0.90, 0.80, F1, VerdictOutcome.WORSE),
        (0.80, 0.90, F1, VerdictOutcome.BETTER),
        (0.90, 0.897, F1, VerdictOutcome.SAME),
        (2.0, 3.0, ERROR, VerdictOutcome.WORSE),
        (3.0, 2.0, ERROR, VerdictOutcome.BETTER),
        (2.0, 2.01, ERROR, VerdictOutcome.SAME),
    ],
)
def test_which_way_is_worse_and_by_how_much_is_as_declared(before, after, traits, outcome):
    gate, verdict = judged(before, after, traits)
    assert verdict.outcome is outcome
    assert (verdict.stops is ExitCode.REGRESSION) is (outcome is VerdictOutcome.WORSE)
    if outcome is VerdictOutcome.WORSE:
        assert traits.name in render(gate)


def test_a_metric_that_does_not_say_which_way_is_better_is_not_judged():
    with pytest.raises(StopIteration):
        judged(0.9, 0.1, MetricTraits("odd", "Odd"))


def test_a_metric_can_have_a_budget():
    policy = Policy(budgets=[BudgetRule("*", "mae", at_most=2.5, written="at most 2.5")])
    gate, _ = judged(2.0, 3.0, ERROR, policy)
    assert any(verdict.is_budget and verdict.stops is ExitCode.REGRESSION for verdict in gate.verdicts)
