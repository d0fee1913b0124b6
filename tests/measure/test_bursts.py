"""Bursts of real calls between real probes."""

from itertools import accumulate
from time import perf_counter

import pytest

from lab4.domain.timing import TimingBudget
from lab4.measure.bursts import ContentionMonitor, of_calls, time_bursts
from lab4.measure.core_waits import NO_WAITS


def spin(seconds=2e-4):
    end = perf_counter() + seconds
    while perf_counter() < end:
        pass


@pytest.fixture(scope="module")
def monitor():
    made = ContentionMonitor()
    made.learn()
    return made


@pytest.mark.parametrize(("seconds", "bursts"), [(0.0025, 1), (0.005, 1), (0.01, 2), (0.04, 8)])
def test_a_window_has_as_many_bursts_as_fit_in_its_time(monitor, seconds, bursts):
    """What the calls of a burst take together is less than the burst: windows of 10 ms had three of 5 ms."""

    def burst(burst_s, _):
        return [burst_s / 10] * 9

    found = time_bursts(burst, 2e-4, TimingBudget(seconds, 2), 1, monitor, waits=NO_WAITS)
    assert len(found.bursts) == bursts


def test_every_sample_is_of_a_burst(monitor):
    found = time_bursts(of_calls(spin, 1), 2e-4, TimingBudget(0.3, 2), 1, monitor, waits=NO_WAITS)
    assert sum(each.samples for each in found.bursts) == len(found.samples_s)
    # However long a call was held up: one begins no call after its 5 ms.
    ends = list(accumulate(each.samples for each in found.bursts))
    bursts = [found.samples_s[end - each.samples : end] for end, each in zip(ends, found.bursts, strict=True)]
    assert all(sum(samples[:-1]) < 0.005 for samples in bursts)
    assert sum(found.samples_s) >= 0.3
    assert min(found.samples_s) >= 2e-4
    assert 1e-6 < found.probe_s < 1


def test_its_calls_are_made_however_short_the_budget(monitor):
    assert len(time_bursts(of_calls(spin, 1), 2e-4, TimingBudget(0.0, 5), 1, monitor, waits=NO_WAITS).samples_s) >= 5


def test_there_are_not_more_calls_than_the_budget_has(monitor):
    budget = TimingBudget(1.0, 2, 300)
    assert len(time_bursts(of_calls(lambda: None, 1), 1e-7, budget, 1, monitor, waits=NO_WAITS).samples_s) == 300


def test_of_more_calls_than_the_budget_has_those_kept_are_of_all_of_its_time(monitor):
    found = time_bursts(of_calls(lambda: spin(1e-5), 1), 1e-5, TimingBudget(0.04, 2, 80), 1, monitor, waits=NO_WAITS)
    assert all(each.samples <= 10 for each in found.bursts)
    assert len(found.samples_s) == 80 or found.timed_s >= 0.04
    assert found.timed_s >= sum(found.samples_s)


def test_samples_of_several_calls_are_their_mean(monitor):
    found = time_bursts(of_calls(lambda: spin(1e-5), 20), 1e-5, TimingBudget(0.02, 2), 20, monitor, waits=NO_WAITS)
    assert min(found.samples_s) >= 1e-5
    assert len(found.samples_s) <= 0.03 / 2e-4


def test_a_long_call_is_not_made_in_vain(monitor):
    calls = []
    found = time_bursts(
        of_calls(lambda: calls.append(spin(0.01)), 1), 0.01, TimingBudget(0.0, 2), 1, monitor, waits=NO_WAITS
    )
    assert len(calls) == len(found.samples_s) == 2


@pytest.mark.parametrize(
    ("call_s", "continues", "uncounted"),
    [(0.002, False, [2, 0]), (0.002, True, [0, 0]), (1e-4, True, [2, 2]), (0.1, False, [0, 0])],
)
def test_calls_that_do_not_count_follow_other_cells_and_probes_as_far_as_the_caches_need_them(
    monitor, call_s, continues, uncounted
):
    asked = []

    def burst(_seconds, calls):
        asked.append(calls)
        return [call_s]

    time_bursts(burst, call_s, TimingBudget(0.0, 2), 1, monitor, waits=NO_WAITS, continues=continues)
    assert asked == uncounted
