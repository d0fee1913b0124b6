"""ONNX files: graph, initializers and metadata, read with the ``onnx`` package; external data stays where it is."""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path

from lab4.domain.contract import GUESSED, Contract, Dimension, State, Stated, TensorSpec, dimension_sizes
from lab4.domain.errors import ConversionError
from lab4.domain.inspected import Inspected
from lab4.domain.text import first_line
from lab4.domain.untyped import Untyped
from lab4.frameworks import onnx
from lab4.inspection.arithmetic import Shape, convolution, matrix_product, recurrent, transposed_convolution
from lab4.inspection.guesses import fed_back, image_layout, task_of
from lab4.inspection.reader import Reader
from lab4.inspection.sums import operators_of, weights_of
from lab4.onnx_graphs import constants, graphs, inner_graphs

#: The domains whose operators every runtime has.
_STANDARD = {"", "ai.onnx", "ai.onnx.ml"}
#: Operators that multiply and accumulate, and that no rule here counts.
_UNCOUNTED = {"Einsum", "Attention", "DeformConv", "Loop", "Scan"}
#: A size in a graph, how many of a tensor are looked at, and the numbers that exporters write for "to the end".
_LARGEST_SIZE, _MOST_SIZES = 10**8, 64
_ENDS = {2**63 - 1, -(2**63), 2**31 - 1, -(2**31), 2**63 - 2, -(2**63) + 1}
#: Inputs of operators that decide what is computed, by their index.
_CONDITIONS = {("If", 0), ("Loop", 0), ("Loop", 1)}
#: Operators that hand values on as they are.
_HANDED_ON = {"Cast", "Identity", "Reshape", "Squeeze", "Unsqueeze", "Flatten"}
_CONV = {"Conv": 1, "ConvInteger": 1, "FusedConv": 1, "QLinearConv": 3}
_PRODUCT = {"MatMul": (0, 1), "MatMulInteger": (0, 1), "QLinearMatMul": (0, 3), "Gemm": (0, 1), "FusedMatMul": (0, 1)}


@dataclass(frozen=True, slots=True)
class _Graph:
    """A graph's nodes, and the shapes of its values as far as they are known, those of the graphs around it too."""

    graph: Untyped
    shapes: Mapping[str, tuple[int, ...]]


def _recognises(path: Path) -> bool:
    return path.is_file() and path.suffix.lower() in {".onnx", ".ort"}


def _read(path: Path, dimensions: Mapping[str, int]) -> Inspected:
    library = onnx()
    model = _loaded(path)
    contract = _contract(model.graph)
    bound = _bound(model, contract, dimensions)
    used = list(_used(_Graph(bound.graph, _shapes(bound.graph, {}))))
    external = sorted(
        {each.value for tensor in constants(model.graph) for each in tensor.external_data if each.key == "location"}
    )
    absent = [name for name in external if not (path.parent / name).is_file()]
    opsets = {(each.domain or "ai.onnx"): str(each.version) for each in model.opset_import}
    weights = [(_dtype(each.data_type), prod(each.dims), _bytes(each)) for each in constants(model.graph)]
    quantized = _quantized(model.graph)
    real = sum(prod(each.dims) for each in constants(model.graph) if _is_weight(each, quantized))
    remarks = [f"its weights are in {', '.join(external)}, next to it"] if external else []
    remarks += [f"{name}, which holds its weights, is not there: it cannot be run" for name in absent]
    return Inspected(
        container="onnx",
        contract=contract,
        versions={"IR": str(model.ir_version), **{f"opset {name}": version for name, version in opsets.items()}}
        | ({"producer": f"{model.producer_name} {model.producer_version}".strip()} if model.producer_name else {}),
        parameters=real,
        operators=operators_of(used),
        weights=weights_of(weights),
        custom=tuple(sorted(_custom(library, model))),
        macs_note=_note(contract, dimensions),
        remarks=tuple(remarks),
    )


def _loaded(path: Path) -> Untyped:
    library = onnx()
    try:
        model = library.load(str(path), load_external_data=False)
    except OSError:
        raise
    except Exception as error:  # protobuf's own types
        raise ConversionError(f"{path.name} is no ONNX model, or only a part of one: {first_line(error)}") from error
    if not model.graph.node and not model.graph.output:
        raise ConversionError(
            f"{path.name} is no ONNX model, or only a part of one: it has no operators and no outputs"
        )
    return model


def _quantized(graph: Untyped) -> frozenset[str]:
    """Integers that mean real numbers: the first inputs of operators that dequantize, and the biases of others."""
    nodes = [node for each in graphs(graph) for node in each.node]
    biases = {name for node in nodes if node.op_type == "QLinearConv" for name in node.input[8:9]}
    return frozenset(node.input[0] for node in nodes if node.op_type == "DequantizeLinear") | biases


def _is_weight(tensor: Untyped, quantized: frozenset[str]) -> bool:
    """Whether a constant is no shape, index or text; 32-bit integers are weights where they are dequantized."""
    dtype = _dtype(tensor.data_type)
    return dtype not in {"int64", "string", "bool"} and (dtype != "int32" or tensor.name in quantized)


def _dtype(element_type: int) -> str:
    library = onnx()
    if element_type not in library.TensorProto.DataType.values():
        return f"type {element_type}"
    name = str(library.TensorProto.DataType.Name(element_type)).lower()
    return {"float": "float32", "double": "float64"}.get(name, name)


def _bytes(tensor: Untyped) -> int:
    if tensor.raw_data:
        return len(tensor.raw_data)
    library = onnx()
    try:
        size = library.helper.tensor_dtype_to_np_dtype(tensor.data_type).itemsize
    except (KeyError, TypeError):
        return int(tensor.ByteSize())
    return int(prod(tensor.dims) * size)


def _contract(graph: Untyped) -> Contract:
    constants = {each.name for each in graph.initializer}  # old files list weights among the inputs
    inputs = tuple(_input_tensor(graph, each) for each in graph.input if each.name not in constants)
    outputs = tuple(map(_tensor, graph.output))
    last = {name: node.op_type for node in graph.node for name in node.output}
    states = tuple(State(*pair, origin=GUESSED) for pair in fed_back(inputs, outputs))
    return Contract(inputs, outputs, states, task_of(outputs, last))


def _input_tensor(graph: Untyped, value: Untyped) -> TensorSpec:
    """An input, and what its values are used for."""
    tensor = _tensor(value)
    if tensor.dimensions is None or tensor.dtype.startswith("float"):
        return tensor
    is_single = all(each.size == 1 for each in tensor.dimensions)
    steers = is_single and bool(_reached(graph, value.name, None) & _CONDITIONS)
    return replace(tensor, is_steering=steers, vocabulary=_vocabulary(graph, value.name))


def _reached(graph: Untyped, name: str, through: Container[str] | None) -> set[tuple[str, int]]:
    """Operators that a value reaches by way of others, each with which of its inputs; ``through`` which, or any.

    The shape of a value does not depend on what it is.
    """
    values, found = {name}, set()
    for node in graph.node:  # in the order of computation
        at = [(node.op_type, index) for index, each in enumerate(node.input) if each in values]
        found.update(at)
        if at and node.op_type not in {"Shape", "Size"} and (through is None or node.op_type in through):
            values.update(node.output)
    return found


def _vocabulary(graph: Untyped, name: str) -> int | None:
    """The rows of the table that the values choose from, or the classes that they are spread over."""
    sizes = {each.name: each for each in constants(graph)}
    values = {name}
    for node in graph.node:
        if node.op_type in _HANDED_ON and node.input[0] in values:
            values.update(node.output)
        elif node.op_type == "Gather" and node.input[1] in values and node.input[0] in sizes:
            return int(sizes[node.input[0]].dims[0])
        elif node.op_type == "OneHot" and node.input[0] in values and node.input[1] in sizes:
            return int(onnx().numpy_helper.to_array(sizes[node.input[1]]).ravel()[0])
    return None


def _tensor(value: Untyped) -> TensorSpec:
    kind = value.type.WhichOneof("value")
    if kind != "tensor_type":
        return TensorSpec(value.name, str(kind or "unknown").removesuffix("_type"), None)
    tensor = value.type.tensor_type
    if not tensor.HasField("shape"):
        return TensorSpec(value.name, _dtype(tensor.elem_type), None)
    dimensions = tuple(_dimension(each) for each in tensor.shape.dim)
    return TensorSpec(value.name, _dtype(tensor.elem_type), dimensions, _layout(dimensions))


def _dimension(written: Untyped) -> Dimension:
    # Converters write a size of 0 or -1, or none, for a dynamic dimension too.
    size = int(written.dim_value)
    return Dimension(size) if size > 0 else Dimension(None, written.dim_param.strip("?"))


def _layout(dimensions: tuple[Dimension, ...]) -> Stated | None:
    return image_layout(dimensions, first="NCHW")


def _note(contract: Contract, dimensions: Mapping[str, int]) -> str:
    """What each dynamic dimension was taken as, and which are open."""
    sizes = dimension_sizes(contract, dimensions)
    bound = ", ".join(f"{name}={size}" for name, size in sizes.items() if size is not None)
    missing = ",".join(f"{name}=SIZE" for name, size in sizes.items() if size is None)
    note = f"for one call with {bound}" if bound else "for one call"
    return f"{note}; to count all of them, say how large the input is: --dim {missing}" if missing else note


def _bound(model: Untyped, contract: Contract, dimensions: Mapping[str, int]) -> Untyped:
    """A copy with the dynamic dimensions of the inputs bound, and the shapes that follow from it."""
    library = onnx()
    copy = library.ModelProto()
    copy.CopyFrom(model)
    del copy.graph.value_info[:]
    sizes = dimension_sizes(contract, dimensions)
    for value in copy.graph.input:
        for axis, each in enumerate(value.type.tensor_type.shape.dim):
            size = sizes.get(each.dim_param.strip("?") or f"{value.name}.{axis}")
            if each.dim_value <= 0 and size is not None:
                each.dim_value = size
    for value in copy.graph.output:
        value.type.tensor_type.ClearField("shape")
    try:
        return library.shape_inference.infer_shapes(copy, data_prop=_is_sane(model.graph))
    except Exception:  # noqa: BLE001  # of a graph that it does not understand: shapes stay unknown
        return copy


def _is_sane(graph: Untyped) -> bool:
    """Whether no whole number in the file would be an absurd size: ``onnx`` makes tensors of such sizes."""
    whole = (each for each in constants(graph) if _dtype(each.data_type) == "int64" and each.raw_data)
    values = (
        int.from_bytes(each.raw_data[at : at + 8], "little", signed=True)
        for each in whole
        for at in range(0, min(len(each.raw_data), 8 * _MOST_SIZES), 8)
    )
    return all(abs(value) <= _LARGEST_SIZE or value in _ENDS for value in values)


def _shapes(graph: Untyped, around: Mapping[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    shapes = dict(around)
    shapes |= {each.name: tuple(each.dims) for each in graph.initializer}
    for value in (*graph.input, *graph.value_info, *graph.output):
        tensor = value.type.tensor_type
        sizes = [each.dim_value for each in tensor.shape.dim]
        if tensor.HasField("shape") and all(size > 0 for size in sizes):
            shapes.setdefault(value.name, tuple(sizes))
    return shapes


def _used(outer: _Graph) -> Iterator[tuple[str, int | None]]:
    """Each operator with its multiply-accumulates; of the branches of an ``If`` those of the longest."""
    for node in outer.graph.node:
        name = node.op_type if node.domain in _STANDARD else f"{node.domain}.{node.op_type}"
        inner = [list(_used(_Graph(each, _shapes(each, outer.shapes)))) for each in inner_graphs(node)]
        if node.op_type == "If" and inner:
            longest = max(inner, key=lambda branch: sum(macs or 0 for _, macs in branch))
            yield name, 0
            for branch in inner:
                yield from branch if branch is longest else ((kind, 0) for kind, _ in branch)
            continue
        yield name, _macs(node, outer.shapes)
        for branch in inner:
            yield from branch


def _macs(node: Untyped, shapes: Mapping[str, tuple[int, ...]]) -> int | None:
    kind, output = node.op_type, shapes.get(node.output[0]) if node.output else None
    if kind in _UNCOUNTED or node.domain not in _STANDARD:
        return None
    if kind in _CONV:
        weights = _input(node, _CONV[kind], shapes)
        return None if weights is None else convolution(output, weights[1:])
    if kind == "ConvTranspose":
        weights = _input(node, 1, shapes)
        return None if weights is None else transposed_convolution(_input(node, 0, shapes), weights[1:])
    if kind in _PRODUCT:
        return matrix_product(output, _inner_size(node, shapes))
    if kind in {"LSTM", "GRU", "RNN"}:
        return _recurrent(node, shapes)
    return 0


def _input(node: Untyped, index: int, shapes: Mapping[str, tuple[int, ...]]) -> Shape:
    return shapes.get(node.input[index]) if index < len(node.input) else None


def _inner_size(node: Untyped, shapes: Mapping[str, tuple[int, ...]]) -> int | None:
    """The dimension that a matrix product sums over, from whichever side is known."""
    left_index, right_index = _PRODUCT[node.op_type]
    left, right = _input(node, left_index, shapes), _input(node, right_index, shapes)
    turned = {each.name: each.i for each in node.attribute if each.name in {"transA", "transB"}}
    if left:
        return left[0] if turned.get("transA") else left[-1]
    if right:
        return right[-1] if turned.get("transB") or len(right) == 1 else right[-2]
    return None


def _recurrent(node: Untyped, shapes: Mapping[str, tuple[int, ...]]) -> int | None:
    steps, kernel, recurrence = (_input(node, index, shapes) for index in range(3))
    if steps is None or kernel is None or recurrence is None:
        return None
    return recurrent(steps[0], steps[1], kernel, recurrence)


def _custom(library: Untyped, model: Untyped) -> Iterable[str]:
    """Operators of no standard domain, and those that the installed ``onnx`` does not know."""
    known = {each.name for each in library.defs.get_all_schemas()}
    functions = {(each.domain, each.name) for each in model.functions}
    for graph in graphs(model.graph):
        for node in graph.node:
            if (node.domain, node.op_type) in functions:
                continue
            if node.domain not in _STANDARD:
                yield f"{node.domain}.{node.op_type}"
            elif node.op_type not in known:
                yield node.op_type


ONNX_FILE = Reader("onnx", "ONNX", "a file .onnx", _recognises, _read)
