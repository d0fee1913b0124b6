from itertools import pairwise
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab4.kernels import contention_probe_s, frequency_probe_s
from lab4.measure import latency
from lab4.measure.latency import clock_cost_s, iterations_for, usual_s, warm_up
from lab4.sampling.steady import LEAST_CALLS


def spin(seconds):
    end = perf_counter() + seconds
    while perf_counter() < end:
        pass


def test_the_clock_costs_something_and_little():
    assert 0 < clock_cost_s() < 1e-4


class Clock:
    """Advances only when something is called: what this machine does meanwhile takes no time."""

    def __init__(self):
        self.now_ns = 0

    def __call__(self):
        return self.now_ns

    def spend(self, seconds):
        self.now_ns += round(seconds * 1e9)


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(latency, "perf_counter_ns", made)
    return made


@given(st.floats(1e-9, 10))
def test_a_sample_is_long_beside_the_clocks_cost(call_s):
    iterations = iterations_for(call_s)
    assert iterations >= 1
    assert iterations * call_s >= 99 * clock_cost_s()


@given(st.floats(1e-9, 1), st.floats(1e-9, 1))
def test_longer_calls_never_need_more_iterations(one, other):
    assert iterations_for(max(one, other)) <= iterations_for(min(one, other))


@pytest.mark.parametrize("kernel", [frequency_probe_s, contention_probe_s])
def test_the_kernels_take_time(kernel):
    assert 1e-6 < kernel() < 1


def test_a_call_of_constant_cost_is_soon_warm(clock):
    warm, call_s = warm_up(lambda: clock.spend(2e-4), limit_s=5)
    assert (warm.calls, warm.steady) == (LEAST_CALLS, True)
    assert warm.seconds == pytest.approx(LEAST_CALLS * 2e-4)
    assert call_s == pytest.approx(2e-4)


def test_real_calls_take_as_long_as_they_do_until_the_limit():
    warm, call_s = warm_up(lambda: spin(2e-4), limit_s=600)
    assert warm.calls >= LEAST_CALLS
    assert call_s >= 2e-4
    # A quarter of all calls took as long, or longer.
    assert call_s * warm.calls / 4 <= warm.seconds


def test_a_call_that_becomes_faster_and_faster_ends_by_its_limit(clock):
    durations = [0.01 * 0.99**number for number in range(200)]
    left = iter(durations)
    warm, _ = warm_up(lambda: clock.spend(next(left)), limit_s=0.5)
    assert warm.steady is False
    assert [sum(durations[:calls]) >= 0.5 for calls in (warm.calls - 1, warm.calls)] == [False, True]
    assert warm.seconds == pytest.approx(sum(durations[: warm.calls]))
    assert all(later < earlier for earlier, later in pairwise(durations))


def test_two_calls_are_made_whatever_the_limit():
    calls = []
    warm, _ = warm_up(lambda: calls.append(1), limit_s=0)
    assert warm.calls == len(calls) == 2


def test_the_usual_call_is_of_the_later_half():
    assert usual_s([9_000, 9_000, 1_000, 3_000, 2_000]) == pytest.approx(2e-6)
