"""What artifacts compute and are: found out next to each other, as far as nothing of it is timed."""

from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any

from lab4.bench.judging import judged, judged_outputs
from lab4.bench.lanes import lanes_for, run_together
from lab4.bench.python_host import Processes
from lab4.bench.runtime_jobs import predict
from lab4.bench.specs import Built
from lab4.bench.worker import Worker
from lab4.domain.cell import Cell
from lab4.domain.errors import Lab4Error
from lab4.domain.outcome import Measured
from lab4.runtimes import RUNTIMES, PythonRuntime, python_runtime
from lab4.runtimes.host import RunSpec, RuntimeHost

#: The key of an examination's cell, and where its artifact is.
Key = tuple[str, Path]
#: What receives the number of artifacts that are begun, of how many, and the cell of the next.
Report = Callable[[int, int, Cell], None]


@dataclass(frozen=True, slots=True)
class Examination:
    """What is asked of a cell's artifact: ``spec`` is how ``host`` runs it, ``metrics`` judge its outputs.

    All of its file is examined where it is run in a runtime of its format's own.
    """

    cell: Cell
    built: Built
    spec: RunSpec
    host: RuntimeHost
    metrics: tuple[str, ...]

    @property
    def key(self) -> Key:
        """What distinguishes it within a run."""
        return self.cell.key, self.built.path

    def made(self, outputs_of: Callable[[RunSpec], Mapping[str, Any]], inspector: Worker) -> Measured:
        """Run the artifact on all examples; judge the outputs, and what is in its file, in the ``inspector``'s process.

        Raises `Lab4Error` with what is wrong with the artifact.
        """
        judge = judged_outputs if self.cell.runtime else judged
        return inspector.call(judge, self.built, self.cell.device, outputs_of(self.spec), self.metrics)

    @property
    def is_python(self) -> bool:
        """Whether a process of Python runs the artifact."""
        return isinstance(RUNTIMES[self.spec.runtime], PythonRuntime)

    def process(self, processes: Processes) -> str:
        """The process that judges it, and runs it if that is one of Python; empty where these are two."""
        inspector = processes.inspecting(self.cell.format).name
        is_apart = self.is_python and python_runtime(self.spec.runtime).process != inspector
        return "" if is_apart else inspector


@dataclass
class _Work:
    """What is left to be examined in processes of one name, and what was found; one at a time uses the ``engines``.

    Of several runtimes the one with most artifacts is last: others import packages of their own, in the first process.
    """

    left: deque[Examination]
    begins: Callable[[Cell], None]
    engines: Lock
    found: dict[Key, Measured] = field(default_factory=dict)

    def __post_init__(self) -> None:
        artifacts = Counter(each.spec.runtime for each in self.left)
        self.left = deque(sorted(self.left, key=lambda each: artifacts[each.spec.runtime]))

    def run(self, worker: Worker, *, is_first: bool) -> None:
        """Examine what is left, one artifact after another, in a process; others than the first begin at the end."""
        with suppress(IndexError):
            while True:
                each = self.left.popleft() if is_first else self.left.pop()
                self.begins(each.cell)
                with suppress(Lab4Error):
                    run = partial(worker.call, predict) if each.is_python else partial(self._by_engine, each.host)
                    self.found[each.key] = each.made(run, worker)

    def _by_engine(self, host: RuntimeHost, spec: RunSpec) -> Mapping[str, Any]:
        with self.engines:
            return host.predict(spec)


def examined_together(examinations: Sequence[Examination], processes: Processes, report: Report) -> dict[Key, Measured]:
    """Examine artifacts next to each other, as many at a time as there are cores; returns what was found, by keys.

    Those that one process cannot examine are left out, and so is what went wrong: it is met again where it is asked
    for. An interrupt ends the processes.
    """
    wanted: dict[str, deque[Examination]] = {}
    for each in examinations:
        if name := each.process(processes):
            wanted.setdefault(name, deque()).append(each)
    total = sum(map(len, wanted.values()))
    count = lanes_for(total)
    if count < 2:  # noqa: PLR2004
        return {}
    lock, begun = Lock(), list[Cell]()

    def begins(cell: Cell) -> None:
        with lock:
            report(len(begun), total, cell)
            begun.append(cell)

    # The longest first. Copies of a process help where one is left alone, and begin only then.
    engines = Lock()
    works = {name: _Work(wanted[name], begins, engines) for name in sorted(wanted, key=lambda name: -len(wanted[name]))}
    workers = {name: processes.several(name, min(count, len(work.left))) for name, work in works.items()}
    jobs = [partial(works[name].run, first, is_first=True) for name, (first, *_) in workers.items()]
    jobs += [partial(works[name].run, each, is_first=False) for name, (_, *more) in workers.items() for each in more]

    def stop() -> None:
        for work in works.values():
            work.left.clear()

    kill = [worker.kill for several in workers.values() for worker in several]
    kill += [each.host.shutdown for work in works.values() for each in work.left if not each.is_python]
    run_together(jobs, count, stop, kill)
    for _, *more in workers.values():
        for worker in more:
            worker.close()
    return {key: measured for work in works.values() for key, measured in work.found.items()}
