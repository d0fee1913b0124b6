from dataclasses import replace
from datetime import datetime, timedelta, timezone
from math import exp
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lab4_gate_runs import CATALOGUE

from lab4.analysis.side_by_side import figure_named
from lab4.analysis.trend import NamedFigure, TrendSample, trend, trends_of
from lab4.domain.catalogue import MetricTraits
from lab4.domain.figures import CellFigures

START = datetime(2026, 1, 1, tzinfo=timezone.utc)


def named(name):
    """A figure as a trend takes it."""
    return NamedFigure(name, figure_named(name, CATALOGUE))


def samples(values, machine="m", days=1, first=0, figure="latency"):
    return [
        TrendSample(
            first + number,
            (START + timedelta(days=days * (first + number))).isoformat(),
            machine,
            f"r{first + number}",
            CellFigures("measured", {figure: value}),
        )
        for number, value in enumerate(values)
    ]


def noisy(random, count, level=1e-3, noise=0.01):
    return [level * exp(random.gauss(0, noise)) for _ in range(count)]


def found(series):
    return trend("c", named("latency"), series)


def test_a_step_is_found_with_its_revision_and_size():
    random = Random(1)
    seen = found(samples(noisy(random, 30) + noisy(random, 10, 1.05e-3)))
    (step,) = seen.steps
    assert step.worse
    assert step.change == pytest.approx(0.05, abs=0.01)
    assert abs(step.first.number - 30) <= 1
    assert step.first.revision == f"r{step.first.number}"
    assert step.before.number == step.first.number - 1
    assert (seen.runs, seen.machines) == (40, 1)


def test_five_percent_is_seen_within_four_runs():
    seen = []
    for seed in range(40):
        random = Random(seed)
        seen.append([step.worse for step in found(samples(noisy(random, 40) + noisy(random, 4, 1.05e-3))).steps])
    assert seen.count([True]) >= 34
    assert seen.count([]) == len(seen) - seen.count([True])


def suite_of(random, cells, runs, factors=None):
    """Samples of many cells, some of them slower from a run on: by cell, the run and the factor."""
    found = {}
    for number in range(cells):
        first, factor = (factors or {}).get(number, (runs, 1.0))
        noise = 0.01 * exp(random.gauss(0, 0.5))
        values = [exp(random.gauss(0, noise)) * (factor if run >= first else 1.0) for run in range(runs)]
        found[f"c{number}"] = samples(values)
    return found


@pytest.mark.parametrize("runs", [11, 40])
def test_a_suite_of_unchanged_cells_has_no_step(runs):
    random = Random(runs)
    for _ in range(6):
        trends, common = trends_of(named("latency"), suite_of(random, 60, runs))
        assert not common
        assert not [each for each in trends if each.steps]


def test_a_step_of_many_cells_is_told_once():
    factors = {**dict.fromkeys(range(30), (20, 1.08)), 40: (30, 1.2)}
    trends, (common,) = trends_of(named("latency"), suite_of(Random(3), 60, 40, factors))
    assert common.cells >= 25
    assert common.total == 60
    assert common.step.worse
    assert common.step.change == pytest.approx(0.08, abs=0.02)
    assert abs(common.step.first.number - 20) <= 1
    assert [each.cell for each in trends if each.steps] == ["c40"]


def test_a_step_of_a_runtimes_cells_is_told_once_though_they_are_few_of_all():
    trends, (common,) = trends_of(named("latency"), suite_of(Random(6), 60, 40, dict.fromkeys(range(12), (20, 1.2))))
    assert (common.cells, common.total) == (12, 60)
    assert common.members == tuple(f"c{number}" for number in range(12))
    assert not [each for each in trends if each.steps]


def test_a_drift_below_two_percent_in_all_is_not_reported():
    random = Random(4)
    for slope, count in ((0.0005, 0), (0.005, 1)):
        values = [1e-3 * (1 + slope * day / 7) * exp(random.gauss(0, 0.001)) for day in range(140)]
        assert len(found(samples(values)).drifts) == count


def test_a_step_below_two_percent_is_not_reported():
    random = Random(4)
    series = noisy(random, 60, noise=0.001) + noisy(random, 60, 1.015e-3, noise=0.001)
    assert found(samples(series)).steps == ()


def test_steps_in_which_memory_is_taken_are_none_of_the_figure():
    random = Random(2)
    small = [*noisy(random, 10, 0.3e6, 0.001), *noisy(random, 10, 0.5e6, 0.001)]
    large = [*noisy(random, 10, 0.3e6, 0.001), *noisy(random, 10, 0.9e6, 0.001)]
    for values, steps in ((small, 0), (large, 1)):
        assert len(trend("c", named("memory"), samples(values, figure="memory")).steps) == steps


@pytest.mark.parametrize("seed", range(5))
def test_unchanged_runs_have_no_step(seed):
    assert found(samples(noisy(Random(seed), 500, noise=0.02))).steps == ()


def test_a_figure_that_jumps_between_two_values_seldom_has_a_step():
    """As the peak memory of TensorFlow on one machine: 22 MB in most runs, 19 MB in a quarter of them.

    Several in a row look like a step; by the noise of most runs nearly every such history would have one.
    """
    stepped = 0
    for seed in range(60):
        random = Random(seed)
        values = [random.choice([19e6, 22e6, 22e6, 22e6]) * exp(random.gauss(0, 0.003)) for _ in range(30)]
        stepped += bool(trend("c", named("memory"), samples(values, figure="memory")).steps)
    assert stepped <= 6


def test_a_step_of_a_figure_that_jumps_between_two_values_is_found():
    random = Random(3)
    values = [random.choice([19e6, 22e6, 22e6]) * (1 if run < 30 else 1.5) for run in range(45)]
    (step,) = trend("c", named("memory"), samples(values, figure="memory")).steps
    assert abs(step.first.number - 30) <= 1
    assert step.change == pytest.approx(0.5, abs=0.05)


def test_single_outliers_are_no_steps():
    random = Random(2)
    series = noisy(random, 60)
    for at in (5, 20, 21, 44, 59):
        series[at] *= 1.6
    assert found(samples(series)).steps == ()


@pytest.mark.parametrize(
    "places", [(0, 1), (0, 1, 2), (1, 2), (20, 21, 22), (20, 22, 23), (57, 58), (57, 59), (57, 58, 59)]
)
def test_two_or_three_outliers_next_to_each_other_are_no_step(places):
    series = noisy(Random(3), 60)
    for at in places:
        series[at] *= 1.5
    assert found(samples(series)).steps == ()


def test_a_step_in_the_middle_of_eight_runs_is_found():
    (step,) = found(samples(noisy(Random(4), 4) + noisy(Random(5), 4, 2e-3))).steps
    assert (step.first.number, step.worse) == (4, True)
    assert found(samples(noisy(Random(4), 4) + noisy(Random(5), 3, 2e-3))).steps == ()


def test_outliers_hardly_change_a_drift():
    levels = [0.9 - 0.005 * week for week in range(30)]
    for week in (0, 7, 13, 29):
        levels[week] -= 0.2
    (creep,) = trend("c", named("accuracy"), samples(levels, days=7, figure="accuracy")).drifts
    assert creep.per_week == pytest.approx(-0.005, rel=0.1)


def test_another_machine_is_no_step():
    random = Random(3)
    series = samples(noisy(random, 20), "laptop") + samples(noisy(random, 20, 5e-3), "server", first=20)
    seen = found(series)
    assert seen.steps == ()
    assert seen.machines == 2


def test_a_slow_creep_that_no_gate_sees_is_found():
    random = Random(4)
    series = [1e-3 * 1.01**week * exp(random.gauss(0, 0.01)) for week in range(20)]
    seen = found(samples(series, days=7))
    assert seen.steps == ()
    (creep,) = seen.drifts
    assert creep.worse
    assert creep.per_week == pytest.approx(0.01, abs=0.003)
    assert creep.weeks == 19


def test_faster_is_better():
    random = Random(5)
    (step,) = found(samples(noisy(random, 20) + noisy(random, 20, 0.8e-3))).steps
    assert not step.worse
    assert step.change == pytest.approx(-0.2, abs=0.02)


def test_few_runs_and_cells_that_were_not_measured_say_nothing():
    assert found([]).runs == 0
    assert found(samples([1e-3, 2e-3, 3e-3])).steps == ()
    away = [TrendSample(1, START.isoformat(), "m", None, CellFigures("unavailable", reason="no GPU"))]
    assert found(away * 10).runs == 0


@settings(max_examples=20)
@given(st.integers(0, 2**32), st.floats(1e-6, 1e6))
def test_units_change_nothing(seed, factor):
    random = Random(seed)
    series = noisy(random, 15) + noisy(random, 15, 1.2e-3)
    plain = found(samples(series))
    scaled = found(samples([factor * value for value in series]))
    assert [step.first.number for step in scaled.steps] == [step.first.number for step in plain.steps]


def test_a_run_that_was_disturbed_all_the_time_is_left_out():
    random = Random(8)
    quiet = noisy(random, 30)
    series = [
        replace(
            each, figures=CellFigures("measured", {"latency": 1.4 * value}, {} if number > 26 else {"latency": value})
        )
        for number, (each, value) in enumerate(zip(samples(quiet), quiet, strict=True))
    ]
    assert found(series).steps == ()
    assert found(series).runs == 30


def test_runs_of_one_hour_do_not_creep_by_the_week():
    values = [1e-3 * 1.01**number for number in range(40)]
    seen = found(samples(values, days=2 / 86_400))
    assert seen.drifts == ()


@pytest.mark.parametrize(
    ("figure", "before", "after", "change"),
    [
        ("accuracy", 0.10, 0.104, 0.004),
        ("accuracy", 0.98, 0.96, -0.02),
        ("sparsity", 0.5, 0.8, 0.3),
        ("sparsity", 0.0, 0.5, 0.5),
        ("sparsity", 0.5, 0.0, -0.5),
    ],
)
def test_a_step_of_a_share_is_in_points(figure, before, after, change):
    (step,) = trend("c", named(figure), samples([before] * 20 + [after] * 20, figure=figure)).steps
    assert step.first.number == 20
    assert step.change == pytest.approx(change)
    assert step.worse == (change < 0)


def test_what_a_share_tolerates_is_in_points_too():
    """A fifth of a point of accuracy is two percent of a tenth, and within the tolerance of a quarter of a point."""
    series = samples([0.100] * 40 + [0.102] * 40, figure="accuracy")
    assert trend("c", named("accuracy"), series).steps == ()


def test_a_share_creeps_by_points_a_week():
    series = samples([0.9 - 0.005 * week for week in range(20)], days=7, figure="accuracy")
    (creep,) = trend("c", named("accuracy"), series).drifts
    assert creep.per_week == pytest.approx(-0.005)
    assert creep.worse


@settings(max_examples=20)
@given(st.integers(0, 400), st.integers(0, 400), st.integers(0, 500))
def test_steps_of_a_share_are_the_same_wherever_it_starts(before, after, more):
    there, moved = (
        trend("c", named("sparsity"), samples([level / 1000 for level in levels], figure="sparsity")).steps
        for levels in ([before] * 10 + [after] * 10, [before + more] * 10 + [after + more] * 10)
    )
    assert [step.change for step in moved] == pytest.approx([step.change for step in there], abs=1e-9)


def test_a_metric_below_zero_is_followed_by_its_differences():
    traits = MetricTraits("r2", "R2", "number", higher_is_better=True, tolerance=0.01)
    figure = NamedFigure("r2", figure_named("r2", replace(CATALOGUE, metrics={"r2": traits})))
    random = Random(6)
    values = [level + random.gauss(0, 0.002) for level in [-0.30] * 12 + [-0.45] * 6]
    (step,) = trend("c", figure, samples(values, figure="r2")).steps
    assert step.worse
    assert step.first.number == 12
    assert step.change == pytest.approx(-0.5, abs=0.05)  # of what it usually is
    unchanged = [-0.30 + random.gauss(0, 0.0002) for _ in range(18)]
    assert trend("c", figure, samples(unchanged, figure="r2")).steps == ()


def test_cells_that_do_not_have_the_figure_are_none_of_those_that_did_not_change():
    suite = {"c": samples([1.0] * 10), "other": samples([1.0] * 10, figure="size")}
    trends, _ = trends_of(named("latency"), suite)
    assert [each.cell for each in trends] == ["c"]
