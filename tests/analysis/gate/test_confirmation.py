from dataclasses import replace
from datetime import date
from math import sqrt
from random import Random

import pytest
from lab4.analysis.gate.hypotheses import CellSubset, corrections_of
from lab4_gate_runs import CELLS, at_speeds, cell, lucky, run_with, verdicts

from lab4.analysis.gate.judge import after_second_stage, flagged_cells, flagged_note, judge, two_stage
from lab4.analysis.gate.policy import Policy
from lab4.analysis.gate.sides import logged
from lab4.analysis.gate.verdict import ExitCode, Verdict, VerdictOutcome
from lab4.domain.errors import Lab4Error
from lab4.domain.figures import CellFigures

INT8 = "latency/cnn-cpu-b1-tflite_int8"
TODAY = date(2026, 6, 1)


def only(runs, cells):
    return [run_with({key: run.cells[key] for key in cells}, number) for number, run in enumerate(runs, 40)]


def test_two_stages_together_admit_what_one_does():
    assert two_stage(Policy(false_alarms=0.01)).false_alarms ** 2 == pytest.approx(0.01)
    assert two_stage(Policy(false_alarms=0.04)).false_alarms == pytest.approx(sqrt(0.04))


def test_what_does_not_vary_by_chance_needs_no_second_look():
    judged = [
        Verdict("a", "latency", VerdictOutcome.WORSE, "", stops=ExitCode.REGRESSION),
        Verdict("a", "p99", VerdictOutcome.WORSE, "", stops=ExitCode.REGRESSION),
        Verdict("b", "size", VerdictOutcome.WORSE, "", stops=ExitCode.REGRESSION),
        Verdict("c", "latency", VerdictOutcome.SAME, ""),
        Verdict("d", "measurement", VerdictOutcome.MISSING, "", stops=ExitCode.REGRESSION),
    ]
    assert flagged_cells(judged) == ["a"]


@pytest.mark.parametrize(("still", "code"), [(1.1, ExitCode.REGRESSION), (1.0, ExitCode.PASSED)])
def test_a_suspect_stops_only_if_it_is_slow_again(still, code):
    random = Random(1)
    asked = []

    def again(cells):
        asked.append(cells)
        return only(lucky(random, 3, first=20, factors={INT8: still}), cells)

    after = lucky(random, 3, first=10, factors={INT8: 1.1})
    found = judge(after, lucky(random, 10), Policy(), today=TODAY, remeasure=again)
    assert asked == [[key for key in CELLS if key.endswith("int8")]]  # what tells what the machine did
    assert found.exit_code is code
    assert flagged_note(1) in found.notes
    assert (INT8, "latency") in verdicts(found.verdicts)


def test_the_machines_speed_acquits_no_suspect():
    """The reference kernel tells it, which all cells show to help, and one without its kin cannot."""
    random = Random(3)

    def again(_):
        return only(at_speeds(random, 0.05, lucky(random, 3, 0.003, 20, {INT8: 1.04})), [INT8])

    after = at_speeds(random, 0.05, lucky(random, 3, 0.003, 10, {INT8: 1.04}))
    found = judge(after, at_speeds(random, 0.05, lucky(random, 10, 0.003)), Policy(), today=TODAY, remeasure=again)
    assert verdicts(found.verdicts)[INT8, "latency"] is VerdictOutcome.WORSE
    assert found.exit_code is ExitCode.REGRESSION


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
    assert asked == [[key for key in CELLS if key.endswith("int8")]]


def test_of_few_cells_those_asked_about_are_judged_as_if_there_were_no_others():
    random = Random(6)
    before, after = lucky(random, 10), lucky(random, 3, first=10, factors={INT8: 1.02})
    sides = [[replace(run, cells={INT8: run.cells[INT8]}) for run in side] for side in (before, after)]
    corrections = corrections_of(logged(before), logged(after), paired=False)
    alone, _ = timed(*sides, Policy(), subset=CellSubset([INT8], corrections))
    kin = [
        [replace(run, cells={key: each for key, each in run.cells.items() if key.endswith("int8")}) for run in side]
        for side in (before, after)
    ]
    beside, notes = timed(*kin, Policy(), subset=CellSubset([INT8], corrections))
    whole, _ = timed(before, after, Policy())
    assert {each.cell for each in beside} == {INT8} == {each.cell for each in alone}
    assert notes == []
    own = {each.figure: each.evidence.threshold for each in beside}
    assert own["latency"] < next(
        each.evidence.threshold for each in whole if (each.cell, each.figure) == (INT8, "latency")
    )


def test_a_suspect_is_not_acquitted_by_another_machine():
    random = Random(1)

    def again(cells):
        other = only(lucky(random, 3, first=20), cells)
        return [replace(run, machine=replace(run.machine, cpu="Another CPU")) for run in other]

    with pytest.raises(Lab4Error, match=r"measured again on another machine \(Another CPU; the baseline: .*--confirm"):
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


def test_a_suspect_that_cannot_be_measured_again_stays_worse():
    first = [Verdict(cell, "latency", VerdictOutcome.WORSE, "", stops=ExitCode.REGRESSION) for cell in "ab"]
    again = [Verdict("a", "latency", VerdictOutcome.SAME, "")]
    assert after_second_stage(first, ["a", "b"], again, ())[0] == [first[1], again[0]]


def test_a_figure_that_was_not_told_again_stays_worse():
    first = [
        Verdict("a", "latency", VerdictOutcome.SAME, ""),
        Verdict("a", "p99", VerdictOutcome.WORSE, "", stops=ExitCode.REGRESSION),
    ]
    again = [Verdict("a", "latency", VerdictOutcome.SAME, "again")]
    assert after_second_stage(first, ["a"], again, ())[0] == [first[1], again[0]]
