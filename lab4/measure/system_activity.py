"""What the system did to a region of code, from two snapshots around it that cost some 20 us each."""

import gc
import os
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

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


class Sources:
    """The system's files with counters, opened once; those that are absent, slow or garbled give ``None``.

    ``root`` is where ``proc`` and ``sys`` lie.
    """

    def __init__(self, root: Path = Path("/")) -> None:
        self.steal_s = _quick(_steal_reader(root / "proc/stat"))
        cpus = root / "sys/devices/system/cpu"
        self.throttles = _quick(_throttle_reader(cpus))
        self.frequency_hz = _quick(_scaling_reader(cpus / "cpu0/cpufreq/scaling_cur_freq"))
        if self.frequency_hz is _untold:
            self.frequency_hz = _quick(_cpuinfo_reader(root / "proc/cpuinfo"))

    def snapshot(self) -> Snapshot:
        """Read everything now."""
        switches, major, minor = _usage()
        return Snapshot(
            steal_s=self.steal_s(),
            throttles=self.throttles(),
            frequency_hz=self.frequency_hz(),
            involuntary_switches=switches,
            major_faults=major,
            minor_faults=minor,
            collections=sum(generation["collections"] for generation in gc.get_stats()),
            cpu_s=time.process_time(),
            wall_s=time.perf_counter(),
        )


def snapshot() -> Snapshot:
    """Read this system's counters now."""
    return _system().snapshot()


def difference(before: Snapshot, after: Snapshot) -> SystemActivity:
    """What happened between two snapshots, the second of them just taken: the load average is of now."""
    frequencies = _told((before.frequency_hz, after.frequency_hz))
    return SystemActivity(
        wall_s=after.wall_s - before.wall_s,
        cpu_s=after.cpu_s - before.cpu_s,
        collections=after.collections - before.collections,
        steal_s=_since(before.steal_s, after.steal_s),
        involuntary_switches=_since(before.involuntary_switches, after.involuntary_switches),
        major_faults=_since(before.major_faults, after.major_faults),
        minor_faults=_since(before.minor_faults, after.minor_faults),
        throttles=_since(before.throttles, after.throttles),
        load_average=_load_average(),
        least_frequency_hz=min(frequencies, default=None),
        most_frequency_hz=max(frequencies, default=None),
    )


def total(system_activities: Iterable[SystemActivity]) -> SystemActivity:
    """Sum those of several regions, in order: ``None`` where one of them is unknown.

    The load average is the last one's; frequencies are the least and the most of those that were read.
    """
    parts = tuple(system_activities)
    return SystemActivity(
        wall_s=sum(part.wall_s for part in parts),
        cpu_s=sum(part.cpu_s for part in parts),
        collections=sum(part.collections for part in parts),
        steal_s=_sum(part.steal_s for part in parts),
        involuntary_switches=_sum(part.involuntary_switches for part in parts),
        major_faults=_sum(part.major_faults for part in parts),
        minor_faults=_sum(part.minor_faults for part in parts),
        throttles=_sum(part.throttles for part in parts),
        load_average=parts[-1].load_average if parts else None,
        least_frequency_hz=min(_told(part.least_frequency_hz for part in parts), default=None),
        most_frequency_hz=max(_told(part.most_frequency_hz for part in parts), default=None),
    )


@lru_cache(maxsize=1)
def _system() -> Sources:
    return Sources()


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


def _steal_reader(path: Path) -> Callable[[], float]:
    read = _opened(path)
    # The first line: "cpu", then ticks of all cores in user, nice, system, idle, iowait, irq, softirq and steal.
    return lambda: int(read().partition(b"\n")[0].partition(b"cpu ")[2].split()[_STEAL]) / os.sysconf("SC_CLK_TCK")


def _throttle_reader(cpus: Path) -> Callable[[], int]:
    reads = [_opened(path) for path in sorted(cpus.glob("cpu[0-9]*/thermal_throttle/core_throttle_count"))]
    return lambda: sum(int(read()) for read in reads or [bytes])  # none at all is garbled, and so unknown


def _scaling_reader(path: Path) -> Callable[[], float]:
    read = _opened(path)
    return lambda: int(read()) * 1e3  # kHz


def _cpuinfo_reader(path: Path) -> Callable[[], float]:
    read = _opened(path)
    return lambda: float(read().partition(b"cpu MHz")[2].partition(b"\n")[0].partition(b":")[2]) * 1e6


def _usage() -> tuple[int, int, int] | tuple[None, None, None]:
    if sys.platform == "win32":
        return None, None, None
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_nivcsw, used.ru_majflt, used.ru_minflt


def _load_average() -> float | None:
    with suppress(OSError, AttributeError):  # not on Windows
        return os.getloadavg()[0]
    return None


def _told(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def _since(before: _N | None, after: _N | None) -> _N | None:
    return None if before is None or after is None else after - before


def _sum(values: Iterable[_N | None]) -> _N | None:
    every = list(values)
    known = [value for value in every if value is not None]
    return sum(known[1:], known[0]) if known and len(known) == len(every) else None
