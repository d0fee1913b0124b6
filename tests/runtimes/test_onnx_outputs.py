"""Outputs of ONNX Runtime that are no arrays of numbers: texts, and the maps of scikit-learn's classifiers."""

import numpy as np
import pytest

from lab4.bench.runtime_jobs import predict_all
from lab4.devices import DEVICES
from lab4.devices.device import place
from lab4.frameworks import onnx
from lab4.inputs import StoredExamples
from lab4.runtimes import RUNTIMES, Load

CALL = {"x": np.array([[1.0, 2.0], [5.0, 0.0]], np.float32)}


@pytest.fixture
def classifier(tmp_path):
    """What skl2onnx makes of a classifier: a label that is a text, and a map of each class's score an example."""
    helper, types = onnx().helper, onnx().TensorProto
    classes = ["ant", "bee"]
    linear = helper.make_node(
        "LinearClassifier",
        ["x"],
        ["label", "scores"],
        domain="ai.onnx.ml",
        classlabels_strings=classes,
        coefficients=[1.0, 0.0, 0.0, 1.0],
        intercepts=[0.0, 0.0],
    )
    maps = helper.make_node("ZipMap", ["scores"], ["maps"], domain="ai.onnx.ml", classlabels_strings=classes)
    entry = helper.make_map_type_proto(types.STRING, helper.make_tensor_type_proto(types.FLOAT, []))
    graph = helper.make_graph(
        [linear, maps],
        "g",
        [helper.make_tensor_value_info("x", types.FLOAT, [None, 2])],
        [
            helper.make_tensor_value_info("label", types.STRING, [None]),
            helper.make_value_info("maps", helper.make_sequence_type_proto(entry)),
        ],
    )
    opsets = [helper.make_opsetid("", 15), helper.make_opsetid("ai.onnx.ml", 2)]
    onnx().save(helper.make_model(graph, opset_imports=opsets, ir_version=8), str(tmp_path / "net.onnx"))
    return RUNTIMES["onnxruntime"].load(tmp_path / "net.onnx", "onnx", Load(place(DEVICES["cpu"]), CALL, 1))


def test_they_are_arrays_that_a_file_can_hold(classifier, tmp_path):
    found = predict_all(classifier, StoredExamples(CALL, is_batched=True), 2)
    assert found["label"].tolist() == ["bee", "ant"]
    assert found["maps"].tolist() == [[1.0, 2.0], [5.0, 0.0]]
    np.savez(tmp_path / "outputs.npz", **found)
    with np.load(tmp_path / "outputs.npz", allow_pickle=False) as file:
        assert file["label"].tolist() == ["bee", "ant"]


def test_they_are_not_bound(classifier):
    assert classifier.bind(classifier.prepare(CALL)) is None
