"""Runs with too few uncontended calls: contended calls say little about the code."""

from dataclasses import replace
from random import Random

import pytest
from lab4_gate_runs import lucky, timed, verdicts

from lab4.analysis.gate.verdict import ExitCode, VerdictOutcome

INT8 = "latency/cnn-cpu-b1-tflite_int8"
REFERENCE_S = 3e-5


def watched(random, runs, *, contended=()):
    """The runs on a restless machine; in those of ``contended`` no call of INT8 was uncontended."""
    made = []
    for number, run in enumerate(runs):
        shared = 1 + 0.4 * random.random()
        cells = {}
        for key, cell in run.cells.items():
            quiet = {name: cell.values[name] for name in ("latency", "p90", "p99")}
            corrected = {name: value / REFERENCE_S for name, value in quiet.items()}
            if number in contended and key == INT8:
                corrected = {}
            felt = {name: value * shared for name, value in quiet.items()}
            cells[key] = replace(cell, values={**cell.values, **felt}, corrected=corrected)
        made.append(replace(run, cells=cells))
    return made


def of_int8(judged, figure="latency"):
    return next(each for each in judged if (each.cell, each.figure) == (INT8, figure))


def test_corrected_values_of_uncontended_calls_decide():
    random = Random(1)
    before = watched(random, lucky(random, 10, 0.002))
    after = watched(random, lucky(random, 3, 0.002, 10, {INT8: 1.08}))
    worse = {key for key, verdict in verdicts(timed(before, after)).items() if verdict is VerdictOutcome.WORSE}
    assert (INT8, "latency") in worse
    assert {cell for cell, _ in worse} == {INT8}


def test_a_run_without_an_uncontended_call_is_left_out_and_never_mixed_with_others():
    random = Random(2)
    before = watched(random, lucky(random, 10, 0.002), contended={0, 4})
    after = watched(random, lucky(random, 3, 0.002, 10), contended={1})
    judged = timed(before, after)
    assert VerdictOutcome.WORSE not in verdicts(judged).values()
    assert of_int8(judged).outcome is VerdictOutcome.SAME


@pytest.mark.parametrize("contended_before", [set(), set(range(10))])
def test_with_contended_calls_only_a_cell_is_judged_for_large_changes(contended_before):
    random = Random(3)
    before = watched(random, lucky(random, 10, 0.002), contended=contended_before)
    after = watched(random, lucky(random, 2, 0.002, 10), contended={0, 1})
    found = of_int8(timed(before, after))
    assert found.outcome is not VerdictOutcome.WORSE
    assert found.evidence.detectable > 0.45


def test_without_a_contention_monitor_cells_are_judged_by_all_calls_as_sharply_as_ever():
    random = Random(7)

    def unwatched(runs):
        return [
            replace(run, cells={key: replace(cell, corrected={}) for key, cell in run.cells.items()}) for run in runs
        ]

    before, after = unwatched(lucky(random, 10, 0.002)), unwatched(lucky(random, 3, 0.002, 10))
    assert of_int8(timed(before, after)).evidence.detectable < 0.2


@pytest.mark.parametrize("factor", [3.0, 10.0])
def test_what_no_neighbour_does_is_worse_even_so(factor):
    random = Random(4)
    before = watched(random, lucky(random, 10, 0.002))
    after = watched(random, lucky(random, 1, 0.002, 10, {INT8: factor}), contended={0})
    found = of_int8(timed(before, after))
    assert (found.outcome, found.stops) == (VerdictOutcome.WORSE, ExitCode.REGRESSION)


def test_what_no_neighbour_touches_is_judged_in_contended_runs_too():
    random = Random(5)

    def with_memory(runs, factor):
        return [
            replace(
                run,
                cells={
                    key: replace(cell, values={**cell.values, "memory": factor * 1e6 * random.uniform(0.99, 1.01)})
                    for key, cell in run.cells.items()
                },
            )
            for run in runs
        ]

    before = with_memory(watched(random, lucky(random, 10, 0.002)), 1.0)
    after = with_memory(watched(random, lucky(random, 3, 0.002, 10), contended={0, 1, 2}), 1.5)
    assert {each.outcome for each in timed(before, after) if each.figure == "memory"} == {VerdictOutcome.WORSE}
