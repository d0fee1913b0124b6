"""Real nets next to folders ``test_data_set_*``: their inputs are used, and their outputs compared with."""

import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
from lab4_small_models import Project
from lab4_zoo import zoo_file

from lab4.domain.outcome import Measured
from lab4.frameworks import onnxruntime
from lab4.history.run_file import read_run

ONLY = ("--lab4-formats", "onnx", "-k", "examine")
VAD = ("--lab4-model=vad.onnx", *ONLY)


def keep(folder, model, inputs):
    """Write a call and what ONNX Runtime returns for it, as ONNX's own tests have them."""
    folder.mkdir()
    session = onnxruntime().InferenceSession(str(model), providers=["CPUExecutionProvider"])
    outputs = session.run(None, inputs)
    values = [("input", number, inputs[each.name]) for number, each in enumerate(session.get_inputs())]
    values += [("output", number, each) for number, each in enumerate(outputs)]
    for side, number, array in values:
        proto = onnx.numpy_helper.from_array(np.asarray(array))
        (folder / f"{side}_{number}.pb").write_bytes(proto.SerializeToString())


@pytest.fixture
def project(tmp_path, shared_cache):
    path = tmp_path / "vad.onnx"
    shutil.copy(zoo_file("silero_vad/data/silero_vad.onnx"), path)
    rng = np.random.default_rng(4)
    for number in range(3):
        inputs = {
            "input": rng.normal(0, 0.1, (1, 512)).astype(np.float32),
            "state": rng.normal(0, 0.1, (2, 1, 128)).astype(np.float32),
            "sr": np.array(16000),
        }
        keep(tmp_path / f"test_data_set_{number}", path, inputs)
    return Project(tmp_path, shared_cache)


def test_values_that_must_be_given_are_those_of_the_folders_and_outputs_agree(project):
    answer = project.pytest(*VAD)
    assert answer.returncode == 0, answer.stdout
    assert "vad: its outputs agree with those in the folders test_data_set_* (output, stateN)" in answer.stdout
    run = read_run(project.folder / "lab4-results" / "run.json")
    values = run.catalogue.model("vad").values
    assert {name: (each.text, each.origin) for name, each in values.items()} == dict.fromkeys(
        ("input", "state", "sr"), ("test_data_set_0 and 2 more", "file")
    )
    assert (run.dataset.name, run.dataset.validation_images) == ("test_data_set_0 and 2 more", 3)


def test_an_output_that_is_not_as_expected_fails(project):
    path = project.folder / "test_data_set_1" / "output_0.pb"
    proto = onnx.TensorProto.FromString(path.read_bytes())
    other = onnx.numpy_helper.to_array(proto) + np.float32(0.1)
    path.write_bytes(onnx.numpy_helper.from_array(other).SerializeToString())
    answer = project.pytest(*VAD)
    assert answer.returncode == 1
    (outcome,) = project.outcomes().values()
    assert (
        "the model's outputs are not those in the folders test_data_set_*: output differs by up to 0.1"
        in outcome.reason
    )
    assert "in example 1; see whether the file and the folders belong together" in outcome.reason


def test_a_users_rule_comes_first_and_then_outputs_are_not_compared(project):
    answer = project.pytest(*VAD, "--lab4-input=state=const:0")
    assert answer.returncode == 0, answer.stdout
    assert "agree with those in the folders" not in answer.stdout
    values = read_run(project.folder / "lab4-results" / "run.json").catalogue.model("vad").values
    assert values["state"].text == "const:0"
    assert values["sr"].text == "test_data_set_0 and 2 more"


def test_folders_that_do_not_fit_are_named_and_values_are_drawn(project):
    answer = project.pytest(*VAD, "--lab4-dim=input.1=256")
    assert "test_data_set_0: the input input takes any x 256, and this is 1 x 512" in answer.stdout
    assert "the input 'sr' decides which part of the model is computed" in answer.stdout


def test_a_net_of_onnxs_own_tests_is_measured_on_its_data(tmp_path, shared_cache):
    source = Path(onnx.__file__).parent / "backend" / "test" / "data" / "pytorch-converted" / "test_Conv2d"
    shutil.copytree(source, tmp_path / "net")
    project = Project(tmp_path, shared_cache)
    answer = project.pytest("--lab4-model=net/model.onnx", *ONLY)
    assert answer.returncode == 0, answer.stdout
    assert "model: its outputs agree with those in the folders test_data_set_* (3)" in answer.stdout
    assert all(isinstance(each, Measured) for each in project.outcomes().values())
