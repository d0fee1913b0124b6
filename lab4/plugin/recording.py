"""What was observed, into pytest-benchmark's record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from lab4.domain.errors import Lab4Error, UnavailableError
from lab4.domain.outcome import Measured, Measurement
from lab4.history.plain import to_plain
from lab4.plugin.items import key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from lab4.domain.cell import Cell
    from lab4.domain.untyped import Untyped

#: What a test has recorded: the measurement, and pytest-benchmark's fixture that holds its row.
RECORDED: pytest.StashKey[tuple[Measurement, Any]] = pytest.StashKey()
_CLOCK: pytest.StashKey[ReplayClock] = pytest.StashKey()


class ReplayClock:
    """A timer for pytest-benchmark that replays samples taken elsewhere.

    The samples were taken in the runtime's own process. Replayed through pytest-benchmark's own rounds, its
    statistics are of exactly those samples: each round reads the clock twice, 0 and then the sample.
    """

    def __init__(self) -> None:
        self._readings: Iterator[float] = iter(())

    def load(self, samples_s: Sequence[float]) -> None:
        """Set what is replayed, in seconds."""
        self._readings = iter([reading for sample in samples_s for reading in (0.0, sample)])

    def __call__(self) -> float:
        """The next reading, in seconds."""
        return next(self._readings)


def replay_clock(item: pytest.Item) -> None:
    """Give the test's `benchmark` fixture a clock of ours; must run before the fixture is made.

    A test that is run again keeps its clock, which the fixture finds by the first marker, and nothing that it recorded.
    """
    if RECORDED in item.stash:
        del item.stash[RECORDED]
    if _CLOCK not in item.stash:
        clock = item.stash[_CLOCK] = ReplayClock()
        kind = key_of(item).partition("/")[0]
        item.add_marker(pytest.mark.benchmark(timer=clock, group=kind, disable_gc=False, warmup=False))


def recorder(item: pytest.Item, cell: Cell, benchmark: Untyped) -> Callable[[Measured], None]:
    """Return the function behind the fixture ``lab4_record``."""
    if benchmark.disabled:
        raise UnavailableError("pytest-benchmark is switched off (by --benchmark-disable, or by xdist)")

    def record(measured: Measured) -> None:
        measurement = Measurement(cell, measured)
        if not measured.timing_s:
            raise Lab4Error(f"{cell.key} was recorded without a single timing")
        benchmark.extra_info["lab4"] = to_plain(measurement)
        iterations = measured.iterations
        item.stash[_CLOCK].load([sample * iterations for sample in measured.timing_s])
        benchmark.pedantic(lambda: None, rounds=len(measured.timing_s), iterations=iterations)
        item.stash[RECORDED] = (measurement, benchmark)

    return record
