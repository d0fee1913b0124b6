"""Which machine and device is fastest at what."""

import pytest
from worksheet_factory import accuracy, at, machine, realistic, run, timed

from lab4.analysis.side_by_side import fastest_platforms
from lab4.domain.outcome import Measured

A, B = "latency/cnn-cpu-b1-onnx", "examine/cnn-cpu-onnx"


def test_platforms_are_ranked_for_all_that_two_of_them_measured():
    runs = [realistic(70), realistic(70, gpu=True, started_at="2026-03-02T00:00:00Z", on=machine("gpu-box", gpu=True))]
    ranked = fastest_platforms(runs)
    first = next(each for each in ranked if each.kind == "train" and each.row.level("model").value == "cnn")
    assert first.placed[0][0].label == "gpu-box GPU"
    assert first.placed[1][1].behind.value == pytest.approx(5.0)
    assert first.placed[1][1].behind.low < 5 < first.placed[1][1].behind.high
    assert not any(value.is_near_best for _, value in first.placed)
    small = next(
        each
        for each in ranked
        if each.kind == "latency" and [level.value for _, level in each.row.levels][:5] == ["fcnn", (), "keras", "", 1]
    )
    assert small.placed[0][0].label.endswith("CPU")
    assert fastest_platforms(reversed(runs)) == ranked
    assert fastest_platforms([runs[0]]) == ()
    assert fastest_platforms([]) == ()


def test_platforms_that_are_equally_fast_are_not_told_apart():
    runs = [
        run(at(A, timed(typical_s)), at(B, Measured(metrics={"accuracy": accuracy(3)})), on=machine(node))
        for node, typical_s in (("a", 1e-3), ("b", 1.0001e-3))
    ]
    (only,) = fastest_platforms(runs)
    assert only.kind == "latency"
    assert all(value.is_best or value.is_near_best for _, value in only.placed)
