"""A run in which something else worked is no regression, and hides none."""

from dataclasses import replace
from random import Random

import pytest
from lab4_gate_runs import lucky, timed, verdicts

from lab4.analysis.gate.verdict import ExitCode, VerdictOutcome

INT8 = "latency/cnn-cpu-b1-tflite_int8"


def longer(run, figure, factor, key=INT8):
    cell = run.cells[key]
    return replace(
        run, cells={**run.cells, key: replace(cell, values={**cell.values, figure: factor * cell.values[figure]})}
    )


@pytest.mark.parametrize("seed", range(5))
def test_a_bad_run_among_the_baselines_neither_raises_an_alarm_nor_hides_a_doubling(seed):
    random = Random(seed)
    before, after = lucky(random, 5), lucky(random, 1, first=20)
    before[seed] = longer(before[seed], "latency", 1.9)
    judged = timed(before, after)
    assert verdicts(judged)[INT8, "latency"] is VerdictOutcome.SAME
    assert {each.stops for each in judged} == {ExitCode.PASSED}
    assert verdicts(timed(before, [longer(after[0], "latency", 2.0)]))[INT8, "latency"] is VerdictOutcome.WORSE


@pytest.mark.parametrize(
    ("saved", "measured", "outcome"), [(5, 1, "inconclusive"), (2, 5, "inconclusive"), (5, 3, "worse")]
)
def test_a_p99_is_decided_by_three_runs_of_either_side(saved, measured, outcome):
    random = Random(saved)
    before = lucky(random, saved)
    after = [longer(run, "p99", 10.0) for run in lucky(random, measured, first=20)]
    (found,) = (each for each in timed(before, after) if (each.cell, each.figure) == (INT8, "p99"))
    assert found.outcome.value == outcome
    assert found.stops is (ExitCode.REGRESSION if outcome == "worse" else ExitCode.PASSED)
    assert ("decided by 3 runs" in found.reason) == (outcome == "inconclusive")


@pytest.mark.parametrize(("figure", "factor"), [("throughput", 0.5), ("p90", 3.0)])
@pytest.mark.parametrize(("measured", "outcome"), [(1, "inconclusive"), (3, "worse")])
def test_medians_and_p90_are_decided_by_three_runs_of_the_candidate(measured, outcome, figure, factor):
    random = Random(measured)
    after = [longer(run, figure, factor) for run in lucky(random, measured, first=20)]
    (found,) = (each for each in timed(lucky(random, 1), after) if (each.cell, each.figure) == (INT8, figure))
    assert found.outcome.value == outcome
    assert found.stops is (ExitCode.REGRESSION if outcome == "worse" else ExitCode.PASSED)


@pytest.mark.parametrize(
    ("of_baseline", "of_candidate", "outcome"), [(0, 2, "inconclusive"), (2, 0, "inconclusive"), (0, 3, "worse")]
)
def test_a_median_that_is_of_another_mode_in_some_runs_is_no_regression(of_baseline, of_candidate, outcome):
    """Calls of two modes: which one the median is of is a matter of chance, from run to run."""
    random = Random(of_candidate)
    before, after = lucky(random, 3), lucky(random, 3, first=20)
    before = [longer(run, "throughput", 2.0 if number < of_baseline else 1.0) for number, run in enumerate(before)]
    after = [longer(run, "throughput", 0.5 if number < of_candidate else 1.0) for number, run in enumerate(after)]
    (found,) = (each for each in timed(before, after) if (each.cell, each.figure) == (INT8, "throughput"))
    assert found.outcome.value == outcome
    assert found.stops is (ExitCode.REGRESSION if outcome == "worse" else ExitCode.PASSED)
    assert ("fewer than 75% of the runs" in found.reason) == (outcome == "inconclusive")


def test_one_run_is_enough_to_be_better():
    random = Random(1)
    after = longer(lucky(random, 1, first=20)[0], "throughput", 2.0)
    assert verdicts(timed(lucky(random, 5), [after]))[INT8, "throughput"] is VerdictOutcome.BETTER
