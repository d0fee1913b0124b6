from dataclasses import replace
from datetime import date
from random import Random

import pytest
from lab4_gate_runs import CELLS, cell, lucky, run_with, verdicts

from lab4.analysis.gate.judge import flagged_note, judge
from lab4.analysis.gate.verdict import ExitCode, VerdictOutcome
from lab4.analysis.policy import Policy
from lab4.domain.errors import Lab4Error
from lab4.domain.figures import CellFigures

INT8 = "latency/cnn-cpu-b1-tflite_int8"
TODAY = date(2026, 6, 1)


def only(runs, cells):
    return [run_with({key: run.cells[key] for key in cells}, number) for number, run in enumerate(runs, 40)]


@pytest.mark.parametrize(("still", "code"), [(1.1, ExitCode.REGRESSION), (1.0, ExitCode.PASSED)])
def test_a_suspect_stops_only_if_it_is_slow_again(still, code):
    random = Random(1)
    asked = []

    def again(cells):
        asked.append(cells)
        return only(lucky(random, 3, first=20, factors={INT8: still}), cells)

    after = lucky(random, 3, first=10, factors={INT8: 1.1})
    found = judge(after, lucky(random, 10), Policy(), today=TODAY, remeasure=again)
    assert asked[0][0] == INT8
    assert set(asked[0]) <= {key for key in CELLS if "tflite" in key}  # which show what the machine does
    assert found.exit_code is code
    assert flagged_note(1) in found.notes
    assert (INT8, "latency") in verdicts(found.verdicts)


def test_of_cells_measured_beside_the_suspects_the_first_verdicts_stay():
    random = Random(4)
    other = "latency/fcnn-cpu-b1-tflite_int8"

    def again(cells):
        return only(lucky(random, 3, first=20, factors={INT8: 1.2, other: 1.2}), cells)

    found = judge(
        lucky(random, 3, first=10, factors={INT8: 1.2}), lucky(random, 10), Policy(), today=TODAY, remeasure=again
    )
    assert verdicts(found.verdicts)[INT8, "latency"] is VerdictOutcome.WORSE
    assert verdicts(found.verdicts)[other, "latency"] is VerdictOutcome.SAME


@pytest.mark.parametrize("failing", [1, 2])
def test_a_suspect_that_fails_when_measured_again_is_not_acquitted(failing):
    random = Random(1)

    def again(cells):
        runs = only(lucky(random, 3, first=20), cells)
        crashed = CellFigures("failed", reason="ended by SIGSEGV")
        return [
            replace(run, cells={**run.cells, INT8: crashed}) if number < failing else run
            for number, run in enumerate(runs)
        ]

    after = lucky(random, 3, first=10, factors={INT8: 1.1})
    found = judge(after, lucky(random, 10), Policy(), today=TODAY, remeasure=again)
    assert verdicts(found.verdicts)[INT8, "latency"] is VerdictOutcome.WORSE
    assert found.exit_code is ExitCode.REGRESSION
    assert f"{INT8} could not be measured again (ended by SIGSEGV); its first verdict remains" in found.notes


def test_cells_that_the_baseline_lacks_are_no_kin():
    random = Random(1)
    asked = []

    def again(cells):
        asked.append(cells)
        return only(lucky(random, 3, first=20), cells)

    after = [
        replace(run, cells={**run.cells, "latency/rnn-cpu-b1-tflite_int8": cell()})
        for run in lucky(random, 3, first=10, factors={INT8: 1.1})
    ]
    judge(after, lucky(random, 10), Policy(), today=TODAY, remeasure=again)
    assert set(asked[0]) <= set(CELLS)


def test_a_suspect_is_not_acquitted_by_another_machine():
    random = Random(1)

    def again(cells):
        other = only(lucky(random, 3, first=20), cells)
        return [replace(run, machine=replace(run.machine, cpu="Another CPU")) for run in other]

    with pytest.raises(Lab4Error, match=r"measured again on another machine \(Another CPU; the baseline: "):
        judge(
            lucky(random, 3, first=10, factors={INT8: 1.1}), lucky(random, 10), Policy(), today=TODAY, remeasure=again
        )


def test_nothing_is_measured_again_where_nothing_is_worse():
    random = Random(2)

    def again(cells):
        raise AssertionError(cells)

    found = judge(lucky(random, 3, first=10), lucky(random, 10), Policy(), today=TODAY, remeasure=again)
    assert found.exit_code is ExitCode.PASSED


def test_the_note_counts():
    assert flagged_note(1).startswith("1 cell was flagged and")
    assert flagged_note(2).startswith("2 cells were flagged and")
