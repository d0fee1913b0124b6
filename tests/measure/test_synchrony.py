"""An asynchronous runner must be caught: these return before their work is done, or do it all."""

from time import perf_counter

import pytest

from lab4.domain.errors import DisagreementError
from lab4.measure import latency
from lab4.measure.latency import check_synchronous, unfinished_s

WORK_S = 0.02
LEFT_S = 0.2
READING_S = 1e-5


def spin(seconds):
    end = perf_counter() + seconds
    while perf_counter() < end:
        pass


class Synchronous:
    def run(self):
        spin(WORK_S)
        return "result"

    def settle(self, result):
        assert result == "result"


class Asynchronous:
    """Starts its work and returns, as a GPU does: by a clock that advances only when it is read.

    By this machine's clock the work may be done before it is waited for, where the machine is busy.
    """

    def __init__(self):
        self.now_s = 0.0

    def clock_ns(self):
        self.now_s += READING_S
        return round(self.now_s * 1e9)

    def run(self):
        return self.now_s + LEFT_S

    def settle(self, done_s):
        self.now_s = max(self.now_s, done_s)


def test_a_runner_that_does_its_work_passes():
    runner = Synchronous()
    check_synchronous(runner.run, runner.settle, WORK_S)
    assert unfinished_s(runner.run, runner.settle) < WORK_S / 10


def test_a_runner_that_returns_before_its_work_is_done_is_refused(monkeypatch):
    runner = Asynchronous()
    monkeypatch.setattr(latency, "perf_counter_ns", runner.clock_ns)
    with pytest.raises(DisagreementError, match=r"returns before its work is done: .* leaves 200 ms of work"):
        check_synchronous(runner.run, runner.settle, 1e-4)
    assert unfinished_s(runner.run, runner.settle) == pytest.approx(LEFT_S, abs=10 * READING_S)


def test_a_wait_that_costs_more_the_first_time_is_no_work_left():
    """The first wait and copy to the host after a call cost a GPU 0.1 ms more than a second one."""
    settled = []

    def settle(result):
        spin(WORK_S if result not in settled else 0)
        settled.append(result)

    calls = iter(range(10**6))
    check_synchronous(lambda: next(calls), settle, WORK_S / 100)


def test_what_settling_itself_costs_is_no_work_left():
    def settle(_):
        spin(WORK_S)

    check_synchronous(lambda: None, settle, WORK_S)
