from math import inf, isclose
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab4.sampling.student import critical, tail

FREEDOM = st.floats(0.5, 500)


@pytest.mark.parametrize(
    ("t", "freedom", "expected"),
    [
        # The tables of any textbook, to their digits.
        (6.314, 1, 0.05),
        (2.015, 5, 0.05),
        (3.169, 10, 0.005),
        (2.660, 60, 0.005),
        (12.706, 1, 0.025),
    ],
)
def test_the_tables_are_met(t, freedom, expected):
    assert isclose(tail(t, freedom), expected, rel_tol=1e-3)
    assert isclose(critical(expected, freedom), t, rel_tol=1e-3)


def test_one_degree_is_the_cauchy_distribution_far_out():
    assert isclose(tail(1e6, 1), 1 / (1e6 * 3.141592653589793), rel_tol=1e-6)


@given(st.floats(-50, 50), FREEDOM)
def test_the_two_tails_are_everything(t, freedom):
    assert isclose(tail(t, freedom) + tail(-t, freedom), 1, abs_tol=1e-12)


@given(st.floats(-30, 30), st.floats(0, 10), FREEDOM)
def test_further_out_is_rarer(t, more, freedom):
    assert tail(t + more, freedom) <= tail(t, freedom) + 1e-12


@given(st.floats(1e-9, 1 - 1e-9), st.one_of(st.floats(1, 500), st.just(inf)))
def test_the_critical_value_has_its_probability(probability, freedom):
    assert isclose(tail(critical(probability, freedom), freedom), probability, rel_tol=1e-6, abs_tol=1e-12)


@given(st.floats(-5, 5))
def test_endless_freedom_is_the_normal_distribution(t):
    assert tail(t, inf) == NormalDist().cdf(-t)
    assert isclose(tail(t, 1e5), tail(t, inf), abs_tol=1e-5)


def test_the_middle_is_zero():
    assert critical(0.5, 3) == pytest.approx(0, abs=1e-300)


def test_infinity_is_never_reached():
    assert tail(inf, 3) == 0
    assert tail(-inf, 3) == 1
    assert critical(1e-300, 0.5) == inf
