"""What a plain benchmark would do: one contiguous burst of calls, in the process of the runtime, on any core."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from lab4.bench.latency_jobs import RUNNERS, close_runner, open_runner
from lab4.domain.timing import TimingBudget
from lab4.measure.latency import time_calls
from lab4.runtimes.host import RunSpec


@contextmanager
def unpinned() -> Iterator[None]:
    """Let every thread of this process, those of a runtime's pool too, run on any core meanwhile.

    For comparing with what does not choose its cores. Where the system cannot, nothing changes.
    """
    before: dict[int, set[int]] = {}
    with suppress(OSError, AttributeError):
        for task in Path("/proc/self/task").iterdir():
            before[int(task.name)] = os.sched_getaffinity(int(task.name))
            os.sched_setaffinity(int(task.name), range(os.cpu_count() or 1))
    try:
        yield
    finally:
        for thread, cores in before.items():
            with suppress(OSError):  # it ended meanwhile
                os.sched_setaffinity(thread, cores)


def time_contiguously(spec: RunSpec, seconds: float) -> tuple[float, ...]:
    """Seconds per call of one contiguous burst under pytest-benchmark's own rules.

    Warm-up is left out, as pytest-benchmark does by default, and no core is chosen.
    """
    opened = open_runner(spec, 0.0, 1, None, 0)
    warmed = RUNNERS[opened.handle.number]
    try:
        with unpinned(), warmed.runner.scope():
            return time_calls(warmed.call, TimingBudget(seconds, 5, 10**6), warmed.iterations)
    finally:
        close_runner(opened.handle.number)
