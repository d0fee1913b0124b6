"""The child processes of a run that are Python: which one a runtime times in, which one its memory is measured in."""

from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from lab4.bench.resource_jobs import import_runtime
from lab4.bench.runtime_jobs import nothing, open_runtime
from lab4.bench.worker import Worker
from lab4.domain.errors import WorkerError
from lab4.formats import FORMATS
from lab4.runtimes import RUNTIMES, PythonRuntime, python_runtime
from lab4.runtimes.runtime import TENSORFLOW_PROCESS
from lab4.storage.folders import TemporaryFolder


@dataclass
class Processes:
    """One process per runtime and purpose, each started when first used; ``limit_s`` is how long an answer may take."""

    limit_s: float
    _workers: dict[str, Worker] = field(default_factory=dict)
    _opened: dict[tuple[Worker, str], int | None] = field(default_factory=dict)
    _temporary: TemporaryFolder | None = None

    @property
    def folder(self) -> Path:
        """What only this run needs; made when something is first started, so that a refused run leaves nothing.

        Raises:
            OutputError: where no temporary folder can be made.
        """
        if self._temporary is None:
            self._temporary = TemporaryFolder("bench")
        return self._temporary.path

    def of(self, name: str) -> Worker:
        """The process of this name."""
        if name not in self._workers:
            log = self.folder / f"{name.replace(' ', '-')}.log"
            self._workers[name] = Worker(name, log, self.limit_s)
        return self._workers[name]

    @property
    def builder(self) -> Worker:
        """The process that trains, optimizes, exports and counts."""
        return self.of(TENSORFLOW_PROCESS)

    def inspecting(self, fmt: str) -> Worker:
        """The process that reads artifacts of a format: that of a runtime that reads them, if one is Python."""
        runtimes = (RUNTIMES[name] for name in FORMATS[fmt].traits.runtimes)
        return self.of(next((each.process for each in runtimes if isinstance(each, PythonRuntime)), "inspection"))

    def running(self, runtime: str) -> Worker:
        """The process of a runtime, in which artifacts are run on all examples."""
        return self.of(python_runtime(runtime).process)

    def for_memory(self, runtime: str) -> Worker:
        """The process that has imported a runtime and nothing else, to be forked for peak memory."""
        return self.of(f"{python_runtime(runtime).process} for memory")

    def _for_timing(self, runtime: str, threads: int | None) -> tuple[Worker, int | None]:
        """The process that times a runtime's calls, and the threads that its pool must be made with."""
        entry = python_runtime(runtime)
        if entry.pool_per_process and threads is not None:
            return self.of(f"{entry.process} with {threads} thread{'s'[: threads - 1]}"), threads
        return self.of(entry.process), None

    def timing(self, runtime: str, threads: int | None) -> Worker:
        """The process that times a runtime's calls, opened; raises `UnavailableError` if it does not open."""
        worker, pool = self._for_timing(runtime, threads)
        if worker.generation is None or self._opened.get((worker, runtime)) != worker.generation:
            worker.call(open_runtime, runtime, pool)
            self._opened[worker, runtime] = worker.generation
        return worker

    def prepare(self, runtime: str, threads: int | None, *, for_memory: bool) -> None:
        """Open a runtime in the background in its process, and in that for memory if asked."""
        worker, pool = self._for_timing(runtime, threads)
        worker.preload(open_runtime, runtime, pool)
        if for_memory:
            self.for_memory(runtime).preload(import_runtime, runtime)

    def quiet(self) -> None:
        """Wait until no process works at anything: nothing may run next to a clock.

        One that has died meanwhile costs only the cell that needs it, which starts it again.
        """
        for worker in self._workers.values():
            if worker.generation is not None:
                with suppress(WorkerError):
                    worker.call(nothing)

    def dismiss(self) -> None:
        """Let the processes end by themselves, while something else is done; nothing can be measured any more."""
        for worker in self._workers.values():
            worker.dismiss()

    def close(self) -> None:
        """End the processes and remove what only this run needed. Never raises; a second time does nothing."""
        for worker in self._workers.values():
            worker.close()
        if self._temporary is not None:
            self._temporary.close()
