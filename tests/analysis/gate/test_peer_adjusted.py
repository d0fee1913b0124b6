"""Each value less what the other cells of its runtime moved by."""

from statistics import fmean, median

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lab4_gate_runs import CATALOGUE

from lab4.analysis.gate.peers import PeerGroups, by_peers
from lab4.analysis.gate.sides import Sides

CELLS = [f"latency/{model}-cpu-b{batch}-onnx" for model in ("cnn", "fcnn") for batch in (1, 2, 3, 4)]
GROUPS = PeerGroups(CELLS, CATALOGUE)
VALUES = st.floats(-5, 5) | st.sampled_from([0.0, 1.0])


@given(
    st.integers(4, len(CELLS)).flatmap(
        lambda count: st.lists(st.lists(VALUES, min_size=count, max_size=count), min_size=2, max_size=4)
    )
)
def test_the_others_moved_by_their_median(values):
    runs = [dict(zip(CELLS, each, strict=False)) for each in values]
    relative, groups = by_peers(Sides(runs[:1], runs[1:]), GROUPS)
    usual = {cell: fmean([runs[0][cell], median(run[cell] for run in runs[1:])]) for cell in runs[0]}
    after = [*relative.baseline, *relative.candidate], [*groups.baseline, *groups.candidate]
    for before, own, group in zip(runs, *after, strict=True):
        moved = {cell: before[cell] - usual[cell] for cell in before}
        for cell, value in before.items():
            others = median(moved[other] for other in before if other != cell)
            assert own[cell] == pytest.approx(value - others, abs=1e-9)
        assert group == {CELLS[0]: pytest.approx(median(moved.values()), abs=1e-9)}


def test_fewer_than_three_peers_say_nothing():
    run = dict.fromkeys(CELLS[:3], 1.0)
    assert [each.medians for each in by_peers(Sides([run], [run]), GROUPS)] == [{}, {}]


def test_a_peer_that_is_missing_in_a_run_does_not_move_the_others():
    run = {cell: float(level) for level, cell in enumerate(CELLS)}
    without = {cell: value for cell, value in run.items() if cell != CELLS[5]}
    found, _ = by_peers(Sides([run, run], [without, run]), GROUPS)
    assert found.candidate[0][CELLS[0]] == found.baseline[0][CELLS[0]] == found.candidate[1][CELLS[0]]


def test_the_first_cell_of_a_group_may_be_missing_without_hiding_what_moved_the_others():
    run = {cell: float(level) for level, cell in enumerate(CELLS)}
    slower = {cell: value + 1 for cell, value in run.items() if cell != CELLS[0]}
    _, groups = by_peers(Sides([run], [slower]), GROUPS)
    assert groups.change(CELLS[0]) == pytest.approx(1)
