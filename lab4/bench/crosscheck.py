"""A model file in, the suite's latency and everybody else's out, measured in turns."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from random import Random
from typing import TypeVar

from lab4.bench.peers import PEERS, Peer, Task
from lab4.bench.peers.peer import Line, Reading
from lab4.bench.peers.processes import LIMIT_S
from lab4.bench.peers.suite import SUITE_FORMATS, describe, suite_figures
from lab4.bench.worker import Worker
from lab4.cache import Cache
from lab4.cache.folder import ENTRIES
from lab4.domain.crosscheck import Contender, Content, Crosscheck, Figure, Subject
from lab4.domain.errors import CrashError, Lab4Error, TimeLimitError, UnavailableError
from lab4.domain.outcome import Unavailable
from lab4.formats import FORMATS
from lab4.measure.cores import pinned
from lab4.storage.temporary import TemporaryFolder

__all__ = ["Wish", "cached_models", "crosscheck", "inspected"]

T = TypeVar("T")

#: Of the time of a round, what the warm-up before it is given.
_WARMUP_SHARE = 0.2
_LEAST_CALLS = 10


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asks for: threads, items a call, rounds, seconds a contender and round, the order's seed."""

    threads: int = 1
    batch_size: int = 1
    rounds: int = 11
    seconds: float = 0.3
    seed: int = 1


@dataclass
class _Turns:
    """One peer's readings, a round each; after the first failure it is not asked again."""

    name: str
    peer: Peer
    lines: tuple[Line, ...]
    observed: dict[Figure, list[float]] = field(default_factory=dict)
    reasons: dict[Figure, Unavailable] = field(default_factory=dict)

    def take(self, task: Task, folder: Path) -> None:
        if len(self.reasons) == len(self.lines):
            return
        try:
            readings = self.peer.measure(task, folder)
        except UnavailableError as error:
            readings = {line.figure: Unavailable(str(error)) for line in self.lines}
        for figure, reading in readings.items():
            self._keep(figure, reading)

    def _keep(self, figure: Figure, reading: Reading) -> None:
        if isinstance(reading, Unavailable):
            self.reasons.setdefault(figure, reading)
        else:
            self.observed.setdefault(figure, []).append(reading)

    def contenders(self) -> Iterator[Contender]:
        for line in self.lines:
            found = self.reasons.get(line.figure) or tuple(self.observed[line.figure])
            # One reason is enough of what was not measured.
            others = self.peer.beside[:1] if isinstance(found, Unavailable) else self.peer.beside
            for beside in others:
                yield Contender(self.name, line.figure, line.clock, found, self.peer.note, beside)


def cached_models(folder: Path) -> dict[str, Path]:
    """The newest TFLite and ONNX file of each artifact in a cache of the suite, by the artifact's description."""
    found: dict[str, Path] = {}
    for entry in Cache(folder).list():  # the oldest first, so that the newest stays
        files = sorted((folder / ENTRIES / entry.key).glob("*"))
        models = [path for path in files if path.suffix in SUITE_FORMATS]
        if entry.kind == "artifact" and models:
            found[entry.description] = models[0]
    return dict(sorted(found.items()))


def inspected(path: Path, batch_size: int) -> Subject:
    """What the file is, asked in a process of its own, as damaged files crash runtimes.

    Raises:
        Lab4Error: for a file that is not there, is no model that can be timed, or is bound to another batch size.
    """
    if path.suffix not in SUITE_FORMATS:
        raise Lab4Error(f"{path} is neither .tflite nor .onnx; give files of these two kinds")
    if not path.is_file():
        raise Lab4Error(f"there is no file {path}; name a .tflite or .onnx file")
    with TemporaryFolder("crosscheck") as folder:
        try:
            subject = _in_its_runtime(path.suffix, folder, describe, path.resolve())
        except CrashError:
            raise Lab4Error(f"{path} crashes its runtime when it is loaded; export the model again") from None
    if subject.file_batch not in {None, batch_size}:
        raise Lab4Error(f"{path} runs {subject.file_batch} a call and no other; give --batch-size {subject.file_batch}")
    return subject


def _in_its_runtime(suffix: str, folder: Path, job: Callable[..., T], *arguments: object) -> T:
    """Run ``job`` in a new process, as the suite's own cells are run."""
    runtime = FORMATS[SUITE_FORMATS[suffix]].traits.runtimes[0]
    worker = Worker(runtime, folder / "suite.log", LIMIT_S)
    try:
        return worker.call(job, *arguments)
    except TimeLimitError:
        raise Lab4Error(f"the {runtime} process did not answer within {LIMIT_S:g} s and was ended") from None
    finally:
        worker.close()


@contextmanager
def _about(name: str) -> Iterator[None]:
    try:
        yield
    except Lab4Error as error:
        raise Lab4Error(f"{name} cannot be measured: {error}") from None


def crosscheck(name: str, subject: Subject, wish: Wish, show: Callable[[str], None]) -> Crosscheck:
    """Measure the file with everybody, in turns; ``show`` is told in a few words how far it is.

    Raises:
        Lab4Error: where the suite itself cannot measure the file. What befalls a peer is in its row.
    """
    # Everybody's processes are started meanwhile, and so have the same cores.
    with TemporaryFolder("crosscheck") as folder, _about(name), pinned(wish.threads):
        task = _calibrated(subject, wish, folder)
        turns = [_Turns(each, PEERS[each], PEERS[each].lines.get(subject.suffix, ())) for each in PEERS]
        turns = [each for each in turns if each.lines]
        suite: dict[Figure, list[float]] = {}
        clocks: dict[Content, str] = {}
        for number, order in enumerate(_orders(turns, wish), 1):
            show(f"{name}: round {number} of {wish.rounds}")
            for each in order:
                if each is not None:
                    each.take(task, folder)
                    continue
                figures, clocks = _in_its_runtime(subject.suffix, folder, suite_figures, task)
                for figure, value in figures.items():
                    suite.setdefault(figure, []).append(value)
    contenders = tuple(contender for each in turns for contender in each.contenders())
    observed = {figure: tuple(values) for figure, values in suite.items()}
    return Crosscheck(
        name, subject, wish.threads, wish.batch_size, wish.seed, wish.rounds, observed, clocks, contenders
    )


def _orders(turns: Sequence[_Turns], wish: Wish) -> Iterator[list[_Turns | None]]:
    """Who comes after whom in each round; ``None`` is the suite. Fast and slow seconds of the machine touch all."""
    chance = Random(wish.seed)  # noqa: S311  # an order, not a secret
    for _ in range(wish.rounds):
        order = [None, *turns]
        chance.shuffle(order)
        yield order


def _calibrated(subject: Subject, wish: Wish, folder: Path) -> Task:
    """Find out how many calls the time of a round is, for the tools that count calls."""
    trial = Task(subject, wish.threads, wish.batch_size, wish.seconds, _LEAST_CALLS, _LEAST_CALLS)
    figures, _ = _in_its_runtime(subject.suffix, folder, suite_figures, trial)
    call_s = figures[Figure("whole", "median")]
    calls = max(_LEAST_CALLS, ceil(wish.seconds / call_s))
    warmup_calls = max(_LEAST_CALLS, ceil(calls * _WARMUP_SHARE))
    return Task(subject, wish.threads, wish.batch_size, wish.seconds, calls, warmup_calls)
