"""The child processes of a run that are Python, each by its name."""

from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from lab4.bench.runtime_jobs import nothing
from lab4.bench.worker import Worker
from lab4.domain.errors import WorkerError
from lab4.formats import FORMATS
from lab4.runtimes import RUNTIMES, PythonRuntime
from lab4.runtimes.runtime import TENSORFLOW_PROCESS
from lab4.storage.temporary import TemporaryFolder


@dataclass
class Processes:
    """One process per runtime and purpose, each started when first used; ``limit_s`` is how long an answer may take."""

    limit_s: float
    _workers: dict[str, Worker] = field(default_factory=dict)
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
