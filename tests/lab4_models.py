"""Small models of several inputs and outputs, as a user may have them, and runs that measure them in a folder."""

import subprocess
import sys

import numpy as np
from lab4_small_models import UNPRINTED

from lab4.frameworks import onnx

#: A function for ``file.py:build``: two inputs, two outputs of one shape.
KERAS_FUNCTION = """
from lab4.frameworks import keras


def build():
    layers = keras().layers
    left, right = keras().Input((6,), name="left"), keras().Input((6,), name="right")
    keras().utils.set_random_seed(5)
    total = layers.Dense(4, name="total")(layers.Add()([left, right]))
    difference = layers.Dense(4, name="difference")(layers.Subtract()([left, right]))
    return keras().Model([left, right], [total, difference])


def no_model():
    return 3


def raising():
    raise RuntimeError("no such weights")
"""


#: Writes the same small net by both generations of Keras, and one with a layer that is code.
KERAS_FILES = """
import sys

from lab4.frameworks import keras, keras3


def net(library, **about):
    layers = library.layers
    stack = [layers.Input((8, 8, 1), **about), layers.Conv2D(4, 3, activation="relu"), layers.Flatten()]
    return library.Sequential([*stack, layers.Dense(3, activation="softmax")])


two, three = keras(), keras3()
net(two).save("two.keras")
net(two).save("two.h5")
net(two, batch_size=1).save("single.keras")
net(three).save("three.keras")
net(three).save("third.h5")
coded = [three.layers.Input((8,)), three.layers.Lambda(lambda values: values * 2)]
three.Sequential(coded).save("coded.keras")
"""


def two_by_two(path, batch="batch"):
    """An ONNX file with the inputs ``left`` and ``right``, and the outputs ``total`` and ``difference``."""
    helper, kind = onnx().helper, onnx().TensorProto.FLOAT
    rng = np.random.default_rng(3)
    weights = onnx().numpy_helper.from_array(rng.normal(0, 0.3, (6, 4)).astype(np.float32), "weights")
    inputs = [helper.make_tensor_value_info(name, kind, [batch, 6]) for name in ("left", "right")]
    outputs = [helper.make_tensor_value_info(name, kind, [batch, 4]) for name in ("total", "difference")]
    nodes = [
        helper.make_node("Add", ["left", "right"], ["sum"]),
        helper.make_node("Sub", ["left", "right"], ["less"]),
        helper.make_node("MatMul", ["sum", "weights"], ["total"]),
        helper.make_node("MatMul", ["less", "weights"], ["difference"]),
    ]
    graph = helper.make_graph(nodes, "pair", inputs, outputs, [weights])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
    onnx().save_model(model, str(path))
    return path


def counter(path):
    """An ONNX file with state: it adds its input to what it returned last; ``sr`` decides whether it doubles."""
    helper, proto = onnx().helper, onnx().TensorProto
    inputs = [
        helper.make_tensor_value_info("input", proto.FLOAT, [1, "samples"]),
        helper.make_tensor_value_info("state", proto.FLOAT, [1, 1]),
        helper.make_tensor_value_info("sr", proto.INT64, []),
    ]
    outputs = [helper.make_tensor_value_info(name, proto.FLOAT, [1, 1]) for name in ("output", "stateN")]

    def branch(factor):
        scale = onnx().numpy_helper.from_array(np.array([[factor]], np.float32), f"scale{factor}")
        nodes = [helper.make_node("Mul", ["level", scale.name], [f"scaled{factor}"])]
        found = helper.make_tensor_value_info(f"scaled{factor}", proto.FLOAT, [1, 1])
        return helper.make_graph(nodes, f"times{factor}", [], [found], [scale])

    high = onnx().numpy_helper.from_array(np.array(12000, np.int64), "high")
    nodes = [
        helper.make_node("ReduceMean", ["input"], ["level"], axes=[1], keepdims=1),
        helper.make_node("Greater", ["sr", "high"], ["is_high"]),
        helper.make_node("If", ["is_high"], ["output"], then_branch=branch(2), else_branch=branch(1)),
        helper.make_node("Add", ["output", "state"], ["stateN"]),
    ]
    graph = helper.make_graph(nodes, "counter", inputs, outputs, [high])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
    onnx().save_model(model, str(path))
    return path


def measure(folder, *arguments, cache=None):
    """Run pytest in the folder, in its quick profile and with nothing but time."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--lab4-profile", "quick"]
    command += ["--lab4-resources", "counters", "--lab4-cache", str(cache or folder / "cache"), "--lab4-devices", "cpu"]
    return subprocess.run(
        [*command, "--lab4-report", UNPRINTED, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
