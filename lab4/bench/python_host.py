"""The child processes of a run that are Python, each with its own clock, and the host of the runtimes in them."""

import gc
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any, TypeVar

from lab4.bench.latency_jobs import close_runner, counted, energy_of, open_runner, time_window
from lab4.bench.runtime_jobs import import_runtime, memory_of, nothing, open_runtime, predict, time_loads
from lab4.bench.template import CAN_COPY, Template
from lab4.bench.tensorflow_jobs import OF_TENSORFLOW, import_tensorflow
from lab4.bench.worker import Worker
from lab4.domain.errors import WorkerError
from lab4.domain.observed import Counters, Energy, PeakMemory
from lab4.domain.rounds import TimingWindow
from lab4.domain.timing import TimingBudget
from lab4.formats import FORMATS
from lab4.measure.latency import resolution_s
from lab4.runtimes import RUNTIMES, PythonRuntime, python_runtime
from lab4.runtimes.host import Handle, HostFacts, Opened, RunSpec, StaleHandleError
from lab4.runtimes.runtime import TENSORFLOW_PROCESS
from lab4.storage.folders import TemporaryFolder

T = TypeVar("T")

#: The process that has imported a runtime and nothing else, to be forked for peak memory.
_FOR_MEMORY = " for memory"
_CONVERSION = "conversion"


def ready() -> None:
    """Look at nothing that was imported with this module again for garbage, so that copies share its memory."""
    gc.freeze()


@dataclass(frozen=True, slots=True)
class Lane:
    """The processes of a build: ``builder`` trains, optimizes and exports, ``converter`` needs no TensorFlow."""

    builder: Worker
    converter: Worker

    def converting(self, container: str) -> Worker:
        """The process that converts artifacts of a container: the builder where TensorFlow reads them."""
        return self.builder if container in OF_TENSORFLOW else self.converter

    def kill(self) -> None:
        """End the processes at once: what another thread waits for is a `CrashError` there."""
        self.builder.kill()
        self.converter.kill()

    def close(self) -> None:
        """End the processes."""
        self.builder.close()
        self.converter.close()


@dataclass
class Processes:
    """One process per runtime and purpose, each started when first used; ``limit_s`` is how long an answer may take."""

    limit_s: float
    _workers: dict[str, Worker] = field(default_factory=dict)
    _templates: dict[str, Template] = field(default_factory=dict)
    _temporary: TemporaryFolder | None = None

    @property
    def folder(self) -> Path:
        """What only this run needs; made when something is first started, so that a refused run leaves nothing.

        Raises `OutputError` where no temporary folder can be made.
        """
        if self._temporary is None:
            self._temporary = TemporaryFolder("bench")
        return self._temporary.path

    def of(self, name: str) -> Worker:
        """The process of this name."""
        if name not in self._workers:
            log = self.folder / f"{name.replace(' ', '-')}.log"
            self._workers[name] = Worker(name, log, self.limit_s, self._template_of(name) if CAN_COPY else None)
        return self._workers[name]

    def _template_of(self, name: str) -> Template | None:
        """The process that the one of this name begins as a copy of.

        One has imported TensorFlow, which takes seconds, another what all have in common. Where peak memory is
        measured, a process has no memory in common with others but those of its runtime.
        """
        kind, prepare = TENSORFLOW_PROCESS, import_tensorflow
        if name.partition(" ")[0] != TENSORFLOW_PROCESS:
            if name.endswith(_FOR_MEMORY):
                return None
            kind, prepare = "python", ready
        if kind not in self._templates:
            self._templates[kind] = Template(kind, self.folder / f"{kind}-template.log", prepare)
        return self._templates[kind]

    @property
    def builder(self) -> Worker:
        """The process that trains, optimizes, exports and counts."""
        return self.of(TENSORFLOW_PROCESS)

    def inspecting(self, fmt: str) -> Worker:
        """The process that reads artifacts of a format: that of a runtime that reads them, if one is Python."""
        runtimes = (RUNTIMES[name] for name in FORMATS[fmt].traits.runtimes)
        return self.of(next((each.process for each in runtimes if isinstance(each, PythonRuntime)), "inspection"))

    def converting(self, container: str) -> Worker:
        """The process that converts artifacts of a container: the builder's where TensorFlow reads them."""
        return self.lane(1).converting(container)

    def lane(self, number: int) -> "Lane":
        """The processes of one of several builds at the same time; the first has those of the run."""
        purpose = f" for build {number}" if number > 1 else ""
        return Lane(self.of(TENSORFLOW_PROCESS + purpose), self.of(_CONVERSION + purpose))

    def several(self, name: str, count: int) -> list[Worker]:
        """The process of this name and, where it begins as a copy of one that is ready, others: ``count`` in all."""
        more = range(2, count + 1) if CAN_COPY and name == TENSORFLOW_PROCESS else ()
        return [self.of(name), *(self.of(f"{name} for examination {number}") for number in more)]

    def quiet(self) -> None:
        """Wait until no process works at anything: nothing may run next to a clock.

        One that has died meanwhile costs only the cell that needs it, which starts it again.
        """
        for worker in self._workers.values():
            if worker.generation is not None:
                with suppress(WorkerError):
                    worker.call(nothing)

    def dismiss(self, kept: str = "") -> None:
        """Let the processes end by themselves, but for one, while something else is done; nothing is measured then."""
        for name, worker in self._workers.items():
            if name != kept:
                worker.dismiss()

    def close(self) -> None:
        """End the processes and remove what only this run needed. Never raises; a second time does nothing."""
        for worker in self._workers.values():
            worker.close()
        for template in self._templates.values():
            template.close()
        if self._temporary is not None:
            self._temporary.close()


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
        return HostFacts(runtime, own, clock, resolution_s(), versions)

    def prepare(self, runtime: str, threads: int | None, *, for_memory: bool) -> None:
        """Start the processes and let them import the runtime."""
        worker, pool = self._for_timing(runtime, threads)
        worker.preload(open_runtime, runtime, pool)
        if for_memory:
            self._process(runtime, _FOR_MEMORY).preload(import_runtime, runtime)

    def require(self, runtime: str, threads: int | None) -> None:
        """Wait until the runtime is open."""
        self.timing(runtime, threads)

    def _for_timing(self, runtime: str, threads: int | None) -> tuple[Worker, int | None]:
        """The process that times a runtime's calls, and the threads that its pool must be made with."""
        entry = python_runtime(runtime)
        if entry.pool_per_process and threads is not None:
            return self._processes.of(f"{entry.process} with {threads} thread{'s'[: threads - 1]}"), threads
        return self._process(runtime), None

    def timing(self, runtime: str, threads: int | None) -> Worker:
        """The process that times a runtime's calls, opened; raises `UnavailableError` if it does not open."""
        worker, pool = self._for_timing(runtime, threads)
        if worker.generation is None or self._opened.get((worker, runtime)) != worker.generation:
            worker.call(open_runtime, runtime, pool)
            self._opened[worker, runtime] = worker.generation
        return worker

    def _process(self, runtime: str, purpose: str = "") -> Worker:
        return self._processes.of(python_runtime(runtime).process + purpose)

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
        return self._process(spec.runtime).call(time_loads, spec, loads)

    def predict(self, spec: RunSpec) -> Mapping[str, Any]:
        """Run all examples in the runtime's process."""
        return self._process(spec.runtime).call(predict, spec)

    def peak_memory(self, spec: RunSpec) -> PeakMemory:
        """Load and call in a fork of a process that has only imported the runtime."""
        return self._process(spec.runtime, _FOR_MEMORY).call(memory_of, spec)

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
