"""Runs of other machines: ratios are judged, and what has none is told."""

from dataclasses import replace
from datetime import date
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lab4_gate_runs import CELLS, cell, lucky, run_with

from lab4.analysis.gate.judge import judge
from lab4.analysis.gate.timed import comparison_of
from lab4.analysis.gate.verdict import ExitCode, VerdictOutcome
from lab4.analysis.policy import BudgetRule, Policy
from lab4.analysis.ratios import relative_to_float32

INT8 = "latency/cnn-cpu-b1-tflite_int8"


def across(candidates, baselines, policy=None):
    """The gate on the candidate's runs as another machine's."""
    other = replace(candidates[0].machine, cpu="Another CPU")
    moved = [replace(run, machine=other) for run in candidates]
    return judge(moved, baselines, policy or Policy(), today=date(2026, 6, 1), cross_machine=True)


@pytest.mark.parametrize(
    ("at_most", "verdict", "code"),
    [(1e-6, VerdictOutcome.WORSE, ExitCode.REGRESSION), (1.0, VerdictOutcome.SAME, ExitCode.PASSED)],
)
def test_a_budget_of_time_holds_on_another_machine_in_seconds(at_most, verdict, code):
    random = Random(1)
    budget = BudgetRule(INT8, "latency", at_most=at_most, written="at most so much")
    found = across(lucky(random, 3, first=5), lucky(random, 5), Policy(budgets=[budget]))
    (told,) = [each for each in found.verdicts if each.is_budget]
    assert (told.cell, told.outcome) == (INT8, verdict)
    assert told.evidence.candidate == pytest.approx(1e-4 * (1 + CELLS.index(INT8)), rel=0.1)
    assert found.exit_code is code


def selected(runs, wanted):
    return [replace(run, cells={key: found for key, found in run.cells.items() if wanted(key)}) for run in runs]


def test_a_quantized_cell_without_its_float32_cell_cannot_be_judged():
    random = Random(2)
    before, after = (
        selected(runs, lambda key: "int8" in key)
        for runs in (lucky(random, 3), lucky(random, 1, first=5, factors={INT8: 10.0}))
    )
    found = across(after, before)
    told = {each.cell: each for each in found.verdicts if each.figure == "latency"}
    assert set(told) == {key for key in CELLS if "int8" in key}
    assert {(each.outcome, each.stops) for each in told.values()} == {
        (VerdictOutcome.INCONCLUSIVE, ExitCode.CANNOT_JUDGE)
    }
    assert "has a float32 cell of this model" in told[INT8].reason
    assert found.exit_code is ExitCode.CANNOT_JUDGE


def test_what_is_not_judged_across_machines_is_noted():
    random = Random(3)
    found = across(lucky(random, 3, first=5), lucky(random, 5))
    assert "training time, peak memory, and the float32 cells" in found.notes[1]
    assert found.exit_code is ExitCode.PASSED


def test_a_benchmark_of_somebody_else_has_no_ratio():
    runs = [run_with({"test_x.py::test_it": cell()}, number) for number in range(2)]
    found = across(runs[1:], runs[:1])
    assert [each.stops for each in found.verdicts if each.figure == "latency"] == [ExitCode.CANNOT_JUDGE]


@settings(deadline=None, max_examples=25)
@given(st.sets(st.sampled_from(CELLS), min_size=1), st.sets(st.sampled_from(CELLS)), st.integers(0, 2**32))
def test_each_speed_of_both_sides_has_a_verdict_or_is_one_that_others_are_divided_by(kept, lost_once, seed):
    random = Random(seed)
    before, after = (selected(lucky(random, 2, first=first), lambda key: key in kept) for first in (0, 5))
    before[0] = replace(before[0], cells={key: run for key, run in before[0].cells.items() if key not in lost_once})
    found = across(after, before)
    told = {each.cell for each in found.verdicts if each.figure == "latency"}
    both = {key for run in before for key in run.cells}
    for key in both - told:
        assert key.rpartition("-")[2] in {"keras", "onnx", "tflite_float32"}
    assert len(both - told) <= len({key.rpartition("-")[0] for key in both})


def test_selected_cells_are_judged_by_float32_cells_that_are_not_selected():
    random = Random(4)
    before, after = lucky(random, 3), lucky(random, 1, first=5)
    other = replace(after[0].machine, cpu="Another CPU")
    found = judge(
        [replace(run, machine=other) for run in after],
        before,
        Policy(),
        today=date(2026, 6, 1),
        cross_machine=True,
        cells=frozenset([INT8]),
    )
    assert {each.cell for each in found.verdicts} == {INT8}
    assert VerdictOutcome.INCONCLUSIVE not in {each.outcome for each in found.verdicts}
    assert found.exit_code is ExitCode.PASSED


def test_calls_are_as_long_as_they_are_whatever_their_ratio_is():
    random = Random(9)
    before, after = lucky(random, 2), lucky(random, 1, first=5)
    policy = Policy()
    ratios = relative_to_float32(before, after, policy)
    assert comparison_of(*ratios, measured=[*before, *after]).known_by == comparison_of(before, after, policy).known_by
    assert comparison_of(*ratios).known_by != comparison_of(before, after, policy).known_by
