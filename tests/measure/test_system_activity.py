import gc
import os
import sys
import time
from dataclasses import replace
from itertools import pairwise
from mmap import mmap
from threading import Event

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab4.domain.observed import SystemActivity
from lab4.measure import system_activity
from lab4.measure.system_activity import Sources, difference, snapshot, total

needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
QUIET = SystemActivity(0.0, 0.0, 0, None, None, None, None, None, None, None, None)
STAT = "cpu  10 0 10 1000 0 0 0 {} 0 0\ncpu0 10 0 10 1000 0 0 0 9 0 0\n"

# Binary fractions, so that sums are exact whatever their order.
seconds = st.integers(0, 2**20).map(lambda number: number / 1024)
counts = st.integers(0, 2**40)
system_activities = st.builds(
    SystemActivity,
    seconds,
    seconds,
    counts,
    *[st.none() | seconds, *[st.none() | counts] * 4, *[st.none() | seconds] * 3],
)


def write(root, path, text):
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def between(sources, change):
    before = sources.snapshot()
    change()
    return difference(before, sources.snapshot())


def collect_twice():
    gc.collect()
    gc.collect()


def test_time_and_collections_between_two_snapshots_are_told():
    gc.collect()  # else one may come by itself meanwhile
    found = between(Sources(), collect_twice)
    assert found.collections == 2
    assert found.wall_s > 0
    assert 0 < found.cpu_s <= 2 * found.wall_s + 0.1


def test_waiting_takes_wall_time_but_no_time_of_the_cpu():
    found = between(Sources(), lambda: Event().wait(0.05))
    assert found.wall_s >= 0.05
    assert found.cpu_s < found.wall_s


@needs_linux
def test_pages_that_are_touched_first_are_minor_faults():
    def touch():
        # Of the kernel, not of an allocator that may give touched pages again.
        with mmap(-1, 8 * 2**20) as memory:
            memory[:: 2**12] = bytes(2**11)

    assert between(Sources(), touch).minor_faults > 0


@needs_linux
def test_this_machine_tells_what_linux_tells():
    found = difference(snapshot(), snapshot())
    assert found.steal_s is None or found.steal_s >= 0  # a slow machine's is left out
    assert found.involuntary_switches >= 0
    assert found.load_average >= 0


def test_a_snapshot_costs_little_more_than_its_sources_may():
    """Each is left out where it would take longer."""
    snapshot()

    def cost():
        start = time.perf_counter()
        snapshot()
        return time.perf_counter() - start

    sources = {name: read for name, read in vars(system_activity._system()).items() if callable(read)}
    assert len(sources) == 4
    assert min(cost() for _ in range(100)) < (len(sources) + 1) * system_activity._MOST_SOURCE_S


def test_steal_is_in_seconds_of_all_cores(tmp_path):
    stat = write(tmp_path, "proc/stat", STAT.format(100))
    ticks = os.sysconf("SC_CLK_TCK")
    found = between(Sources(tmp_path), lambda: stat.write_text(STAT.format(100 + 3 * ticks)))
    assert found.steal_s == pytest.approx(3.0)


def test_throttles_are_summed_over_cores(tmp_path):
    paths = [f"sys/devices/system/cpu/cpu{core}/thermal_throttle/core_throttle_count" for core in (0, 1, 10)]
    files = [write(tmp_path, path, "5\n") for path in paths]
    assert between(Sources(tmp_path), lambda: [file.write_text("7\n") for file in files]).throttles == 6


def test_frequency_is_in_hertz_and_the_least_and_the_most(tmp_path):
    file = write(tmp_path, "sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", "3000000\n")
    write(tmp_path, "proc/cpuinfo", "cpu MHz\t\t: 1000.0\n")
    found = between(Sources(tmp_path), lambda: file.write_text("1200000\n"))
    assert (found.least_frequency_hz, found.most_frequency_hz) == (1.2e9, 3.0e9)


def test_frequency_is_read_from_cpuinfo_where_there_is_no_scaling(tmp_path):
    write(tmp_path, "proc/cpuinfo", "processor\t: 0\ncpu MHz\t\t: 2596.118\nflags\t: x\ncpu MHz\t: 1.0\n")
    assert Sources(tmp_path).snapshot().least_frequency_hz == pytest.approx(2.596118e9)


def test_where_the_system_has_no_files_nothing_is_told_and_nothing_raised(tmp_path):
    found = between(Sources(tmp_path), lambda: None)
    assert (found.steal_s, found.throttles, found.least_frequency_hz, found.most_frequency_hz) == (None,) * 4


@pytest.mark.parametrize("garbage", ["", "\n", "cpu", "cpu a b c d e f g h", "intr 1 2 3 4 5 6 7 8 9", "\x00"])
def test_garbage_is_not_told(tmp_path, garbage):
    cpu = "sys/devices/system/cpu/cpu0"
    names = ("proc/stat", "proc/cpuinfo", f"{cpu}/cpufreq/scaling_cur_freq")
    for path in (*names, f"{cpu}/thermal_throttle/core_throttle_count"):
        write(tmp_path, path, garbage)
    taken = Sources(tmp_path).snapshot()
    assert (taken.steal_s, taken.throttles, taken.least_frequency_hz) == (None, None, None)


def test_a_source_that_turns_to_garbage_is_not_told(tmp_path):
    stat = write(tmp_path, "proc/stat", STAT.format(1))
    assert between(Sources(tmp_path), lambda: stat.write_text("")).steal_s is None


def test_a_slow_source_is_left_out(monkeypatch):
    now = iter(range(1_000_000))
    monkeypatch.setattr(system_activity.time, "perf_counter", lambda: next(now))
    assert system_activity._quick(lambda: 1)() is None


def test_windows_tells_less_and_raises_nothing(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.delattr(os, "getloadavg", raising=False)
    monkeypatch.delattr(os, "sysconf", raising=False)
    monkeypatch.delattr(os, "pread", raising=False)
    monkeypatch.delattr(system_activity, "resource", raising=False)
    found = between(Sources(tmp_path), gc.collect)
    assert replace(found, wall_s=0.0, cpu_s=0.0, collections=0) == QUIET


def test_a_system_without_a_load_average_is_not_told(monkeypatch):
    def refuse():
        raise OSError

    monkeypatch.setattr(os, "getloadavg", refuse)
    assert difference(snapshot(), snapshot()).load_average is None


@given(system_activities)
def test_the_total_of_one_is_itself(one):
    assert total([one]) == one


@given(st.lists(system_activities, min_size=1), st.lists(system_activities, min_size=1))
def test_totals_of_parts_add_up_to_the_total(some, others):
    assert total([total(some), total(others)]) == total(some + others)


@given(st.lists(system_activities, min_size=1))
def test_a_sum_is_told_only_where_every_part_tells(parts):
    summed = total(parts)
    for name in ("steal_s", "involuntary_switches", "major_faults", "minor_faults", "throttles"):
        values = [getattr(part, name) for part in parts]
        assert getattr(summed, name) == (None if None in values else sum(values))


@given(st.lists(system_activities, min_size=1))
def test_frequencies_of_a_total_bound_those_of_its_parts(parts):
    summed = total(parts)
    assert all(summed.least_frequency_hz <= part.least_frequency_hz for part in parts if part.least_frequency_hz)
    assert all(summed.most_frequency_hz >= part.most_frequency_hz for part in parts if part.most_frequency_hz)


def test_the_total_of_nothing_is_nothing_told():
    assert total([]) == QUIET


@given(st.data())
def test_slices_end_to_end_sum_to_the_whole(data):
    step = st.tuples(seconds, seconds, counts, seconds, *[counts] * 4, seconds)
    steps = data.draw(st.lists(step, min_size=2, max_size=6))
    sums = [[*map(sum, zip(*steps[: end + 1], strict=True))] for end in range(len(steps))]
    taken = [SystemActivity(*counted, None, frequency, frequency) for *counted, frequency in sums]
    slices = [difference(*pair) for pair in pairwise(taken)]
    whole = difference(taken[0], taken[-1])
    assert replace(total(slices), load_average=None) == replace(whole, load_average=None)
