"""Figures that are on one side only."""

from dataclasses import replace
from random import Random

import pytest
from lab4_gate_runs import CELLS, lucky

from lab4.analysis.gate.presence import judge_presence
from lab4.analysis.gate.verdict import ExitCode, Verdict

CELL = CELLS[0]


def without(run, figure, reason=None):
    cell = run.cells[CELL]
    values = {name: value for name, value in cell.values.items() if name != figure}
    missing = {} if reason is None else {figure: reason}
    return replace(run, cells={**run.cells, CELL: replace(cell, values=values, missing=missing)})


@pytest.mark.parametrize(
    ("figure", "reason", "verdict", "stops"),
    [
        ("p99", "too few calls", Verdict.INCONCLUSIVE, ExitCode.PASSED),
        ("size", "the process was ended by SIGKILL", Verdict.INCONCLUSIVE, ExitCode.CANNOT_JUDGE),
        ("size", None, Verdict.MISSING, ExitCode.REGRESSION),
        ("p99", None, Verdict.MISSING, ExitCode.REGRESSION),
    ],
)
def test_a_figure_that_is_gone_is_a_pass_only_where_it_may_have_too_few_calls(figure, reason, verdict, stops):
    before, after = lucky(Random(1), 2)
    (found,) = judge_presence([before], [without(after, figure, reason)])
    assert (found.figure, found.verdict, found.stops) == (figure, verdict, stops)
    assert reason is None or reason in found.reason
