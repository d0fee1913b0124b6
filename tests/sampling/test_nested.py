"""Variance components of runs of machines of kinds, with SciPy as the oracle."""

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lab4.sampling import chi_squared
from lab4.sampling.nested import nested


@given(st.floats(0.001, 0.999), st.floats(0.5, 200))
def test_quantiles_of_chi_squared_are_those_of_scipy(share, freedom):
    assert chi_squared.quantile(share, freedom) == pytest.approx(stats.chi2.ppf(share, freedom), rel=1e-9)


@given(st.floats(0, 500), st.floats(0.5, 200))
def test_shares_of_chi_squared_are_those_of_scipy(x, freedom):
    assert chi_squared.below(x, freedom) == pytest.approx(stats.chi2.cdf(x, freedom), abs=1e-12)


def drawn(random, kinds, runs, between, within):
    """So many machines of each kind, each with its runs."""
    return {
        f"kind {number}": {
            f"{number}-{machine}": [level + random.gauss(0, within) for _ in range(runs)]
            for machine in range(machines)
            for level in [number + random.gauss(0, between)]
        }
        for number, machines in enumerate(kinds)
    }


def test_the_difference_of_two_kinds_is_a_t_test_of_their_machines():
    values = drawn(Random(1), (4, 6), 3, 0.1, 0.05)
    found = nested(values).difference("kind 1", "kind 0")
    one, other = ([np.mean(runs) for runs in values[kind].values()] for kind in ("kind 1", "kind 0"))
    interval = stats.ttest_ind(one, other).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))


def test_the_variances_are_those_of_the_analysis_of_variance():
    values = drawn(Random(2), (5,), 4, 0.1, 0.05)
    found, (machines,) = nested(values), values.values()
    test = stats.f_oneway(*machines.values())
    # F is the ratio of the mean squares; that between machines is of their means, times the runs of each.
    assert 4 * found.members.variance / found.repeats.variance == pytest.approx(test.statistic)
    assert (found.members.freedom, found.repeats.freedom, found.shares) == (4, 15, 0.25)


def test_the_spread_of_a_kind_has_the_interval_of_a_variance():
    values = drawn(Random(3), (6, 2), 1, 0.1, 0.0)
    found = nested(values).spread("kind 0")
    own = [runs[0] for runs in values["kind 0"].values()]
    assert found.value == pytest.approx(np.std(own, ddof=1))
    low, high = (np.sqrt(5 * np.var(own, ddof=1) / stats.chi2.ppf(share, 5)) for share in (0.975, 0.025))
    assert (found.low, found.high) == pytest.approx((low, high))


def test_intervals_cover_what_is_true_as_often_as_they_say():
    random, draws = Random(4), 400
    covered = 0
    for _ in range(draws):
        found = nested(drawn(random, (3, 2, 1), 2, 0.1, 0.05)).difference("kind 2", "kind 0")
        covered += found.low < 2 < found.high
    assert stats.binomtest(covered, draws, 0.95).pvalue > 1e-3


def test_between_machines_is_what_runs_do_not_explain():
    random = Random(5)
    found = [nested(drawn(random, (30,), 3, between, 0.1)).between_members for between in (0.0, 0.3)]
    assert found[0] < 0.05
    assert found[1] == pytest.approx(0.3, rel=0.3)


def test_one_machine_of_each_kind_has_a_difference_without_an_interval():
    found = nested({"a": {"x": [1.0, 1.1]}, "b": {"y": [2.0]}})
    assert found.spread("a") is None
    difference = found.difference("b", "a")
    assert (difference.value, difference.low, difference.high) == (pytest.approx(0.95), None, None)
