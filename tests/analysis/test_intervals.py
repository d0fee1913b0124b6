"""Ratios and differences of estimates, with their intervals."""

from math import exp, isclose
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab4.analysis.intervals import estimate, ratio_or_difference
from lab4.analysis.tables import Quantity

VALUES = st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=5)


def test_without_a_value_there_is_no_estimate_and_a_ratio_needs_one_above_zero():
    assert estimate([], None, has_ratio=False) is None
    assert estimate([0.0], None, has_ratio=True) is None
    assert estimate([0.0], None, has_ratio=False).quantity == Quantity(0.0)


def test_a_single_run_has_the_spread_within_it_and_equal_runs_have_none():
    assert estimate([2.0], (1.0, 3.0), has_ratio=True).quantity == Quantity(2.0, 1.0, 3.0)
    assert estimate([2.0], (2.5, 3.0), has_ratio=False).quantity == Quantity(2.0, 2.0, 3.0)
    assert estimate([2.0], (0.0, 3.0), has_ratio=True).quantity == Quantity(2.0)
    assert estimate([0.3] * 3, (0.1, 0.5), has_ratio=True).quantity == Quantity(0.3)


@pytest.mark.parametrize("has_ratio", [True, False])
def test_runs_that_differ_have_the_interval_of_their_mean(has_ratio):
    found = estimate([1.0, 2.0, 4.0], None, has_ratio=has_ratio).quantity
    assert found.value == pytest.approx(2.0 if has_ratio else 7 / 3)
    assert found.low < found.value < found.high


def test_a_ratio_of_single_runs_combines_both_spreads():
    fast, slow = (estimate([value], (0.9 * value, 1.1 * value), has_ratio=True) for value in (1.0, 2.0))
    found = ratio_or_difference(fast, slow, higher_is_better=False)
    assert found.value == pytest.approx(2)
    assert 2 * 0.9 / 1.1 < found.low < 2 * 0.9 < 2 * 1.1 < found.high < 2 * 1.1 / 0.9
    exact = estimate([4.0], None, has_ratio=True)
    assert ratio_or_difference(fast, exact, higher_is_better=False).low is None


@given(VALUES, VALUES, st.floats(0.1, 10), st.booleans())
def test_a_unit_does_not_change_a_ratio(mine, theirs, unit, higher):
    plain = ratio_or_difference(_of(mine), _of(theirs), higher_is_better=higher)
    scaled = ratio_or_difference(
        _of([unit * each for each in mine]), _of([unit * each for each in theirs]), higher_is_better=higher
    )
    assert isclose(plain.value, scaled.value, rel_tol=1e-6)
    assert plain.low is None or plain.low <= plain.value <= plain.high


@pytest.mark.untraced
@pytest.mark.parametrize(("runs", "within"), [((1, 1), 0.05), ((4, 5), None), ((1, 6), 0.05)])
def test_the_interval_holds_the_truth_as_often_as_it_says(runs, within):
    random, trials, held = Random(5), 2_000, 0
    for _ in range(trials):
        one, other = (
            [exp(random.gauss(0, 0.05)) * true for _ in range(n)] for n, true in zip(runs, (3.0, 1.0), strict=True)
        )
        estimates = [estimate(side, _normal(side[0], within), has_ratio=True) for side in (one, other)]
        found = ratio_or_difference(*estimates, higher_is_better=True)
        held += found.low <= 3 <= found.high
    assert 0.93 <= held / trials <= 0.985


def _normal(value, deviation):
    return None if deviation is None else (value * exp(-1.96 * deviation), value * exp(1.96 * deviation))


def _of(values):
    return estimate(values, (0.9 * values[0], 1.2 * values[0]), has_ratio=True)
