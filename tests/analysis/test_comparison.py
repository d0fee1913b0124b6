from dataclasses import replace
from math import isfinite
from random import Random
from sys import float_info

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lab4_gate_runs import CELLS, cell, lucky, run_with

from lab4.analysis.comparison import Contender, compare
from lab4.domain.errors import Lab4Error
from lab4.domain.figures import CellFigures

A, B = "latency/cnn-cpu-b1-onnx", "examine/cnn-cpu-onnx"


def side(name, latency_s, **changes):
    return Contender(name, [run_with({A: cell(latency_s)}, **changes)])


def test_a_speed_up_is_how_many_times_as_fast():
    found = compare([side("old", 2e-3), side("new", 1e-3)], "latency", 0)
    ((part, (line,)),) = found.parts
    assert part == "inference"
    old, new = line.compared
    assert (old.speed_up.value, new.speed_up.value) == (1.0, pytest.approx(2.0))
    assert new.value == pytest.approx(1e-3)
    other = compare([side("old", 2e-3), side("new", 1e-3)], "latency", 1)
    assert other.parts[0][1][0].compared[0].speed_up.value == pytest.approx(0.5)


def test_a_rate_is_better_when_it_is_higher():
    found = compare([side("old", 2e-3), side("new", 1e-3)], "throughput", 0)
    assert found.parts[0][1][0].compared[1].speed_up.value == pytest.approx(2.0)


def test_several_runs_have_an_interval_that_holds_the_truth():
    random = Random(1)
    factors = dict.fromkeys(CELLS, 0.8)
    found = compare([Contender("a", lucky(random, 6)), Contender("b", lucky(random, 6, factors=factors))], "latency", 0)
    speed_ups = [line.compared[1].speed_up for _, lines in found.parts for line in lines]
    assert sum(each.low <= 1.25 <= each.high for each in speed_ups) >= 0.8 * len(speed_ups)
    assert [each.value for each in speed_ups] == sorted((each.value for each in speed_ups), reverse=True)


def test_what_differs_stands_on_top():
    machine = replace(run_with({}).machine, cpu="Other")
    found = compare([side("old", 2e-3), side("new", 1e-3, machine=machine)], "latency", 0)
    assert found.differences == (("new", ("CPU: CPU to Other",)),)


def test_parts_come_in_the_order_of_the_worksheet_and_gaps_have_reasons():
    one = Contender("one", [run_with({B: cell(1e-3), A: cell(1e-3)})])
    gone = CellFigures("unavailable", reason="no Node.js here")
    other = Contender("two", [run_with({A: cell(1e-3), B: gone})])
    found = compare([one, other], "latency", 0)
    assert [part for part, _ in found.parts] == ["inference", "quantization"]
    assert found.parts[1][1][0].compared[1].reason == "no Node.js here"


@given(st.lists(st.floats(5e-324, float_info.max), min_size=4, max_size=4))
def test_no_two_figures_are_too_far_apart(latencies):
    one, other = latencies[:2], latencies[2:]
    sides = [Contender(name, [run_with({A: cell(each)}) for each in side]) for name, side in (("a", one), ("b", other))]
    (old, new) = compare(sides, "latency", 0).parts[0][1][0].compared
    assert old.speed_up.value == 1.0
    assert all(isfinite(each) for each in (old.value, new.value, new.speed_up.value, new.speed_up.high or 0.0))


def test_nothing_to_compare_is_refused():
    with pytest.raises(Lab4Error, match="one run only"):
        compare([side("a", 1.0)], "latency", 0)
    with pytest.raises(Lab4Error, match="image by image"):
        compare([side("a", 1.0), side("b", 1.0)], "accuracy", 0)
    with pytest.raises(Lab4Error, match="no cell has a training time"):
        compare([side("a", 1.0), side("b", 1.0)], "training", 0)
