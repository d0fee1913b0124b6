"""Each value less what the others of its format moved by."""

from statistics import fmean, median

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lab4.analysis.gate.adjustments import peer_adjusted

from lab4.analysis.gate.sides import Sides

CELLS = [f"latency/{model}-cpu-b{batch}-onnx" for model in ("cnn", "fcnn") for batch in (1, 2, 3, 4)]
VALUES = st.floats(-5, 5) | st.sampled_from([0.0, 1.0])


@given(
    st.integers(4, len(CELLS)).flatmap(
        lambda count: st.lists(st.lists(VALUES, min_size=count, max_size=count), min_size=2, max_size=4)
    )
)
def test_the_others_moved_by_their_median(values):
    runs = [dict(zip(CELLS, each, strict=False)) for each in values]
    beside = peer_adjusted(Sides(runs[:1], runs[1:]))
    usual = {cell: fmean([runs[0][cell], fmean(run[cell] for run in runs[1:])]) for cell in runs[0]}
    for before, after in zip(runs, [*beside.baseline, *beside.candidate], strict=True):
        for cell, value in before.items():
            others = median(before[other] - usual[other] for other in before if other != cell)
            assert after[cell] == pytest.approx(value - others, abs=1e-9)


def test_fewer_than_three_peers_say_nothing():
    run = dict.fromkeys(CELLS[:3], 1.0)
    assert peer_adjusted(Sides([run], [run])).means == {}
