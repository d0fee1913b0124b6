import gc

from hypothesis import given
from hypothesis import strategies as st

from lab4.domain.timing import TimingBudget
from lab4.measure.latency import time_call, time_calls


def test_every_call_is_counted():
    calls = []
    found = time_calls(lambda: calls.append(1), TimingBudget(seconds=0.01, min_calls=10, max_calls=100))
    assert len(calls) == len(found)
    assert 10 <= len(found) <= 100


@given(st.integers(1, 20), st.integers(1, 30))
def test_a_sample_holds_as_many_calls_as_it_says(iterations, samples):
    calls = []
    found = time_calls(lambda: calls.append(1), TimingBudget(0, min_calls=samples), iterations)
    assert len(found) == samples
    assert len(calls) == samples * iterations


def test_a_slow_call_still_gets_its_least_number_of_rounds():
    found = time_calls(lambda: sum(range(10_000)), TimingBudget(seconds=0, min_calls=5, max_calls=50))
    assert len(found) == 5


def test_the_garbage_collector_is_out_of_the_clock_and_back_afterwards():
    seen = []
    time_calls(lambda: seen.append(gc.isenabled()), TimingBudget(seconds=0, min_calls=1))
    assert not any(seen)
    assert gc.isenabled()


def test_more_work_takes_longer():
    budget = TimingBudget(seconds=0.02, min_calls=20)
    short = time_calls(lambda: sum(range(1_000)), budget)
    long = time_calls(lambda: sum(range(50_000)), budget)
    assert min(short) < min(long)


def test_one_call_is_one_call():
    calls = []
    assert time_call(lambda: calls.append(1)) > 0
    assert calls == [1]
