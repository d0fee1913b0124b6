"""Time by operator: from traces that are written here, and of real models by the runtimes' own profilers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lab4_zoo import zoo_file

from lab4.domain.errors import ConversionError, UnavailableError
from lab4.domain.profiled import by_type
from lab4.profiling import onnx_profile
from lab4.profiling.fixed_sizes import with_fixed_sizes
from lab4.profiling.litert_library import require_known
from lab4.profiling.litert_profile import profile_litert
from lab4.profiling.onnx_profile import profile_onnx
from lab4.profiling.operators import Step, operator_times

TYPES, DTYPES = st.sampled_from(["Conv", "Add"]), st.sampled_from(["", "float32", "int8"])
STEPS = st.builds(Step, st.sampled_from("abc"), TYPES, st.just("CPU"), st.floats(0, 1), DTYPES)


@given(st.lists(st.lists(STEPS, max_size=6), min_size=1, max_size=5))
def test_shares_are_of_the_calls_and_types_lose_nothing(calls):
    calls_s = [sum(step.seconds for step in steps) + 1 for steps in calls]
    times = operator_times(calls, calls_s)
    spent = sum(step.seconds for steps in calls for step in steps)
    assert sum(each.share for each in times) == pytest.approx(spent / sum(calls_s))
    assert sum(each.share for each in by_type(times)) == pytest.approx(spent / sum(calls_s))
    assert sum(each.per_call for each in times) * len(calls) == pytest.approx(sum(map(len, calls)))


def _event(name, ts, dur, cat="Node"):
    return {"name": name, "ts": ts, "dur": dur, "cat": cat, "args": {"op_name": name[:2], "provider": "CPU"}}


def test_an_inner_graph_is_taken_from_its_operator():
    events = [
        _event("model_run", 0, 100, "Session"),
        _event("If_kernel_time", 10, 50),
        _event("a_kernel_time", 20, 30),
        _event("b_kernel_time", 70, 5),
    ]
    (steps,), calls_s = onnx_profile.steps_of(events)
    assert {step.name: step.seconds for step in steps} == pytest.approx({"If": 20e-6, "a": 30e-6, "b": 5e-6})
    assert calls_s == [pytest.approx(100e-6)]


def test_a_net_in_onnx_runtime_is_its_operators_and_little_else():
    path = zoo_file("basic_pitch/saved_models/icassp_2022/nmp.onnx")
    profile = profile_onnx(path, {"serving_default_input_2:0": np.zeros((1, 43844, 1), np.float32)})
    assert sum(each.share for each in profile.operators) + profile.outside == pytest.approx(1)
    assert 0 <= profile.outside < 0.5
    assert profile.operators[0].type == "Conv"
    assert {each.where for each in profile.operators} == {"CPUExecutionProvider"}
    assert all(each.per_call == 1 for each in profile.operators)
    assert profile.operators[0].dtype == "float32"


def test_only_the_branch_that_was_taken_is_timed():
    path = zoo_file("silero_vad/data/silero_vad.onnx")
    call = {"input": np.zeros((1, 512), np.float32), "state": np.zeros((2, 1, 128), np.float32), "sr": np.array(16000)}
    names = [each.name for each in profile_onnx(path, call).operators]
    assert any("then_branch" in name for name in names)
    assert not any(name.startswith("If_0_else_branch") for name in names)


def test_litert_says_what_ran_in_its_delegate():
    path = zoo_file("pymicro_wakeword/models/okay_nabu.tflite")
    from lab4.frameworks import litert

    interpreter = litert().Interpreter(model_path=str(path))
    (name,) = interpreter.get_signature_list()["serving_default"]["inputs"]
    details = interpreter.get_input_details()[0]
    profile = profile_litert(path, {name: np.zeros(details["shape"], details["dtype"])})
    assert sum(each.share for each in profile.operators) + profile.outside == pytest.approx(1)
    assert profile.outside >= 0
    where = {each.type: each.where for each in profile.operators}
    assert where["SPLIT_V"] == "LiteRT"
    assert where["Sigmoid (NC)"] == "XNNPACK"
    dtypes = {each.type: each.dtype for each in profile.operators}
    assert dtypes["SPLIT_V"] == "int8"
    assert {dtype for kind, dtype in dtypes.items() if kind.startswith("Convolution")} == {"int8"}


def test_a_model_that_computes_sizes_is_profiled_with_these_as_constants():
    path = zoo_file("basic_pitch/saved_models/icassp_2022/nmp.tflite")
    profile = profile_litert(path, {"input_2": np.zeros((1, 43844, 1), np.float32)})
    assert "computes sizes of its outputs" in profile.remark
    assert profile.operators[0].where == "XNNPACK"
    assert profile.operators[0].type.startswith("Convolution")
    assert sum(each.share for each in profile.operators) + profile.outside == pytest.approx(1)


def test_constants_for_sizes_change_no_output(tmp_path):
    from lab4.frameworks import litert

    path = zoo_file("basic_pitch/saved_models/icassp_2022/nmp.tflite")
    sound = np.random.default_rng(0).normal(0, 0.1, (2, 43844, 1)).astype(np.float32)
    assert with_fixed_sizes(path, {"input_2": sound}, tmp_path / "fixed.tflite")
    found = []
    for file in (path, tmp_path / "fixed.tflite"):
        interpreter = litert().Interpreter(model_path=str(file))
        if file == path:
            interpreter.resize_tensor_input(interpreter.get_input_details()[0]["index"], sound.shape)
        found.append(interpreter.get_signature_runner()(input_2=sound))
    assert set(found[0]) == set(found[1]) == {"contour", "note", "onset"}
    for name, expected in found[0].items():
        np.testing.assert_allclose(found[1][name], expected, rtol=1e-5, atol=1e-6)


def test_a_model_that_computes_no_sizes_is_left_alone(tmp_path):
    path = zoo_file("pymicro_wakeword/models/okay_nabu.tflite")
    assert not with_fixed_sizes(path, {}, tmp_path / "fixed.tflite")
    assert not (tmp_path / "fixed.tflite").exists()


@pytest.mark.parametrize("version", ["2.1.6", "2.2.0", "2.3.0", "2.3.7.dev20270101"])
def test_a_release_with_the_known_interface_is_used(version):
    require_known(version)


@pytest.mark.parametrize("version", ["1.4.0", "2.1.5", "2.4.0", "2.10.0", "3.0.0", "unknown"])
def test_another_release_is_not_called(version):
    with pytest.raises(UnavailableError, match=f"not measured: ai-edge-litert {version} is installed.*2.1.6 to 2.3"):
        require_known(version)


@pytest.mark.parametrize("profile", [profile_onnx, profile_litert])
def test_a_file_that_is_no_model_is_refused(profile, tmp_path):
    path = tmp_path / "bad"
    path.write_bytes(b"no model")
    with pytest.raises(ConversionError, match="bad does not"):
        profile(path, {})
