"""A TFLite model for calls of one shape: sizes that it computes from those of its inputs become constants."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from lab4.domain.untyped import Untyped
from lab4.frameworks import litert, litert_flatbuffers, litert_schema


def with_fixed_sizes(path: Path, call: Mapping[str, Any], into: Path) -> bool:
    """Write the model with the sizes of a call, its inputs by name; false where it computes no sizes.

    Operators of the main graph that depend on nothing but shapes and constants are left out, and their outputs, which
    one call of the interpreter gives, are constants. All other operators stay as they are.
    """
    library = litert_flatbuffers()
    model = library.read_model(str(path))
    graph = model.subgraphs[0]
    sizes = _computed_sizes(model)
    if not sizes:
        return False
    interpreter = _called(path, call)
    shapes = {each["index"]: each["shape"] for each in interpreter.get_tensor_details()}
    for index in sizes:
        model.buffers.append(litert_schema().BufferT())
        model.buffers[-1].data = np.frombuffer(interpreter.get_tensor(index).tobytes(), np.uint8)
        graph.tensors[index].buffer = len(model.buffers) - 1
    graph.operators = [each for each in graph.operators if not set(each.outputs) <= sizes]
    for index, tensor in enumerate(graph.tensors):
        tensor.shape, tensor.shapeSignature = [int(size) for size in shapes.get(index, tensor.shape)], None
    library.write_model(model, str(into))
    return True


def _computed_sizes(model: Untyped) -> set[int]:
    """The tensors of the main graph that depend on shapes and constants only, and on one shape at least."""
    graph, operators = model.subgraphs[0], litert_schema().BuiltinOperator
    constants = {index for index, each in enumerate(graph.tensors) if _has_data(model.buffers[each.buffer])}
    found: set[int] = set()
    for each in graph.operators:
        inputs = {int(index) for index in each.inputs if index >= 0}
        code = model.operatorCodes[each.opcodeIndex]  # an older schema has it as deprecated
        is_shape = max(code.builtinCode, code.deprecatedBuiltinCode) == operators.SHAPE
        if is_shape or (inputs & found and inputs <= found | constants):
            found |= {int(index) for index in each.outputs}
    return found


def _has_data(buffer: Untyped) -> bool:
    return buffer.data is not None and len(buffer.data) > 0


def _called(path: Path, call: Mapping[str, Any]) -> Untyped:
    library = litert()
    interpreter = library.Interpreter(
        model_path=str(path),
        experimental_op_resolver_type=library.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
        experimental_preserve_all_tensors=True,
    )
    positions = {each["name"]: each["index"] for each in interpreter.get_input_details()}
    signatures = list(interpreter.get_signature_list())
    if len(signatures) == 1:
        named = interpreter.get_signature_runner(signatures[0]).get_input_details()
        positions |= {name: each["index"] for name, each in named.items()}
    for name, array in call.items():
        interpreter.resize_tensor_input(positions[name], np.shape(array))
    interpreter.allocate_tensors()
    for name, array in call.items():
        interpreter.set_tensor(positions[name], array)
    interpreter.invoke()
    return interpreter
