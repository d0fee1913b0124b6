"""The suite's own latencies of a model file: a job for the process of its runtime."""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import repeat
from pathlib import Path
from statistics import fmean, median

from benchmarks.harness.crosscheck.results import Content, LatencyKind
from benchmarks.harness.crosscheck.tools.tool import TimingTask
from lab4.devices import DEVICES
from lab4.domain.timing import TimingBudget
from lab4.formats import FORMATS
from lab4.measure.latency import iterations_for, time_call, time_calls
from lab4.runtimes import Load, python_runtime

__all__ = ["SUITE_FORMATS", "Suite", "suite_latencies"]

#: The format whose loader reads files of this ending; all precisions of TFLite share one.
SUITE_FORMATS = {".tflite": "tflite_float32", ".onnx": "onnx"}
#: As many calls as the time allows: the external tools have no limit either.
_MOST_CALLS = 10**7
_LEAST_CALLS = 10

#: The suite's latencies in one round, and what its timed regions contain.
Suite = tuple[dict[LatencyKind, float], dict[Content, str]]


def suite_latencies(task: TimingTask) -> Suite:
    """One round of the suite: load, warm up, time calls as a cell's are timed.

    Raises:
        Lab4Error: where the suite cannot run the file.
    """
    model_file = task.model_file
    form = FORMATS[SUITE_FORMATS[model_file.suffix]]
    load = Load(DEVICES["cpu"], task.inputs, task.threads)
    runner = python_runtime(form.traits.runtimes[0]).load(Path(model_file.path), form.traits.container or "", load)
    with runner.scope():
        inputs = runner.prepare(task.inputs)
        latencies = _both("whole", _timed(partial(runner.run, inputs), task))
        clocks: dict[Content, str] = {"whole": runner.clock}
        compute = runner.bind(inputs)
        if compute is not None:
            latencies |= _both("compute-only", _timed(compute, task))
            clocks["compute-only"] = runner.compute_only_clock
    return latencies, clocks


def _timed(call: Callable[[], object], task: TimingTask) -> tuple[float, ...]:
    for _ in repeat(None, task.warmup_calls):
        call()
    iterations = iterations_for(min(time_call(call) for _ in range(_LEAST_CALLS)))
    return time_calls(call, TimingBudget(task.seconds, _LEAST_CALLS, _MOST_CALLS), iterations)


def _both(content: Content, samples_s: Sequence[float]) -> dict[LatencyKind, float]:
    # Every sample is the mean of as many calls, so that their mean is that of all calls.
    return {
        LatencyKind(content, "median"): median(samples_s),
        LatencyKind(content, "mean"): fmean(samples_s),
    }
