"""Measure one model file with the suite and with every external tool, in interleaved rounds."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from math import ceil
from pathlib import Path
from random import Random
from typing import TypeVar

from benchmarks.harness.crosscheck.results import Content, Crosscheck, LatencyKind, ModelFile, ToolResult
from benchmarks.harness.crosscheck.suite import SUITE_FORMATS, suite_latencies
from benchmarks.harness.crosscheck.tools import TOOLS, ExternalTool, TimingTask
from benchmarks.harness.crosscheck.tools.processes import LIMIT_S
from benchmarks.harness.crosscheck.tools.tool import ReportedLatency, RoundResult
from lab4.bench.worker import Worker
from lab4.cache import Cache
from lab4.cache.folder import ENTRIES
from lab4.domain.contract import Contract
from lab4.domain.errors import Lab4Error, TimeLimitError, UnavailableError
from lab4.domain.outcome import Unavailable
from lab4.formats import FORMATS
from lab4.inspection import inspect_model
from lab4.measure.cores import pinned
from lab4.storage.folders import TemporaryFolder

__all__ = ["CrosscheckOptions", "cached_models", "crosscheck", "inspected"]

T = TypeVar("T")

#: The warm-up before a round, as a share of the round's calls.
_WARMUP_SHARE = 0.2
_LEAST_CALLS = 10


@dataclass(frozen=True, slots=True)
class CrosscheckOptions:
    """Threads, number of rounds, seconds per tool and round, and the seed of the order in a round."""

    threads: int = 1
    rounds: int = 11
    seconds: float = 0.3
    seed: int = 1


@dataclass
class _ToolRounds:
    """One tool's results of all rounds; after its first failure the tool is not run again."""

    name: str
    tool: ExternalTool
    lines: tuple[ReportedLatency, ...]
    observed: dict[LatencyKind, list[float]] = field(default_factory=dict)
    reasons: dict[LatencyKind, Unavailable] = field(default_factory=dict)

    def take(self, task: TimingTask, folder: Path) -> None:
        if len(self.reasons) == len(self.lines):
            return
        try:
            round_results = self.tool.measure(task, folder)
        except UnavailableError as error:
            round_results = {line.kind: Unavailable(str(error)) for line in self.lines}
        for kind, result in round_results.items():
            self._keep(kind, result)

    def _keep(self, kind: LatencyKind, result: RoundResult) -> None:
        if isinstance(result, Unavailable):
            self.reasons.setdefault(kind, result)
        else:
            self.observed.setdefault(kind, []).append(result)

    def results(self) -> Iterator[ToolResult]:
        for line in self.lines:
            found = self.reasons.get(line.kind) or tuple(self.observed[line.kind])
            # What was not measured has one row, whatever it would be compared with.
            others = self.tool.references[:1] if isinstance(found, Unavailable) else self.tool.references
            for reference in others:
                yield ToolResult(self.name, line.kind, line.clock, found, self.tool.note, reference)


def cached_models(folder: Path) -> dict[str, Path]:
    """The newest TFLite and ONNX file of each artifact in a cache of the suite, by the artifact's description."""
    found: dict[str, Path] = {}
    for entry in Cache(folder).list():  # the oldest first, so that the newest stays
        files = sorted((folder / ENTRIES / entry.key).glob("*"))
        models = [path for path in files if path.suffix in SUITE_FORMATS]
        if entry.kind == "artifact" and models:
            found[entry.description] = models[0]
    return dict(sorted(found.items()))


def inspected(
    path: Path, batch_size: int | None, rules: Mapping[str, str] | None = None, sizes: Mapping[str, int] | None = None
) -> ModelFile:
    """Read what the file takes, without running it.

    ``rules`` of inputs and ``sizes`` of dynamic dimensions are by name; ``batch_size`` is that of the first dimension
    of all inputs, ``None`` where it is the file's own, or 1.

    Raises:
        Lab4Error: for a file that is not there, is no model that can be timed, or is bound to another batch size.
    """
    if path.suffix not in SUITE_FORMATS:
        raise Lab4Error(f"{path} is neither .tflite nor .onnx; give files of these two kinds")
    if not path.is_file():
        raise Lab4Error(f"there is no file {path}; name a .tflite or .onnx file")
    contract = inspect_model(str(path), sizes).contract
    bound = {**(sizes or {})}
    if batch_size is not None:
        _require_batch(path, contract, batch_size)
        bound |= {each.dynamic[0]: batch_size for each in contract.inputs if 0 in each.dynamic}
    model_file = ModelFile(str(path.resolve()), path.suffix, contract, rules or {}, bound)
    with Lab4Error.prefixed(f"{path}: "):
        model_file.inputs()
    return model_file


def _require_batch(path: Path, contract: Contract, batch_size: int) -> None:
    first = [each.dimensions[0].size for each in contract.inputs if each.dimensions]
    if None not in first and batch_size not in first:
        runs = first[0] if first else 1
        raise Lab4Error(f"{path} runs batches of {runs} only; give --batch-size {runs}, or leave it out")


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


def crosscheck(name: str, model_file: ModelFile, options: CrosscheckOptions, show: Callable[[str], None]) -> Crosscheck:
    """Measure the file with the suite and every tool, in interleaved rounds; ``show`` receives the progress in words.

    Raises:
        Lab4Error: if the suite itself cannot measure the file. The failure of a tool is in the tool's row.
    """
    # All processes are started inside this block, and inherit the same cores.
    with TemporaryFolder("crosscheck") as folder, _about(name), pinned(options.threads):
        task = _calibrated(model_file, options, folder)
        tools = [_ToolRounds(each, TOOLS[each], TOOLS[each].lines.get(model_file.suffix, ())) for each in TOOLS]
        tools = [each for each in tools if each.lines]
        suite: dict[LatencyKind, list[float]] = {}
        clocks: dict[Content, str] = {}
        for number, order in enumerate(_orders(tools, options), 1):
            show(f"{name}: round {number} of {options.rounds}")
            for each in order:
                if each is not None:
                    each.take(task, folder)
                    continue
                latencies, clocks = _in_its_runtime(model_file.suffix, folder, suite_latencies, task)
                for kind, value in latencies.items():
                    suite.setdefault(kind, []).append(value)
    results = tuple(result for each in tools for result in each.results())
    observed = {kind: tuple(values) for kind, values in suite.items()}
    return Crosscheck(name, model_file, options.threads, options.seed, options.rounds, observed, clocks, results)


def _orders(tools: Sequence[_ToolRounds], options: CrosscheckOptions) -> Iterator[list[_ToolRounds | None]]:
    """The order of each round; ``None`` is the suite. A random order spreads the machine's slow moments over all."""
    random = Random(options.seed)  # noqa: S311  # an order, not a secret
    for _ in range(options.rounds):
        order = [None, *tools]
        random.shuffle(order)
        yield order


def _calibrated(model_file: ModelFile, options: CrosscheckOptions, folder: Path) -> TimingTask:
    """Measure how many calls fit in the time of a round, for the tools that take a number of calls."""
    trial = TimingTask(model_file, model_file.inputs(), options.threads, options.seconds, _LEAST_CALLS, _LEAST_CALLS)
    latencies, _ = _in_its_runtime(model_file.suffix, folder, suite_latencies, trial)
    call_s = latencies[LatencyKind("whole", "median")]
    calls = max(_LEAST_CALLS, ceil(options.seconds / call_s))
    warmup_calls = max(_LEAST_CALLS, ceil(calls * _WARMUP_SHARE))
    return replace(trial, calls=calls, warmup_calls=warmup_calls)
