"""Cells over any axis: what matches, who is best, and laws that hold whatever the figures are."""

from dataclasses import replace
from math import isclose, isfinite
from random import Random
from sys import float_info

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lab4_gate_runs import CELLS, cell, lucky, run_with
from worksheet_factory import CATALOGUE, at, realistic, run, timed, trained

from lab4.analysis.figures import figures_of
from lab4.analysis.pivot import AXES, ComparedSide
from lab4.analysis.side_by_side import side_by_side
from lab4.domain.catalogue import MetricTraits, MissingTraitError
from lab4.domain.errors import Lab4Error, UnknownNameError
from lab4.domain.figures import CellFigures
from lab4.domain.observed import Energy
from lab4.runtimes import RUNTIMES

A, GPU, B = "latency/cnn-cpu-b1-onnx", "latency/cnn-gpu-b1-onnx", "examine/cnn-cpu-onnx"
TIMES = st.floats(1e-9, 1e3)


def side(name, cells, **changes):
    return ComparedSide(name, [run_with(cells, catalogue=CATALOGUE, **changes)])


def measured(name, *outcomes):
    return ComparedSide(name, [figures_of(run(*(at(key, outcome) for key, outcome in outcomes)))])


def only_row(found):
    ((row,),) = (pivot.rows for pivot in found.pivots)
    return row


def labels(found):
    return [column.label for column in found.columns]


def test_a_cell_stands_beside_that_of_another_device_which_measures_the_same():
    found = side_by_side([side("laptop", {A: cell(2e-3)}), side("server", {GPU: cell(1e-3)})], names=["latency"])
    assert labels(found) == ["laptop CPU", "server GPU"]
    slow, fast = only_row(found).values
    assert (slow.against.value, fast.against.value) == (1.0, pytest.approx(2.0))
    assert (slow.is_best, fast.is_best) == (False, True)
    assert slow.behind.value == pytest.approx(2.0)
    row = {axis: level.value for axis, level in only_row(found).levels}
    usual = {"runtime": "", "threads": 1, "settings": ()}
    assert row == {"model": "cnn", "technique": (), "format": "onnx", "batch": 1, **usual}


def test_settings_of_a_runtime_are_an_axis():
    ours = replace(CATALOGUE, runtimes={"onnxruntime": RUNTIMES["onnxruntime"].traits})
    cells = {A: cell(2e-3), f"{A}+graph.off": cell(4e-3), f"{A}+arena.off+graph.off": cell(5e-3)}
    one = ComparedSide("pc", [run_with(cells, catalogue=ours)])
    found = side_by_side([one], ["settings"], ["latency"])
    assert labels(found) == ["default", "graph optimization off", "memory arena off, graph optimization off"]
    assert [value.against.value for value in only_row(found).values] == pytest.approx([1, 0.5, 0.4])


def test_one_run_with_two_devices_is_enough():
    found = side_by_side([side("pc", {A: cell(2e-3), GPU: cell(1e-3)})], ["device"], ["latency"])
    assert labels(found) == ["CPU", "GPU"]


def test_a_device_that_is_no_host_stands_beside_any_number_of_threads():
    cells = {A: cell(4e-3), "latency/cnn-cpu-b1-t2-onnx": cell(2e-3), GPU: cell(1e-3)}
    found = side_by_side([side("pc", cells)], ["device"], ["latency"])
    ((one, two),) = (pivot.rows for pivot in found.pivots)
    assert [row.level("threads").value for row in (one, two)] == [1, 2]
    assert [row.values[1].against.value for row in (one, two)] == [pytest.approx(4), pytest.approx(2)]
    by_threads = side_by_side([side("pc", cells)], ["threads"], ["latency"])
    assert labels(by_threads) == ["threads 1", "threads 2"]
    assert [(each.cells, each.reason) for each in by_threads.pivots[0].left_out] == [(1, "they have no threads")]


def test_formats_match_in_their_usual_runtimes_and_runtimes_within_a_format():
    keras, predict = "latency/cnn-cpu-b1-keras", "latency/cnn-cpu-b1-keras:predict"
    cells = {A: cell(1e-3), keras: cell(2e-3), predict: cell(4e-3), "latency/cnn-cpu-b1-keras:tensorflow": cell(2e-3)}
    usual, other = side_by_side([side("pc", cells)], ["format"], ["latency"]).pivots[0].rows
    assert (usual.is_compared, other.is_compared) == (True, False)
    found = side_by_side([side("pc", cells)], ["runtime"], ["latency"])
    assert {"TensorFlow", "model.predict"} <= set(labels(found))
    assert next(row for row in found.pivots[0].rows if row.is_compared).level("runtime") is None


@pytest.mark.parametrize("axis", [axis for axis in AXES if axis not in {"threads", "settings"}])
def test_any_axis_gives_the_columns_and_all_others_the_rows(axis):
    sides = [ComparedSide(name, [figures_of(realistic(70, gpu=True))]) for name in ("a", "b")]
    found = side_by_side(sides, [axis])
    assert len(found.columns) > 1
    for pivot in found.pivots:
        assert all(row.level(axis) is None for row in pivot.rows)
        keys = [tuple(row.levels) for row in pivot.rows]
        assert len(set(keys)) == len(keys)


def test_every_figure_has_its_table_and_shares_have_differences():
    few, many = (
        measured(name, ("train/cnn-cpu-b128-keras", trained(correct=n))) for name, n in (("a", 900), ("b", 1000))
    )
    found = side_by_side([few, many])
    assert [(pivot.kind, pivot.name) for pivot in found.pivots] == [("train", "training"), ("train", "accuracy")]
    worse, better = found.pivots[1].rows[0].values
    assert better.against.value == pytest.approx(0.05)
    assert 0 < better.against.low < 0.05 < better.against.high
    assert (worse.is_best, better.is_best, worse.is_near_best) == (False, True, False)


def test_energy_is_of_one_call():
    one, other = (
        measured(name, (A, replace(timed(1e-3), energy=Energy({"a": joules, "b": 1.0}, 10, 1.0))))
        for name, joules in (("x", 3.0), ("y", 1.0))
    )
    values = only_row(side_by_side([one, other], names=["energy"])).values
    assert [value.figure.value for value in values] == [pytest.approx(0.4), pytest.approx(0.2)]


def test_a_metric_of_another_package_is_compared_by_its_traits():
    metric = MetricTraits("mae", "Mean error", "number", higher_is_better=False)
    catalogue = replace(CATALOGUE, metrics={"mae": metric})
    sides = [
        ComparedSide(name, [run_with({B: CellFigures("measured", {"mae": mae})}, catalogue=catalogue)])
        for name, mae in (("a", 0.0), ("b", 2.0))
    ]
    values = only_row(side_by_side(sides)).values
    assert [value.is_best for value in values] == [True, False]
    assert values[1].against.value == -2.0


def test_a_metric_that_does_not_say_which_way_is_better_is_named_and_the_others_stand():
    catalogue = replace(CATALOGUE, metrics={"mae": MetricTraits("mae", "Mean error")})
    sides = [
        ComparedSide(name, [run_with({B: CellFigures("measured", {"mae": 1.0, "size": 2.0})}, catalogue=catalogue)])
        for name in ("a", "b")
    ]
    found = side_by_side(sides)
    assert [pivot.name for pivot in found.pivots] == ["size"]
    assert found.not_compared == ("the metric 'mae' does not declare its higher is better",)
    with pytest.raises(MissingTraitError):
        side_by_side(sides, names=["mae"])


def test_a_single_run_has_the_interval_of_its_median_and_near_ones_are_not_told_apart():
    a, b, c = (
        measured(name, (A, timed(typical_s))) for name, typical_s in (("a", 1e-3), ("b", 1.0001e-3), ("c", 2e-3))
    )
    values = only_row(side_by_side([a, b, c], names=["p50"])).values
    assert all(value.figure.low < value.figure.value < value.figure.high for value in values)
    assert [value.is_near_best for value in values] == [False, True, False]
    assert values[2].behind.low < 2 < values[2].behind.high * 1.01


def test_several_runs_have_an_interval_that_holds_the_truth():
    random = Random(1)
    sides = [
        ComparedSide("a", lucky(random, 6)),
        ComparedSide("b", lucky(random, 6, factors=dict.fromkeys(CELLS, 0.8))),
    ]
    found = side_by_side(sides, names=["latency"])
    factors = [row.values[1].against for row in found.pivots[0].rows]
    assert sum(each.low <= 1.25 <= each.high for each in factors) >= 0.8 * len(factors)
    assert [each.value for each in factors] == sorted((each.value for each in factors), reverse=True)


def test_what_differs_is_told_of_every_other_side():
    other = replace(run_with({}).machine, cpu="Other")
    sides = [side("old", {A: cell(2e-3)}), side("new", {A: cell(1e-3)}, machine=other)]
    assert side_by_side(sides).differences == (("new", ("CPU: CPU to Other",)),)
    assert side_by_side(sides, to="new").differences == (("old", ("CPU: Other to CPU",)),)


def test_kinds_come_in_order_and_gaps_have_reasons():
    gone = CellFigures("unavailable", reason="no Node.js here")
    sides = [side("one", {B: cell(1e-3), A: cell(1e-3)}), side("two", {A: cell(1e-3), B: gone})]
    found = side_by_side([*sides, side("three", {B: cell(1e-3)})], names=["latency"])
    assert [pivot.kind for pivot in found.pivots] == ["latency", "examine"]
    assert [value.reason for value in found.pivots[1].rows[0].values] == ["", "no Node.js here", ""]
    assert [value.reason for value in found.pivots[0].rows[0].values] == ["", "", "not in the run"]


def test_benchmarks_of_plain_pytest_match_by_their_names():
    plain = {"test_x.py::test_it[a-b]": CellFigures("measured", {"p50": 1e-3})}
    row = only_row(side_by_side([side("a", plain), side("b", plain)]))
    assert row.level("benchmark").value == "test_x.py::test_it[a-b]"
    with pytest.raises(Lab4Error, match="no cell has device"):
        side_by_side([side("a", plain)], ["device"])


@pytest.mark.parametrize(
    ("sides", "by", "names", "says"),
    [
        ([side("a", {A: cell()})], ["machine"], (), r"one run only, with one machine \(a\); to compare, name more"),
        ([side("a", {A: cell()})], ["device"], (), r"there is one device only \(CPU\)"),
        ([side("a", {A: cell()}), side("b", {A: cell()})], ["machine"], ["training"], "no cell has a training time in"),
        ([side("a", {A: cell(), GPU: CellFigures("unavailable", reason="no GPU")})], ["device"], (), "; GPU: no GPU"),
        ([side("a", {GPU: cell()})], ["threads"], (), "no cell has threads"),
        ([], ["machine"], (), "no cell has machine"),
    ],
)
def test_nothing_to_compare_is_refused(sides, by, names, says):
    with pytest.raises(Lab4Error, match=says):
        side_by_side(sides, by, names)


def test_unknown_names_are_refused_with_those_there_are():
    sides = [side("a", {A: cell()}), side("b", {A: cell()})]
    for wrong in ({"by": ["colour"]}, {"names": ["speed"]}, {"to": "c"}):
        with pytest.raises(UnknownNameError, match="valid: "):
            side_by_side(sides, **wrong)


@given(st.lists(st.floats(5e-324, float_info.max), min_size=4, max_size=4))
def test_no_two_figures_are_too_far_apart(latencies):
    sides = [
        ComparedSide(name, [run_with({A: cell(each)}, number) for number, each in enumerate(some)])
        for name, some in (("a", latencies[:2]), ("b", latencies[2:]))
    ]
    old, new = only_row(side_by_side(sides, names=["latency"])).values
    assert old.against.value == 1.0
    assert all(isfinite(each) for each in (old.figure.value, new.figure.value, new.against.value))


@given(st.lists(TIMES, min_size=2, max_size=5), st.randoms(use_true_random=False))
def test_relabelling_machines_permutes_the_columns(times, random):
    sides = [side(f"m{number}", {A: cell(time)}) for number, time in enumerate(times)]
    before = {column.label: value for column, value in _pairs(side_by_side(sides, names=["latency"], to="m0"))}
    shuffled = list(sides)
    random.shuffle(shuffled)
    names = {each.name: f"n{number}" for number, each in enumerate(shuffled)}
    renamed = [ComparedSide(names[each.name], each.runs) for each in shuffled]
    after = {column.label: value for column, value in _pairs(side_by_side(renamed, names=["latency"], to=names["m0"]))}
    assert {names[label]: value for label, value in before.items()} == after


@given(st.lists(TIMES, min_size=1, max_size=3), st.lists(TIMES, min_size=1, max_size=3))
def test_a_factor_and_its_inverse_make_one(mine, theirs):
    sides = [_several("a", mine), _several("b", theirs)]
    there = only_row(side_by_side(sides, names=["p50"])).values[1].against
    back = only_row(side_by_side(sides, names=["p50"], to="b")).values[0].against
    assert isclose(there.value * back.value, 1, rel_tol=1e-9)
    assert (there.low is None) == (back.low is None)
    if there.low is not None and there.low > 1e-300 and there.high < 1e300:
        assert isclose(there.low * back.high, 1, rel_tol=1e-6)


#: Further apart than a mean of logarithms rounds.
@given(st.lists(st.integers(1, 10**6).map(float), min_size=2, max_size=6))
def test_the_best_is_the_extreme(times):
    sides = [
        side(f"m{number}", {A: CellFigures("measured", {"latency": time, "throughput": time})})
        for number, time in enumerate(times)
    ]
    fastest, most = (pivot.rows[0].values for pivot in side_by_side(sides, names=["latency", "throughput"]).pivots)
    assert [value.is_best for value in fastest] == [time == min(times) for time in times]
    assert [value.is_best for value in most] == [time == max(times) for time in times]
    assert all(value.behind.value >= 1 - 1e-12 for value in (*fastest, *most))


@given(st.permutations(range(4)))
def test_the_order_of_runs_does_not_matter(order):
    runs = lucky(Random(2), 4)
    sides = [ComparedSide("a", [runs[number] for number in order]), ComparedSide("b", lucky(Random(3), 3, first=4))]
    assert side_by_side(sides).pivots == side_by_side([ComparedSide("a", runs), sides[1]]).pivots


def _pairs(found):
    return zip(found.columns, only_row(found).values, strict=True)


def _several(name, times):
    """Runs whose median's interval is within a tenth of it."""
    return ComparedSide(
        name,
        [
            run_with({A: CellFigures("measured", {"p50": time}, intervals={"p50": (0.95 * time, 1.1 * time)})}, number)
            for number, time in enumerate(times)
        ],
    )
