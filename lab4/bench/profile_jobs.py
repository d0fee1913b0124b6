"""What a runtime's process does to say where a model's time goes, and which layers lost the accuracy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from lab4.bench.judging import by_example, judged_output
from lab4.bench.runtime_jobs import predict
from lab4.devices import DEVICES
from lab4.domain.errors import ConversionError, DisagreementError, UnavailableError
from lab4.domain.profiled import LayerError, Leaving, LeftInFloat, Profile
from lab4.domain.untyped import Untyped
from lab4.formats import FORMATS, onnx_quantized, tflite_quantized
from lab4.inputs import read_examples
from lab4.measure.outputs import are_class_scores, difference, matched
from lab4.metrics import computed, default_metric
from lab4.profiling.layers import layer_errors, snr_db
from lab4.profiling.litert_profile import profile_litert
from lab4.profiling.onnx_layers import onnx_graph
from lab4.profiling.onnx_profile import profile_onnx
from lab4.profiling.tflite_layers import tflite_graph
from lab4.runtimes import Load, python_runtime
from lab4.runtimes.host import RunSpec

#: Examples whose inner values are compared: they take time, and more change little.
_MOST = 16
#: By container, the runtime whose profiler is used.
PROFILED = {"onnx": "onnxruntime", "tflite": "litert"}
_PROFILERS = {"onnx": profile_onnx, "tflite": profile_litert}
_GRAPHS = {"onnx": onnx_graph, "tflite": tflite_graph}
_QUANTIZERS = {"onnx": onnx_quantized.static_int8, "tflite": tflite_quantized.static_int8}
_ERRORS = (ConversionError, UnavailableError, DisagreementError)
#: By container, a format that its float models are of.
_FLOAT = {"onnx": "onnx", "tflite": "tflite_float32"}


@dataclass(frozen=True, slots=True)
class Examples:
    """Folders of `lab4.inputs.StoredExamples`: what is compared, and what calibrates where that is not the same.

    ``labels`` is a ``.npy`` file of what is right for each of what is compared.
    """

    examples: Path
    calibration: Path | None = None
    labels: Path | None = None


def operators_of(path: Path, container: str, examples: Path) -> Profile:
    """Profile calls with the first example; raises `ConversionError` or `UnavailableError`."""
    return _PROFILERS[container](path, _by_own_names(path, container, read_examples(examples).call(0, 1)))


def _by_own_names(path: Path, container: str, call: Mapping[str, Any]) -> Mapping[str, Any]:
    """The inputs of a call as the file has them: by its names, and quantized where it takes integers."""
    runner = python_runtime(PROFILED[container]).load(path, container, Load(DEVICES["cpu"], call, 1))
    inputs = runner.prepare(call)
    return inputs if isinstance(inputs, Mapping) else dict(zip(runner.input_names, inputs, strict=True))


def layers_of(original: Path, quantized: Path, container: str, examples: Path) -> tuple[LayerError, ...]:
    """Compare the layers of two files over the first examples; raises `Lab4Error`."""
    graph, stored = _GRAPHS[container], read_examples(examples)
    return layer_errors(graph(original), graph(quantized), stored.calls(1, min(_MOST, stored.count)))


def left_in_float(original: Path, container: str, errors: Sequence[LayerError], data: Examples, most: int) -> Leaving:
    """Quantize a model with its worst layers left in float: none, 1, 2, 4 and so on, at most ``most``.

    What is wrong with the model for its container's quantizer, or with what that makes of it, is the reason of what is
    returned.
    """
    calls = list(read_examples(data.calibration or data.examples).calls(1))
    worst = [each.name for each in errors if each.added > 0][:most]
    try:
        expected = _outputs(original, container, data.examples)
    except _ERRORS as error:
        return Leaving(None, (), str(error))
    compared = partial(_left, expected=expected, labels=None if data.labels is None else np.load(data.labels))
    found, reason = [], ""
    try:
        for count in _counts(len(worst)):
            with TemporaryDirectory() as folder:
                made = Path(folder, f"made.{container}")
                _QUANTIZERS[container](original, calls, made, worst[:count])
                outputs, size = _outputs(made, container, data.examples), made.stat().st_size
            found.append(compared(tuple(worst[:count]), size, outputs))
    except _ERRORS as error:
        reason = str(error)
    return Leaving(compared((), original.stat().st_size, expected), tuple(found), reason)


def _counts(most: int) -> list[int]:
    """None, then twice as many each time, and last all.

    >>> _counts(0), _counts(6)
    ([0], [0, 1, 2, 4, 6])
    """
    return sorted({0, most, *(2**power for power in range(most.bit_length()) if 2**power <= most)})


def _left(
    kept: tuple[str, ...], size: int, outputs: Mapping[str, Any], *, expected: Mapping[str, Any], labels: Untyped
) -> LeftInFloat:
    own = matched(outputs, expected)
    found = {name: by_example(outputs[own[name]]) for name in expected}
    real = {name: by_example(array) for name, array in expected.items() if array.dtype.kind == "f"}
    lowest = min((snr_db(array, found[name]) for name, array in real.items()), default=0.0)
    cosine = min((difference(found[name], array).cosine for name, array in real.items()), default=0.0)
    metric, value = _metric(found, expected, labels)
    scores = next((name for name, array in real.items() if are_class_scores(array)), None)
    if scores is None:
        return LeftInFloat(kept, size, lowest, cosine, 0, 0, metric, value)
    agreeing = int(np.sum(found[scores].argmax(axis=1) == real[scores].argmax(axis=1)))
    return LeftInFloat(kept, size, lowest, cosine, agreeing, len(real[scores]), metric, value)


def _metric(found: Mapping[str, Any], expected: Mapping[str, Any], labels: Untyped) -> tuple[str, float | None]:
    """The metric that fits the outputs and the labels, and its value."""
    if labels is None:
        return "", None
    name = judged_output(expected, labels)
    metric = default_metric(by_example(expected[name]), labels)
    values, _ = computed([metric], found[name], labels)
    return (metric, values[metric].value) if metric in values else ("", None)


def _outputs(path: Path, container: str, examples: Path) -> dict[str, Any]:
    """The outputs of all examples in the usual runtime."""
    form = FORMATS[_FLOAT[container]].traits
    return predict(RunSpec(form.runtimes[0], path, form, "cpu", 1, 1, examples))
