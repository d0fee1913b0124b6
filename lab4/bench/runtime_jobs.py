"""What the process of a Python runtime does: open the runtime, load artifacts, run them on examples.

Each function runs in that process; its arguments and results cross a pipe. Only the runtime that is named is opened.
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from time import perf_counter_ns
from typing import Any

from lab4.bench.tensorflow_jobs import open_tensorflow
from lab4.devices import DEVICES
from lab4.devices.device import Device, place
from lab4.domain.catalogue import required
from lab4.inputs import StoredExamples, read_examples
from lab4.measure.accuracy import predict_all
from lab4.runtimes import Load, Runner, python_runtime
from lab4.runtimes.host import RunSpec


def open_runtime(name: str, threads: int | None = None) -> None:
    """Open the runtime; raises `UnavailableError` where it is not to be had.

    ``threads`` is for a runtime whose pool belongs to its process; other runtimes get it when an artifact is loaded.
    """
    runtime = python_runtime(name)
    if runtime.places_by_tensorflow:
        open_tensorflow(threads)
    else:
        runtime.import_package()


def _place(runtime: str, device: str) -> Device:
    # Other runtimes than TensorFlow's need only the device's names, and must not open TensorFlow.
    if python_runtime(runtime).places_by_tensorflow:
        open_tensorflow()
        return place(DEVICES[device])
    return DEVICES[device]


@lru_cache(maxsize=1)
def examples_in(folder: Path) -> StoredExamples:
    """The examples in a folder."""
    return read_examples(folder)


def call_of(spec: RunSpec) -> dict[str, Any]:
    """The inputs of one call; where there are fewer examples than it takes, some are in it twice."""
    return examples_in(spec.examples).call(0, spec.batch_size)


def load_runner(spec: RunSpec) -> Runner:
    """Load the artifact; raises `ConversionError` or `UnavailableError`."""
    load = Load(_place(spec.runtime, spec.device), call_of(spec), spec.threads)
    return python_runtime(spec.runtime).load(spec.path, required(spec.format, "container"), load)


def time_loads(spec: RunSpec, loads: int) -> tuple[float, ...]:
    """Seconds from the artifact's file to its first result, for each of so many loads."""
    call = call_of(spec)
    return tuple(_load_once(spec, call) for _ in range(loads))


def _load_once(spec: RunSpec, call: Mapping[str, Any]) -> float:
    start = perf_counter_ns()
    runner = load_runner(spec)
    with runner.scope():
        runner.finish(runner.run(runner.prepare(call)))
    return (perf_counter_ns() - start) / 1e9


def predict(spec: RunSpec) -> dict[str, Any]:
    """The outputs of all examples, by name."""
    runner = load_runner(spec)
    with runner.scope():
        return predict_all(runner, examples_in(spec.examples), spec.batch_size)


def nothing() -> None:
    """Do nothing: an answer says that everything asked before has been done."""
