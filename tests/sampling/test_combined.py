"""Combined evidence, with SciPy as the oracle."""

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lab4.sampling.combined import p_value_of, pooled, score, stouffer

P_VALUES = st.lists(st.tuples(st.floats(1e-4, 1 - 1e-4), st.floats(0.1, 100.0)), min_size=1, max_size=20)
EFFECTS = st.lists(st.tuples(st.floats(-1, 1), st.floats(0.001, 1.0)), min_size=2, max_size=20)


@given(P_VALUES)
def test_combined_p_values_are_those_of_scipy(found):
    values, weights = zip(*found, strict=True)
    expected = stats.combine_pvalues(values, "stouffer", weights=weights)
    combined = stouffer([score(each, 8.0) for each in values], weights)
    assert combined == pytest.approx(expected.statistic, abs=1e-8)
    assert p_value_of(combined) == pytest.approx(expected.pvalue, rel=1e-6)


@given(st.floats(0.0, 1.0), st.floats(0.5, 6.0))
def test_a_score_is_within_its_bound(p_value, most):
    assert -most * (1 + 1e-6) <= score(p_value, most) <= most * (1 + 1e-6)


@given(EFFECTS, st.floats(-5, 5))
def test_a_mean_is_among_its_effects_and_moves_with_them(found, shift):
    effects, errors = zip(*found, strict=True)
    one = pooled(effects, errors)
    other = pooled([each + shift for each in effects], errors)
    assert min(effects) - 1e-9 <= one.mean <= max(effects) + 1e-9
    assert other.mean == pytest.approx(one.mean + shift, abs=1e-6)
    assert other.between == pytest.approx(one.between, abs=1e-6)


def test_equal_effects_have_the_error_of_their_precisions():
    assert pooled([0.1, 0.1], [0.01, 0.02]) == pytest.approx((0.1, 1 / sqrt(1 / 0.01**2 + 1 / 0.02**2), 0.0))


def test_effects_that_differ_have_a_wider_error():
    # The worked example of DerSimonian and Laird's estimator with equal weights: variance of effects less that of each.
    found = pooled([0.0, 0.1, 0.2], [0.01, 0.01, 0.01])
    assert found.between == pytest.approx(0.01 - 0.01**2)
    assert found.standard_error == pytest.approx(0.1 / sqrt(3))


def test_a_single_effect_is_itself():
    assert pooled([0.3], [0.05]) == pytest.approx((0.3, 0.05, 0.0))
