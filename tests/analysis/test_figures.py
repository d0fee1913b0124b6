"""The figures of a latency: as it was felt, and as it is on an uncontended machine of usual speed."""

from dataclasses import replace

import pytest
from lab4_examples import RUN, latency

from lab4.analysis.figures import FIGURES, Nature, figures_of, latency_figures
from lab4.domain.observed import PerExample, Series, Training
from lab4.domain.outcome import Measured
from lab4.history.approvals import _BY_FACTOR


def of(rounds, **changes):
    samples_s = tuple(each for samples in rounds for each in samples)
    return latency(calls=Series(samples_s, tuple(map(len, rounds)), 1, "call"), **changes)


def flags(uncontended, shared):
    return (True,) * 300 * uncontended + (False,) * 300 * shared


QUIET, SHARED = [1e-3] * 300, [1.5e-3] * 300


def test_figures_are_of_uncontended_calls_in_seconds_and_by_the_probe():
    found = of([*[QUIET] * 3, *[SHARED] * 5], probe_s=(2e-5,) * 8, uncontended=flags(3, 5))
    figures = latency_figures(found, 32)
    assert figures.values == pytest.approx(
        {"latency": 1e-3, "p50": 1e-3, "p90": 1e-3, "p99": 1e-3, "throughput": 32 / 1e-3}
    )
    assert figures.corrected == pytest.approx({"latency": 50, "p50": 50, "p90": 50, "p99": 50, "throughput": 32 / 50})
    assert figures.missing == {}
    assert figures.calls == 900


def test_a_machine_that_was_slow_in_one_pass_is_corrected_there():
    found = of([QUIET, [2e-3] * 300], probe_s=(2e-5, 4e-5), uncontended=flags(2, 0))
    assert latency_figures(found, 1).corrected["p90"] == pytest.approx(50)


def test_tails_of_too_few_uncontended_calls_are_missing():
    flags = (True,) * 90 + (False,) * 900
    found = of([*[[1e-3] * 30] * 3, *[SHARED] * 3], probe_s=(2e-5,) * 6, uncontended=flags)
    figures = latency_figures(found, 1)
    assert "p90" in figures.values
    assert "p99" not in {**figures.values, **figures.corrected}
    assert "90 of 662 uncontended" in figures.missing["p99"]


@pytest.mark.parametrize(("shared", "is_corrected"), [(12, True), (13, False)])
def test_where_less_than_a_fifth_of_the_calls_is_uncontended_figures_are_of_these_and_nothing_is_corrected(
    shared, is_corrected
):
    rounds = 3 + shared
    flagged = flags(3, shared)
    figures = latency_figures(of([*[QUIET] * 3, *[SHARED] * shared], probe_s=(2e-5,) * rounds, uncontended=flagged), 32)
    assert figures.values["latency"] == pytest.approx(1e-3)
    assert bool(figures.corrected) is is_corrected


def test_with_too_few_uncontended_calls_figures_are_of_all_and_nothing_is_corrected():
    figures = latency_figures(of([QUIET, *[SHARED] * 5], probe_s=(2e-5,) * 6, uncontended=flags(1, 5)), 1)
    assert figures.values["p50"] == 1.5e-3
    assert (figures.corrected, figures.calls) == ({}, 1800)


def test_without_the_kernels_nothing_is_corrected():
    assert latency_figures(of([QUIET], probe_s=()), None).corrected == {}


def test_without_flags_nothing_is_corrected():
    assert latency_figures(of([QUIET], probe_s=(2e-5,), uncontended=()), 1).corrected == {}


def test_means_of_several_calls_say_why_they_have_no_tails():
    found = latency(calls=Series((1e-6,) * 900, (900,), 20, "call"), probe_s=(2e-5,))
    assert "too short" in latency_figures(found, 1).missing["p99"]


def test_a_time_that_the_clock_did_not_see_is_no_figure_and_says_so():
    trained = Training((0.0, 0.0), 0.0, 100, 10, 1, "ab")
    outcome = Measured(latency=of([[0.0] * 900]), training=trained, metrics={"accuracy": PerExample((False,))})
    measurement = replace(RUN.measurements[0], outcome=outcome)
    (found,) = figures_of(replace(RUN, measurements=(measurement,))).cells.values()
    assert found.values == {"accuracy": 0.0}
    assert found.corrected == {}
    gone = ("training", "latency", "p50", "p90", "p99", "throughput")
    assert {name: found.missing[name] for name in gone} == dict.fromkeys(gone, "too small to measure")


def test_a_run_tells_its_own_spread_of_what_has_one():
    found = figures_of(RUN)
    assert any("p50" in each.intervals for each in found.cells.values())
    for each in found.cells.values():
        assert all(low <= each.values[name] <= high for name, (low, high) in each.intervals.items())
        assert ("load" in each.intervals) == ("load" in each.values)


def test_what_is_approved_by_a_factor_is_what_is_timed():
    assert {name for name, figure in FIGURES.items() if figure.nature is Nature.TIMED} == _BY_FACTOR
