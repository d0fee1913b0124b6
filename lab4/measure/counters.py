"""What the processor counts of this process's own code: instructions, cycles, misses. Linux only."""

import ctypes
import errno
import os
import platform
import struct
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from operator import sub
from pathlib import Path
from typing import NamedTuple

from lab4.domain.outcome import Unavailable

#: Name to type and number, as in linux/perf_event.h.
Events = Mapping[str, tuple[int, int]]

_HARDWARE = 0
#: An Intel or AMD core counts these at once, so that none is scaled.
EVENTS: Events = {
    "instructions": (_HARDWARE, 1),
    "cycles": (_HARDWARE, 0),
    "cache-misses": (_HARDWARE, 3),
    "cache-references": (_HARDWARE, 2),
    "branch-misses": (_HARDWARE, 5),
}

_SYSCALLS = {"x86_64": 298, "aarch64": 241}
_PARANOID = Path("/proc/sys/kernel/perf_event_paranoid")
#: The first version of perf_event_attr, 64 bytes, which every kernel takes: type, size, config, sample period and type,
#: read format, flags, and two numbers that are not used.
_ATTRIBUTES = struct.Struct("=IIQQQQQ16x")
_TIMES = 1 | 2  # enabled and running, next to the count
_INHERIT, _EXCLUDE_KERNEL, _EXCLUDE_HYPERVISOR = 1 << 1, 1 << 5, 1 << 6
_ANY_CORE, _NO_GROUP, _CLOSE_ON_EXEC = -1, -1, 8
_ABSENT = {errno.ENOENT, errno.EOPNOTSUPP, errno.ENODEV}


class _Reading(NamedTuple):
    """A raw count, the nanoseconds that it should have been counted, and those that it was."""

    value: int
    enabled_ns: int
    running_ns: int


class CounterReader:
    """Counts of this process in user space since `start`, which ``with`` calls; made by `open_counters`.

    The threads that it had when this was made are counted, and the threads and processes that those start. ``missing``
    names the events that could not be opened, and why. ``shares`` is the share of time, 0..1, in which each event was
    counted, as of the last `read`: where a core has fewer counters than there are events, the kernel lets them take
    turns, and a count of less than 1 is scaled.
    """

    def __init__(self, files: Mapping[str, tuple[int, ...]], missing: Mapping[str, str]) -> None:
        self.missing = missing
        self.shares: dict[str, float] = {}
        self._files = dict(files)
        self.start()

    def start(self) -> None:
        """Count from here on."""
        self._start = {file: _raw(file) for files in self._files.values() for file in files}

    def read(self) -> dict[str, int]:
        """Counts since the start, by event, scaled up to all of the time; an event never counted is left out."""
        counts = {}
        self.shares = {}
        for name, files in self._files.items():
            readings = [_Reading(*map(sub, _raw(file), self._start[file])) for file in files]
            enabled = sum(reading.enabled_ns for reading in readings)
            running = sum(reading.running_ns for reading in readings)
            if running or not enabled:
                counts[name] = sum(map(_scaled, readings))
                self.shares[name] = running / enabled if enabled else 1.0
        return counts

    def close(self) -> None:
        """Stop counting."""
        for files in self._files.values():
            _close(files)
        self._files = {}

    def __enter__(self) -> "CounterReader":  # noqa: PYI034  # typing.Self is of Python 3.11
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_counters(events: Events = EVENTS) -> CounterReader | Unavailable:
    """Open the counters, those that there are; or the reason why there is none."""
    syscall = _SYSCALLS.get(platform.machine())
    if sys.platform != "linux" or syscall is None or sys.maxsize < 2**32:
        where = f"{sys.platform} {platform.machine()}"
        return Unavailable(f"hardware counters are read on 64-bit Linux only (x86-64, aarch64), not on {where}")
    threads = [0]  # no /proc: the caller's thread
    with suppress(OSError):
        threads = [int(task.name) for task in Path("/proc/self/task").iterdir()]
    files, missing, reason = {}, {}, ""
    for name, event in events.items():
        try:
            files[name] = _open_event(syscall, event, threads)
        except OSError as error:  # noqa: PERF203  # five times
            missing[name] = reason = _reason(error)
    return CounterReader(files, missing) if files else Unavailable(reason)


def _open_event(syscall: int, event: tuple[int, int], threads: Iterable[int]) -> tuple[int, ...]:
    """Open one event for each thread; raises `OSError`, with nothing left open."""
    call = ctypes.CDLL(None, use_errno=True).syscall
    # Every argument is a whole register; the kernel takes of it what it needs.
    call.argtypes = (ctypes.c_long, ctypes.c_char_p, *[ctypes.c_long] * 4)
    call.restype = ctypes.c_long
    flags = _INHERIT | _EXCLUDE_KERNEL | _EXCLUDE_HYPERVISOR
    attributes = _ATTRIBUTES.pack(event[0], _ATTRIBUTES.size, event[1], 0, 0, _TIMES, flags)
    files: list[int] = []
    for thread in threads:
        file = call(syscall, attributes, thread, _ANY_CORE, _NO_GROUP, _CLOSE_ON_EXEC)
        if file >= 0:
            files.append(file)
        elif (code := ctypes.get_errno()) != errno.ESRCH:  # the thread ended meanwhile
            _close(files)
            raise OSError(code, os.strerror(code))
    return tuple(files)


def _reason(error: OSError) -> str:
    if error.errno in _ABSENT:
        return f"this machine has no such hardware counters ({error.strerror}); virtual machines mostly have none"
    with suppress(OSError):
        if error.errno in {errno.EACCES, errno.EPERM}:
            reason = f"not allowed (perf_event_paranoid is {_PARANOID.read_text().strip()})"
            remedy = "run sudo sysctl kernel.perf_event_paranoid=2; in a container its seccomp profile must allow"
            return f"{reason}: {remedy} perf_event_open"
    return f"perf_event_open: {error.strerror}"


def _raw(file: int) -> _Reading:
    return _Reading(*struct.unpack("3Q", os.read(file, 24)))


def _scaled(reading: _Reading) -> int:
    if reading.running_ns in (0, reading.enabled_ns):
        return reading.value
    return round(reading.value * reading.enabled_ns / reading.running_ns)


def _close(files: Iterable[int]) -> None:
    for file in files:
        os.close(file)
