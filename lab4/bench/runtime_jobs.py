"""What the process of a Python runtime does: open the runtime, load artifacts, run them on examples, measure peaks.

Each function runs in that process; its arguments and results cross a pipe. Only the runtime that is named is opened.
"""

from collections.abc import Mapping
from time import perf_counter_ns
from typing import Any

from lab4.bench.tensorflow_jobs import open_tensorflow
from lab4.devices import DEVICES
from lab4.devices.device import Device, place
from lab4.domain.catalogue import required
from lab4.domain.observed import Peak, PeakMemory
from lab4.inputs import StoredExamples, examples_in
from lab4.measure.cores import pinned
from lab4.measure.memory import peak_memory
from lab4.measure.outputs import finite_outputs
from lab4.measure.peaks import Effort, measure_accelerator_peaks, measure_peaks, write_buffers
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


def call_of(spec: RunSpec) -> dict[str, Any]:
    """The inputs of one call; where there are fewer examples than it takes, some are in it twice."""
    return examples_in(spec.examples).call(0, spec.batch_size)


def load_runner(spec: RunSpec) -> Runner:
    """Load the artifact; raises `ConversionError` or `UnavailableError`."""
    load = Load(_place(spec.runtime, spec.device), call_of(spec), spec.threads, spec.settings)
    return python_runtime(spec.runtime).load(spec.path, required(spec.format, "container"), load)


def time_loads(spec: RunSpec, loads: int) -> tuple[float, ...]:
    """Seconds from the artifact's file to its first result, for each of so many loads; imports are no part of them."""
    open_runtime(spec.runtime)
    call = call_of(spec)
    return tuple(_load_once(spec, call) for _ in range(loads))


def _load_once(spec: RunSpec, call: Mapping[str, Any]) -> float:
    start = perf_counter_ns()
    runner = load_runner(spec)
    with runner.scope():
        runner.finish(runner.run(runner.prepare(call)))
    return (perf_counter_ns() - start) / 1e9


def predict_all(runner: Runner, examples: StoredExamples, batch_size: int, count: int | None = None) -> dict[str, Any]:
    """The outputs of the first ``count`` examples, or of all, by name.

    Outputs of a batched model are put together along their first dimension, one example per index; those of another
    model, and outputs that have no batch, along a new one, one call per index. State is fed back from call to call.
    Raises `DisagreementError` if the runner returns something that is not finite.
    """
    found: list[Mapping[str, Any]] = []
    for call in examples.calls(batch_size, count):
        state = {name: found[-1][output] for name, output in examples.states.items()} if found else {}
        found.append(runner.finish(runner.run(runner.prepare({**call, **state}))))
    joined = {name: examples.joined([each[name] for each in found], batch_size, count) for name in found[0]}
    return finite_outputs(joined)


def predict(spec: RunSpec) -> dict[str, Any]:
    """The outputs of all examples, by name."""
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
    call = call_of(spec)

    def work() -> None:
        with pinned(spec.calling_threads):
            runner = load_runner(spec)
            with runner.scope():
                inputs = runner.prepare(call)
                for _ in range(_CALLS):
                    runner.run(inputs)

    return peak_memory(work, _MEMORY_LIMIT_S)


def prepare_peaks(threads: int) -> None:
    """Make what `peaks_with` needs and does not time, while nothing is timed."""
    with pinned(threads):
        write_buffers()


def peaks_with(threads: int, seconds: float) -> tuple[Peak, ...]:
    """What the machine does at its best on so many cores; in the process of ONNX Runtime, whose kernels are used.

    ``seconds`` are those of each kind of peak.

    Raises `UnavailableError` if ONNX or ONNX Runtime is not installed.
    """
    with pinned(threads):
        return measure_peaks(threads, Effort(seconds))


def accelerator_peaks_of(device: str) -> tuple[Peak, ...]:
    """What another device than the CPU does at its best; in the process of TensorFlow, whose kernels are used.

    Raises `UnavailableError` if TensorFlow does not see the device, or the device refuses the work.
    """
    open_tensorflow()
    return measure_accelerator_peaks(device, place(DEVICES[device]))
