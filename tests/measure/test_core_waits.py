"""How long this process waits for cores that others have: on this machine, with real co-runners."""

import hashlib
import os
import subprocess
import sys
from threading import Barrier, Thread
from time import perf_counter, thread_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab4.domain.timing import TimingBudget
from lab4.measure.bursts import ContentionMonitor, of_calls, time_bursts
from lab4.measure.core_waits import CoreTimes, core_waits
from lab4.measure.cores import pinned

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts how long threads wait")
seconds = st.floats(0, 100)


@given(seconds, seconds, seconds, st.integers(1, 64))
def test_no_more_is_lost_than_was_waited_or_than_the_cores_had(passed, computed, waited, cores):
    lost = CoreTimes(passed, computed, waited).lost_since(CoreTimes(0.0, 0.0, 0.0), cores)
    assert 0 <= lost * passed <= waited + 1e-9
    assert lost <= cores


def test_threads_that_wait_for_each_other_lose_nothing():
    assert CoreTimes(1.0, 1.0, 0.9).lost_since(CoreTimes(0.0, 0.0, 0.0), 1) == 0


def test_a_core_that_another_process_had_half_of_the_time_is_lost_by_half():
    assert CoreTimes(3.0, 1.5, 1.5).lost_since(CoreTimes(2.0, 1.0, 1.0), 1) == 0.5


def spin(seconds=0.004):
    end = perf_counter() + seconds
    while perf_counter() < end:
        pass


@pytest.fixture
def core():
    """The core that this thread is pinned to meanwhile."""
    with pinned(1) as chosen:
        yield chosen[0]


@pytest.fixture
def co_runner(core):
    """A process that computes on that core."""
    code = f"import os; os.sched_setaffinity(0, {{{core}}}); print(flush=True)\nwhile True: pass"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        yield process
        process.kill()


@linux
@pytest.mark.usefixtures("co_runner")
def test_bursts_next_to_a_co_runner_on_the_same_core_lose_much_of_their_time():
    # So many bursts, however long one of them is held up, and however long the system lets each process run.
    monitor, budget = ContentionMonitor(), TimingBudget(0.0, 60)
    with core_waits(os.getpid()) as waits:
        found = time_bursts(of_calls(spin, 1), 0.004, budget, 1, monitor, waits=waits)
    assert len(found.bursts) == 60
    assert sum(burst.lost for burst in found.bursts) / 60 > 0.1


@linux
def test_the_waits_of_another_process_are_seen_too(co_runner):
    with core_waits(co_runner.pid) as waits:
        start, own_s = waits.times(), thread_time()
        while thread_time() - own_s < 0.3:
            pass
        found = waits.times()
    # Whatever else has the core: while this thread had it, that process waited, and did not compute.
    assert found.waited - start.waited > 0.05
    lost_s = found.lost_since(start, 1) * (found.now - start.now)
    assert 0.05 < lost_s <= found.waited - start.waited


@linux
@pytest.mark.usefixtures("core")
def test_own_threads_on_one_core_wait_for_each_other_and_lose_less_than_they_wait():
    begin, end, content = Barrier(4), Barrier(4), bytes(1_000_000)

    def compute():
        begin.wait()
        while thread_time() < 0.1:  # of its own: whatever else this machine does
            hashlib.sha256(content).digest()
        end.wait()
        end.wait()  # what a thread that has ended waited for is not known

    threads = [Thread(target=compute) for _ in range(3)]
    for thread in threads:
        thread.start()
    with core_waits(os.getpid()) as waits:
        before = waits.times()
        begin.wait()
        end.wait()
        after = waits.times()
    end.wait()
    for thread in threads:
        thread.join()
    waited = after.waited - before.waited
    assert waited > 0.01
    assert after.lost_since(before, 1) * (after.now - before.now) < waited


@pytest.mark.parametrize("process", [None, 2**22 + 1])
def test_a_process_that_cannot_be_watched_loses_nothing(process):
    with core_waits(process) as waits:
        start = waits.times()
        spin()
        assert waits.times().lost_since(start, 1) == 0


@linux
def test_what_a_thread_that_has_ended_waited_for_stays_counted(core):
    own, code = Barrier(2), f"import os; os.sched_setaffinity(0, {{{core}}})\nwhile True: pass"

    def compute():
        while thread_time() < 0.05:
            hashlib.sha256(bytes(1_000_000)).digest()
        own.wait()
        own.wait()

    thread = Thread(target=compute)
    with subprocess.Popen([sys.executable, "-c", code]) as process:
        thread.start()
        own.wait()
        process.kill()
    with core_waits(os.getpid()) as waits:
        before = waits.times()
        own.wait()
        thread.join()
        assert waits.times().waited >= before.waited
