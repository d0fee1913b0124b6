"""The inner values of a TFLite model: the interpreter is made to keep them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from lab4.domain.errors import ConversionError
from lab4.domain.text import first_line
from lab4.domain.untyped import Untyped
from lab4.frameworks import litert
from lab4.profiling.layers import Graph


def tflite_graph(path: Path) -> Graph:
    """Open a TFLite model so that the inner values of its main graph are had, dequantized.

    It is run by LiteRT's own kernels, without a delegate: a delegate does not keep inner values.
    Raises `ConversionError` where the file is no TFLite model, or does not load.
    """
    library = litert()
    try:
        interpreter = library.Interpreter(
            model_path=str(path),
            experimental_op_resolver_type=library.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
            experimental_preserve_all_tensors=True,
        )
        interpreter.allocate_tensors()
        operators = interpreter._get_ops_details()  # noqa: SLF001  # there is no public list of operators
    except (RuntimeError, ValueError) as error:
        raise ConversionError(f"{path.name} does not load in LiteRT: {first_line(error)}") from error
    positions = _positions(interpreter)
    details = {each["index"]: each for each in interpreter.get_tensor_details()}
    names = {index: each["name"] for index, each in details.items()}
    makers = {names[index]: each for each in operators for index in each["outputs"] if index in names}
    inner = {name: index for index, name in names.items() if name in makers and _is_real(details[index])}

    def values(call: Mapping[str, Any]) -> Mapping[str, Any]:
        _fill(interpreter, call, positions)
        interpreter.invoke()
        return {name: _real(interpreter, index, details[index]) for name, index in inner.items()}

    types = {name: each["op_name"] for name, each in makers.items()}
    inputs = {name: tuple(names.get(index, "") for index in each["inputs"]) for name, each in makers.items()}
    return Graph(values, types, inputs)


def _fill(interpreter: Untyped, call: Mapping[str, Any], positions: Mapping[str, int]) -> None:
    inputs = {each["index"]: each for each in interpreter.get_input_details()}
    arrays = {positions[name]: np.asarray(array) for name, array in call.items() if name in positions}
    for index, array in arrays.items():
        if tuple(inputs[index]["shape"]) != array.shape:
            interpreter.resize_tensor_input(index, array.shape)
    interpreter.allocate_tensors()
    for index, array in arrays.items():
        interpreter.set_tensor(index, _as_input(array, inputs[index]))


def _positions(interpreter: Untyped) -> dict[str, int]:
    """By name of an input, its own or that of the only signature, its tensor."""
    found = {each["name"]: each["index"] for each in interpreter.get_input_details()}
    signatures = list(interpreter.get_signature_list())
    if len(signatures) == 1:
        named = interpreter.get_signature_runner(signatures[0]).get_input_details()
        found |= {name: each["index"] for name, each in named.items()}
    return found


def _as_input(array: Untyped, details: Mapping[str, Any]) -> Untyped:
    dtype, (scale, zero_point) = np.dtype(details["dtype"]), details["quantization"]
    if array.dtype.kind != "f" or dtype.kind not in "iu" or not scale:
        return array
    limits = np.iinfo(dtype)
    return np.clip(np.rint(array / scale + zero_point), limits.min, limits.max).astype(dtype)


def _is_real(details: Mapping[str, Any]) -> bool:
    return np.dtype(details["dtype"]).kind == "f" or bool(len(details["quantization_parameters"]["scales"]))


def _real(interpreter: Untyped, index: int, details: Mapping[str, Any]) -> Untyped:
    array = interpreter.get_tensor(index)
    found = details["quantization_parameters"]
    if array.dtype.kind == "f":
        return array
    shape = [1] * array.ndim
    if len(found["scales"]) > 1:
        shape[found["quantized_dimension"]] = -1
    scales, zeros = (np.reshape(found[key], shape) for key in ("scales", "zero_points"))
    return (array.astype(np.float64) - zeros) * scales
