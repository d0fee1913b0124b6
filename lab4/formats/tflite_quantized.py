"""A user's float TFLite file at lower precision, by AI Edge Quantizer: no TensorFlow, no Keras model.

Each function reads ``source`` and writes ``target``. Inputs and outputs keep the names and dtypes that the file's
signature gives them; float32 stays float32 in `static_int8` too. A file without a signature gets one, with
its tensors' names, as the quantizer calibrates by signature. Only ``target`` is written; it is there only where
the function returns.

All raise `ConversionError` where the file is damaged, is quantized already or has nothing to quantize, and where the
library refuses the model or makes one that LiteRT does not open; `UnavailableError` where a package is missing.
Recipes: https://github.com/google-ai-edge/ai-edge-quantizer, ``recipe.py``.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from math import prod
from pathlib import Path

from lab4.domain.errors import ConversionError
from lab4.domain.text import first_line
from lab4.domain.untyped import Untyped
from lab4.formats.format import conversion_errors
from lab4.formats.quantizing import Call, already, calls_of, nothing, quietly
from lab4.frameworks import ai_edge_quantizer, litert, litert_flatbuffers, litert_schema

_QUANTIZER = "AI Edge Quantizer"
_IDENTIFIER = b"TFL3"
_EVERY = ".*"
_INTEGERS = {"INT4", "INT8", "UINT8", "INT16"}
#: The key that converters give the signature of a file's main graph.
_SIGNATURE = "serving_default"
#: The first version of the operator that takes int16, and int8 too.
_DEQUANTIZE_VERSION = 3
#: Its pool of calibration threads is for large machines; the results do not depend on it.
_THREADS = 2


def dynamic_int8(source: Path, calls: Sequence[Call], target: Path) -> None:
    """Make weights int8, symmetric with a scale a channel; activations are quantized by each call. ``calls`` is unused.

    The library's recipe ``dynamic_wi8_afp32``.
    """
    del calls

    def quantized(content: bytes) -> bytes:
        quantizer = ai_edge_quantizer().Quantizer(content)
        quantizer.add_dynamic_config(_EVERY, _operation("ALL_SUPPORTED"), num_bits=8)
        return bytes(quantizer.quantize().quantized_model)

    _convert(source, target, "INT8", quantized)


def float16(source: Path, calls: Sequence[Call], target: Path) -> None:
    """Make weights float16, made float32 again before they are used: arithmetic stays float32. ``calls`` is unused.

    The library's algorithm ``float_casting``.
    """
    del calls

    def quantized(content: bytes) -> bytes:
        types = ai_edge_quantizer().qtyping
        weights = types.TensorQuantizationConfig(num_bits=16, dtype=types.TensorDataType.FLOAT)
        casting = types.OpQuantizationConfig(
            weight_tensor_config=weights, compute_precision=types.ComputePrecision.FLOAT, explicit_dequantize=True
        )
        quantizer = ai_edge_quantizer().Quantizer(content)
        algorithm = ai_edge_quantizer().AlgorithmName.FLOAT_CASTING
        quantizer.update_quantization_recipe(_EVERY, _operation("ALL_SUPPORTED"), casting, algorithm)
        return bytes(quantizer.quantize().quantized_model)

    _convert(source, target, "FLOAT16", quantized)


def weight_only_int8(source: Path, calls: Sequence[Call], target: Path) -> None:
    """Make weights int8, symmetric with a scale a channel, made float32 again before they are used.

    Arithmetic stays float32; ``calls`` is unused. The library's recipe ``weight_only_wi8_afp32``.
    """
    del calls

    def quantized(content: bytes) -> bytes:
        quantizer = ai_edge_quantizer().Quantizer(content)
        quantizer.add_weight_only_config(_EVERY, _operation("ALL_SUPPORTED"), num_bits=8)
        return bytes(quantizer.quantize().quantized_model)

    _convert(source, target, "INT8", quantized)


def static_int8(source: Path, calls: Sequence[Call], target: Path, kept: Collection[str] = ()) -> None:
    """Make weights int8 with a scale a channel, and activations int8 with one a tensor; float32 in, float32 out.

    The library's recipe ``static_wi8_ai8``, but that inputs and outputs are not quantized, so that the model takes and
    gives what ``source`` does. Ranges of activations are the library's MinMax over ``calls``; see
    `lab4.formats.onnx_quantized.static_int8` for why. Operators that it cannot quantize stay float32. So do tensors of
    the main graph that are in ``kept``, and the operators that make and take them.
    """
    _convert(source, target, "INT8", partial(_with_static_activations, 8, calls, kept))


def static_int16(source: Path, calls: Sequence[Call], target: Path) -> None:
    """As `static_int8`, but activations are int16, symmetric, with int64 biases: the library's ``static_wi8_ai16``."""
    _convert(source, target, "INT8", partial(_with_static_activations, 16, calls, ()))


def _with_static_activations(bits: int, calls: Sequence[Call], kept: Collection[str], content: bytes) -> bytes:
    key, inputs = _signature(content)
    named = calls_of(calls, inputs)
    quantizer = ai_edge_quantizer().Quantizer(content)
    quantizer.add_static_config(_EVERY, _operation("ALL_SUPPORTED"), activation_num_bits=bits, weight_num_bits=8)
    none = ai_edge_quantizer().AlgorithmName.NO_QUANTIZE
    quantizer.update_quantization_recipe(_EVERY, _operation("INPUT"), algorithm_key=none)
    for scope in _scopes_around(content, kept):
        quantizer.update_quantization_recipe(scope, _operation("ALL_SUPPORTED"), algorithm_key=none)
    ranges = quantizer.calibrate({key: named}, num_threads=_THREADS)
    return _with_float_outputs(quantizer.quantize(ranges).quantized_model)


def _scopes_around(content: bytes, kept: Collection[str]) -> Iterator[str]:
    """Patterns for the operators that make or take these tensors: the quantizer knows an operator by what it makes."""
    if not kept:
        return
    graph = litert_flatbuffers().read_model_from_bytearray(bytearray(content)).subgraphs[0]
    names = [bytes(each.name or b"").decode(errors="replace") for each in graph.tensors]
    for operator in graph.operators:
        made, taken = ([names[index] for index in side if index >= 0] for side in (operator.outputs, operator.inputs))
        if not {*made, *taken}.isdisjoint(kept):
            yield f"^{re.escape(''.join(f'{each};' for each in made))}$"


def _operation(name: str) -> Untyped:
    return ai_edge_quantizer().qtyping.TFLOperationName[name]


def _convert(source: Path, target: Path, dtype: str, quantized: Callable[[bytes], bytes]) -> None:
    try:
        content = source.read_bytes()
    except OSError as absent:
        raise ConversionError(f"{source.name} does not read: {first_line(absent)}") from absent
    before = _read(content, source.name)
    _require_float(before, source.name)
    with quietly():
        opens = _opening_error(content) is None
        with conversion_errors(_QUANTIZER):
            made = quantized(_prepared(content))
        after = _read(made, source.name)
        if after.count(dtype) <= before.count(dtype):
            raise nothing(source.name, dtype.lower(), before.operators)
        if after.ends != before.ends:
            raise ConversionError(
                f"{_QUANTIZER} changed the inputs or outputs of {source.name}; the result is not used"
            )
        # A file whose sizes are only known by its calls does not open before either.
        if opens and (error := _opening_error(made)) is not None:
            raise ConversionError(f"what {_QUANTIZER} made of {source.name} does not open: {first_line(error)}")
    target.write_bytes(made)


@dataclass(frozen=True, slots=True)
class _File:
    """Constants by dtype and size, names of operators, inputs and outputs by name and dtype."""

    constants: tuple[tuple[str, int], ...]
    operators: tuple[str, ...]
    ends: tuple[tuple[str, str], ...]
    is_quantized: bool

    def count(self, dtype: str) -> int:
        return sum(each == dtype for each, _ in self.constants)

    def values(self, dtype: str) -> int:
        return sum(size for each, size in self.constants if each == dtype)


def _read(content: bytes, name: str) -> _File:
    if content[4:8] != _IDENTIFIER:
        raise ConversionError(f"{name} is no TFLite model: its first bytes lack the mark {_IDENTIFIER.decode()}")
    try:
        return _described(litert_flatbuffers().read_model_from_bytearray(bytearray(content)))
    except Exception as error:  # damaged offsets raise what they meet
        raise ConversionError(
            f"{name} does not read as TFLite, and may be damaged or only a part: {first_line(error)}"
        ) from error


def _described(model: Untyped) -> _File:
    dtypes, operators = _names("TensorType"), _names("BuiltinOperator")
    graphs = [graph for graph in model.subgraphs if graph.tensors]
    tensors = [tensor for graph in graphs for tensor in graph.tensors]
    constants = [each for each in tensors if _is_constant(model, each)]
    codes = [max(each.builtinCode, each.deprecatedBuiltinCode) for each in model.operatorCodes]
    return _File(
        constants=tuple((dtypes.get(each.type, ""), _size(each)) for each in constants if _size(each) > 1),
        operators=tuple(operators.get(code, str(code)) for code in codes),
        ends=tuple(_ends(model, dtypes)),
        is_quantized=any(_is_quantized(each, dtypes) for each in tensors),
    )


def _is_constant(model: Untyped, tensor: Untyped) -> bool:
    data = model.buffers[tensor.buffer].data
    return data is not None and len(data) > 0


def _size(tensor: Untyped) -> int:
    return prod(map(int, tensor.shape)) if tensor.shape is not None else 1


def _is_quantized(tensor: Untyped, dtypes: dict[int, str]) -> bool:
    scales = tensor.quantization.scale if tensor.quantization is not None else None
    return scales is not None and len(scales) > 0 and dtypes.get(tensor.type) in _INTEGERS


def _ends(model: Untyped, dtypes: dict[int, str]) -> Iterator[tuple[str, str]]:
    """Inputs and outputs with their dtypes: by the first signature, in its order, else by the main graph's tensors."""
    graph = model.subgraphs[0]
    named = _signature_ends(model)
    if named is None:
        named = [(graph.tensors[index].name, index) for index in (*graph.inputs, *graph.outputs)]
    for name, index in named:
        yield bytes(name).decode(errors="replace"), dtypes.get(graph.tensors[index].type, "")


def _signature_ends(model: Untyped) -> list[tuple[bytes, int]] | None:
    for each in model.signatureDefs or ():
        if each.subgraphIndex == 0:
            return [(end.name, end.tensorIndex) for end in (*(each.inputs or ()), *(each.outputs or ()))]
    return None


def _names(enumeration: str) -> dict[int, str]:
    values = vars(getattr(litert_schema(), enumeration))
    return {value: name for name, value in values.items() if not name.startswith("_")}


def _require_float(file: _File, name: str) -> None:
    if file.is_quantized:
        raise already(name, "quantized tensors")
    if file.values("FLOAT16") > file.values("FLOAT32"):  # biases stay float32
        raise already(name, "float16 weights")
    if not file.count("FLOAT32"):
        raise nothing(name, "smaller", file.operators, "; it has no float32 weights")


def _prepared(content: bytes) -> bytes:
    """The file as the quantizer wants it: operators under their present numbers, a signature to calibrate by.

    Files older than version 3a of the schema have the numbers in a byte only, and it takes all operators for ADD.
    """
    library = litert_flatbuffers()
    model = library.read_model_from_bytearray(bytearray(content))
    for each in model.operatorCodes:
        each.builtinCode = max(each.builtinCode, each.deprecatedBuiltinCode)
    if not model.signatureDefs:
        _add_signature(model)
    return bytes(library.convert_object_to_bytearray(model))


def _add_signature(model: Untyped) -> None:
    graph, added = model.subgraphs[0], litert_schema().SignatureDefT()
    added.signatureKey, added.subgraphIndex = _SIGNATURE.encode(), 0
    added.inputs = [_tensor_map(graph, index) for index in graph.inputs]
    added.outputs = [_tensor_map(graph, index) for index in graph.outputs]
    model.signatureDefs = [added]


def _with_float_outputs(content: bytes) -> bytes:
    """Dequantize integer outputs at the end of the main graph.

    The quantizer has a setting for that, but then gives the float tensor to operators in the graph that take the same
    output as integers, and the file does not open. Where it has made an output float32 for other operators, the
    signature still names the integer one; that is put right too.
    """
    library, kinds = litert_flatbuffers(), litert_schema().TensorType
    model = library.read_model_from_bytearray(bytearray(content))
    graph = model.subgraphs[0]
    ends = [end for each in model.signatureDefs if each.subgraphIndex == 0 for end in each.outputs]
    code = _dequantize(model)
    real = {int(each.inputs[0]): int(each.outputs[0]) for each in graph.operators if each.opcodeIndex == code}
    for index in dict.fromkeys([*map(int, graph.outputs), *(end.tensorIndex for end in ends)]):
        if graph.tensors[index].type in {kinds.INT8, kinds.INT16} and index not in real:
            real[index] = _add_dequantized(graph, index, code)
    graph.outputs = [real.get(int(index), int(index)) for index in graph.outputs]
    for end in ends:
        end.tensorIndex = real.get(end.tensorIndex, end.tensorIndex)
    return bytes(library.convert_object_to_bytearray(model))


def _add_dequantized(graph: Untyped, index: int, code: int) -> int:
    """Add an operator that makes a tensor float32; returns the index of what it makes, under the tensor's name."""
    schema, whole = litert_schema(), graph.tensors[index]
    real, operator = schema.TensorT(), schema.OperatorT()
    real.name, real.shape, real.shapeSignature, real.hasRank = whole.name, whole.shape, whole.shapeSignature, True
    real.type, real.buffer = schema.TensorType.FLOAT32, 0  # the buffer that is empty in every file
    whole.name = whole.name + b"_quantized"
    graph.tensors.append(real)
    operator.opcodeIndex, operator.inputs, operator.outputs = code, [index], [len(graph.tensors) - 1]
    graph.operators.append(operator)
    return len(graph.tensors) - 1


def _dequantize(model: Untyped) -> int:
    """The index of the operator DEQUANTIZE in the file's list, to which it is added where it is not there."""
    schema = litert_schema()
    number = schema.BuiltinOperator.DEQUANTIZE
    for index, each in enumerate(model.operatorCodes):
        if each.builtinCode == number:
            each.version = max(each.version, _DEQUANTIZE_VERSION)
            return index
    made = schema.OperatorCodeT()
    made.builtinCode = made.deprecatedBuiltinCode = number
    made.version = _DEQUANTIZE_VERSION
    model.operatorCodes.append(made)
    return len(model.operatorCodes) - 1


def _tensor_map(graph: Untyped, index: int) -> Untyped:
    made = litert_schema().TensorMapT()
    made.name, made.tensorIndex = graph.tensors[index].name, int(index)
    return made


def _signature(content: bytes) -> tuple[str, list[str]]:
    """The key of the first signature, and its inputs."""
    signatures = litert().Interpreter(model_content=content).get_signature_list()
    key = next(iter(signatures))
    return str(key), list(signatures[key]["inputs"])


def _opening_error(content: bytes) -> Exception | None:
    try:
        litert().Interpreter(model_content=content, num_threads=1).allocate_tensors()
    except Exception as error:  # noqa: BLE001  # LiteRT's own reasons
        return error
    return None
