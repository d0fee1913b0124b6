"""The latency cells of a run: timed together in rounds, then asked for one by one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from lab4.bench.collected import Collected, collected_in, uncontended_ratios
from lab4.bench.latency_jobs import open_cell, time_window
from lab4.bench.measurement_session import MeasurementSession, ScheduledCell
from lab4.bench.profiles import Profile
from lab4.bench.specs import Built, RunSpec
from lab4.domain.cell import Cell
from lab4.domain.errors import INTERRUPTED, Lab4Error, UnavailableError
from lab4.domain.observed import Artifact
from lab4.domain.outcome import Measured
from lab4.domain.rounds import Round, TimingWindow, WarmRunner
from lab4.domain.system_errors import system_errors
from lab4.formats import sha256_of
from lab4.measure.latency import Budget

__all__ = ["RoundTiming"]

#: Of a cell's calls in a round: a p99 needs 662 in all.
_MOST_SAMPLES = 1_000


def _drop(_: object) -> None:
    """Keep nothing: no later session needs it."""


@dataclass
class RoundTiming:
    """Times cells by ``job_on``, which runs a job on a cell's artifact in the process that times its calls.

    ``built`` builds a cell's artifact, or takes it from the cache.
    """

    profile: Profile
    seed: int
    job_on: Callable[[Cell, Callable[[RunSpec], Any]], Any]
    built: Callable[[Cell], Built]
    found: dict[str, Collected] = field(default_factory=dict)

    def run(
        self,
        cells: Sequence[Cell],
        show: Callable[[str], None] = _drop,
        keep: Callable[[Round], None] = _drop,
        before: Sequence[Round] = (),
    ) -> None:
        """Time these cells in interleaved rounds; ``keep`` is given each round as it ends.

        ``before`` are the rounds of an interrupted session to continue.
        """
        earlier = collected_in(before)
        self.found |= {cell.key: earlier[cell.key] for cell in cells if self._is_same(cell, earlier.get(cell.key))}
        scheduled = [ScheduledCell(cell, partial(self._open, cell), partial(self._window, cell)) for cell in cells]
        MeasurementSession(self.profile, self.seed, self.found, show, keep, before).run(scheduled)

    def has_windows(self, cell: Cell) -> bool:
        """Whether the cell was timed at all."""
        return cell.key in self.found and bool(self.found[cell.key].windows)

    def measured(self, cell: Cell) -> Measured:
        """What was observed of the cell, which is timed alone where no session has timed it.

        Raises:
            Lab4Error: what went wrong with the cell.
        """
        if cell.key not in self.found:
            self.run([cell])
        collected = self.found[cell.key]
        if collected.error is not None:
            del self.found[cell.key]  # a second attempt measures it again
            raise collected.error
        latency = collected.latency(self.profile.target, uncontended_ratios(self.found.values()))
        if latency is None or collected.runner is None:
            raise UnavailableError(INTERRUPTED)
        runner = collected.runner
        return Measured(latency=latency, agreement=runner.agreement, artifact=Artifact(runner.artifact))

    def _is_same(self, cell: Cell, collected: Collected | None) -> bool:
        """Whether these windows are of the artifact that the cell has now."""
        if collected is None or collected.runner is None:
            return False
        try:
            return collected.runner.artifact == sha256_of(self.built(cell).path)
        except Lab4Error:  # the cell itself reports it when it is opened
            return False

    def _open(self, cell: Cell) -> WarmRunner:
        with system_errors():
            runner: WarmRunner = self.job_on(cell, partial(open_cell, warmup_s=self.profile.warmup_s))
            return replace(runner, artifact=sha256_of(self.built(cell).path))

    def _window(self, cell: Cell, wait_s: float) -> TimingWindow:
        budget = Budget(self.profile.slice_s, self.profile.min_calls, _MOST_SAMPLES, wait_s)
        runner = self.found[cell.key].runner
        iterations = None if runner is None else (runner.iterations, runner.alone_iterations)
        with system_errors():
            window: TimingWindow = self.job_on(cell, partial(time_window, budget=budget, iterations=iterations))
            return window
