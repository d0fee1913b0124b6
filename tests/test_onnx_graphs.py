"""Graphs inside operators count: their constants, the files that these are in, and what these weigh."""

import numpy as np
import pytest

from lab4.formats import FORMATS
from lab4.frameworks import onnx
from lab4.onnx_graphs import constants, graphs


@pytest.fixture
def path(tmp_path):
    """A model with an initializer in one branch of an If, and a constant in the other; both in a file next to it."""
    library = onnx()
    helper = library.helper
    x, y = (helper.make_tensor_value_info(name, library.TensorProto.FLOAT, ["n", 8]) for name in ("x", "y"))
    one, other = (library.numpy_helper.from_array(np.full((8, 8), value, np.float32), "w") for value in (1, 2))

    def branch(name, nodes, weights):
        output = helper.make_tensor_value_info(f"{name}_y", library.TensorProto.FLOAT, None)
        return helper.make_graph(
            [*nodes, helper.make_node("MatMul", ["x", "w"], [f"{name}_y"])], name, [], [output], weights
        )

    branches = {
        "then_branch": branch("a", [], [one]),
        "else_branch": branch("b", [helper.make_node("Constant", [], ["w"], value=other)], []),
    }
    condition = helper.make_tensor_value_info("c", library.TensorProto.BOOL, [])
    graph = helper.make_graph([helper.make_node("If", ["c"], ["y"], **branches)], "g", [x, condition], [y])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
    library.save_model(
        model,
        str(tmp_path / "net.onnx"),
        save_as_external_data=True,
        location="net.bin",
        size_threshold=0,
        convert_attribute=True,
    )
    return tmp_path / "net.onnx"


def test_graphs_and_constants_at_every_depth_are_found(path):
    graph = onnx().load(str(path)).graph
    assert [each.name for each in graphs(graph)] == ["g", "b", "a"]
    assert [list(each.dims) for each in constants(graph)] == [[8, 8], [8, 8]]


def test_a_file_of_theirs_is_part_of_the_model(path):
    data = path.with_name("net.bin")
    before = FORMATS["onnx"].sha256(path)
    assert FORMATS["onnx"].size(path).disk_bytes == path.stat().st_size + data.stat().st_size
    data.write_bytes(bytes(data.stat().st_size))
    assert FORMATS["onnx"].sha256(path) != before


def test_their_weights_are_weights(path):
    assert [float(each[0, 0]) for each in FORMATS["onnx"].kernels(path)] == [2, 1]
