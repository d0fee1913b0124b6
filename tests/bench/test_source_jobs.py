"""Examples of a user's model: which sizes are accepted, which states are fed back, and what a model is known by."""

import numpy as np
import pytest

from lab4.bench.source_jobs import Limits, draw, made_digest
from lab4.domain.contract import Contract, Dimension, State, TensorSpec
from lab4.domain.errors import DatasetError
from lab4.domain.source import Source
from lab4.inputs import read_examples

LIMITS = Limits(4, 4, 4)
NETS = """
import numpy as np
from lab4.frameworks import keras


def net(units, value=1.0):
    layers = keras().layers
    model = keras().Sequential([layers.Input((4,)), layers.Dense(units, activation="softmax")])
    model.set_weights([np.full(each.shape, value) for each in model.get_weights()])
    return model


def small():
    return net(2)


def large():
    return net(3)


def trained():
    return net(2, 2.0)


def drawn():
    return keras().Sequential([keras().layers.Input((4,)), keras().layers.Dense(2)])
"""


def tensor(name, *sizes):
    dimensions = (Dimension(each) if isinstance(each, int) else Dimension(None, each) for each in sizes)
    return TensorSpec(name, "float32", tuple(dimensions))


BATCHED = Contract((tensor("x", "batch", "steps"),), (tensor("y", "batch", 2),))
STATEFUL = Contract(
    (tensor("sound", 8), tensor("state", 2)), (tensor("text", 3), tensor("stateN", 2)), (State("state", "stateN"),)
)


def source(**about):
    return Source("net", "net.onnx", "onnx", original_format="onnx", **about)


@pytest.mark.parametrize("size", [2, 8])
def test_a_size_of_the_batch_is_refused_as_one_example_would_be_measured(tmp_path, size):
    given = source(sizes={"batch": size, "steps": 3}, rules={"x": "range:0,1"})
    with pytest.raises(DatasetError, match=f"the dimension batch is that of the batch, .* --lab4-batch-sizes {size}"):
        draw(given, BATCHED, LIMITS, 1, tmp_path / "examples")


def test_a_batch_of_one_is_what_an_example_is(tmp_path):
    draw(source(sizes={"batch": 1, "steps": 3}, rules={"x": "range:0,1"}), BATCHED, LIMITS, 1, tmp_path / "examples")
    assert read_examples(tmp_path / "examples").arrays["x"].shape == (4, 3)


@pytest.mark.parametrize(("given", "states"), [((), {"state": "stateN"}), (("state",), {})], ids=["drawn", "given"])
def test_a_state_that_the_data_give_is_not_that_of_the_call_before(tmp_path, given, states):
    arrays = {"sound": np.zeros((6, 8), np.float32), **dict.fromkeys(given, np.ones((6, 2), np.float32))}
    np.savez(tmp_path / "data.npz", **arrays)
    with_data = source(dataset=str(tmp_path / "data.npz"), rules={} if given else {"state": "const:0"})
    draw(with_data, STATEFUL, LIMITS, 1, tmp_path / "examples")
    assert read_examples(tmp_path / "examples").states == states


def test_a_model_of_a_function_is_known_by_what_was_built_and_not_by_where(tmp_path):
    (tmp_path / "nets.py").write_text(NETS)
    found = {
        name: {made_digest(Source("net", f"{tmp_path}/nets.py:{name}", "function")) for _ in range(2)}
        for name in ("small", "large", "trained", "drawn")
    }
    assert all(len(each) == 1 for each in found.values())
    assert len(set().union(*found.values())) == len(found)
