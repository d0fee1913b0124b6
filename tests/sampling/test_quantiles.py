import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab4.sampling.quantiles import median, quantile

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
def test_the_median_is_the_standard_librarys(values):
    assert median(values) == pytest.approx(statistics.median(values))
