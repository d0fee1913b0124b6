from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab4.sampling.steady import LEAST_CALLS, falling, is_steady


@pytest.mark.parametrize("count", range(LEAST_CALLS))
def test_few_calls_are_never_steady(count):
    assert not is_steady([1.0] * count)


def test_constant_calls_are_steady():
    assert is_steady([1.0] * LEAST_CALLS)


@given(st.integers(16, 300), st.floats(0.5, 0.999))
def test_calls_that_become_faster_are_not(count, factor):
    assert not is_steady([100 * factor**number + 1e-9 * (count - number) for number in range(count)])


def test_calls_that_became_faster_and_stay_so_are():
    assert is_steady([100.0 / (number + 1) for number in range(10)] + [10.0] * 30)


@given(st.lists(st.floats(1, 100), min_size=4, max_size=40, unique=True))
def test_what_falls_backwards_rises_forwards(values):
    assert not (falling(values) and falling(values[::-1]))


@given(st.lists(st.integers(1, 1_000), min_size=4, max_size=40), st.integers(1, 1_000))
def test_units_do_not_matter(values, scale):
    assert falling(values) == falling([value * scale for value in values])


def test_one_slow_call_decides_nothing():
    calls = [10.0] * 64
    calls[33] = 1_000.0
    assert is_steady(calls)


def test_noise_is_taken_for_a_trend_in_about_one_of_twenty():
    random = Random(5)
    wrong = sum(falling([random.gauss(10, 1) for _ in range(16)]) for _ in range(1_000))
    assert 20 <= wrong <= 80
