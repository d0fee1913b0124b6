"""The child processes of a run: which one a cell is timed in, which one its memory is measured in."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from lab4.bench.resource_jobs import import_runtime
from lab4.bench.runtime_jobs import dataset_ready, nothing, open_runtime
from lab4.bench.specs import LoadedDataset
from lab4.bench.worker import Worker
from lab4.devices import DEVICES
from lab4.domain.cell import LATENCY, Cell
from lab4.domain.errors import WorkerError
from lab4.formats import FORMATS
from lab4.runtimes import RUNTIMES
from lab4.storage.temporary import TemporaryFolder

__all__ = ["Processes", "runtime_of"]


def runtime_of(cell: Cell) -> str:
    """The name of the runtime that the cell's artifact runs in."""
    return cell.runtime or FORMATS[cell.format].traits.runtimes[0]


@dataclass
class Processes:
    """One process a runtime and purpose, each started when first used; ``limit_s`` is how long one answer may take."""

    limit_s: float
    _workers: dict[str, Worker] = field(default_factory=dict)
    _opened: dict[Worker, int | None] = field(default_factory=dict)
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

    def of(self, runtime: str) -> Worker:
        """The process of a runtime: TensorFlow's also trains, optimizes, exports and counts."""
        if runtime not in self._workers:
            log = self.folder / f"{runtime.replace(' ', '-')}.log"
            self._workers[runtime] = Worker(runtime, log, self.limit_s)
        return self._workers[runtime]

    def for_memory(self, runtime: str) -> Worker:
        """The process that has imported a runtime and nothing else, to be forked for peak memory."""
        return self.of(f"{runtime} for memory")

    def _for_timing(self, cell: Cell) -> tuple[Worker, int | None]:
        """The process that times a cell's calls, and the threads that its pool must be made with.

        TensorFlow's pool belongs to the process, so every number of threads has one; on a GPU it does not matter.
        """
        process = RUNTIMES[runtime_of(cell)].process
        if process == "tensorflow" and cell.kind == LATENCY and DEVICES[cell.device].traits.is_host:
            return self.of(f"{process} with {cell.threads} thread{'s'[: cell.threads - 1]}"), cell.threads
        return self.of(process), None

    def runtime(self, cell: Cell) -> Worker:
        """The process of the cell's runtime, in which artifacts are examined."""
        return self.of(RUNTIMES[runtime_of(cell)].process)

    def timing(self, cell: Cell) -> Worker:
        """The process that times a cell's calls, its runtime open; raises `UnavailableError` if it does not open."""
        worker, threads = self._for_timing(cell)
        if worker.generation is None or self._opened.get(worker) != worker.generation:
            worker.call(open_runtime, runtime_of(cell), threads)
            self._opened[worker] = worker.generation
        return worker

    def preload(self, cells: Iterable[Cell], *, for_memory: bool) -> None:
        """Open the runtimes of these cells in the background, each in its process, and in that for memory if asked."""
        chosen = list(cells)
        for worker, runtime, threads in {(*self._for_timing(cell), runtime_of(cell)): None for cell in chosen}:
            worker.preload(open_runtime, runtime, threads)
        timed = [cell for cell in chosen if for_memory and cell.kind == LATENCY]
        for name in {runtime_of(cell): None for cell in timed}:
            self.for_memory(RUNTIMES[name].process).preload(import_runtime, name)

    def read_images(self, dataset: LoadedDataset) -> None:
        """Let every process that runs read the validation images ahead of its first cell."""
        for name, worker in self._workers.items():
            if name != "tensorflow" and worker.generation is not None:
                worker.preload(dataset_ready, dataset)

    def quiet(self) -> None:
        """Wait until no process works at anything: nothing may run beside a clock.

        One that has died meanwhile costs nobody but the cell that needs it, which starts it again.
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
