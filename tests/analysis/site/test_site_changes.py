from datetime import datetime, timedelta, timezone
from math import exp
from random import Random

import pytest
from lab4_gate_runs import cell, run_with
from lab4_sites import CELLS, MACHINES, STEPPED, numbered

from lab4.analysis.site.changes import by_cell, changes_of
from lab4.analysis.site.selection import samples_of, selection_of
from lab4.analysis.trend import NamedFigure, trends_of


def test_changes_are_those_that_the_trend_finds():
    found = selection_of(numbered())
    figure = NamedFigure("latency", found.figures["latency"])
    cells = [each for each in found.cells if "latency" in each.followed]
    trends, common = trends_of(figure, samples_of(cells))
    wanted = {(trend.cell, step.first.number, step.change) for trend in trends for step in trend.steps}
    shown = {
        (each.cells[0], each.step.first.number, each.change) for each in changes_of(found) if each.figure == "latency"
    }
    assert shown == wanted
    assert common == []


def test_a_step_names_its_cell_machine_run_and_revisions():
    found = selection_of(numbered())
    (change,) = (each for each in changes_of(found) if each.figure == "latency")
    assert change.cells == (STEPPED,)
    assert change.machine == MACHINES[0].hardware_id
    assert change.step.first.number == 17
    assert (change.step.before.revision[:2], change.step.first.revision[:2]) == ("07", "08")
    assert change.worse
    assert not change.is_common


def test_a_step_of_many_cells_is_one_change_of_each():
    runs = [run_with({key: cell((1 if at < 8 else 1.5) * 1e-3) for key in CELLS}, at) for at in range(16)]
    changes = [each for each in changes_of(selection_of(enumerate(runs, 1))) if each.figure == "latency"]
    (change,) = changes
    assert change.is_common
    assert set(change.cells) == set(CELLS)
    assert set(by_cell(changes)) == set(CELLS)


def test_the_newest_change_is_the_first():
    levels = [1.0] * 6 + [1.5] * 6 + [2.2] * 6
    runs = [run_with({CELLS[0]: cell(level * 1e-3)}, at) for at, level in enumerate(levels)]
    changes = [each for each in changes_of(selection_of(enumerate(runs, 1))) if each.figure == "latency"]
    assert [each.step.first.number for each in changes] == [13, 7]


def test_a_drift_comes_last_and_is_by_week():
    random = Random(1)
    runs = []
    for at in range(40):
        drifting = cell(1e-3 * 1.004**at * exp(random.gauss(0, 0.002)))
        stepped = cell((1 if at < 20 else 1.5) * 1e-3 * exp(random.gauss(0, 0.002)))
        moment = datetime(2026, 1, 1, tzinfo=timezone.utc) + timedelta(days=at)
        runs.append(run_with({CELLS[0]: drifting, CELLS[1]: stepped}, started_at=moment.isoformat()))
    changes = [each for each in changes_of(selection_of(enumerate(runs, 1))) if each.figure == "latency"]
    step, drift = changes
    assert step.step.first.number == 21
    assert drift.step is None
    assert drift.cells == (CELLS[0],)
    assert drift.weeks == pytest.approx(39 / 7)
    assert drift.change == pytest.approx(1.004**7 - 1, rel=0.1)
    assert drift.worse
