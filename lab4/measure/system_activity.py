"""What the system did to a region of code, from two snapshots around it that cost some 20 us each."""

import gc
import os
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from lab4.domain.observed import SystemActivity

if sys.platform != "win32":
    import resource

_N = TypeVar("_N", int, float)

#: A source that takes longer is not read: a core's frequency costs 10 ms on some kernels, a hundred cores' heat too.
_MOST_SOURCE_S = 200e-6
_PROBES = 5
_STEAL = 7
_BYTES = 512  # the first line of /proc/stat, the first core of /proc/cpuinfo; more would cost more


_COUNTERS = [field.name for field in fields(SystemActivity) if not field.name.endswith(("average", "frequency_hz"))]


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
        self.load_average = _quick(lambda: os.getloadavg()[0])
        # None at all is garbled, and so unknown.
        self.throttles = _quick(lambda: sum(int(read()) for read in throttles or [bytes]))
        self.frequency_hz = _quick(lambda: int(scaling()) * 1e3)  # kHz
        if self.frequency_hz is _untold:
            self.frequency_hz = _quick(
                lambda: float(info().partition(b"cpu MHz")[2].partition(b"\n")[0].partition(b":")[2]) * 1e6
            )

    def snapshot(self) -> SystemActivity:
        """Read everything now: what the system did since some moment in the past."""
        used = None if sys.platform == "win32" else resource.getrusage(resource.RUSAGE_SELF)
        frequency_hz = self.frequency_hz()
        return SystemActivity(
            steal_s=self.steal_s(),
            throttles=self.throttles(),
            least_frequency_hz=frequency_hz,
            most_frequency_hz=frequency_hz,
            load_average=self.load_average(),
            involuntary_switches=used and used.ru_nivcsw,
            major_faults=used and used.ru_majflt,
            minor_faults=used and used.ru_minflt,
            collections=sum(generation["collections"] for generation in gc.get_stats()),
            cpu_s=time.process_time(),
            wall_s=time.perf_counter(),
        )


_system = cache(Sources)


def snapshot() -> SystemActivity:
    """Read this system's counters now; `difference` is what happened between two such."""
    return _system().snapshot()


def difference(before: SystemActivity, after: SystemActivity) -> SystemActivity:
    """What happened between two snapshots, never less than nothing; the load average is the later one's."""
    return _combined((before, after), lambda pair: max(0, pair[1] - pair[0]))


def total(system_activities: Iterable[SystemActivity]) -> SystemActivity:
    """Sum those of several regions, in order: ``None`` where one of them is unknown.

    The load average is the last one's; frequencies are the least and the most of those that were read.
    """
    parts = tuple(system_activities)
    return _combined(parts, sum) if parts else SystemActivity(0.0, 0.0, 0, *[None] * 8)


def _combined(parts: Sequence[SystemActivity], combine: Callable[[Sequence[Any]], Any]) -> SystemActivity:
    values = {field.name: [getattr(part, field.name) for part in parts] for field in fields(SystemActivity)}
    least, most = values["least_frequency_hz"], values["most_frequency_hz"]
    counted: dict[str, Any] = {name: None if None in values[name] else combine(values[name]) for name in _COUNTERS}
    return SystemActivity(
        **counted,
        load_average=parts[-1].load_average,
        least_frequency_hz=min((each for each in least if each is not None), default=None),
        most_frequency_hz=max((each for each in most if each is not None), default=None),
    )


def _untold() -> None:
    return None


def _quick(read: Callable[[], _N]) -> Callable[[], _N | None]:
    """Return ``read``, made safe, or what always returns ``None`` where it is refused, garbled or slow here."""

    def safe() -> _N | None:
        with suppress(OSError, ValueError, IndexError, AttributeError):  # Windows has no load average
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
