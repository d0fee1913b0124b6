"""Questions about one model, answered in its runtime's process: time by operator, and error by layer."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from lab4.bench.given import source_of
from lab4.bench.profile_jobs import PROFILED, Examples, layers_of, left_in_float, operators_of
from lab4.bench.python_host import Processes
from lab4.bench.runtime_jobs import import_runtime
from lab4.bench.source_jobs import Limits, draw
from lab4.bench.worker import Worker
from lab4.domain.errors import Lab4Error, UnavailableError
from lab4.domain.profiled import LayerError, Leaving, Profile
from lab4.domain.source import Source

_LIMIT_S = 600.0
_SEED = 42
#: Examples that are drawn; of a data set, those that are examined, and those that choose int8 ranges.
_EXAMPLES, _EXAMINED, _CALIBRATION = 8, 500, 100


@dataclass(frozen=True, slots=True)
class Asked:
    """What a user gives for a model: rules of inputs, sizes of dynamic dimensions, a data set."""

    rules: Mapping[str, str] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)
    dataset: str = ""


def profile_of(written: str, asked: Asked) -> Profile:
    """The time by operator of the model in a file.

    Raises:
        Lab4Error: where the file is no ONNX or TFLite model, an input needs a rule, or the profiler does not run it.
    """
    source = _source(written, asked)
    with _process(source) as (worker, data):
        return worker.call(operators_of, Path(source.written), source.container, data.examples)


def layers_between(original: str, quantized: str, asked: Asked, leave: int) -> tuple[tuple[LayerError, ...], Leaving]:
    """The error by layer of a quantized file, and what leaving up to ``leave`` of the worst layers in float gives.

    Raises:
        Lab4Error: where a file is no model, the two are of different graphs or containers, or an input needs a rule.
    """
    source, other = _source(original, asked), _source(quantized, Asked())
    if source.container != other.container:
        raise Lab4Error(f"{original} is {source.container} and {quantized} is {other.container}; give two of one kind")
    names = [sorted(each.name for each in side.contract.inputs) for side in (source, other) if side.contract]
    if names[0] != names[1]:
        raise Lab4Error(
            f"{quantized} has the inputs {', '.join(names[1])} and {original} has {', '.join(names[0])}; give a float "
            "model and the file that was quantized from it"
        )
    with _process(source) as (worker, data):
        paths = Path(source.written), Path(other.written)
        errors = worker.call(layers_of, *paths, source.container, data.examples)
        return errors, worker.call(left_in_float, paths[0], source.container, errors, data, leave)


def _source(written: str, asked: Asked) -> Source:
    source = source_of("model", written, asked.rules, asked.sizes, asked.dataset)
    if source.container not in PROFILED:
        raise Lab4Error(
            f"{written} is of the kind {source.container}; only ONNX and TFLite models are profiled: export it first"
        )
    return source


def profiled(processes: Processes, path: Path, container: str, examples: Path) -> Profile:
    """The time by operator of an artifact, in a process in which nothing else is measured; raises `Lab4Error`."""
    if container not in PROFILED:
        raise UnavailableError(f"only ONNX and TFLite artifacts are profiled by operator; this is {container}")
    worker = processes.of(f"{PROFILED[container]} for profiling")
    try:
        worker.call(import_runtime, PROFILED[container])
        return worker.call(operators_of, path, container, examples)
    finally:
        worker.close()  # LiteRT's profiler never lets go of a model


@contextmanager
def _process(source: Source) -> Iterator[tuple[Worker, Examples]]:
    """The runtime's process, and examples that were drawn for the model."""
    processes = Processes(_LIMIT_S)
    try:
        worker = processes.of(PROFILED[source.container])
        worker.call(import_runtime, PROFILED[source.container])
        folder = processes.folder / "examples"
        drawn = worker.call(draw, source, source.contract, Limits(_EXAMPLES, _EXAMINED, _CALIBRATION), _SEED, folder)
        yield worker, Examples(folder, drawn.calibration, drawn.labels)
    finally:
        processes.close()
