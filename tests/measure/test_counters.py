import errno
import os
import platform
import sys
from mmap import mmap
from pathlib import Path
from threading import Event, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab4.domain.outcome import Unavailable
from lab4.measure import counters
from lab4.measure.counters import EVENTS, CounterReader, open_counters

PAGE = 4096
#: What the kernel itself counts, on any machine: nanoseconds on a core, and pages fetched.
SOFTWARE_EVENTS = {"task-clock": (1, 1), "page-faults": (1, 2)}


@pytest.fixture
def software():
    """Counters of the kernel's own events: the same mechanism, on machines without hardware counters too."""
    opened = open_counters(SOFTWARE_EVENTS)
    if isinstance(opened, Unavailable):
        pytest.skip(opened.reason)
    with opened:
        yield opened


def refuse(code):
    def open_event(*_):
        raise OSError(code, os.strerror(code))

    return open_event


def made(*rows):
    """Counters of one event in pipes, each filled with (value, enabled, running) at its start and at its end."""
    files = []
    for row in rows:
        reading, writing = os.pipe()
        for numbers in row:
            os.write(writing, b"".join(number.to_bytes(8, sys.byteorder) for number in numbers))
        os.close(writing)
        files.append(reading)
    return CounterReader({"cycles": tuple(files)}, {})


def open_files():
    return set(Path("/proc/self/fd").iterdir())


def test_time_on_the_core_is_counted(software):
    def spend():
        return sum(range(200_000))

    spend()
    first = software.read()["task-clock"]
    spend()
    spend()
    assert 0 < first < software.read()["task-clock"]


def test_fetched_pages_are_counted_and_start_sets_back(software):
    block = bytearray(64 * PAGE)
    software.start()
    os.urandom(1)
    few = software.read()["page-faults"]
    more = mmap(-1, 400 * PAGE)  # never from what the process has freed before
    for page in range(400):
        more[page * PAGE] = 1
    assert software.read()["page-faults"] >= few + 300
    software.start()
    assert software.read()["page-faults"] < 300
    assert len(block) < len(more)


def test_a_thread_started_later_is_counted(software):
    def work():
        sum(range(2_000_000))

    software.start()
    thread = Thread(target=work)
    thread.start()
    thread.join()
    assert software.read()["task-clock"] > 1_000_000


def test_a_thread_started_before_is_counted():
    go, ready = Event(), Event()

    def work():
        ready.set()
        go.wait()
        sum(range(2_000_000))

    thread = Thread(target=work)
    thread.start()
    ready.wait()
    opened = open_counters(SOFTWARE_EVENTS)
    if isinstance(opened, Unavailable):
        go.set()
        thread.join()
        pytest.skip(opened.reason)
    with opened:
        go.set()  # not before: what it does until the count starts is not counted
        thread.join()
        assert opened.read()["task-clock"] > 1_000_000


@pytest.mark.skipif(sys.platform != "linux", reason="counts open files in /proc")
def test_nothing_stays_open():
    before = open_files()
    for _ in range(3):
        for events in (EVENTS, SOFTWARE_EVENTS, {**SOFTWARE_EVENTS, "nonsense": (1, 10_000)}):
            opened = open_counters(events)
            if isinstance(opened, CounterReader):
                opened.close()
    assert open_files() <= before


def test_an_event_that_is_not_there_is_told_beside_those_that_are(software):
    assert software.missing == {}
    with open_counters({**SOFTWARE_EVENTS, "nonsense": (1, 10_000)}) as opened:
        assert list(opened.missing) == ["nonsense"]
        assert set(opened.read()) == set(SOFTWARE_EVENTS)


def test_this_machine_counts_instructions_or_says_why_not():
    opened = open_counters()
    if isinstance(opened, Unavailable):
        assert len(opened.reason) > 20
        return
    with opened:
        sum(range(100_000))
        assert opened.read().get("instructions", 100_001) > 100_000


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.ENOENT, "virtual machines mostly have none"),
        (errno.EACCES, "sysctl kernel.perf_event_paranoid=2"),
        (errno.EPERM, "seccomp"),
        (errno.EMFILE, "perf_event_open: Too many open files"),
        (errno.ENOSYS, "perf_event_open: Function not implemented"),
    ],
)
def test_a_refusal_is_a_reason_with_its_mend(monkeypatch, tmp_path, code, words):
    paranoid = tmp_path / "perf_event_paranoid"
    paranoid.write_text("4\n")
    monkeypatch.setattr(counters, "_PARANOID", paranoid)
    monkeypatch.setattr(counters, "_open_event", refuse(code))
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(sys, "platform", "linux")
    assert words in open_counters().reason


def test_a_refusal_is_told_without_the_level_where_that_is_not_readable(monkeypatch, tmp_path):
    monkeypatch.setattr(counters, "_PARANOID", tmp_path / "absent")
    assert "Operation not permitted" in counters._reason(PermissionError(errno.EPERM, "Operation not permitted"))


@pytest.mark.parametrize(("system", "machine"), [("darwin", "arm64"), ("win32", "AMD64"), ("linux", "riscv64")])
def test_other_systems_are_a_reason(monkeypatch, system, machine):
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    assert machine in open_counters().reason


def test_a_count_of_half_of_the_time_is_doubled_and_says_so():
    with made([(100, 10, 10), (100, 10, 10), (150, 110, 60)]) as found:
        assert found.read() == {"cycles": 100}
        assert found.shares == {"cycles": 0.5}


def test_counts_of_threads_are_scaled_each_by_its_own_time():
    row, other = [(0, 0, 0), (0, 0, 0), (10, 100, 100)], [(0, 0, 0), (0, 0, 0), (10, 100, 25)]
    with made(row, other) as found:
        assert found.read() == {"cycles": 50}
        assert found.shares == {"cycles": 0.625}


def test_an_event_that_never_had_its_turn_is_left_out():
    with made([(0, 0, 0), (0, 0, 0), (0, 100, 0)]) as found:
        assert found.read() == {}
        assert found.shares == {}


@given(st.integers(0, 2**48), st.integers(1, 2**40), st.data())
def test_scaling_never_makes_a_count_smaller(value, enabled, data):
    running = data.draw(st.integers(1, enabled))
    assert counters._scaled(counters._Reading(value, enabled, running)) >= value
