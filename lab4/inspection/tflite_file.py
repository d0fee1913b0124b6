"""TFLite files: the flatbuffer's tensors, operators and signatures, by the classes that LiteRT ships for it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod
from pathlib import Path

from lab4.domain.contract import Contract, Dimension, Quantization, State, TensorSpec
from lab4.domain.errors import ConversionError
from lab4.domain.inspected import Inspected
from lab4.domain.untyped import Untyped
from lab4.frameworks import litert_schema
from lab4.inspection.arithmetic import Shape, convolution, matrix_product, recurrent, transposed_convolution
from lab4.inspection.guesses import image_layout, task_of
from lab4.inspection.reader import Reader
from lab4.inspection.sums import operators_of, weights_of

_IDENTIFIER = b"TFL3"
#: How a converted TensorFlow operator is called that needs TensorFlow's own kernels.
_FLEX = "Flex"
_CUSTOM = "CUSTOM"
#: Of tensors, operators or buffers: more is damage, and a list of them would fill the memory.
_MOST_ENTRIES = 1_000_000
#: Operators that multiply and accumulate, and that no rule here counts.
_UNCOUNTED = {"WHILE", "IF", "STABLEHLO_WHILE", "STABLEHLO_DOT_GENERAL", "STABLEHLO_CONVOLUTION", "LSTM", "RNN"}
#: By operator, which dimensions of its weights make one value of the output.
_WEIGHTS_PER_VALUE = {
    "CONV_2D": slice(1, None),
    "FULLY_CONNECTED": slice(1, None),
    "DEPTHWISE_CONV_2D": slice(1, 3),
    "CONV_3D": slice(0, 4),
}


def _recognises(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(8)[4:] == _IDENTIFIER or path.suffix.lower() in {".tflite", ".lite"}


def _read(path: Path, dimensions: Mapping[str, int]) -> Inspected:
    del dimensions  # TFLite's have no names
    content = path.read_bytes()
    if content[4:8] != _IDENTIFIER:
        raise ConversionError(f"{path.name} is no TFLite model: its first bytes lack the mark {_IDENTIFIER.decode()}")
    return _inspected(_File(litert_schema(), content))


@dataclass
class _File:
    """A flatbuffer, and lookups in it."""

    schema: Untyped
    content: bytes

    @cached_property
    def model(self) -> Untyped:
        return self.schema.Model.GetRootAs(self.content, 0)

    @cached_property
    def subgraphs(self) -> list[Untyped]:
        return _each(self.model.Subgraphs, self.model.SubgraphsLength())

    @cached_property
    def dtypes(self) -> dict[int, str]:
        return _names(self.schema.TensorType)

    @cached_property
    def operator_names(self) -> dict[int, str]:
        return _names(self.schema.BuiltinOperator)

    def _builtin(self, code: Untyped) -> int:
        """The operator's number, which files older than version 3a have in a byte only."""
        return int(max(code.BuiltinCode(), code.DeprecatedBuiltinCode()))

    def operator(self, index: int) -> str:
        """The operator's name; a custom one has its own."""
        code = self.model.OperatorCodes(index)
        number = self._builtin(code)
        name = self.operator_names.get(number, f"operator {number}")
        return (code.CustomCode() or b"unnamed").decode(errors="replace") if name == _CUSTOM else name

    def is_custom(self, index: int) -> bool:
        code = self.model.OperatorCodes(index)
        return bool(code.CustomCode()) or self._builtin(code) not in self.operator_names

    def constant_bytes(self, tensor: Untyped) -> int:
        """Bytes that the file holds of a tensor; 0 for one that is computed."""
        buffer = self.model.Buffers(tensor.Buffer())
        return int(buffer.DataLength() or (buffer.Size() if buffer.Offset() > 1 else 0))

    def is_weight(self, tensor: Untyped) -> bool:
        """Whether a constant is no shape, index or text; 32-bit integers are weights where they are quantized."""
        dtype = self.dtype(tensor)
        return dtype not in {"int64", "string", "bool"} and (dtype != "int32" or _quantization(tensor) is not None)

    def dtype(self, tensor: Untyped) -> str:
        return self.dtypes.get(tensor.Type(), f"type {tensor.Type()}").lower()


def _each(get: Untyped, count: int) -> list[Untyped]:
    if count > _MOST_ENTRIES:
        raise ValueError(f"it says that it has {count:,} of something")
    return [get(index) for index in range(count)]


def _names(enumeration: Untyped) -> dict[int, str]:
    return {value: name for name, value in vars(enumeration).items() if not name.startswith("_")}


def _inspected(file: _File) -> Inspected:
    main = file.subgraphs[0]
    tensors = [each for graph in file.subgraphs for each in _each(graph.Tensors, graph.TensorsLength())]
    constants = [each for each in tensors if file.constant_bytes(each)]
    codes = range(file.model.OperatorCodesLength())
    version = _runtime_version(file)
    description = (file.model.Description() or b"").decode(errors="replace")
    return Inspected(
        container="tflite",
        contract=_contract(file, main),
        versions={"flatbuffer version": str(file.model.Version())}
        | ({"least runtime": version} if version else {})
        | ({"description": description} if description else {}),
        parameters=sum(prod(_shape(each)) for each in constants if file.is_weight(each)),
        operators=operators_of(_used(file)),
        weights=weights_of((file.dtype(each), prod(_shape(each)), file.constant_bytes(each)) for each in constants),
        custom=tuple(sorted({file.operator(index) for index in codes if file.is_custom(index)})),
        macs_note="for one call with the file's own dimensions",
        remarks=_remarks(file, codes),
    )


def _remarks(file: _File, codes: Sequence[int]) -> tuple[str, ...]:
    flex = [name for index in codes if (name := file.operator(index)).startswith(_FLEX)]
    return (f"{', '.join(flex)} need TensorFlow's own kernels (the Flex delegate)",) if flex else ()


def _runtime_version(file: _File) -> str:
    for entry in _each(file.model.Metadata, file.model.MetadataLength()):
        if entry.Name() == b"min_runtime_version":
            buffer = file.model.Buffers(entry.Buffer())
            text = bytes(buffer.DataAsNumpy()) if buffer.DataLength() else b""
            return text.rstrip(b"\0").decode(errors="replace")
    return ""


def _contract(file: _File, graph: Untyped) -> Contract:
    names = _signature(file)
    inputs = tuple(_tensor(file, graph, int(index), names) for index in graph.InputsAsNumpy())
    outputs = tuple(_tensor(file, graph, int(index), names) for index in graph.OutputsAsNumpy())
    made_by = {
        _name(graph.Tensors(int(index)), int(index), names): file.operator(each.OpcodeIndex())
        for each in _each(graph.Operators, graph.OperatorsLength())
        for index in (each.OutputsAsNumpy() if each.OutputsLength() else ())
    }
    return Contract(inputs, outputs, _states(file), task_of(outputs, made_by))


def _states(file: _File) -> tuple[State, ...]:
    """State that the model keeps between calls: variable tensors, and resource variables."""
    tensors = (t for graph in file.subgraphs for t in _each(graph.Tensors, graph.TensorsLength()))
    keeps = any(tensor.IsVariable() for tensor in tensors)
    operators = {file.operator(index) for index in range(file.model.OperatorCodesLength())}
    return (State("", ""),) if keeps or "VAR_HANDLE" in operators else ()


def _signature(file: _File) -> dict[int, str]:
    """The names that the first signature gives to tensors of the main graph."""
    for signature in _each(file.model.SignatureDefs, file.model.SignatureDefsLength()):
        if signature.SubgraphIndex() == 0:
            maps = _each(signature.Inputs, signature.InputsLength())
            maps += _each(signature.Outputs, signature.OutputsLength())
            return {each.TensorIndex(): each.Name().decode(errors="replace") for each in maps if each.Name()}
    return {}


def _name(tensor: Untyped, index: int, names: Mapping[int, str]) -> str:
    return names.get(index) or (tensor.Name() or b"").decode(errors="replace") or f"tensor {index}"


def _tensor(file: _File, graph: Untyped, index: int, names: Mapping[int, str]) -> TensorSpec:
    tensor = graph.Tensors(index)
    signature = tensor.ShapeSignatureAsNumpy() if tensor.ShapeSignatureLength() else _shape(tensor)
    dimensions = tuple(Dimension(int(size)) if size >= 0 else Dimension(None) for size in signature)
    dtype = file.dtype(tensor)
    return TensorSpec(_name(tensor, index, names), dtype, dimensions, image_layout(dimensions), _quantization(tensor))


def _quantization(tensor: Untyped) -> Quantization | None:
    found = tensor.Quantization()
    if found is None or not found.ScaleLength():
        return None
    scales = tuple(float(each) for each in found.ScaleAsNumpy())
    zero_points = found.ZeroPointAsNumpy() if found.ZeroPointLength() else [0] * len(scales)
    axis = int(found.QuantizedDimension()) if len(scales) > 1 else None
    return Quantization(scales, tuple(map(int, zero_points)), axis)


def _shape(tensor: Untyped) -> tuple[int, ...]:
    return tuple(int(each) for each in tensor.ShapeAsNumpy()) if tensor.ShapeLength() else ()


def _used(file: _File) -> Iterator[tuple[str, int | None]]:
    for graph in file.subgraphs:
        for each in _each(graph.Operators, graph.OperatorsLength()):
            name = file.operator(each.OpcodeIndex())
            yield name, None if file.is_custom(each.OpcodeIndex()) else _macs(name, graph, each)


def _macs(name: str, graph: Untyped, each: Untyped) -> int | None:
    if name in _UNCOUNTED:
        return None
    inputs = [_of(graph, each.Inputs(index)) for index in range(each.InputsLength())]
    output = _of(graph, each.Outputs(0)) if each.OutputsLength() else None
    if name in _WEIGHTS_PER_VALUE:
        weights = inputs[1]
        return None if weights is None else convolution(output, weights[_WEIGHTS_PER_VALUE[name]])
    rule = _RULES.get(name)
    return rule(output, inputs) if rule else 0


def _transpose_conv(_output: Shape, inputs: Sequence[Shape]) -> int | None:
    """Its inputs are the output's shape, the filters and the images."""
    filters = inputs[1]
    return None if filters is None else transposed_convolution(inputs[2], filters[:3])


def _product(output: Shape, inputs: Sequence[Shape]) -> int | None:
    return matrix_product(output, inputs[0][-1] if inputs[0] else None)


def _svdf(_output: Shape, inputs: Sequence[Shape]) -> int | None:
    return recurrent(1, inputs[0][0] if inputs[0] else None, *filter(None, inputs[1:3]))


def _sequence(_output: Shape, inputs: Sequence[Shape]) -> int | None:
    """Every matrix is multiplied once per step and example, which are the first two dimensions in either order."""
    first = inputs[0]
    kernels = [shape for shape in inputs[1:] if shape is not None and len(shape) == 2]  # noqa: PLR2004  # matrices
    return recurrent(prod(first[:-1]) if first else None, 1, *kernels)


_RULES: dict[str, Callable[[Shape, Sequence[Shape]], int | None]] = {
    "TRANSPOSE_CONV": _transpose_conv,
    "BATCH_MATMUL": _product,
    "SVDF": _svdf,
    "UNIDIRECTIONAL_SEQUENCE_LSTM": _sequence,
    "UNIDIRECTIONAL_SEQUENCE_RNN": _sequence,
    "BIDIRECTIONAL_SEQUENCE_LSTM": _sequence,
}


def _of(graph: Untyped, index: int) -> Shape:
    """The shape of a tensor; ``None`` for one that is left out."""
    return None if index < 0 else _shape(graph.Tensors(index))


TFLITE_FILE = Reader("tflite", "TFLite", "a file .tflite", _recognises, _read)
