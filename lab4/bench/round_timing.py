"""The latency cells of a run: timed together in rounds, then asked for one by one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from lab4.bench.collected import Collected, collected_in, uncontended_ratios
from lab4.bench.hosts import HostedCell
from lab4.bench.measurement_session import MeasurementSession, ScheduledCell
from lab4.bench.profiles import Profile
from lab4.bench.specs import Built
from lab4.domain.cell import Cell
from lab4.domain.errors import INTERRUPTED, Lab4Error, UnavailableError, system_errors
from lab4.domain.observed import Artifact
from lab4.domain.outcome import Measured
from lab4.domain.rounds import Round, TimingWindow, WarmRunner
from lab4.domain.timing import TimingBudget
from lab4.formats import sha256_of

#: Of a cell's calls in a round: a p99 needs 662 in all.
_MOST_SAMPLES = 1_000


def _drop(_: object) -> None:
    """Keep nothing: no later session needs it."""


@dataclass
class RoundTiming:
    """Times cells in the hosts of their runtimes.

    ``built`` builds a cell's artifact, or takes it from the cache; ``host`` gives it to its host. Both are asked once
    for each cell, and never between windows.
    """

    profile: Profile
    seed: int
    built: Callable[[Cell], Built]
    host: Callable[[Cell, Built], HostedCell]
    found: dict[str, Collected] = field(default_factory=dict)
    _hosted: dict[str, HostedCell] = field(default_factory=dict)

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
        """What was observed of the cell, which is timed by itself where no session has timed it.

        Raises:
            Lab4Error: what went wrong with the cell.
        """
        if cell.key not in self.found:
            self.run([cell])
        collected = self.found[cell.key]
        if collected.error is not None:
            del self.found[cell.key]  # a second attempt measures it again
            self._hosted.pop(cell.key, None)
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

    def hosted(self, cell: Cell, built: Built | None = None) -> HostedCell:
        """The cell's artifact in its host; raises `Lab4Error` where it cannot be built, or its host is not here."""
        if cell.key not in self._hosted:
            self._hosted[cell.key] = self.host(cell, built or self.built(cell))
        return self._hosted[cell.key]

    def _open(self, cell: Cell) -> WarmRunner:
        with system_errors():
            hosted = self.hosted(cell)
            return replace(hosted.open(self.profile.warmup_s), artifact=sha256_of(hosted.built.path))

    def _window(self, cell: Cell, wait_s: float) -> TimingWindow:
        budget = TimingBudget(self.profile.window_s, self.profile.min_calls, _MOST_SAMPLES, wait_s)
        with system_errors():
            hosted, runner = self.hosted(cell), self.found[cell.key].runner
            if hosted.iterations is None and runner is not None:  # of an interrupted session that this one continues
                hosted.iterations = runner.iterations, runner.compute_only_iterations
            return hosted.time_window(budget)
