"""The hosts of a run's runtimes, and a cell's artifact in the host that runs it."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from math import ceil
from pathlib import Path
from typing import Any, TypeVar

from lab4.bench.cells import runtime_of
from lab4.bench.judging import agreement_of
from lab4.bench.python_host import Processes
from lab4.bench.specs import Built
from lab4.devices import DEVICES
from lab4.domain.cell import LATENCY, Cell
from lab4.domain.errors import Lab4Error, UnavailableError
from lab4.domain.rounds import TimingWindow, WarmRunner
from lab4.domain.timing import TimingBudget
from lab4.formats import FORMATS
from lab4.runtimes import RUNTIMES, HostContext, HostFacts, RuntimeHost
from lab4.runtimes.host import Handle, RunSpec, StaleHandleError

T = TypeVar("T")

#: Calls and examples compared with the original's outputs before a latency counts, whichever is reached first:
#: ``predict`` needs 40 ms per call. The whole validation set is compared where an artifact is examined.
_CHECKED_CALLS, _CHECKED_EXAMPLES = 3, 32


def threads_of(cell: Cell) -> int | None:
    """The threads that the cell's runtime shall use; ``None`` on other devices than the host's own CPU."""
    return cell.threads if DEVICES[cell.device].traits.is_host else None


def _pool_of(cell: Cell) -> int | None:
    return threads_of(cell) if cell.kind == LATENCY else None


@dataclass
class Hosts:
    """One host per kind of host, made when it is first asked for, next to the run's own ``processes``."""

    processes: Processes
    _hosts: dict[Callable[[HostContext], RuntimeHost], RuntimeHost] = field(default_factory=dict)
    _examining: dict[str, str] = field(default_factory=dict)

    def of(self, cell: Cell) -> RuntimeHost:
        """The host of the cell's runtime."""
        return self.host(self.runtime(cell))

    def runtime(self, cell: Cell) -> str:
        """The name of the runtime that the cell's artifact runs in here."""
        return runtime_of(cell) if cell.runtime or cell.kind == LATENCY else self.examining(cell.format)

    def examining(self, form: str) -> str:
        """The runtime in which artifacts of a format are examined: the first that the format names and that is here.

        The usual one, where none is.
        """
        if form not in self._examining:
            names = FORMATS[form].traits.runtimes
            self._examining[form] = next((name for name in names if self._is_here(name)), names[0])
        return self._examining[form]

    def predict(self, form: str, path: Path, examples: Path) -> Mapping[str, Any]:
        """The outputs of all examples by name, computed by the artifact of a format where that is examined."""
        runtime = self.examining(form)
        device = RUNTIMES[runtime].traits.devices[0]
        return self.host(runtime).predict(RunSpec(runtime, path, FORMATS[form].traits, device, 1, None, examples))

    def _is_here(self, runtime: str) -> bool:
        try:
            self.host(runtime).require(runtime, None)
        except UnavailableError:
            return False
        except Lab4Error:  # the cell that needs it says so
            return True
        return True

    def host(self, runtime: str) -> RuntimeHost:
        """The host of a runtime."""
        make = RUNTIMES[runtime].host
        if make not in self._hosts:
            self._hosts[make] = make(self.processes)
        return self._hosts[make]

    def prepare(self, cells: Iterable[Cell], *, for_memory: bool) -> None:
        """Open the runtimes of these cells in the background; latency cells need what measures memory too if asked."""
        wanted: dict[tuple[str, int | None], bool] = {}
        for cell in cells:
            key = runtime_of(cell), _pool_of(cell)
            wanted[key] = wanted.get(key, False) or (for_memory and cell.kind == LATENCY)
        for (runtime, threads), memory in wanted.items():
            with suppress(Lab4Error):  # the cell that needs it says so
                self.host(runtime).prepare(runtime, threads, for_memory=memory)

    def require(self, cell: Cell) -> None:
        """Wait for the cell's runtime; raises `UnavailableError` where it is not here."""
        self.of(cell).require(self.runtime(cell), _pool_of(cell))

    def facts(self, cells: Iterable[Cell]) -> list[HostFacts]:
        """What the hosts say of the runtimes of these cells; those that are not here say nothing."""
        found = []
        for runtime in dict.fromkeys(map(runtime_of, cells)):
            with suppress(Lab4Error):
                found.append(self.host(runtime).describe(runtime))
        return found

    def quiet(self) -> None:
        """Wait until nothing works in the background."""
        self.processes.quiet()
        for host in self._hosts.values():
            host.quiet()

    def close(self) -> None:
        """End every process; a second time does nothing."""
        with ExitStack() as closing:  # whatever a host of another package raises, the others are closed
            closing.callback(self.processes.close)
            for host in self._hosts.values():
                closing.callback(host.shutdown)


@dataclass
class HostedCell:
    """The artifact of one cell, and its handle once it is open: a window looks nothing up.

    ``iterations`` are the calls of each sample so far, with copies and compute-only, which all samples have in common.
    """

    host: RuntimeHost
    spec: RunSpec
    built: Built
    iterations: tuple[int, int] | None = None
    _handle: Handle | None = None

    def open(self, warmup_s: float) -> WarmRunner:
        """Open the artifact and compare its outputs with its original's.

        Raises `DisagreementError` where they differ (the artifact is closed again), and `Lab4Error` as the host does.
        """
        calls = min(_CHECKED_CALLS, ceil(_CHECKED_EXAMPLES / self.spec.batch_size))
        opened = self.host.open(self.spec, warmup_s, calls * self.spec.batch_size, self.iterations)
        self._handle = opened.handle
        try:
            agreed = agreement_of(self.built, self.spec.device, opened.outputs)
        except Lab4Error:
            self.close()
            raise
        self.iterations = opened.iterations, opened.compute_only_iterations
        start = opened.load_s, opened.first_call_s, opened.warmup
        clocks = opened.clock, opened.compute_only_clock
        return WarmRunner(*start, agreed, opened.threads, opened.cores, *clocks, *self.iterations)

    def time_window(self, budget: TimingBudget) -> TimingWindow:
        """Time calls for a while; an artifact that is not open, as after a crash, is opened first."""
        before = self._handle
        window = self.ask(lambda handle: self.host.time_window(handle, budget), budget.seconds)
        return window if self._handle is before else replace(window, fresh=True)

    def ask(self, question: Callable[[Handle], T], warmup_s: float = 0.0) -> T:
        """Ask the host something of the opened artifact, which is opened and warmed up if it is not."""
        if self._handle is not None:
            with suppress(StaleHandleError):
                return question(self._handle)
        self.open(warmup_s)
        assert self._handle is not None  # noqa: S101  # `open` raises or sets it
        return question(self._handle)

    def close(self) -> None:
        """Let the host forget the artifact."""
        handle, self._handle = self._handle, None
        if handle is not None:
            with suppress(Lab4Error):
                self.host.close(handle)
