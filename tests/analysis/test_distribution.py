import pytest
from hypothesis import given
from hypothesis import strategies as st
from lab4_examples import latency

from lab4.analysis.distribution import drift, outliers, summarize, throughput
from lab4.analysis.figures import latency_figures
from lab4.analysis.tables import NotMeasured
from lab4.domain.observed import Series

samples = st.lists(st.floats(1e-7, 1e3), min_size=1, max_size=200)


@given(samples)
def test_what_judges_is_never_above_what_a_user_feels(values):
    found = summarize(latency(values))
    assert found.comparison_s <= found.p50_s * (1 + 1e-12)
    assert found.min_s <= found.p25_s <= found.p50_s <= found.p75_s


@pytest.mark.parametrize(("calls", "p90", "p99"), [(63, False, False), (64, True, False), (662, True, True)])
def test_a_percentile_is_stated_only_with_calls_enough(calls, p90, p99):
    found = summarize(latency([1.0] * calls))
    assert (found.p90_s == 1.0, found.p99_s == 1.0) == (p90, p99)
    assert p99 or found.p99_s == NotMeasured("too few calls")
    assert p99 or f"({calls} of 662 uncontended)" in latency_figures(latency([1.0] * calls), 1).missing["p99"]


@given(st.integers(1, 512), st.floats(1e-7, 100))
def test_throughput_times_latency_is_the_batch(batch, latency_s):
    assert throughput(batch, latency_s) * latency_s == pytest.approx(batch)


def test_no_time_at_all_is_no_finite_throughput():
    assert throughput(1, 0.0) == float("inf")


def test_samples_of_several_calls_have_no_percentiles_of_calls():
    found = summarize(latency(calls=Series((1.0,) * 700, (700,), 4, "one call")))
    assert found.iterations == 4
    assert found.p90_s == found.p99_s == NotMeasured("calls too short to be timed singly")


@given(st.lists(st.floats(1e-6, 1e-3), min_size=4, max_size=40), st.floats(0.1, 10))
def test_a_drift_has_no_unit_and_turns_with_time(medians, factor):
    def of(values):
        return drift([[value] for value in values])

    assert of([value * factor for value in medians]) == pytest.approx(of(medians), abs=1e-9)
    assert of(medians[::-1]) == pytest.approx(-of(medians), abs=1e-9)


def test_a_steady_rise_of_a_tenth_is_a_drift_of_a_tenth():
    rising = tuple(1 + 0.1 * number / 20 for number in range(21))
    assert drift([[value] for value in rising]) == pytest.approx(0.1 / 1.05)
    assert drift([rising]) is None


def test_outliers_are_beyond_tukeys_far_fence():
    assert outliers(sorted([1.0, 1.1, 1.2, 1.3, 1.4] * 10 + [9.0, 1.5])) == 1


def shared(uncontended, contended):
    """Four rounds of so many uncontended calls of 1 ms and as many contended ones of 1.4 ms."""
    calls, flags = (1e-3,) * uncontended + (1.4e-3,) * contended, (True,) * uncontended + (False,) * contended
    return latency(calls=Series(calls * 4, (uncontended + contended,) * 4, 1, "call"), uncontended=flags * 4)


def test_a_cell_is_described_by_the_calls_that_had_their_core_to_themselves():
    found = summarize(shared(20, 180))
    assert (found.min_s, found.p50_s, found.p75_s, found.p90_s) == (1e-3,) * 4
    assert (found.samples, found.contended) == (800, 0.9)
    assert found.slowdown == pytest.approx(0.4)
    assert found.p99_s == NotMeasured("too few calls")
    assert "(80 of 662 uncontended)" in latency_figures(shared(20, 180), 1).missing["p99"]


def test_by_all_calls_where_none_had_and_that_is_reported():
    found = summarize(shared(0, 200))
    assert (found.p50_s, found.contended, found.slowdown) == (1.4e-3, 1.0, None)


def test_where_nothing_tells_all_calls_describe_it():
    found = summarize(latency([1e-3] * 9, uncontended=()))
    assert (found.p50_s, found.contended, found.slowdown) == (1e-3, None, None)
