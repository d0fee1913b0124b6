"""An ONNX file with external data is as large as both, and is another when the data change."""

import numpy as np

from lab4.formats import FORMATS
from lab4.frameworks import onnx


def saved(path, values):
    helper, numpy_helper = onnx().helper, onnx().numpy_helper
    weights = numpy_helper.from_array(np.asarray(values, np.float32), "weights")
    ends = [helper.make_tensor_value_info(name, onnx().TensorProto.FLOAT, ["n", 64]) for name in ("x", "y")]
    nodes = [helper.make_node("MatMul", ["x", "weights"], ["y"])]
    graph = helper.make_graph(nodes, "g", ends[:1], ends[1:], [weights])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
    onnx().save_model(model, str(path), save_as_external_data=True, location="net.bin", size_threshold=0)
    return path


def test_its_size_is_that_of_both_files(tmp_path):
    path = saved(tmp_path / "net.onnx", np.eye(64))
    both = path.stat().st_size + (tmp_path / "net.bin").stat().st_size
    assert FORMATS["onnx"].size(path).disk_bytes == both > 64 * 64 * 4


def test_other_data_make_another_artifact(tmp_path):
    path = saved(tmp_path / "net.onnx", np.eye(64))
    before = FORMATS["onnx"].sha256(path)
    content = bytearray((tmp_path / "net.bin").read_bytes())
    content[0] ^= 1
    (tmp_path / "net.bin").write_bytes(content)
    assert FORMATS["onnx"].sha256(path) != before


def test_a_name_that_leads_out_of_the_folder_is_not_followed(tmp_path):
    inner = tmp_path / "inner"
    inner.mkdir()
    path = saved(inner / "net.onnx", np.eye(64))
    model = onnx().load(str(path), load_external_data=False)
    for each in model.graph.initializer[0].external_data:
        if each.key == "location":
            each.value = "../net.bin"
    (inner / "net.bin").rename(tmp_path / "net.bin")
    path.write_bytes(model.SerializeToString())
    assert FORMATS["onnx"].companions(path) == []
