"""Which files are of one and the same run."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lab4_examples import RUN
from lab4_gate_runs import run_with

from lab4.domain.figures import CellFigures
from lab4.domain.identity import completeness, distinct, identity

DONE, CUT = CellFigures("measured", {"latency": 1e-3}), CellFigures("interrupted")


@pytest.mark.parametrize(
    "started_at", ["2026-01-01T12:00:00Z", "2026-01-01T14:00:00+02:00", "2026-01-01T12:00:00.000+00:00"]
)
def test_a_run_is_the_same_in_whatever_zone_its_start_is_written(started_at):
    one, other = (run_with({}, started_at=each) for each in ("2026-01-01T12:00:00+00:00", started_at))
    assert identity(one) == identity(other)
    assert identity(one).key == identity(other).key


@pytest.mark.parametrize(
    "changes",
    [
        {"started_at": "2026-01-01T00:00:00.001+00:00"},
        {"machine": replace(RUN.machine, node="another")},
        {"machine": replace(RUN.machine, logical_cores=3)},
    ],
)
def test_another_start_node_or_hardware_is_another_run(changes):
    one = run_with({})
    assert identity(replace(one, **changes)) != identity(one)
    assert identity(replace(one, **changes)).key != identity(one).key


def test_software_and_source_are_no_part_of_it():
    one = run_with({})
    assert identity(replace(one, machine=replace(one.machine, python="3.99"), source="copy.json")) == identity(one)


def test_of_copies_the_complete_one_stays_and_machines_are_told_apart():
    told = []
    run = run_with({})
    half = replace(run, complete=False, source="half.json")
    elsewhere = replace(run, machine=replace(run.machine, node="another"))
    assert distinct([half, run, elsewhere, half], told.append) == [run, elsewhere]
    assert told == [
        f"{run.source} is the same run as half.json: it counts once",
        f"half.json is the same run as {run.source}: it counts once",
    ]


def test_of_interrupted_copies_the_one_with_more_cells_stays():
    early, late = (
        run_with({"a": DONE, "b": second}, complete=False, source=name)
        for second, name in ((CUT, "early"), (DONE, "late"))
    )
    for order in ((early, late), (late, early)):
        assert [run.source for run in distinct(order)] == ["late"]


@given(st.lists(st.sampled_from([run_with({"a": DONE}, number % 3, complete=number > 2) for number in range(6)])))
def test_each_run_is_there_once_and_in_its_best_copy(runs):
    found = distinct(runs)
    assert {identity(run) for run in found} == {identity(run) for run in runs}
    assert len({identity(run) for run in found}) == len(found)
    for run in runs:
        (kept,) = [each for each in found if identity(each) == identity(run)]
        assert completeness(kept) >= completeness(run)
