"""Folders ``test_data_set_*``: ONNX's own, and such as users have."""

from pathlib import Path

import numpy as np
import onnx
import pytest

from lab4.domain.contract import Contract, Dimension, TensorSpec
from lab4.domain.errors import DatasetError
from lab4.inputs import known_calls
from lab4.inspection import inspect_model

DATA = Path(onnx.__file__).parent / "backend" / "test" / "data"
BATCHED = Contract(
    (
        TensorSpec("x", "float32", (Dimension(None, "batch"), Dimension(None, "time"))),
        TensorSpec("n", "int64", (Dimension(None, "batch"),)),
    ),
    (TensorSpec("y", "float32", (Dimension(None, "batch"),)), TensorSpec("total", "float32", ())),
)
SINGLE = Contract((TensorSpec("x", "float32", (Dimension(2), Dimension(None, "time"))),), ())


def write(folder, **arrays):
    folder.mkdir(parents=True)
    for name, array in arrays.items():
        (folder / f"{name}.pb").write_bytes(onnx.numpy_helper.from_array(array).SerializeToString())


def floats(*shape):
    return np.arange(np.prod(shape), dtype=np.float32).reshape(shape)


@pytest.mark.parametrize("net", ["pytorch-converted/test_Conv2d", "node/test_lstm_batchwise", "simple/test_shrink"])
def test_onnxs_own_folders_are_read(net):
    path = DATA / net / "model.onnx"
    contract = inspect_model(str(path)).contract
    found = known_calls(path, contract, {})
    assert found.name == "test_data_set_0"
    assert {name: each.shape[1:] for name, each in found.inputs.items()} == {
        each.name: tuple(dimension.size for dimension in each.dimensions) for each in contract.inputs
    }
    assert set(found.outputs) == {each.name for each in contract.outputs}


def test_there_may_be_none(tmp_path):
    assert known_calls(tmp_path / "net.onnx", SINGLE, {}) is None


def test_calls_of_a_batched_model_are_put_together(tmp_path):
    for number, count in ((0, 1), (2, 3), (10, 2)):
        outputs = {"output_0": floats(count), "output_1": np.float32(number)}
        write(tmp_path / f"test_data_set_{number}", input_0=floats(count, 5), input_1=np.arange(count), **outputs)
    found = known_calls(tmp_path / "net.onnx", BATCHED, {})
    assert found.name == "test_data_set_0 and 2 more"
    assert found.count == 6
    assert found.inputs["n"].tolist() == [0, 0, 1, 2, 0, 1]
    assert found.outputs["y"].tolist() == [0, 0, 1, 2, 0, 1]
    assert "total" not in found.outputs  # it is of a whole call
    assert found.sizes == {"time": 5}


def test_calls_of_other_dimensions_and_damaged_ones_are_left_out_and_named(tmp_path):
    for number, time in ((0, 4), (1, 6), (2, 4), (3, 4)):
        write(tmp_path / f"test_data_set_{number}", input_0=floats(2, time))
    (tmp_path / "test_data_set_3" / "input_0.pb").write_bytes(b"\xff" * 20)
    found = known_calls(tmp_path / "net.onnx", SINGLE, {})
    assert found.inputs["x"].shape == (2, 2, 4)
    other, damaged = found.remarks
    assert other == "test_data_set_1 has other dimensions than test_data_set_0: the folder is not used"
    assert damaged.startswith("test_data_set_3: input_0.pb does not read as an ONNX tensor")


def test_a_tensor_that_is_named_is_that_of_its_name(tmp_path):
    folder = tmp_path / "test_data_set_0"
    folder.mkdir()
    for number, (name, array) in enumerate((("n", np.arange(2)), ("x", floats(2, 3)))):
        (folder / f"input_{number}.pb").write_bytes(onnx.numpy_helper.from_array(array, name).SerializeToString())
    assert known_calls(tmp_path / "net.onnx", BATCHED, {}).inputs["x"].shape == (2, 3)


@pytest.mark.parametrize(
    ("arrays", "sizes", "sentence"),
    [
        ({}, {}, "test_data_set_0: it has no input_0.pb"),
        ({"input_0": floats(2, 3).astype(np.float64)}, {}, "the input x takes float32, and this is float64"),
        ({"input_0": floats(3, 3)}, {}, "the input x takes 2 x any, and this is 3 x 3"),
        ({"input_0": floats(2, 3)}, {"time": 4}, "the input x takes 2 x 4, and this is 2 x 3"),
        ({"input_0": floats(2)}, {}, "the input x takes 2 x any, and this is 2"),
    ],
)
def test_what_does_not_fit_is_one_sentence(tmp_path, arrays, sizes, sentence):
    write(tmp_path / "test_data_set_0", **arrays)
    with pytest.raises(DatasetError, match=sentence):
        known_calls(tmp_path / "net.onnx", SINGLE, sizes)


def test_inputs_of_one_batch_have_one_number_of_examples(tmp_path):
    write(tmp_path / "test_data_set_0", input_0=floats(2, 3), input_1=np.arange(3))
    with pytest.raises(DatasetError, match="its inputs are not of one number of examples"):
        known_calls(tmp_path / "net.onnx", BATCHED, {})
