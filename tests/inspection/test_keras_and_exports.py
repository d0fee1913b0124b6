"""One net, written in every format here: readers of different containers agree on it."""

import json
import shutil

import pytest

from lab4.domain.errors import ConversionError, Lab4Error
from lab4.inspection import inspect_model
from lab4.testing.conformance import built, cell_of

#: Of the fully connected net on 16 x 16 images of 4 classes.
MACS = 256 * 256 + 256 * 128 + 128 * 4
BIASES = 256 + 128 + 4
PARAMETERS = MACS + BIASES

pytestmark = pytest.mark.filterwarnings("ignore")  # Keras's own, of formats that it calls old


def exported(name):
    """The trained net in a format, as the suite writes it."""
    return built(cell_of("fcnn", (), name)).path


@pytest.fixture(scope="module")
def model():
    from lab4.models import MODELS

    return MODELS["fcnn"].build((16, 16, 1), 4)


@pytest.mark.parametrize("name", ["keras", "tflite_float32", "tflite_float16", "onnx"])
def test_the_same_parameters_and_operations_in_every_format(name):
    found = inspect_model(str(exported(name)))
    assert found.parameters == PARAMETERS
    assert found.macs == MACS
    assert [str(each) for each in found.contract.inputs[0].dimensions][1:] == ["16", "16", "1"]
    assert found.contract.task.text == "classification"


@pytest.mark.parametrize("name", ["saved_model", "tfjs"])
def test_containers_without_shapes_have_the_parameters_and_say_why_no_operations(name):
    found = inspect_model(str(exported(name)))
    assert found.parameters == PARAMETERS
    assert found.macs is None
    assert "until it is loaded" in found.macs_note


def test_a_quantized_file_has_integer_weights_and_the_same_operations():
    found = inspect_model(str(exported("tflite_int8")))
    assert found.parameters == PARAMETERS
    assert found.macs == MACS
    assert {each.dtype: each.values for each in found.weights}["int8"] == MACS  # biases are int32
    assert found.contract.inputs[0].dtype == "int8"


def test_an_archive_of_keras_is_read_as_the_h5_file_is(model, tmp_path):
    model.save(tmp_path / "model.keras")
    found = inspect_model(str(tmp_path / "model.keras"))
    assert (found.container, found.parameters, found.macs) == ("keras", PARAMETERS, MACS)
    assert not found.code


def test_a_model_of_keras_3_is_read_by_keras_3(tmp_path):
    import keras

    layers = keras.layers
    net = keras.Sequential([layers.Input((8, 8, 3)), layers.SeparableConv2D(4, 3), layers.Flatten(), layers.Dense(3)])
    for name in ("model.keras", "model.h5"):
        net.save(tmp_path / name)
        found = inspect_model(str(tmp_path / name))
        assert found.parameters == net.count_params()
        assert found.macs == 6 * 6 * 3 * 9 + 6 * 6 * 4 * 3 + 144 * 3
        assert found.versions["Keras"].startswith("3.")


def test_a_file_that_would_run_code_of_its_own_is_described_and_not_built(tmp_path):
    from lab4.frameworks import keras

    layers, ran = keras().layers, tmp_path / "ran"
    name = str(ran)

    def layer(values):
        from pathlib import Path  # the function runs on its own

        Path(name).touch()
        return values * 2

    net = keras().Sequential([layers.Input((4,)), layers.Lambda(layer), layers.Dense(3)])
    for file in ("model.h5", "model.keras"):
        net.save(tmp_path / file)
        ran.unlink(missing_ok=True)
        found = inspect_model(str(tmp_path / file))
        assert found.code[0] == "a Lambda layer"
        assert found.macs is None
        assert "would run code of its own" in found.macs_note
        assert found.parameters == 15
        assert not ran.exists()


def test_weights_without_a_model_say_what_to_save(model, tmp_path):
    model.save_weights(tmp_path / "only.weights.h5")
    with pytest.raises(ConversionError, match=r"holds weights but no model: use model\.save"):
        inspect_model(str(tmp_path / "only.weights.h5"))


@pytest.mark.parametrize("name", ["keras", "saved_model", "tfjs", "tflite_float32"])
@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_a_part_of_a_file_is_refused_in_one_sentence(tmp_path, name, share):
    path = exported(name)
    copy = tmp_path / path.name
    shutil.copytree(path, copy) if path.is_dir() else shutil.copy(path, copy)
    file = copy if copy.is_file() else next(iter([*copy.rglob("model.json"), *copy.rglob("saved_model.pb")]))
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(Lab4Error) as refused:
        inspect_model(str(copy))
    assert "\n" not in str(refused.value)


def test_weights_of_a_tfjs_model_that_are_not_there_are_named(tmp_path):
    copy = shutil.copytree(exported("tfjs"), tmp_path / "tfjs")
    file = next(copy.rglob("*.bin"))
    file.unlink()
    assert f"{file.name}, which holds its weights, is not there: it cannot be run" in inspect_model(str(copy)).remarks


def test_a_graph_model_is_read_by_its_signature(tmp_path):
    tensor = {"name": "x:0", "dtype": "DT_STRING", "tensorShape": {"dim": [{"size": "-1"}, {"size": "3"}]}}
    model = {
        "format": "graph-model",
        "modelTopology": {"node": [{"name": "x", "op": "Placeholder"}, {"name": "y", "op": "MatMul", "input": ["x"]}]},
        "signature": {"inputs": {"text": tensor}, "outputs": {"y": {**tensor, "dtype": "DT_FLOAT"}}},
        "weightsManifest": [{"paths": [], "weights": [{"name": "w", "dtype": "float32", "shape": [3, 4]}]}],
    }
    (tmp_path / "model.json").write_text(json.dumps(model))
    found = inspect_model(str(tmp_path))
    assert (found.contract.inputs[0].name, found.contract.inputs[0].dtype) == ("text", "string")
    assert found.contract.outputs[0].dtype == "float32"
    assert [each.type for each in found.operators] == ["MatMul"]
    assert found.container == "tfjs_graph"
    assert found.parameters == 12
