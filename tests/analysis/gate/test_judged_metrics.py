"""A metric of another package is judged by what it declares, like ours."""

from dataclasses import replace
from datetime import date

import pytest
from lab4_gate_runs import CATALOGUE, cell, run_with

from lab4.analysis.gate.judge import judge
from lab4.analysis.gate.verdict import ExitCode, VerdictOutcome
from lab4.analysis.policy import BudgetRule, Policy, ThresholdRule
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


DEGREES = MetricTraits("degrees", "Degrees off", unit="number", higher_is_better=False, tolerance=0.5)
SKILL = MetricTraits("skill", "Skill", unit="number", higher_is_better=True, tolerance=0.01)


@pytest.mark.parametrize(
    ("before", "after", "traits", "outcome", "words"),
    [
        (10.0, 14.0, DEGREES, VerdictOutcome.WORSE, "degrees off +4 (+40.00%)"),
        (10.0, 10.4, DEGREES, VerdictOutcome.SAME, ""),
        (0.0, 0.4, DEGREES, VerdictOutcome.SAME, ""),
        (0.0, 0.6, DEGREES, VerdictOutcome.WORSE, "degrees off +0.6 from 0"),
        (0.0, -3.0, SKILL, VerdictOutcome.WORSE, "skill -3 from 0"),
        (-0.3, -0.4, SKILL, VerdictOutcome.WORSE, "skill -0.1 (-33.33%)"),
        (-0.4, -0.3, SKILL, VerdictOutcome.BETTER, "skill +0.1 (+25.00%)"),
    ],
)
def test_a_metric_in_a_unit_of_its_own_is_judged_in_that_unit(before, after, traits, outcome, words):
    _, verdict = judged(before, after, traits)
    assert verdict.outcome is outcome
    assert words in verdict.reason
    assert "bytes" not in verdict.reason


def test_a_threshold_of_the_policy_is_a_share_of_what_such_a_metric_was():
    policy = Policy(thresholds=[ThresholdRule("*", "degrees", 0.5)])
    assert judged(10.0, 14.0, DEGREES, policy)[1].outcome is VerdictOutcome.SAME


TOP5 = MetricTraits("top5", "Top-5 Accuracy", "share", higher_is_better=True, tolerance=0.0025, is_per_example=True)
ACCURACY = MetricTraits("accuracy", "Accuracy", "share", higher_is_better=True, tolerance=0.0025, is_per_example=True)


def right(count, metrics):
    catalogue = replace(CATALOGUE, metrics={each.name: each for each in metrics})
    values = {each.name: count / 100 for each in metrics}
    examined = replace(cell(**values), correct=(True,) * count + (False,) * (100 - count))
    return run_with({KEY: examined}, catalogue=catalogue)


def test_images_are_compared_by_one_metric_and_never_by_two():
    sides = right(90, [TOP5, ACCURACY]), right(60, [ACCURACY, TOP5])
    gate = judge([sides[1]], [sides[0]], Policy(), today=date(2026, 1, 1))
    (found,) = (each for each in gate.verdicts if each.evidence.rule == "images" or "image" in each.reason)
    assert found.outcome is VerdictOutcome.INCONCLUSIVE
    assert "measure both sides with the same --lab4-metrics" in found.reason
    same = judge([right(60, [ACCURACY])], [right(90, [ACCURACY])], Policy(), today=date(2026, 1, 1))
    assert [each.figure for each in same.verdicts if each.evidence.rule == "images"] == ["accuracy"]


def test_what_is_only_a_number_for_each_example_is_not_the_metric_of_images():
    """A function of the user's may return whether each example is right without a declaration."""
    own = MetricTraits("late", "late", "share", higher_is_better=False)
    assert replace(CATALOGUE, metrics={"late": own, "accuracy": ACCURACY}).paired_metric == "accuracy"
    assert replace(CATALOGUE, metrics={"late": own}).paired_metric == ""
