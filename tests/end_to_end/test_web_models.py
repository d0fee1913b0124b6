"""Folders of TensorFlow.js as models of a user's: layers models reach every format, graph models all but two."""

import os
import shutil
import subprocess
import sys

import pytest
from lab4_models import measure

from lab4.domain.outcome import Measured
from lab4.history.run_file import read_run

pytestmark = pytest.mark.skipif(sys.version_info >= (3, 13), reason="tensorflowjs does not exist for Python 3.13")

#: Writes one net as a layers model, as a graph model, and as a layers model with weights of one byte; one with code.
WEB_MODELS = """
import tensorflow
import tf_keras as keras
import tensorflowjs

layers = keras.layers
keras.utils.set_random_seed(4)
model = keras.Sequential([
    layers.Input((16, 16, 3)),
    layers.Conv2D(8, 3, activation="relu"),
    layers.DepthwiseConv2D(3),
    layers.BatchNormalization(),
    layers.ReLU(),
    layers.PReLU(),
    layers.Flatten(),
    layers.Dense(10, activation="softmax"),
])
# As after training: biases that are zero are left out by the converter.
model.set_weights([each + 0.05 for each in model.get_weights()])
converters = tensorflowjs.converters
converters.save_keras_model(model, "layers")
converters.save_keras_model(model, "bytes", quantization_dtype_map={"uint8": "*"})
coded = keras.Sequential([layers.Input((4,)), layers.Lambda(lambda x: 2 * x), layers.Dense(3, activation="softmax")])
converters.save_keras_model(coded, "coded")
model.export("served")
converters.convert_tf_saved_model("served", "graph")
"""


@pytest.fixture(scope="module")
def web_models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("web")
    answer = subprocess.run(
        [sys.executable, "-c", WEB_MODELS],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TF_USE_LEGACY_KERAS": "1"},
    )
    assert answer.returncode == 0, answer.stderr
    return folder


def outcomes(folder):
    run = read_run(folder / "lab4-results" / "run.json")
    return run, {each.cell.format: each.outcome for each in run.measurements if each.cell.kind == "examine"}


@pytest.mark.parametrize(
    ("given", "name", "original", "missing"),
    [
        ("layers/model.json", "model", "tfjs", set()),
        ("graph", "graph", "saved_model", {"keras", "tfjs"}),
        ("bytes", "bytes", "tfjs_uint8", set()),
    ],
)
def test_every_format_is_made_of_it_and_agrees(web_models, given, name, original, missing):
    answer = measure(web_models, f"--lab4-model={given}", "-k", "examine")
    assert answer.returncode == 0, answer.stdout
    first = "no runtime reads tfjs_graph files, so the model is converted to SavedModel first"
    assert (first in answer.stdout) is (given == "graph")
    run, found = outcomes(web_models)
    assert run.catalogue.model(name).original_format == original
    assert {form for form, outcome in found.items() if not isinstance(outcome, Measured)} == missing
    for form, outcome in found.items():
        if form not in missing:
            assert outcome.agreement.total == 16, form
    assert found["onnx"].agreement.agreeing == found["tflite_float32"].agreement.agreeing == 16


def test_a_layer_that_is_code_is_run_only_where_the_user_trusts_the_file(web_models):
    given = ("--lab4-model=coded", "--lab4-formats", "saved_model,onnx", "-k", "examine")
    answer = measure(web_models, *given)
    assert answer.returncode == 1
    assert "coded would run code of its own (a Lambda layer); let it run with --lab4-trust" in answer.stdout
    answer = measure(web_models, *given, "--lab4-trust")
    assert answer.returncode == 0, answer.stdout
    assert all(isinstance(each, Measured) for each in outcomes(web_models)[1].values())


@pytest.mark.parametrize(("kind", "content"), [("layers", None), ("graph", b"cut off")])
def test_weights_that_are_not_there_or_cut_off_are_said_in_one_sentence(web_models, tmp_path, kind, content):
    folder = shutil.copytree(web_models / kind, tmp_path / "net")
    shard = next(folder.glob("*.bin"))
    shard.unlink() if content is None else shard.write_bytes(content)
    answer = measure(tmp_path, "--lab4-model=net", "--lab4-formats", "onnx", "-k", "examine")
    assert answer.returncode != 0, answer.stdout
    assert "Traceback" not in answer.stdout + answer.stderr
    assert "net" in answer.stdout
