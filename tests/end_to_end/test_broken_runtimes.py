"""A converter that refuses, a runtime that is missing, one that crashes: each costs its cells and no others."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from lab4_small_models import UNPRINTED

from lab4.domain.outcome import Failed, Measured, Unavailable
from lab4.history.run_file import read_run

# Packages that stand in front of the real ones, in the child processes as well.
REFUSING_CONVERTER = {
    "tf2onnx/__init__.py": """
class convert:
    @staticmethod
    def from_keras(*args, **kwargs):
        raise KeyError("no such operator\\nand much more")
"""
}
MISSING_FRAMEWORK = {"tensorflow/__init__.py": "raise ImportError('libcudart.so: cannot open shared object file')"}
CRASHING_FRAMEWORK = {"tensorflow/__init__.py": "import ctypes\n\nctypes.string_at(0)"}
MISSING_RUNTIME = {"onnxruntime/__init__.py": "raise ImportError('libonnxruntime.so: cannot open shared object file')"}
CRASHING_RUNTIME = {
    "onnxruntime/__init__.py": """
import ctypes

class SessionOptions:
    pass

def get_available_providers():
    return ["CPUExecutionProvider"]

def InferenceSession(*args, **kwargs):
    ctypes.string_at(0)
"""
}


#: The formats that need TensorFlow to run or to be made, and the others.
EVERY = "keras,onnx,tflite_float32"


@pytest.fixture(scope="module")
def run_with(pytestconfig, tmp_path_factory, shared_cache):
    def run(packages, part="deployment", formats="onnx,tflite_float32", devices="cpu", cache=shared_cache):
        folder = tmp_path_factory.mktemp("broken")
        for name, text in packages.items():
            path = folder / "packages" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        options = {
            "models": "fcnn",
            "formats": formats,
            "devices": devices,
            "batch-sizes": "1",
            "techniques": "finetuned",
            "profile": "quick",
            "resources": "peaks",
            "report": UNPRINTED,
            "output": folder / "results",
            "cache": cache,
        }
        flags = [text for key, value in options.items() for text in (f"--lab4-{key}", str(value))]
        # -k deployment: every format once; no "-p no:..." so that it is as a user starts it.
        answer = subprocess.run(
            [sys.executable, "-m", "pytest", "benchmarks", "-m", part, *flags],
            cwd=pytestconfig.rootpath,
            env={**os.environ, "PYTHONPATH": str(folder / "packages")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in answer.stdout + answer.stderr
        outcomes = {m.cell.format: m.outcome for m in read_run(folder / "results" / "run.json").measurements}
        return answer, outcomes, Path(folder / "results" / "worksheet.md").read_text(encoding="utf-8")

    return run


@pytest.fixture(scope="module")
def all_built(run_with):
    """Whoever lacks something finds all of it built, and without what they lack all is well."""
    answer, *_ = run_with({}, part="inference", formats=EVERY)
    assert answer.returncode == 0, answer.stdout


def test_a_model_that_does_not_convert_is_a_failed_cell_and_never_a_size(run_with, tmp_path):
    answer, outcomes, worksheet = run_with(REFUSING_CONVERTER, formats=EVERY, cache=tmp_path / "empty")
    assert answer.returncode == 1
    assert isinstance(outcomes["onnx"], Failed)
    assert outcomes["onnx"].reason == "tf2onnx refused the model: 'no such operator\\nand much more'"
    assert isinstance(outcomes["keras"], Measured)
    assert isinstance(outcomes["tflite_float32"], Measured)
    assert "failed: tf2onnx refused the model" in worksheet


@pytest.mark.usefixtures("all_built")
def test_a_missing_runtime_is_said_and_not_a_failure(run_with):
    answer, outcomes, worksheet = run_with(MISSING_RUNTIME)
    assert answer.returncode == 0, answer.stdout
    assert isinstance(outcomes["onnx"], Unavailable)
    assert "ONNX Runtime is installed but does not load" in outcomes["onnx"].reason
    assert isinstance(outcomes["tflite_float32"], Measured)
    assert "not measured: ONNX Runtime" in worksheet


@pytest.mark.usefixtures("all_built")
@pytest.mark.parametrize(("part", "formats"), [("deployment", "onnx,tflite_float32"), ("inference", EVERY)])
def test_a_crashing_runtime_costs_its_cell(run_with, part, formats):
    """Whatever asks for the runtime first: the cell, or the machine's peaks."""
    answer, outcomes, _ = run_with(CRASHING_RUNTIME, part, formats)
    assert answer.returncode == 1
    assert isinstance(outcomes["onnx"], Failed)
    assert "the onnxruntime process was ended by SIGSEGV" in outcomes["onnx"].reason
    for name in outcomes.keys() - {"onnx"}:
        assert isinstance(outcomes[name], Measured)
    assert outcomes.keys() == set(formats.split(","))


@pytest.mark.usefixtures("all_built")
def test_a_missing_framework_costs_its_cells_where_a_gpu_is_asked_for(run_with):
    answer, outcomes, worksheet = run_with(MISSING_FRAMEWORK, part="inference", formats=EVERY, devices="cpu,gpu")
    assert answer.returncode == 0
    assert set(outcomes) == {"keras", "onnx", "tflite_float32"}
    assert not any(isinstance(outcome, Failed) for outcome in outcomes.values())
    assert isinstance(outcomes["keras"], Unavailable)
    assert "TensorFlow is installed but does not load (libcudart.so" in outcomes["keras"].reason
    assert "libcudart.so" in worksheet


@pytest.mark.usefixtures("all_built")
@pytest.mark.parametrize("cached", [True, False])
def test_a_crashing_framework_costs_its_cells_and_models_that_must_be_built(run_with, tmp_path, shared_cache, cached):
    cache = shared_cache if cached else tmp_path / "empty"
    answer, outcomes, worksheet = run_with(CRASHING_FRAMEWORK, part="inference", formats=EVERY, cache=cache)
    assert answer.returncode == 1
    crash = "process was ended by SIGSEGV"
    assert set(outcomes) == {"keras", "onnx", "tflite_float32"}
    for name, outcome in outcomes.items():
        if cached and name != "keras":
            assert isinstance(outcome, Measured)
        else:
            assert isinstance(outcome, Failed)
            assert outcome.reason.startswith("the tensorflow ")
            assert crash in outcome.reason
    assert crash in worksheet
