"""A model file whose layers run code of its own is refused before anything of it is made."""

import json
import shutil

import numpy as np
import pytest

from lab4.devices import DEVICES
from lab4.domain.errors import ConversionError, UnsafeModelError
from lab4.formats import FORMATS, ExportSource
from lab4.frameworks import h5py, keras
from lab4.models import MODELS
from lab4.runtimes import RUNTIMES, Load
from lab4.runtimes.keras_files import check_config, load_model

pytestmark = pytest.mark.filterwarnings("ignore")


def with_lambda(marker):
    """A model that makes a file when it is loaded."""
    layers = keras().layers
    code = f"lambda x: (__import__('pathlib').Path({str(marker)!r}).touch(), x)[1]"
    return keras().Sequential([layers.Input((8, 8, 1)), layers.Flatten(), layers.Lambda(eval(code))])  # noqa: S307


def saved(model, path):
    model.save(path, save_format="h5", include_optimizer=False)
    return path


def changed(path, change):
    """Rewrite the file's configuration."""
    with h5py().File(path, "r+") as file:
        config = json.loads(file.attrs["model_config"])
        change(config)
        file.attrs["model_config"] = json.dumps(config)
    return path


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A file of a harmless model."""
    layers = keras().layers
    model = keras().Sequential([layers.Input((8, 8, 1)), layers.Flatten(), layers.Dense(2, activation="softmax")])
    return saved(model, tmp_path_factory.mktemp("small") / "model.h5")


def test_a_lambda_layer_is_refused_and_its_code_does_not_run(tmp_path):
    marker = tmp_path / "ran"
    path = saved(with_lambda(marker), tmp_path / "model.h5")
    marker.unlink()
    keras().models.load_model(path, compile=False)
    assert marker.exists()  # Keras itself runs it: its safe mode is for another format
    marker.unlink()
    with pytest.raises(UnsafeModelError, match=r"model\.h5 has a 'Lambda', .*lab4 cache clear"):
        load_model(path)
    assert not marker.exists()


HARM = {
    "a class of another module": lambda dense: dense.update(class_name="Dense", module="antigravity"),
    "an own class": lambda dense: dense.update(class_name="Mine"),
    "a registered class": lambda dense: dense.update(class_name="mine>Mine", registered_name="mine>Mine"),
    "an operation of TensorFlow by name": lambda dense: dense.update(class_name="TFOpLambda"),
    "a function of another module": lambda dense: dense["config"].update(
        activation={"class_name": "function", "module": "os", "config": "system", "registered_name": "system"}
    ),
    "code in an initializer": lambda dense: dense["config"].update(
        kernel_initializer={"class_name": "__lambda__", "config": {"value": "4wAA"}}
    ),
    "a layer in a layer": lambda dense: dense.update(
        class_name="TimeDistributed", config={"layer": {"class_name": "Lambda", "config": {}}}
    ),
    "a name that is no text": lambda dense: dense.update(class_name=["Dense"]),
}


@pytest.mark.parametrize("harm", HARM.values(), ids=HARM)
def test_whatever_else_is_not_of_keras_is_refused(small, tmp_path, harm):
    path = shutil.copy(small, tmp_path / "model.h5")
    with pytest.raises(UnsafeModelError, match=r"model\.h5 has "):
        load_model(changed(path, lambda config: harm(config["config"]["layers"][-1])))


@pytest.mark.parametrize("name", [*MODELS])
def test_the_suites_own_models_are_loaded(tmp_path, name):
    model = MODELS[name].build((28, 28, 1), 10)
    FORMATS["keras"].export(ExportSource(model), tmp_path / "model.h5")
    loaded = load_model(tmp_path / "model.h5")
    images = np.random.default_rng(0).random((2, 28, 28, 1), np.float32)
    np.testing.assert_array_equal(model(images), loaded(images))


def test_layers_that_keras_has_are_let_through():
    layers = keras().layers
    inputs = keras().Input((8, 8, 3))
    hidden = layers.Conv2D(4, 3, kernel_regularizer="l2", kernel_constraint="max_norm", activation="relu")(inputs)
    hidden = layers.BatchNormalization()(layers.Add()([hidden, hidden]))
    hidden = layers.Bidirectional(layers.LSTM(3))(layers.Reshape((36, 4))(hidden))
    check_config(json.loads(keras().Model(inputs, layers.Dense(2)(hidden)).to_json()), "model.h5")


@pytest.mark.parametrize("content", [b"", b"not an HDF5 file"])
def test_another_file_is_told_as_one(tmp_path, content):
    (tmp_path / "model.h5").write_bytes(content)
    with pytest.raises(ConversionError, match=r"model\.h5 does not load in Keras"):
        load_model(tmp_path / "model.h5")


def test_a_folder_in_its_place_is_not_loaded_as_another_format(tmp_path):
    with_lambda(tmp_path / "ran").save(tmp_path / "folder", save_format="tf")
    (tmp_path / "folder").rename(tmp_path / "model.h5")
    with pytest.raises(ConversionError, match=r"model\.h5 does not load in Keras"):
        load_model(tmp_path / "model.h5")


@pytest.mark.parametrize("config", ["[" * 60_000, "{", "null", "[]"])
def test_a_damaged_configuration_is_told(small, tmp_path, config):
    path = shutil.copy(small, tmp_path / "model.h5")
    with h5py().File(path, "r+") as file:
        del file.attrs["model_config"]
        file.attrs["model_config"] = config
    with pytest.raises(ConversionError, match=r"model\.h5 does not load in Keras"):
        load_model(path)


def test_so_it_is_with_a_model_for_a_browser(tmp_path):
    config = json.loads(with_lambda(tmp_path / "ran").to_json())
    (tmp_path / "tfjs").mkdir()
    (tmp_path / "ran").unlink()  # which the making of the model has made
    (tmp_path / "tfjs" / "model.json").write_text(json.dumps({"modelTopology": {"model_config": config}}))
    call = {"images": np.zeros((1, 8, 8, 1), np.float32)}
    with pytest.raises(UnsafeModelError, match=r"tfjs has a 'Lambda'"):
        RUNTIMES["tfjs_loader"].load(tmp_path / "tfjs", "tfjs", Load(DEVICES["cpu"], call, 1))
    assert not (tmp_path / "ran").exists()
