"""What tf2onnx does not convert is said in a sentence."""

import json

import pytest
from lab4_zoo import zoo_file

from lab4.devices import DEVICES
from lab4.domain.errors import ConversionError
from lab4.formats import FORMATS, ConversionSource
from lab4.runtimes import Load
from lab4.runtimes.tensorflow_runtime import TFJS_LOADER


def test_state_inside_a_tflite_model_is_named(tmp_path):
    path = zoo_file("pymicro_wakeword/models/alexa.tflite")
    with pytest.raises(ConversionError) as caught:
        FORMATS["onnx"].converts["tflite"](ConversionSource(path), tmp_path / "made.onnx")
    assert str(caught.value) == (
        "tf2onnx does not convert operators without outputs, and alexa.tflite has ASSIGN_VARIABLE, CALL_ONCE: state "
        "that the model keeps inside; export the model that it was made from to ONNX, with its state as inputs"
    )


def web_model(folder, form):
    folder.mkdir()
    (folder / "model.json").write_text(json.dumps({"format": form, "modelTopology": {}}), encoding="utf-8")
    return folder


def test_a_layers_model_of_tensorflow_js_is_not_converted(tmp_path):
    source = ConversionSource(web_model(tmp_path / "web", "layers-model"))
    with pytest.raises(ConversionError, match="converts graph models of TensorFlow"):
        FORMATS["onnx"].converts["tfjs"](source, tmp_path / "made.onnx")


def test_a_graph_model_of_tensorflow_js_is_not_loaded(tmp_path):
    folder = web_model(tmp_path / "web", "graph-model")
    with pytest.raises(ConversionError, match="reads layers models only"):
        TFJS_LOADER.load(folder, "tfjs", Load(DEVICES["cpu"], {}, None))
