"""What a runtime's process does to say where a model's time goes, and which layers lost the accuracy."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from lab4.devices import DEVICES
from lab4.domain.errors import ConversionError, UnavailableError
from lab4.domain.profiled import LayerError, LeftInFloat, Profile
from lab4.formats.onnx_quantized import static_int8
from lab4.frameworks import onnxruntime
from lab4.inputs import read_examples
from lab4.measure.outputs import are_class_scores, difference
from lab4.profiling.layers import layer_errors, snr_db
from lab4.profiling.litert_profile import profile_litert
from lab4.profiling.onnx_layers import onnx_graph
from lab4.profiling.onnx_profile import profile_onnx
from lab4.profiling.tflite_layers import tflite_graph
from lab4.runtimes import Load, python_runtime

#: How many of the worst layers are left in float.
_LEFT = (0, 1, 2, 4)
#: By container, the runtime whose profiler is used.
PROFILED = {"onnx": "onnxruntime", "tflite": "litert"}
_PROFILERS = {"onnx": profile_onnx, "tflite": profile_litert}
_GRAPHS = {"onnx": onnx_graph, "tflite": tflite_graph}


def operators_of(path: Path, container: str, examples: Path) -> Profile:
    """Profile calls with the first example; raises `ConversionError` or `UnavailableError`."""
    return _PROFILERS[container](path, _by_own_names(path, container, read_examples(examples).call(0, 1)))


def _by_own_names(path: Path, container: str, call: Mapping[str, Any]) -> Mapping[str, Any]:
    """The inputs of a call as the file has them: by its names, and quantized where it takes integers."""
    runner = python_runtime(PROFILED[container]).load(path, container, Load(DEVICES["cpu"], call, 1))
    inputs = runner.prepare(call)
    return inputs if isinstance(inputs, Mapping) else dict(zip(runner.input_names, inputs, strict=True))


def layers_of(original: Path, quantized: Path, container: str, examples: Path) -> tuple[LayerError, ...]:
    """Compare the layers of two files over all examples; raises `Lab4Error`."""
    graph = _GRAPHS[container]
    return layer_errors(graph(original), graph(quantized), read_examples(examples).calls(1))


def left_in_float(original: Path, errors: Sequence[LayerError], examples: Path) -> tuple[LeftInFloat, ...]:
    """Quantize an ONNX model with its worst layers left in float; the calls that calibrate are those that are compared.

    Empty where ONNX Runtime's quantizer does not take the model.
    """
    calls = list(read_examples(examples).calls(1))
    expected = _outputs(original, calls)
    worst = [each.name for each in errors if each.added > 0]
    counts = sorted({min(count, len(worst)) for count in _LEFT})
    try:
        return tuple(_left(original, tuple(worst[:count]), calls, expected) for count in counts)
    except (ConversionError, UnavailableError):
        return ()


def _left(
    original: Path, kept: tuple[str, ...], calls: Sequence[Mapping[str, Any]], expected: Mapping[str, Any]
) -> LeftInFloat:
    with TemporaryDirectory() as folder:
        made = Path(folder, "made.onnx")
        static_int8(original, calls, made, kept)
        found = _outputs(made, calls)
        size = made.stat().st_size
    real = {name: array for name, array in expected.items() if array.dtype.kind == "f"}
    lowest = min((snr_db(array, found[name]) for name, array in real.items()), default=0.0)
    cosine = min((difference(found[name], array).cosine for name, array in real.items()), default=0.0)
    scores = next((name for name, array in real.items() if are_class_scores(array)), None)
    if scores is None:
        return LeftInFloat(kept, size, lowest, cosine, 0, 0)
    agreeing = int(np.sum(found[scores].argmax(axis=1) == real[scores].argmax(axis=1)))
    return LeftInFloat(kept, size, lowest, cosine, agreeing, len(real[scores]))


def _outputs(path: Path, calls: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    options = onnxruntime().SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    session = onnxruntime().InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    names = [each.name for each in session.get_outputs()]
    found = [session.run(None, call) for call in calls]
    return {name: np.concatenate([np.atleast_1d(each[place]) for each in found]) for place, name in enumerate(names)}
