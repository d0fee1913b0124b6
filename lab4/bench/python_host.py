"""The host of all runtimes that are Python packages: child processes, each with its own clock."""

import time
from collections.abc import Callable
from contextlib import suppress
from importlib import metadata
from typing import TypeVar

from lab4.bench.latency_jobs import close_runner, open_runner, time_window
from lab4.bench.processes import Processes
from lab4.bench.resource_jobs import counted, energy_of, import_runtime, memory_of
from lab4.bench.runtime_jobs import open_runtime, predict, time_loads
from lab4.bench.worker import Worker
from lab4.domain.resources import Counters, Energy, PeakMemory
from lab4.domain.rounds import TimingWindow
from lab4.domain.timing import TimingBudget
from lab4.domain.untyped import Untyped
from lab4.measure.latency import resolution_s
from lab4.runtimes import python_runtime
from lab4.runtimes.host import Handle, HostFacts, Opened, RunSpec, StaleHandleError

T = TypeVar("T")


class PythonHost:
    """A `RuntimeHost` of the run's Python processes.

    They are shared with the builds of the run: it waits for them and ends them.
    """

    def __init__(self, processes: Processes) -> None:
        self._processes = processes
        self._opened: dict[tuple[Worker, str], int | None] = {}

    def describe(self, runtime: str) -> HostFacts:
        """Say what is installed, without starting a process: the clock of a child is the one here."""
        versions = {}
        for name in python_runtime(runtime).distributions:
            with suppress(metadata.PackageNotFoundError):
                versions[name] = metadata.version(name)
        clock = f"perf_counter ({time.get_clock_info('perf_counter').implementation})"
        own = next(iter(versions.values()), "")
        return HostFacts(runtime, own, clock, resolution_s(), sets_threads=True, versions=versions)

    def prepare(self, runtime: str, threads: int | None, *, for_memory: bool) -> None:
        """Start the processes and let them import the runtime."""
        worker, pool = self._for_timing(runtime, threads)
        worker.preload(open_runtime, runtime, pool)
        if for_memory:
            self._for_memory(runtime).preload(import_runtime, runtime)

    def require(self, runtime: str, threads: int | None) -> None:
        """Wait until the runtime is open."""
        self.timing(runtime, threads)

    def _for_timing(self, runtime: str, threads: int | None) -> tuple[Worker, int | None]:
        """The process that times a runtime's calls, and the threads that its pool must be made with."""
        entry = python_runtime(runtime)
        if entry.pool_per_process and threads is not None:
            return self._processes.of(f"{entry.process} with {threads} thread{'s'[: threads - 1]}"), threads
        return self._running(runtime), None

    def timing(self, runtime: str, threads: int | None) -> Worker:
        """The process that times a runtime's calls, opened; raises `UnavailableError` if it does not open."""
        worker, pool = self._for_timing(runtime, threads)
        if worker.generation is None or self._opened.get((worker, runtime)) != worker.generation:
            worker.call(open_runtime, runtime, pool)
            self._opened[worker, runtime] = worker.generation
        return worker

    def _running(self, runtime: str) -> Worker:
        """The process in which artifacts are run on all examples."""
        return self._processes.of(python_runtime(runtime).process)

    def _for_memory(self, runtime: str) -> Worker:
        """The process that has imported a runtime and nothing else, to be forked for peak memory."""
        return self._processes.of(f"{python_runtime(runtime).process} for memory")

    def open(self, spec: RunSpec, warmup_s: float, checked: int, iterations: tuple[int, int] | None = None) -> Opened:
        """Open the artifact in the process that times it."""
        worker = self.timing(spec.runtime, spec.threads)
        return worker.call(open_runner, spec, warmup_s, checked, iterations, worker.generation or 0)

    def _holding(self, handle: Handle) -> Worker:
        worker = self.timing(handle.spec.runtime, handle.spec.threads)
        if worker.generation != handle.generation:
            raise StaleHandleError(f"the process that had opened {handle.spec.path} has ended; open it again")
        return worker

    def time_window(self, handle: Handle, budget: TimingBudget) -> TimingWindow:
        """Time calls in the process that has the artifact."""
        return self._holding(handle).call(time_window, handle.number, budget)

    def time_loads(self, spec: RunSpec, loads: int) -> tuple[float, ...]:
        """Load in the runtime's process."""
        return self._running(spec.runtime).call(time_loads, spec, loads)

    def predict(self, spec: RunSpec) -> Untyped:
        """Run all examples in the runtime's process."""
        return self._running(spec.runtime).call(predict, spec)

    def peak_memory(self, spec: RunSpec) -> PeakMemory:
        """Load and call in a fork of a process that has only imported the runtime."""
        return self._for_memory(spec.runtime).call(memory_of, spec)

    def energy(self, handle: Handle) -> Energy:
        """Joules of calls, of all meters of the machine."""
        return self._holding(handle).call(energy_of, handle.number)

    def counters(self, handle: Handle) -> Counters:
        """The processor's events in calls."""
        return self._holding(handle).call(counted, handle.number)

    def close(self, handle: Handle) -> None:
        """Free the artifact's memory."""
        with suppress(StaleHandleError):
            self._holding(handle).call(close_runner, handle.number)

    def run(self, spec: RunSpec, job: Callable[[RunSpec], T]) -> T:
        """Let the process that times the artifact do ``job``; for the harness's own benchmarks."""
        return self.timing(spec.runtime, spec.threads).call(job, spec)

    def quiet(self) -> None:
        """Nothing: the run waits for its processes."""

    def shutdown(self) -> None:
        """Nothing: the run ends its processes."""
