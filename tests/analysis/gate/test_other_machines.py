"""Runs of other machines: ratios are judged, and what has none is told."""

from dataclasses import replace
from datetime import date
from random import Random

import pytest
from lab4_gate_runs import CELLS, lucky

from lab4.analysis.gate.judge import judge
from lab4.analysis.gate.policy import Budget, Policy
from lab4.analysis.gate.verdict import ExitCode, Verdict

INT8 = "inference/cnn-cpu-b1-tflite_int8"


def across(candidates, baselines, policy=None):
    """The gate on the candidate's runs as another machine's."""
    other = replace(candidates[0].machine, cpu="Another CPU")
    moved = [replace(run, machine=other) for run in candidates]
    return judge(moved, baselines, policy or Policy(), today=date(2026, 6, 1), cross_machine=True)


@pytest.mark.parametrize(
    ("at_most", "verdict", "code"),
    [(1e-6, Verdict.WORSE, ExitCode.REGRESSION), (1.0, Verdict.SAME, ExitCode.PASSED)],
)
def test_a_budget_of_time_holds_on_another_machine_in_seconds(at_most, verdict, code):
    random = Random(1)
    budget = Budget(INT8, "latency", at_most=at_most, written="at most so much")
    found = across(lucky(random, 3, first=5), lucky(random, 5), Policy(budgets=[budget]))
    (told,) = [each for each in found.judged if each.of_budget]
    assert (told.cell, told.verdict) == (INT8, verdict)
    assert told.evidence.candidate == pytest.approx(1e-4 * (1 + CELLS.index(INT8)), rel=0.1)
    assert found.exit_code is code
