"""Small graphs with one rule each: multiply-accumulates by hand, and what damaged files say."""

from math import prod

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from lab4.domain.errors import ConversionError, Lab4Error, UnknownNameError
from lab4.inspection import inspect_model


def graph(nodes, inputs, weights=(), outputs=("y",)):
    """A model of these nodes: inputs as name to shape, weights as name to shape."""
    made = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in inputs.items()],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
        [numpy_helper.from_array(np.ones(shape, np.float32), name) for name, shape in dict(weights).items()],
    )
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)])


@pytest.fixture
def saved(tmp_path):
    """A function that writes a model and returns its path as text."""

    def save(model, **options):
        path = tmp_path / "model.onnx"
        onnx.save(model, str(path), **options)
        return str(path)

    return save


RULES = {
    "convolution": (
        helper.make_node("Conv", ["x", "w"], ["y"], pads=[1, 1, 1, 1]),
        {"x": ["n", 3, 8, 8]},
        {"w": (16, 3, 3, 3)},
        16 * 8 * 8 * 3 * 3 * 3,
    ),
    "grouped convolution": (
        helper.make_node("Conv", ["x", "w"], ["y"], group=4),
        {"x": ["n", 4, 8, 8]},
        {"w": (4, 1, 3, 3)},
        4 * 6 * 6 * 9,
    ),
    "transposed convolution": (
        helper.make_node("ConvTranspose", ["x", "w"], ["y"], strides=[2, 2]),
        {"x": ["n", 4, 5, 5]},
        {"w": (4, 8, 2, 2)},
        4 * 25 * 8 * 2 * 2,
    ),
    "matrix product": (
        helper.make_node("MatMul", ["x", "w"], ["y"]),
        {"x": ["n", 7, 64]},
        {"w": (64, 10)},
        7 * 64 * 10,
    ),
    "product with a turned side": (
        helper.make_node("Gemm", ["x", "w"], ["y"], transB=1),
        {"x": ["n", 64]},
        {"w": (10, 64)},
        64 * 10,
    ),
    "recurrent": (
        helper.make_node("LSTM", ["x", "w", "r"], ["y"], hidden_size=8),
        {"x": [5, 1, 4]},
        {"w": (1, 32, 4), "r": (1, 32, 8)},
        5 * (32 * 4 + 32 * 8),
    ),
    "elementwise": (helper.make_node("Add", ["x", "w"], ["y"]), {"x": ["n", 64]}, {"w": (64,)}, 0),
}


@pytest.mark.parametrize("rule", RULES)
def test_multiply_accumulates_of_an_operator(saved, rule):
    node, inputs, weights, macs = RULES[rule]
    found = inspect_model(saved(graph([node], inputs, weights)))
    assert found.macs == macs
    assert found.parameters == sum(map(prod, weights.values()))


def test_of_an_if_the_longer_branch_counts(saved):
    def branch(name, size):
        node = helper.make_node("MatMul", ["x", name], [f"{name}_y"])
        output = helper.make_tensor_value_info(f"{name}_y", TensorProto.FLOAT, None)
        weights = [numpy_helper.from_array(np.ones((64, size), np.float32), name)]
        return helper.make_graph([node], name, [], [output], weights)

    both = {"then_branch": branch("a", 10), "else_branch": branch("b", 30)}
    model = graph([helper.make_node("If", ["c"], ["y"], **both)], {"x": ["n", 64]})
    model.graph.input.append(helper.make_tensor_value_info("c", TensorProto.BOOL, []))
    found = inspect_model(saved(model))
    assert found.macs == 64 * 30
    assert found.parameters == 64 * 40
    assert {each.type: each.count for each in found.operators} == {"MatMul": 2, "If": 1}


def test_a_loop_is_not_counted_and_says_so(saved):
    body = helper.make_graph(
        [helper.make_node("MatMul", ["s", "w"], ["t"]), helper.make_node("Identity", ["k"], ["l"])],
        "body",
        [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("k", TensorProto.BOOL, []),
            helper.make_tensor_value_info("s", TensorProto.FLOAT, [1, 4]),
        ],
        [
            helper.make_tensor_value_info("l", TensorProto.BOOL, []),
            helper.make_tensor_value_info("t", TensorProto.FLOAT, [1, 4]),
        ],
    )
    model = graph([helper.make_node("Loop", ["m", "", "x"], ["y"], body=body)], {"x": [1, 4]}, {"w": (4, 4)})
    model.graph.input.append(helper.make_tensor_value_info("m", TensorProto.INT64, []))
    assert inspect_model(saved(model)).macs is None


def test_operators_of_no_standard_domain_are_custom(saved):
    model = graph([helper.make_node("Grow", ["x"], ["y"], domain="acme")], {"x": [1]})
    model.opset_import.append(helper.make_opsetid("acme", 1))
    found = inspect_model(saved(model))
    assert found.custom == ("acme.Grow",)
    assert found.macs is None


def test_external_data_is_counted_where_it_is_and_named_where_it_is_not(saved, tmp_path):
    model = graph([helper.make_node("MatMul", ["x", "w"], ["y"])], {"x": ["n", 64]}, {"w": (64, 100)})
    path = saved(model, save_as_external_data=True, location="weights.bin", size_threshold=0)
    found = inspect_model(path)
    assert (found.parameters, found.weights[0].bytes) == (6_400, 25_600)
    assert found.remarks == ("its weights are in weights.bin, next to it",)
    (tmp_path / "weights.bin").unlink()
    assert "weights.bin, which holds its weights, is not there: it cannot be run" in inspect_model(path).remarks


def test_sizes_are_bound_by_name_and_an_unknown_name_lists_those_that_there_are(saved):
    node = helper.make_node("MatMul", ["x", "w"], ["y"])
    path = saved(graph([node], {"x": ["batch", "steps", 4]}, {"w": (4, 2)}))
    assert inspect_model(path).macs is None
    assert inspect_model(path, {"steps": 10}).macs == 10 * 4 * 2
    assert inspect_model(path, {"steps": 10, "batch": 3}).macs == 30 * 4 * 2
    with pytest.raises(UnknownNameError, match="unknown dimension 'time'; valid: batch, steps"):
        inspect_model(path, {"time": 10})


def test_a_size_of_a_fixed_model_is_refused(saved):
    path = saved(graph([helper.make_node("Relu", ["x"], ["y"])], {"x": [1, 4]}))
    with pytest.raises(UnknownNameError, match="all dimensions of the inputs are fixed"):
        inspect_model(path, {"batch": 10})


@given(st.data())
def test_a_part_of_a_file_is_refused_in_one_sentence_or_read(tmp_path_factory, data):
    model = graph([RULES["convolution"][0]], *RULES["convolution"][1:3])
    content = model.SerializeToString()
    path = tmp_path_factory.mktemp("part") / "model.onnx"
    path.write_bytes(content[: data.draw(st.integers(0, len(content) - 1))])
    try:
        inspect_model(str(path))
    except Lab4Error as error:
        assert "\n" not in str(error)  # noqa: PT017  # what is read of a part may be a model too


def test_another_file_with_the_name_is_refused(tmp_path):
    (tmp_path / "model.onnx").write_text("{}")
    with pytest.raises(ConversionError, match="is no ONNX model"):
        inspect_model(str(tmp_path / "model.onnx"))
