"""Figures that are on one side only."""

from dataclasses import replace
from datetime import date
from random import Random

import pytest
from lab4_gate_runs import CELLS, cell, lucky, run_with

from lab4.analysis.gate.judge import judge, judge_first_run
from lab4.analysis.gate.presence import judge_presence
from lab4.analysis.gate.verdict import ExitCode, VerdictOutcome
from lab4.analysis.policy import Policy
from lab4.domain.errors import Lab4Error
from lab4.domain.figures import CellFigures

TODAY = date(2026, 6, 1)
CELL = CELLS[0]


def without(run, figure, reason=None):
    cell = run.cells[CELL]
    values = {name: value for name, value in cell.values.items() if name != figure}
    missing = {} if reason is None else {figure: reason}
    return replace(run, cells={**run.cells, CELL: replace(cell, values=values, missing=missing)})


@pytest.mark.parametrize(
    ("figure", "reason", "verdict", "stops"),
    [
        ("p99", "too few calls", VerdictOutcome.INCONCLUSIVE, ExitCode.PASSED),
        ("size", "the process was ended by SIGKILL", VerdictOutcome.INCONCLUSIVE, ExitCode.CANNOT_JUDGE),
        ("size", None, VerdictOutcome.MISSING, ExitCode.REGRESSION),
        ("p99", None, VerdictOutcome.MISSING, ExitCode.REGRESSION),
    ],
)
def test_a_figure_that_is_gone_is_a_pass_only_where_it_may_have_too_few_calls(figure, reason, verdict, stops):
    before, after = lucky(Random(1), 2)
    (found,) = judge_presence([before], [without(after, figure, reason)])
    assert (found.figure, found.outcome, found.stops) == (figure, verdict, stops)
    assert reason is None or reason in found.reason


def in_state(run, state, reason=""):
    return replace(run, cells={**run.cells, CELL: CellFigures(state, reason=reason)})


def lacking(run):
    return replace(run, cells={key: found for key, found in run.cells.items() if key != CELL})


def of_cell(baselines, candidates, **more):
    return [each for each in judge_presence(baselines, candidates, **more) if each.cell == CELL]


def test_each_run_of_the_candidate_must_have_measured_something():
    before, one, other = lucky(Random(2), 3)
    empty = replace(other, cells={CELL: CellFigures("interrupted")}, source="empty.json")
    for judged in (
        lambda runs: judge(runs, [before], Policy(), today=TODAY),
        lambda runs: judge_first_run(runs, Policy(), ok=True),
    ):
        with pytest.raises(
            Lab4Error, match=r"a run of the candidate has no measured cell \(empty.json\); leave it out"
        ):
            judged([one, empty])


def test_later_rounds_of_turns_may_have_measured_nothing_more():
    before, one, other = lucky(Random(2), 3)
    empty = replace(other, cells={})
    assert judge_presence([before], [one, empty], paired=True) == []
    judge([one, empty], [before], Policy(), today=TODAY, paired=True)


@pytest.mark.parametrize("paired", [True, False])
@pytest.mark.parametrize("at", range(3))
def test_a_cell_cut_short_in_any_run_of_the_candidate_cannot_be_judged(at, paired):
    before, *after = lucky(Random(3), 4)
    after[at] = in_state(after[at], "interrupted", "the run was interrupted before this cell")
    (found,) = of_cell([before], after, paired=paired)
    assert (found.outcome, found.stops) == (VerdictOutcome.INCONCLUSIVE, ExitCode.CANNOT_JUDGE)
    assert after[at].source in found.reason


def test_a_cell_that_the_last_run_of_the_candidate_lacks_is_missing():
    before, one, other = lucky(Random(4), 3)
    (found,) = of_cell([before], [one, lacking(other)])
    assert (found.outcome, found.stops) == (VerdictOutcome.MISSING, ExitCode.REGRESSION)
    assert "not in its last" in found.reason
    assert of_cell([before], [lacking(one), other]) == []


def test_a_cell_cut_short_and_then_gone_is_missing():
    before, one, other = lucky(Random(4), 3)
    (found,) = of_cell([before], [in_state(one, "interrupted"), lacking(other)])
    assert (found.outcome, found.stops) == (VerdictOutcome.MISSING, ExitCode.REGRESSION)


def test_a_cell_that_the_last_run_cannot_measure_any_more_is_missing():
    before, one, other = lucky(Random(4), 3)
    (found,) = of_cell([before], [one, in_state(other, "unavailable", "no runtime")])
    assert (found.outcome, found.stops) == (VerdictOutcome.MISSING, ExitCode.REGRESSION)


def test_a_cell_that_came_and_went_stops_only_where_nothing_else_is_known():
    before, one, other = lucky(Random(5), 3)
    for baselines, stops in (([lacking(before)], ExitCode.PASSED), ([], ExitCode.REGRESSION)):
        (found,) = of_cell(baselines, [one, lacking(other)])
        assert (found.outcome, found.stops) == (VerdictOutcome.MISSING, stops)


def test_a_cell_cut_short_in_every_run_of_the_baseline_is_not_new():
    one, other, after = lucky(Random(6), 3)
    half = [in_state(one, "interrupted"), in_state(other, "interrupted")]
    (found,) = of_cell(half, [after])
    assert (found.outcome, found.stops) == (VerdictOutcome.INCONCLUSIVE, ExitCode.CANNOT_JUDGE)
    assert "add a baseline run that includes it" in found.reason
    assert of_cell([one, half[1]], [after]) == []
    (new,) = of_cell([lacking(one)], [after])
    assert (new.outcome, new.stops) == (VerdictOutcome.NEW, ExitCode.PASSED)


def test_a_cell_that_is_gone_is_sought_among_measured_ones_of_its_kind():
    gone, others = run_with({"latency/cnn-cpu-b1-onnx": cell(), CELL: cell()}), {CELL: cell()}
    near = {
        "latency/cnn-gpu-b1-onnx": CellFigures("unavailable", reason="no GPU"),
        "examine/cnn-cpu-onnx": cell(),
        "latency/cnn2-cpu-b1-onnx": cell(),
    }
    found = {each.cell: each.reason for each in judge_presence([gone], [run_with(others | near, 1)])}
    assert found["latency/cnn-cpu-b1-onnx"].endswith("is it latency/cnn2-cpu-b1-onnx now?")
    del near["latency/cnn2-cpu-b1-onnx"]
    found = {each.cell: each.reason for each in judge_presence([gone], [run_with(others | near, 1)])}
    assert "is it" not in found["latency/cnn-cpu-b1-onnx"]
