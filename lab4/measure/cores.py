"""Pin work to one core per thread.

A thread that wanders leaves its caches behind, and waking another on an idle core of a virtual machine takes tens of
microseconds: a call of TensorFlow's that hands over to a pool of one thread takes 100, 155 or 210 us on the machine
this was written on, depending on where the scheduler has put the two. On one core it takes 104.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def pinned(threads: int | None) -> Iterator[tuple[int, ...] | None]:
    """Pin this thread, and those that it starts meanwhile, to so many cores; yield which, in rising order.

    ``None`` where that is not wanted (``threads`` is ``None``) or where the system cannot (macOS, Windows).
    """
    before: set[int] = set()
    chosen = None
    if threads is not None and hasattr(os, "sched_setaffinity"):
        with suppress(OSError):  # a container may forbid it
            before = os.sched_getaffinity(0)
            cores = choose(threads, before, _siblings, _speed)
            os.sched_setaffinity(0, cores)
            chosen = cores
    try:
        yield chosen
    finally:
        with suppress(OSError):
            if chosen:
                os.sched_setaffinity(0, before)


def usable() -> int:
    """On how many cores this thread may run."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def choose(
    threads: int,
    allowed: Iterable[int],
    siblings: Callable[[int], frozenset[int]],
    speed: Callable[[int], int] = lambda _: 0,
) -> tuple[int, ...]:
    """Choose ``threads`` of these cores, or all where there are fewer.

    ``siblings`` returns the hardware threads that share a core with one, itself among them: cores of their own come
    first. ``speed`` is how fast a core may be: of several kinds, as some processors have, those for performance. Of
    those the highest: the system's own work and most interrupts gather on the lowest.
    """
    own: list[int] = []
    shared: list[int] = []
    for core in sorted(allowed, key=lambda each: (speed(each), each), reverse=True):
        (shared if siblings(core) & set(own) else own).append(core)
    return tuple(sorted((own + shared)[:threads]))


def _siblings(core: int) -> frozenset[int]:
    """Read a list as Linux writes it: ``0,4-6``."""
    try:
        listed = Path(f"/sys/devices/system/cpu/cpu{core}/topology/thread_siblings_list").read_text(encoding="ascii")
        ends = [part.partition("-") for part in listed.strip().split(",")]
        return frozenset(each for first, _, last in ends for each in range(int(first), int(last or first) + 1))
    except (OSError, ValueError):
        return frozenset({core})


def _speed(core: int) -> int:
    """How fast the core may be, by what Linux says of it: its capacity, or its highest frequency; 0 where neither."""
    for name in ("cpu_capacity", "cpufreq/cpuinfo_max_freq"):
        with suppress(OSError, ValueError):
            return int(Path(f"/sys/devices/system/cpu/cpu{core}/{name}").read_text(encoding="ascii"))
    return 0
