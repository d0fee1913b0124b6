"""Questions about one model, answered in its runtime's process: time by operator, and error by layer."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from lab4.bench.given import source_of
from lab4.bench.profile_jobs import PROFILED, layers_of, left_in_float, operators_of
from lab4.bench.python_host import Processes
from lab4.bench.runtime_jobs import import_runtime
from lab4.bench.source_jobs import Limits, draw
from lab4.bench.worker import Worker
from lab4.domain.errors import Lab4Error, UnavailableError
from lab4.domain.profiled import LayerError, LeftInFloat, Profile
from lab4.domain.source import Source

_LIMIT_S = 600.0
_EXAMPLES, _SEED = 8, 42


def profile_of(written: str, rules: Mapping[str, str], sizes: Mapping[str, int]) -> Profile:
    """The time by operator of the model in a file.

    Raises:
        Lab4Error: where the file is no ONNX or TFLite model, an input needs a rule, or the profiler does not run it.
    """
    source = _source(written, rules, sizes)
    with _process(source) as (worker, examples):
        return worker.call(operators_of, Path(source.written), source.container, examples)


def layers_between(
    original: str, quantized: str, rules: Mapping[str, str], sizes: Mapping[str, int]
) -> tuple[tuple[LayerError, ...], tuple[LeftInFloat, ...]]:
    """The error by layer of a quantized file; for ONNX also what leaving the worst layers in float gives.

    Raises:
        Lab4Error: where a file is no model, the two are of different graphs or containers, or an input needs a rule.
    """
    source, other = _source(original, rules, sizes), _source(quantized, {}, {})
    if source.container != other.container:
        raise Lab4Error(f"{original} is {source.container} and {quantized} is {other.container}; give two of one kind")
    names = [sorted(each.name for each in side.contract.inputs) for side in (source, other) if side.contract]
    if names[0] != names[1]:
        raise Lab4Error(
            f"{quantized} has the inputs {', '.join(names[1])} and {original} has {', '.join(names[0])}; give a float "
            "model and the file that was quantized from it"
        )
    with _process(source) as (worker, examples):
        paths = Path(source.written), Path(other.written)
        errors = worker.call(layers_of, *paths, source.container, examples)
        left = worker.call(left_in_float, paths[0], errors, examples) if source.container == "onnx" else ()
        return errors, left


def _source(written: str, rules: Mapping[str, str], sizes: Mapping[str, int]) -> Source:
    source = source_of("model", written, rules, sizes)
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
    worker.call(import_runtime, PROFILED[container])
    return worker.call(operators_of, path, container, examples)


@contextmanager
def _process(source: Source) -> Iterator[tuple[Worker, Path]]:
    """The runtime's process, and examples that were drawn for the model."""
    processes = Processes(_LIMIT_S)
    try:
        worker = processes.of(PROFILED[source.container])
        worker.call(import_runtime, PROFILED[source.container])
        examples = processes.folder / "examples"
        worker.call(draw, source, source.contract, Limits(_EXAMPLES, _EXAMPLES, _EXAMPLES), _SEED, examples)
        yield worker, examples
    finally:
        processes.close()
