"""What the system did to a region of code, from two snapshots around it that cost some 20 us each."""

import gc
import os
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from lab4.domain.observed import SystemActivity

if sys.platform != "win32":
    import resource

__all__ = ["Snapshot", "Sources", "difference", "snapshot", "total"]

_N = TypeVar("_N", int, float)

#: A source that takes longer is not read: a core's frequency costs 10 ms on some kernels, a hundred cores' heat too.
_MOST_SOURCE_S = 200e-6
_PROBES = 5
_STEAL = 7
_BYTES = 512  # the first line of /proc/stat, the first core of /proc/cpuinfo; more would cost more


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Counters as they are now; `difference` is what happened between two of them."""

    wall_s: float
    cpu_s: float
    collections: int
    steal_s: float | None
    involuntary_switches: int | None
    major_faults: int | None
    minor_faults: int | None
    throttles: int | None
    frequency_hz: float | None


_COUNTERS = [field.name for field in fields(Snapshot) if field.name != "frequency_hz"]


class Sources:
    """The system's files with counters, opened once; those that are absent, slow or garbled give ``None``.

    ``root`` is where ``proc`` and ``sys`` lie.
    """

    def __init__(self, root: Path = Path("/")) -> None:
        cpus = root / "sys/devices/system/cpu"
        stat, info = _opened(root / "proc/stat"), _opened(root / "proc/cpuinfo")
        scaling = _opened(cpus / "cpu0/cpufreq/scaling_cur_freq")
        throttles = [_opened(path) for path in sorted(cpus.glob("cpu[0-9]*/thermal_throttle/core_throttle_count"))]
        # The first line: "cpu", then ticks of all cores in user, nice, system, idle, iowait, irq, softirq and steal.
        self.steal_s = _quick(
            lambda: int(stat().partition(b"\n")[0].partition(b"cpu ")[2].split()[_STEAL]) / os.sysconf("SC_CLK_TCK")
        )
        # None at all is garbled, and so unknown.
        self.throttles = _quick(lambda: sum(int(read()) for read in throttles or [bytes]))
        self.frequency_hz = _quick(lambda: int(scaling()) * 1e3)  # kHz
        if self.frequency_hz is _untold:
            self.frequency_hz = _quick(
                lambda: float(info().partition(b"cpu MHz")[2].partition(b"\n")[0].partition(b":")[2]) * 1e6
            )

    def snapshot(self) -> Snapshot:
        """Read everything now."""
        used = None if sys.platform == "win32" else resource.getrusage(resource.RUSAGE_SELF)
        return Snapshot(
            steal_s=self.steal_s(),
            throttles=self.throttles(),
            frequency_hz=self.frequency_hz(),
            involuntary_switches=used and used.ru_nivcsw,
            major_faults=used and used.ru_majflt,
            minor_faults=used and used.ru_minflt,
            collections=sum(generation["collections"] for generation in gc.get_stats()),
            cpu_s=time.process_time(),
            wall_s=time.perf_counter(),
        )


@lru_cache(maxsize=1)
def _system() -> Sources:
    return Sources()


def snapshot() -> Snapshot:
    """Read this system's counters now."""
    return _system().snapshot()


def difference(before: Snapshot, after: Snapshot) -> SystemActivity:
    """What happened between two snapshots, the second of them just taken: the load average is of now."""
    pairs = {name: (getattr(before, name), getattr(after, name)) for name in _COUNTERS}
    counted: dict[str, Any] = {name: None if None in pair else pair[1] - pair[0] for name, pair in pairs.items()}
    frequencies = _told((before.frequency_hz, after.frequency_hz))
    load_average = None
    with suppress(OSError, AttributeError):  # not on Windows
        load_average = os.getloadavg()[0]
    return SystemActivity(
        **counted,
        load_average=load_average,
        least_frequency_hz=min(frequencies, default=None),
        most_frequency_hz=max(frequencies, default=None),
    )


def total(system_activities: Iterable[SystemActivity]) -> SystemActivity:
    """Sum those of several regions, in order: ``None`` where one of them is unknown.

    The load average is the last one's; frequencies are the least and the most of those that were read.
    """
    parts = tuple(system_activities)
    if not parts:
        return SystemActivity(0.0, 0.0, 0, *[None] * 8)
    values = {name: [getattr(part, name) for part in parts] for name in _COUNTERS}
    summed: dict[str, Any] = {name: None if None in every else sum(every) for name, every in values.items()}
    return SystemActivity(
        **summed,
        load_average=parts[-1].load_average,
        least_frequency_hz=min(_told(part.least_frequency_hz for part in parts), default=None),
        most_frequency_hz=max(_told(part.most_frequency_hz for part in parts), default=None),
    )


def _untold() -> None:
    return None


def _quick(read: Callable[[], _N]) -> Callable[[], _N | None]:
    """Return ``read``, made safe, or what always returns ``None`` where it is refused, garbled or slow here."""

    def safe() -> _N | None:
        with suppress(OSError, ValueError, IndexError):
            return read()
        return None

    least_s = float("inf")
    for _ in range(_PROBES):
        start = time.perf_counter()
        if safe() is None:
            return _untold
        least_s = min(least_s, time.perf_counter() - start)
    return safe if least_s < _MOST_SOURCE_S else _untold


def _opened(path: Path) -> Callable[[], bytes]:
    # A descriptor kept for the life of the process: opening costs more than reading. Nothing is done with it but this.
    with suppress(OSError):
        file = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
        return lambda: os.pread(file, _BYTES, 0)
    return lambda: b""


def _told(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]
