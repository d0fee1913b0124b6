"""The suite's own latencies of a model file, and what the file takes: jobs for the process of its runtime."""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import repeat
from pathlib import Path
from statistics import fmean, median
from typing import Any

import numpy as np

from benchmarks.harness.crosscheck.results import Content, LatencyKind, ModelFile
from benchmarks.harness.crosscheck.tools.tool import TimingTask
from lab4.devices import DEVICES
from lab4.domain.errors import Lab4Error
from lab4.domain.timing import TimingBudget
from lab4.formats import FORMATS
from lab4.frameworks import litert, onnxruntime
from lab4.measure.latency import iterations_for, time_call, time_calls
from lab4.runtimes import Load, python_runtime

__all__ = ["SUITE_FORMATS", "Suite", "describe", "suite_latencies"]

#: The format whose loader reads files of this ending; all precisions of TFLite share one.
SUITE_FORMATS = {".tflite": "tflite_float32", ".onnx": "onnx"}
#: As many calls as the time allows: the external tools have no limit either.
_MOST_CALLS = 10**7
_LEAST_CALLS = 10

#: The suite's latencies in one round, and what its timed regions contain.
Suite = tuple[dict[LatencyKind, float], dict[Content, str]]


def describe(path: Path) -> ModelFile:
    """Open a model file and say what it takes.

    Raises:
        Lab4Error: for one that is no model, or not one with one input of float32 or int8 and a known shape.
    """
    try:
        return (_describe_tflite if path.suffix == ".tflite" else _describe_onnx)(path)
    except Lab4Error:
        raise
    except Exception as error:  # noqa: BLE001  # the runtimes raise private types of native modules
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        raise Lab4Error(f"{path} is not a whole {path.suffix[1:]} model ({reason}); give the file of a model") from None


def _only(path: Path, inputs: list[Any], outputs: list[Any]) -> Any:
    if len(inputs) != 1 or len(outputs) != 1:
        raise Lab4Error(
            f"{path} has {len(inputs)} inputs and {len(outputs)} outputs; give a model with one input and one output"
        )
    return inputs[0]


def _described(path: Path, name: str, shape: tuple[int | str | None, ...], dtype: str) -> ModelFile:
    free = [size if isinstance(size, int) and size > 0 else None for size in shape]
    items = tuple(size for size in free[1:] if size is not None)
    if len(shape) not in {2, 3, 4} or len(items) != len(shape) - 1:
        raise Lab4Error(
            f"{path} takes the shape {list(shape)}; give a model of vectors or images, free in its batch only"
        )
    if dtype not in {"float32", "int8"}:
        raise Lab4Error(f"{path} takes {dtype}; give a model that takes float32 or int8")
    named = shape[0] if isinstance(shape[0], str) else None
    return ModelFile(str(path), path.suffix, name, items, dtype, free[0], named)


def _describe_tflite(path: Path) -> ModelFile:
    interpreter = litert().Interpreter(model_path=str(path))
    only = _only(path, interpreter.get_input_details(), interpreter.get_output_details())
    shape = tuple(int(size) for size in only["shape_signature"]) or tuple(int(size) for size in only["shape"])
    return _described(path, only["name"], shape, np.dtype(only["dtype"]).name)


def _describe_onnx(path: Path) -> ModelFile:
    session = onnxruntime().InferenceSession(str(path), providers=["CPUExecutionProvider"])
    only = _only(path, session.get_inputs(), session.get_outputs())
    dtype = {"tensor(float)": "float32"}.get(only.type, only.type)
    return _described(path, only.name, tuple(only.shape), dtype)


def suite_latencies(task: TimingTask) -> Suite:
    """One round of the suite: load, warm up, time calls as a cell's are timed.

    Raises:
        Lab4Error: where the suite cannot run the file.
    """
    model_file = task.model_file
    form = FORMATS[SUITE_FORMATS[model_file.suffix]]
    call = {"input": np.random.default_rng(0).random(task.shape, dtype=np.float32)}
    load = Load(DEVICES["cpu"], call, task.threads)
    runner = python_runtime(form.traits.runtimes[0]).load(Path(model_file.path), form.traits.container or "", load)
    with runner.scope():
        inputs = runner.prepare(call)
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
