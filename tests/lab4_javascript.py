"""Whether this machine has what the JavaScript runtimes need; the tests of those that it lacks are skipped."""

import json
import os

import numpy as np
import pytest

from lab4.domain.catalogue import FormatTraits, RuntimeTraits
from lab4.domain.errors import Lab4Error
from lab4.frameworks import litert_schema
from lab4.inputs import StoredExamples
from lab4.javascript.packages import installed, node
from lab4.javascript.page import chromium
from lab4.runtimes.engine_runtime import EngineRuntime
from lab4.runtimes.host import RunSpec

__all__ = [
    "CHANNELS",
    "LIMIT_S",
    "NODE",
    "PAGE",
    "WITHOUT_NODE",
    "relu_tflite",
    "spec",
    "spin",
    "spin_runtime",
    "write_operator",
    "write_tfjs",
]


#: Seconds before a test gives up on an engine, not how long one takes to answer.
LIMIT_S = 300


def _missing(*needs):
    try:
        for need in needs:
            need()
    except Lab4Error as error:
        return str(error)
    return ""


#: Where nothing may be skipped, tests fail for what is missing.
_SKIPS = not os.environ.get("LAB4_NEEDS_JAVASCRIPT")
#: Why nothing runs in Node here; empty where it does.
WITHOUT_NODE = _missing(node, installed)
NODE = pytest.mark.skipif(_SKIPS and bool(WITHOUT_NODE), reason=WITHOUT_NODE or "it is here")
_WITHOUT_PAGE = _missing(installed, chromium)
PAGE = pytest.mark.skipif(_SKIPS and bool(_WITHOUT_PAGE), reason=_WITHOUT_PAGE or "it is here")
CHANNELS = [pytest.param("node", marks=NODE), pytest.param("page", marks=PAGE)]


def spin(folder, seconds):
    """An artifact whose call takes so long, and a folder with its examples; it returns its input."""
    path = folder / f"spin-{seconds}.json"
    path.write_text(json.dumps({"seconds": seconds}))
    examples = folder / "examples"
    if not examples.exists():
        StoredExamples({"input": np.arange(6, dtype=np.float32).reshape(3, 2)}, is_batched=True).write(examples)
    return path, examples


def spin_runtime(name, *, is_page):
    """A runtime of such artifacts."""
    traits = RuntimeTraits(name, name, "engine", is_native=True, devices=("cpu", "gpu"), containers=("spin",))
    return EngineRuntime(traits, is_extra=True, module="spin", backend="", is_page=is_page)


SPIN_NODE, SPIN_PAGE = spin_runtime("spin_node", is_page=False), spin_runtime("spin_page", is_page=True)


def spec(runtime, path, examples, **more):
    """An artifact to be run in a runtime of JavaScript; its format does not matter there."""
    return RunSpec(runtime, path, FormatTraits("any", "any"), examples=examples, **{**_USUAL, **more})


_USUAL = {"device": "cpu", "batch_size": 1, "threads": 1}


def write_tfjs(folder, operator, shard=""):
    """A graph model of TensorFlow.js of one operator, from ``x`` with rows of eight; ``shard`` has an unused weight."""
    folder.mkdir()
    shape = {"dim": [{"size": "-1"}, {"size": "8"}]}
    kind = {"dtype": "DT_FLOAT", "tensorShape": shape}
    nodes = [
        {"name": "x", "op": "Placeholder", "attr": {"dtype": {"type": "DT_FLOAT"}, "shape": {"shape": shape}}},
        {"name": "y", "op": operator, "input": ["x"], "attr": {"T": {"type": "DT_FLOAT"}}},
    ]
    model = {
        "format": "graph-model",
        "modelTopology": {"node": nodes, "versions": {}},
        "signature": {"inputs": {"x": {"name": "x:0", **kind}}, "outputs": {"y": {"name": "y:0", **kind}}},
        "weightsManifest": [],
    }
    if shard:
        (folder / shard).write_bytes(bytes(4))
        model["weightsManifest"] = [{"paths": [shard], "weights": [{"name": "w", "shape": [], "dtype": "float32"}]}]
    (folder / "model.json").write_text(json.dumps(model))
    return folder


def write_operator(path, operator, output="FLOAT", given="FLOAT"):
    """An ONNX file of one operator, from ``x`` with rows of eight."""
    from onnx import TensorProto, helper, save

    given = helper.make_tensor_value_info("x", getattr(TensorProto, given), ["batch", 8])
    found = helper.make_tensor_value_info("y", getattr(TensorProto, output), None)
    graph = helper.make_graph([helper.make_node(operator, ["x"], ["y"])], "net", [given], [found])
    save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)
    return path


def relu_tflite(path, custom=""):
    """A TFLite file of one Relu, or of an operator that no runtime knows, from ``x`` with one row of any length."""
    import flatbuffers

    schema = litert_schema()
    code, graph, operator, model = schema.OperatorCodeT(), schema.SubGraphT(), schema.OperatorT(), schema.ModelT()
    operators = schema.BuiltinOperator
    code.builtinCode = code.deprecatedBuiltinCode = operators.CUSTOM if custom else operators.RELU
    code.customCode, code.version = custom or None, 1
    tensors = []
    for name in "xy":
        tensor = schema.TensorT()
        tensor.shape, tensor.shapeSignature, tensor.name, tensor.buffer = [1, 1], [-1, -1], name, 0
        tensors.append(tensor)
    operator.opcodeIndex, operator.inputs, operator.outputs = 0, [0], [1]
    graph.tensors, graph.inputs, graph.outputs, graph.operators = tensors, [0], [1], [operator]
    model.version, model.operatorCodes, model.subgraphs, model.buffers = 3, [code], [graph], [schema.BufferT()]
    builder = flatbuffers.Builder(0)
    builder.Finish(model.Pack(builder), b"TFL3")
    path.write_bytes(bytes(builder.Output()))
    return path
