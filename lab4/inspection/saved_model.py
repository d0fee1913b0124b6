"""TensorFlow SavedModels: signatures, functions and variables, read from their protocol buffers; nothing is loaded."""

from collections.abc import Iterable, Iterator, Mapping
from math import prod
from pathlib import Path

from lab4.domain.contract import Contract, Dimension, TensorSpec
from lab4.domain.errors import ConversionError
from lab4.domain.inspected import Inspected
from lab4.domain.text import first_line
from lab4.domain.untyped import Untyped
from lab4.frameworks import saved_model_proto, tensorflow
from lab4.inspection.guesses import image_layout
from lab4.inspection.reader import Reader
from lab4.inspection.sums import operators_of, weights_of

_FILE = "saved_model.pb"
_DEFAULT = "serving_default"
_VARIABLES = {"VarHandleOp", "VariableV2"}
#: Operators that call Python code.
_CODE = {"PyFunc", "PyFuncStateless", "EagerPyFunc"}
#: Operators of a function's frame, which compute nothing.
_FRAME = {"NoOp", "Identity", "IdentityN", "Placeholder", "Const", "PartitionedCall", "StatefulPartitionedCall"}


def _recognises(path: Path) -> bool:
    return (path / _FILE).is_file() or (path.is_file() and path.name == _FILE)


def _read(path: Path, dimensions: Mapping[str, int]) -> Inspected:
    del dimensions
    folder = path if path.is_dir() else path.parent
    graph = _meta_graph(folder)
    signatures = {name: each for name, each in graph.signature_def.items() if not name.startswith("__")}
    if not signatures:
        raise ConversionError(
            f"{folder.name} has no signature, which names inputs and outputs: save it with model.export"
        )
    name = _DEFAULT if _DEFAULT in signatures else min(signatures)
    nodes = list(_nodes(graph, signatures[name]))
    weights = list(_weights(nodes))
    known = set(tensorflow().raw_ops.__dict__)
    kinds = {node.op for node in nodes}
    others = sorted(set(signatures) - {name})
    remarks = [f"its other signatures are {', '.join(others)}"] if others else []
    if name != _DEFAULT:
        remarks.append(f"it has no signature {_DEFAULT}, which runtimes call: it cannot be run; export it with one")
    return Inspected(
        container="saved_model",
        contract=_contract(signatures[name]),
        versions={"TensorFlow": graph.meta_info_def.tensorflow_version, "signature": name},
        parameters=sum(values for _, values, _ in weights),
        operators=operators_of((node.op, None) for node in nodes if node.op not in _FRAME),
        weights=weights_of(weights),
        custom=tuple(sorted(kinds - known - {each.signature.name for each in graph.graph_def.library.function})),
        code=tuple(sorted(kinds & _CODE)),
        macs_note="a SavedModel has no shapes between its operators until it is loaded",
        remarks=tuple(remarks),
    )


def _meta_graph(folder: Path) -> Untyped:
    saved = saved_model_proto().SavedModel()
    try:
        saved.ParseFromString((folder / _FILE).read_bytes())
    except OSError:
        raise
    except Exception as error:  # protobuf's own types
        raise ConversionError(
            f"{folder.name}/{_FILE} is damaged, or only a part of one: {first_line(error)}"
        ) from error
    if not saved.meta_graphs:
        raise ConversionError(f"{folder.name}/{_FILE} is empty, or only a part of one: it has no graph")
    return saved.meta_graphs[0]


def _contract(signature: Untyped) -> Contract:
    return Contract(_tensors(signature.inputs), _tensors(signature.outputs))


def _tensors(written: Mapping[str, Untyped]) -> tuple[TensorSpec, ...]:
    return tuple(_tensor(name, written[name]) for name in sorted(written))


def _tensor(name: str, info: Untyped) -> TensorSpec:
    dtype = str(tensorflow().dtypes.as_dtype(info.dtype).name)
    if info.tensor_shape.unknown_rank:
        return TensorSpec(name, dtype, None)
    dimensions = tuple(Dimension(int(d.size)) if d.size >= 0 else Dimension(None) for d in info.tensor_shape.dim)
    return TensorSpec(name, dtype, dimensions, image_layout(dimensions))


def _nodes(graph: Untyped, signature: Untyped) -> Iterator[Untyped]:
    """The nodes that the signature's outputs need, in the functions that are called on the way too."""
    by_name = {node.name: node for node in graph.graph_def.node}
    functions = {each.signature.name: each for each in graph.graph_def.library.function}
    left = [each.name.partition(":")[0] for each in signature.outputs.values()]
    seen: set[str] = set()
    called: list[str] = []
    while left:
        name = left.pop().lstrip("^").partition(":")[0]
        if name in by_name and name not in seen:
            seen.add(name)
            yield by_name[name]
            called += _called(by_name[name])
            left += by_name[name].input
    done: set[str] = set()
    while called:
        name = called.pop()
        if name in functions and name not in done:
            done.add(name)
            for node in functions[name].node_def:
                yield node
                called += _called(node)


def _called(node: Untyped) -> list[str]:
    """The functions that a node calls."""
    named = [value.func.name for value in node.attr.values() if value.HasField("func")]
    return named + [each.name for value in node.attr.values() for each in value.list.func]


def _weights(nodes: Iterable[Untyped]) -> Iterator[tuple[str, int, int]]:
    """Variables, and constants of real numbers: each is a dtype, a number of values and of bytes."""
    for node in nodes:
        if node.op in _VARIABLES:
            shape, dtype = node.attr["shape"].shape, node.attr["dtype"].type
        elif node.op == "Const":
            shape, dtype = node.attr["value"].tensor.tensor_shape, node.attr["dtype"].type
        else:
            continue
        kind = tensorflow().dtypes.as_dtype(dtype)
        values = prod(each.size for each in shape.dim)
        if shape.dim and (kind.is_floating or node.op in _VARIABLES):
            yield str(kind.name), values, values * kind.size


SAVED_MODEL_FOLDER = Reader(
    "saved_model", "SavedModel", f"a folder with {_FILE}", _recognises, _read, opens_framework=True, is_folder=True
)
