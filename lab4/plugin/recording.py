"""What was observed, into pytest-benchmark's record; errors of ours to pytest's outcomes, and its reports to ours."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from lab4.domain.errors import Lab4Error, UnavailableError, system_errors
from lab4.domain.outcome import Failed, Measured, Measurement, Unavailable
from lab4.history.plain import to_plain
from lab4.plugin.items import cell_of, key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from lab4.domain.cell import Cell
    from lab4.domain.untyped import Untyped

#: What a test has recorded: the measurement, and pytest-benchmark's fixture that holds its row.
RECORDED: pytest.StashKey[tuple[Measurement, Any]] = pytest.StashKey()
_FAULTS: pytest.StashKey[list[str]] = pytest.StashKey()
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
        own = item.get_closest_marker("benchmark")  # the user's, whose group and the like stay
        said = {"group": kind, **(own.kwargs if own else {}), "timer": clock, "disable_gc": False, "warmup": False}
        item.add_marker(pytest.mark.benchmark(**said), append=False)  # the first one counts


def switched_off(config: pytest.Config) -> str:
    """Why pytest-benchmark records nothing; empty where it does."""
    session = getattr(config, "_benchmarksession", None)
    if session is None or not (session.skip or session.disabled):
        return ""
    return "Skipping benchmark (--benchmark-skip active)." if session.skip else "pytest-benchmark is switched off"


def recorder(item: pytest.Item, cell: Cell, benchmark: Untyped) -> Callable[[Measured], None]:
    """Return the function behind the fixture ``lab4_record``."""

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


@contextmanager
def usage_errors() -> Iterator[None]:
    """Turn an error of ours into pytest's one-line refusal."""
    try:
        with system_errors():
            yield
    except Lab4Error as error:
        raise pytest.UsageError(f"lab4: {error}") from None


@contextmanager
def collection_errors(config: pytest.Config) -> Iterator[None]:
    """Turn a refusal while tests are made into one sentence of the file's, which `refuse_faults` ends the run with."""
    try:
        with usage_errors():
            yield
    except pytest.UsageError as error:
        config.stash.setdefault(_FAULTS, []).append(str(error))
        raise pytest.Collector.CollectError(str(error)) from None


def refuse_faults(config: pytest.Config) -> None:
    """End the run with the first of them; where pytest shall continue after errors, it does.

    Raises:
        pytest.UsageError: the sentence.
    """
    faults = config.stash.get(_FAULTS, [])
    if faults and not config.option.continue_on_collection_errors:
        raise pytest.UsageError(faults[0])


@contextmanager
def outcomes(item: Untyped) -> Iterator[None]:
    """Turn an error of ours or of the system, raised in a cell's test or fixture, into a skip or a plain failure.

    After an interrupt pytest-benchmark does not warn that the test has not used its fixture: the warning comes as
    pytest ends, and is a traceback where warnings are errors.
    """
    try:
        with system_errors():
            yield
    except UnavailableError as error:
        raise pytest.skip.Exception(str(error)) from None
    except Lab4Error as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None
    except KeyboardInterrupt:
        if "benchmark" in item.funcargs:
            item.funcargs["benchmark"].skipped = True
        raise


def ended(item: pytest.Item, report: pytest.TestReport) -> tuple[Measurement, dict[str, Any] | None]:
    """What a cell's report means: its measurement, and pytest-benchmark's row where it was measured.

    What was recorded before a test failed, was expected to fail or skipped itself stays measured: that is the test's
    own say.
    """
    if RECORDED in item.stash:
        measurement, benchmark = item.stash[RECORDED]
        return measurement, benchmark.stats.as_dict(include_data=False)
    cell = cell_of(item)
    if report.failed:
        return Measurement(cell, Failed(reason_of(report))), None
    # Of an expected failure (xfail) there is no such tuple.
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else reason_of(report)
    return Measurement(cell, Unavailable(reason.removeprefix("Skipped: "))), None


def reason_of(report: pytest.TestReport) -> str:
    """The last line of what pytest would print: our sentence, or an exception's."""
    text = str(getattr(report.longrepr, "reprcrash", None) or report.longrepr)
    crash = getattr(getattr(report.longrepr, "reprcrash", None), "message", text)
    return str(crash).strip().partition("\n")[0].removeprefix("Failed: ") or "failed without a message"
