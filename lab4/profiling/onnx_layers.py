"""The inner values of an ONNX model: they are made outputs, in a copy in memory."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from lab4.domain.errors import ConversionError
from lab4.domain.text import first_line
from lab4.domain.untyped import Untyped
from lab4.frameworks import onnx, onnxruntime
from lab4.profiling.layers import Graph

#: What a quantizer calls a value after it was quantized, by ONNX Runtime's naming.
_AFTER = "_DequantizeLinear_Output"
_PAIR = {"QuantizeLinear", "DequantizeLinear"}


def onnx_graph(path: Path) -> Graph:
    """Open an ONNX model so that its inner values are had; those inside If, Loop and Scan are not.

    The model is run as its file says, without ONNX Runtime's fusions: a value that was fused away could not be had.
    Raises `ConversionError` where the file is no ONNX model, or does not load.
    """
    try:
        model = onnx().load(str(path))
        nodes = [node for node in model.graph.node if node.output]
        producers = {output: node for node in nodes for output in node.output if output}
        session = _session(model, [*producers])
    except Exception as error:  # protobuf's and ONNX Runtime's own types
        raise ConversionError(f"{path.name} does not load in ONNX Runtime: {first_line(error)}") from error
    names = [each.name for each in session.get_outputs()]
    wanted = {each.name for each in session.get_inputs()}

    def values(call: Mapping[str, Any]) -> Mapping[str, Any]:
        arrays = session.run(None, {name: array for name, array in call.items() if name in wanted})
        return _real(dict(zip(names, arrays, strict=True)), producers)

    types = {name: node.op_type for name, node in producers.items()}
    return Graph(values, types, {name: tuple(node.input) for name, node in producers.items()})


def _session(model: Untyped, outputs: list[str]) -> Untyped:
    declared = {each.name for each in model.graph.output}
    for name in outputs:
        if name not in declared:
            model.graph.output.append(onnx().ValueInfoProto(name=name))
    options = onnxruntime().SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    options.graph_optimization_level = onnxruntime().GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime().InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def _real(arrays: Mapping[str, Any], producers: Mapping[str, Untyped]) -> Mapping[str, Any]:
    """Real values by the float model's names: as they are after quantization, where they are quantized."""
    return {
        name: arrays.get(f"{name}{_AFTER}", array)
        for name, array in arrays.items()
        if isinstance(array, np.ndarray) and array.dtype.kind == "f" and producers[name].op_type not in _PAIR
    }
