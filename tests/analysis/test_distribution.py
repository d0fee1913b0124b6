import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab4.analysis.distribution import (
    TooFewCalls,
    judging_s,
    paired_loss,
    quantile,
    summarize,
    throughput,
    wilson,
)

samples = st.lists(st.floats(1e-7, 1e3), min_size=1, max_size=200)


@given(samples, st.floats(0, 1))
def test_a_quantile_lies_between_the_least_and_the_greatest(values, fraction):
    assert min(values) <= quantile(sorted(values), fraction) <= max(values)


@given(samples, st.floats(0, 1), st.floats(0, 1))
def test_quantiles_rise_with_their_fraction(values, one, other):
    low, high = sorted((one, other))
    ordered = sorted(values)
    assert quantile(ordered, low) <= quantile(ordered, high) * (1 + 1e-12)


@given(st.lists(st.floats(1e-7, 1e3), min_size=2, max_size=100))
def test_quartiles_are_those_of_the_standard_librarys_inclusive_method(values):
    wanted = statistics.quantiles(values, n=4, method="inclusive")
    found = [quantile(sorted(values), fraction) for fraction in (0.25, 0.5, 0.75)]
    assert found == pytest.approx(wanted)


@given(samples)
def test_what_judges_is_never_above_what_a_user_feels(values):
    found = summarize(values)
    assert found.judging_s == judging_s(values) <= found.p25_s <= found.p50_s <= found.p75_s


@pytest.mark.parametrize(("calls", "p90", "p99"), [(63, False, False), (64, True, False), (662, True, True)])
def test_a_percentile_is_stated_only_with_calls_enough(calls, p90, p99):
    found = summarize([1.0] * calls)
    assert (found.p90_s == 1.0, found.p99_s == 1.0) == (p90, p99)
    assert p99 or found.p99_s == TooFewCalls(calls, 662)


@given(st.integers(1, 5000).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))))
def test_a_wilson_interval_holds_its_point_and_stays_between_0_and_1(counts):
    found = wilson(*counts)
    assert 0 <= found.low <= found.value <= found.high <= 1


def test_a_wilson_interval_is_the_published_one():
    found = wilson(81, 263)
    assert (found.low, found.high) == pytest.approx((0.2553, 0.3662), abs=1e-4)  # Newcombe (1998), method 3


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=300))
def test_a_paired_loss_is_the_difference_of_the_accuracies_inside_its_interval(pairs):
    original, other = zip(*pairs, strict=True)
    found = paired_loss(original, other)
    assert found.value == pytest.approx((sum(original) - sum(other)) / len(pairs))
    assert -1 <= found.low <= found.value <= found.high <= 1


def test_a_loss_on_different_numbers_of_images_is_refused():
    with pytest.raises(ValueError, match="shorter"):
        paired_loss((True, True), (True,))


@given(st.integers(1, 512), st.floats(1e-7, 100))
def test_throughput_times_latency_is_the_batch(batch, latency_s):
    assert throughput(batch, latency_s) * latency_s == pytest.approx(batch)


def test_no_time_at_all_is_no_finite_throughput():
    assert throughput(1, 0.0) == float("inf")
