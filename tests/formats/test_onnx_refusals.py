"""What tf2onnx does not convert is said in a sentence."""

import pytest
from lab4_zoo import zoo_file

from lab4.domain.errors import ConversionError
from lab4.formats import FORMATS, ConversionSource


def test_state_inside_a_tflite_model_is_named(tmp_path):
    path = zoo_file("pymicro_wakeword/models/alexa.tflite")
    with pytest.raises(ConversionError) as caught:
        FORMATS["onnx"].converts["tflite"](ConversionSource(path), tmp_path / "made.onnx")
    assert str(caught.value) == (
        "tf2onnx does not convert operators without outputs, and alexa.tflite has ASSIGN_VARIABLE, CALL_ONCE: state "
        "that the model keeps inside; export the model that it was made from to ONNX, with its state as inputs"
    )
