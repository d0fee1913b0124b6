"""Folders of TensorFlow.js as models of a user's: layers models reach every format, graph models all but two."""

import os
import shutil
import subprocess
import sys

import pytest
from lab4_models import measure

from lab4.domain.outcome import Failed, Measured
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
model.compile("adam", "categorical_crossentropy")  # how it was trained is written, too
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


def outcomes(run):
    """The outcomes of a run's examined cells, by model and format."""
    found = {}
    for each in run.measurements:
        if each.cell.kind == "examine":
            found.setdefault(each.cell.model, {})[each.cell.format] = each.outcome
    return found


#: In one run, as each would open TensorFlow and its converters again. Those of the weights of one byte are the layers
#: model's, so that a format of each kind will do; the graph model and the layers model have all.
MODELS = ("layers/model.json", "graph", "bytes")
CELLS = "examine and not (bytes-cpu and (float16 or dynamic_int8 or static_int8))"


@pytest.fixture(scope="module")
def web_run(web_models):
    """The ended run, its record, and its outcomes."""
    answer = measure(web_models, *(f"--lab4-model={each}" for each in MODELS), "-k", CELLS)
    run = read_run(web_models / "lab4-results" / "run.json")
    return answer, run, outcomes(run)


@pytest.mark.parametrize(
    ("name", "original", "missing", "least"),
    [
        ("model", "tfjs", set(), 12),
        ("graph", "saved_model", {"keras", "tfjs", "tfjs_uint8"}, 9),
        ("bytes", "tfjs_uint8", set(), 7),
    ],
)
def test_every_format_is_made_of_it_and_agrees(web_run, name, original, missing, least):
    answer, run, found = web_run
    assert answer.returncode == 0, answer.stdout
    first = "no runtime reads tfjs_graph files, so the model is converted to SavedModel first"
    assert [each.strip().startswith("lab4: graph:") for each in answer.stdout.splitlines() if first in each] == [True]
    assert run.catalogue.model(name).original_format == original
    assert {form for form, outcome in found[name].items() if not isinstance(outcome, Measured)} == missing
    measured = {form: outcome for form, outcome in found[name].items() if form not in missing}
    assert len(measured) >= least
    for form, outcome in measured.items():
        assert outcome.agreement.total == 16, form
    assert measured["onnx"].agreement.agreeing == measured["tflite_float32"].agreement.agreeing == 16


def test_a_layer_that_is_code_is_run_where_the_user_trusts_the_file(web_models):
    given = ("--lab4-model=coded", "--lab4-formats", "saved_model,onnx", "-k", "examine", "--lab4-output", "trusted")
    answer = measure(web_models, *given, "--lab4-trust")
    assert answer.returncode == 0, answer.stdout
    found = outcomes(read_run(web_models / "trusted" / "run.json"))["coded"]
    assert set(found) == {"saved_model", "onnx"}
    assert all(isinstance(each, Measured) for each in found.values()), found


@pytest.fixture(scope="module")
def refused_run(web_models, tmp_path_factory):
    """Two models whose weights are not there or cut off, and one with code: the ended run, and its outcomes."""
    folder = tmp_path_factory.mktemp("refused")
    for kind, content in (("layers", None), ("graph", b"cut off"), ("coded", b"")):
        shutil.copytree(web_models / kind, folder / kind)
        shard = next((folder / kind).glob("*.bin"))
        if content is None:
            shard.unlink()
        elif content:
            shard.write_bytes(content)
    models = [f"--lab4-model={each}" for each in ("layers", "graph", "coded")]
    answer = measure(folder, *models, "--lab4-formats", "onnx", "-k", "examine")
    return answer, outcomes(read_run(folder / "lab4-results" / "run.json"))


def test_a_layer_that_is_code_is_not_run_without_trust(refused_run):
    answer, found = refused_run
    assert answer.returncode == 1
    said = "coded would run code of its own (a Lambda layer); let it run with --lab4-trust"
    assert said in answer.stdout
    assert said in found["coded"]["onnx"].reason


@pytest.mark.parametrize("kind", ["layers", "graph"])
def test_weights_that_are_not_there_or_cut_off_are_said_in_one_sentence(refused_run, kind):
    answer, found = refused_run
    assert "Traceback" not in answer.stdout + answer.stderr
    (outcome,) = found[kind].values()
    assert isinstance(outcome, Failed)
    assert "\n" not in outcome.reason
    assert kind in outcome.reason
