"""Levels and spreads that a bad value does not move, against SciPy's and against values without it."""

from math import isclose
from random import Random
from statistics import fmean, median, variance

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lab4.sampling.robust import (
    deviations_within,
    shares_apart,
    spread_by_deviations,
    trimmed,
    variance_of_median,
    variance_of_median_of,
    variance_within,
)

VALUES = st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=40)


@given(st.lists(st.floats(-1e3, 1e3), min_size=3, max_size=40))
def test_the_spread_of_several_values_is_scipys_median_deviation(values):
    found = spread_by_deviations(values, median(values), [1.0] * len(values))
    assert isclose(found.variance, stats.median_abs_deviation(values, scale="normal") ** 2, rel_tol=1e-6, abs_tol=1e-12)
    assert found.freedom == pytest.approx(0.37 * (len(values) - 1))


def test_two_values_have_their_variance_and_one_has_none():
    assert spread_by_deviations([1.0, 3.0], 2.0, [1.0, 1.0]) == (2.0, 1)
    assert spread_by_deviations([1.0], 1.0, [1.0]) == (0.0, 0)


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=9), st.floats(0.1, 10.0))
def test_a_spread_is_in_the_unit_of_the_variances(values, variance_of_each):
    one, other = (
        spread_by_deviations(values, median(values), [each] * len(values)) for each in (1.0, variance_of_each)
    )
    assert isclose(one.variance, variance_of_each * other.variance, rel_tol=1e-9, abs_tol=1e-12)


def test_a_value_that_varies_more_by_itself_says_less():
    values = [-1.0, 0.0, 9.0]
    noisy = spread_by_deviations(values, 0.0, [1.0, 1.0, 100.0])
    assert noisy.variance < spread_by_deviations(values, 0.0, [1.0, 1.0, 1.0]).variance


@pytest.mark.parametrize("variances", [[4.0], [1.0, 9.0], [1.0] * 9, [1.0] * 20 + [16.0] * 21])
def test_the_variance_of_a_median_is_that_of_simulated_ones(variances):
    draws = np.random.default_rng(1).normal(0, np.sqrt(variances), (40_000, len(variances)))
    assert variance_of_median(variances) == pytest.approx(np.median(draws, axis=1).var(), rel=0.08)


@pytest.mark.parametrize("count", [*range(1, 16), 30, 101])
def test_the_variance_of_a_median_of_alike_values_is_that_of_order_statistics(count):
    """Of an even number of values the median is the mean of two: their variances, and their covariance."""
    low, high = (count - 1) // 2, count // 2
    random = np.random.default_rng(2)
    uniform = stats.beta(low + 1, count - low).rvs(400_000, random_state=random)
    # The next order statistic above one is the least of so many that lie above it.
    above = uniform + (1 - uniform) * stats.beta(1, count - high).rvs(400_000, random_state=random)
    medians = stats.norm.ppf(uniform) if low == high else (stats.norm.ppf(uniform) + stats.norm.ppf(above)) / 2
    assert variance_of_median_of(count) == pytest.approx(medians.var(), rel=0.035)


@pytest.mark.parametrize("count", [1, 2, 3, 10])
def test_the_variance_of_a_median_of_usual_values_needs_their_number_only(count):
    assert variance_of_median([1.0] * count) == pytest.approx(variance_of_median_of(count))


@given(VALUES)
def test_the_trimmed_mean_is_scipys(values):
    mean, spread = trimmed(values)
    assert isclose(mean, stats.trim_mean(values, 0.2), rel_tol=1e-9, abs_tol=1e-9)
    assert spread.freedom == len(values) - 2 * int(0.2 * len(values)) - 1


@given(VALUES)
def test_the_spread_of_a_trimmed_mean_gives_its_error_as_yuen_has_it(values):
    _, spread = trimmed(values)
    cut, count = int(0.2 * len(values)), len(values)
    if spread.freedom:
        limits = ((cut + 0.5) / count, (cut + 0.5) / count)
        winsorized = list(map(float, stats.mstats.winsorize(np.array(values), limits)))
        squares = sum((each - fmean(winsorized)) ** 2 for each in winsorized)
        kept = count - 2 * cut
        assert isclose(spread.variance / count, squares / (kept * (kept - 1)), rel_tol=1e-6, abs_tol=1e-9)


def test_a_bad_value_moves_neither():
    random = Random(1)
    values = [random.gauss(0, 1) for _ in range(20)]
    bad = [*values[:-1], 1e6]
    assert abs(trimmed(bad)[0] - fmean(values)) < 1
    assert spread_by_deviations(bad, median(bad), [1.0] * 20).variance < 10 * variance(values)


@given(st.floats(0.5, 0.99))
def test_deviations_are_quantiles_of_a_normal_variable(share):
    assert isclose(deviations_within(share), stats.halfnorm.ppf(share), rel_tol=1e-9)


@given(st.floats(0.7, 0.97), st.floats(3, 200))
def test_variances_are_quantiles_of_a_chi_squared(share, freedom):
    assert isclose(variance_within(share, freedom), stats.chi2.ppf(share, freedom) / freedom, rel_tol=0.02)


@given(VALUES, VALUES, st.integers(-3, 3))
def test_a_share_apart_is_of_no_order_side_or_unit(before, after, power):
    found = shares_apart(before, after)
    assert 0 < found <= 1
    assert shares_apart(after, before) == found
    assert shares_apart(sorted(before), after[::-1]) == found
    assert shares_apart([2.0**power * each for each in before], [2.0**power * each for each in after]) == found


@given(VALUES, st.floats(1.0, 1e3))
def test_values_that_are_far_from_each_other_are_all_apart(values, distance):
    further = [each + distance + 2 * (max(values) - min(values)) for each in values]
    assert shares_apart(values, further) == 1.0


def test_of_two_modes_those_in_the_other_one_are_not_apart():
    assert shares_apart([0.0], [1.0, 0.0, 1.0]) == 2 / 3
    assert shares_apart([0.0, 1.0, 0.0, 0.0], [1.0, 1.0]) == 3 / 4
