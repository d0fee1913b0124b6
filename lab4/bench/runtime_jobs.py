"""What the process of a Python runtime does: open the runtime, load artifacts, run them on examples, measure peaks.

Each function runs in that process; its arguments and results cross a pipe. Only the runtime that is named is opened.
"""

from functools import lru_cache
from pathlib import Path
from time import perf_counter_ns

import numpy as np

from lab4.bench.tensorflow_jobs import open_tensorflow
from lab4.devices import DEVICES
from lab4.devices.device import Device, place
from lab4.domain.catalogue import required
from lab4.domain.errors import DisagreementError
from lab4.domain.observed import Peak, PeakMemory
from lab4.domain.untyped import Untyped
from lab4.measure.accuracy import finite
from lab4.measure.cores import pinned
from lab4.measure.memory import peak_memory
from lab4.measure.peaks import measure_accelerator_peaks, measure_peaks
from lab4.runtimes import Load, Runner, python_runtime
from lab4.runtimes.host import RunSpec

#: The process of the package whose kernels `peaks_with` uses.
PEAKS_PROCESS = "onnxruntime"
#: Calls after the load: the first allocates, the second shows what it keeps.
_CALLS = 3
_MEMORY_LIMIT_S = 60.0


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
def examples_in(path: Path) -> Untyped:
    """The validation images in a ``.npy`` file, float32 (n, height, width, channels) in 0..1."""
    return np.load(path)


def batch_of(spec: RunSpec) -> Untyped:
    """One batch of examples; where there are fewer, some are in it twice."""
    examples = examples_in(spec.examples)
    return np.resize(examples, (spec.batch_size, *examples.shape[1:]))


def load_runner(spec: RunSpec) -> Runner:
    """Load the artifact; raises `ConversionError` or `UnavailableError`."""
    shape = examples_in(spec.examples).shape[1:]
    load = Load(_place(spec.runtime, spec.device), shape, spec.batch_size, spec.threads)
    return python_runtime(spec.runtime).load(spec.path, required(spec.format, "container"), load)


def time_loads(spec: RunSpec, loads: int) -> tuple[float, ...]:
    """Seconds from the artifact's file to its first result, for each of so many loads."""
    batch = batch_of(spec)
    return tuple(_load_once(spec, batch) for _ in range(loads))


def _load_once(spec: RunSpec, batch: Untyped) -> float:
    start = perf_counter_ns()
    runner = load_runner(spec)
    with runner.scope():
        runner.finish(runner.run(runner.prepare(batch)))
    return (perf_counter_ns() - start) / 1e9


def predict_all(runner: Runner, images: Untyped, batch_size: int) -> Untyped:
    """Class probabilities, float32 (n, classes), of float32 images (n, height, width, channels).

    The last batch is filled up with its own first image, as a runner takes one batch size only. Raises
    `DisagreementError` if the runner returns something that is not finite or not (batch, classes).
    """
    outputs = []
    for start in range(0, len(images), batch_size):
        batch = images[start : start + batch_size]
        full = np.concatenate([batch, np.repeat(batch[:1], batch_size - len(batch), axis=0)])
        output = np.asarray(runner.finish(runner.run(runner.prepare(full))))
        if output.ndim != 2 or len(output) != batch_size:  # noqa: PLR2004
            raise DisagreementError(f"the model returned shape {output.shape} for a batch of {batch_size}")
        outputs.append(output[: len(batch)])
    return finite(np.concatenate(outputs))


def predict(spec: RunSpec) -> Untyped:
    """The outputs of all examples, float32 (n, classes)."""
    runner = load_runner(spec)
    with runner.scope():
        return predict_all(runner, examples_in(spec.examples), spec.batch_size)


def nothing() -> None:
    """Do nothing: an answer says that everything asked before has been done."""


def import_runtime(name: str) -> None:
    """Import a runtime without starting it; raises `UnavailableError` where it is not to be had."""
    python_runtime(name).import_package()


def memory_of(spec: RunSpec) -> PeakMemory:
    """Load the artifact and call it, in a fork of this process, which has only imported the runtime."""
    import_runtime(spec.runtime)
    batch = batch_of(spec)

    def work() -> None:
        with pinned(spec.calling_threads):
            runner = load_runner(spec)
            with runner.scope():
                inputs = runner.prepare(batch)
                for _ in range(_CALLS):
                    runner.run(inputs)

    return peak_memory(work, _MEMORY_LIMIT_S)


def peaks_with(threads: int) -> tuple[Peak, ...]:
    """What the machine does at its best on so many cores; in the process of ONNX Runtime, whose kernels are used.

    Raises `UnavailableError` if ONNX or ONNX Runtime is not installed.
    """
    with pinned(threads):
        return measure_peaks(threads)


def accelerator_peaks_of(device: str) -> tuple[Peak, ...]:
    """What another device than the CPU does at its best; in the process of TensorFlow, whose kernels are used.

    Raises `UnavailableError` if TensorFlow does not see the device, or the device refuses the work.
    """
    open_tensorflow()
    return measure_accelerator_peaks(device, place(DEVICES[device]))
