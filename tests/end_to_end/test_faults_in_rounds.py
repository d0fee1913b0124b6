"""Runners that raise, hang, answer nonsense or crash while cells take turns, and an interrupt: what it costs."""

import os
import signal
import subprocess
import sys

import pytest
from lab4_signalled import signalled
from lab4_small_models import UNPRINTED

from lab4.domain.outcome import Failed, Measured
from lab4.history.run_file import read_run

#: Stands in front of the real ONNX Runtime, uses it, and goes wrong from its so-many-th timed call in a process on.
#: Timed, and not any call: how many a warm-up takes is the machine's, but a cell's passes time ten calls at least.
FAULTY = """
import importlib.machinery, importlib.util, os, pathlib, sys

_here = str(pathlib.Path(__file__).parents[1])
_spec = importlib.machinery.PathFinder.find_spec(__name__, [path for path in sys.path if path != _here])
_real = importlib.util.module_from_spec(_spec)
sys.modules[__name__] = _real
_spec.loader.exec_module(_real)


def is_timed():
    frame, names = sys._getframe(2), []
    while frame is not None and len(names) < 3:
        names.append(frame.f_code.co_name)
        frame = frame.f_back
    return "time_calls" in names


class InferenceSession(_real.InferenceSession):
    calls = 0

    def run(self, *arguments):
        outputs = super().run(*arguments)
        InferenceSession.calls += is_timed()
        return FAULT(outputs) if InferenceSession.calls >= FIRST else outputs


def FAULT(outputs):
    WHAT


_real.InferenceSession = InferenceSession
"""
FAULTS = {
    "raises in mid-run": (8, "raise RuntimeError('the device was lost')", "the device was lost"),
    "hangs in mid-run": (8, "import threading; threading.Event().wait()", "did not answer within 60 s"),
    "crashes in mid-run": (8, "import ctypes; ctypes.string_at(0)", "ended by SIGSEGV"),
    "answers NaN": (0, "return [outputs[0] * float('nan')]", "not finite"),
    "answers another shape": (0, "return [outputs[0][:, :3]]", "has no counterpart"),
}


#: Cells of every process that times, TensorFlow's among them.
INTERRUPTED = ("--lab4-profile", "worksheet", "--lab4-formats", "onnx,tflite_float32,saved_model")


@pytest.fixture
def command(pytestconfig, shared_cache, tmp_path):
    """Return a function: more options to the arguments of a process that times three formats."""

    def make(*more):
        options = {
            "models": "fcnn",
            "formats": "onnx,tflite_float32,tflite_int8",
            "devices": "cpu",
            "batch-sizes": "1",
            "techniques": "finetuned",
            "resources": "memory",
            "report": UNPRINTED,
            "output": tmp_path / "results",
            "cache": shared_cache,
            "cell-timeout": 300,
            "progress": "steps",
        }
        flags = [text for key, value in options.items() for text in (f"--lab4-{key}", str(value))]
        return {
            "args": [sys.executable, "-m", "pytest", "benchmarks", "-m", "inference", *flags, *more],
            "cwd": pytestconfig.rootpath,
            "text": True,
        }

    return make


@pytest.mark.parametrize(("first", "what", "reason"), FAULTS.values(), ids=FAULTS)
def test_a_faulty_runtime_costs_its_own_cell_with_a_reason(command, tmp_path, first, what, reason):
    package = tmp_path / "packages" / "onnxruntime"
    package.mkdir(parents=True)
    text = FAULTY.replace("FIRST", str(first)).replace("WHAT", what)
    (package / "__init__.py").write_text(text, encoding="utf-8")
    limit = ("--lab4-cell-timeout", "60") if "60 s" in reason else ()
    answer = subprocess.run(
        **command("--lab4-profile", "quick", *limit),
        env={**os.environ, "PYTHONPATH": str(package.parent)},
        capture_output=True,
        check=False,
    )
    assert answer.returncode == 1, answer.stdout
    assert "Traceback" not in answer.stdout + answer.stderr
    outcomes = {m.cell.format: m.outcome for m in read_run(tmp_path / "results" / "run.json").measurements}
    assert isinstance(outcomes["onnx"], Failed)
    assert reason in outcomes["onnx"].reason
    for others in ("tflite_float32", "tflite_int8"):
        assert isinstance(outcomes[others], Measured)
        assert outcomes[others].latency.ended != "interrupted"


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_while_cells_are_recorded_loses_none_of_them(command, tmp_path, how):
    """All were timed: only what would take more time is left out."""
    code, text = signalled(command("--lab4-profile", "quick"), how, r"^\s*1/")
    assert code != 0
    assert "recording what was timed so far" in text
    assert "Traceback" not in text
    measurements = read_run(tmp_path / "results" / "run.json").measurements
    assert {each.outcome.latency.ended for each in measurements} <= {"target", "budget"}
    assert "interrupted" in measurements[-1].outcome.missing["memory"]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_between_rounds_keeps_what_was_timed(command, tmp_path, how):
    code, text = signalled(command(*INTERRUPTED), how, r"round 4 \(")
    assert code != 0
    assert "recording what was timed so far" in text
    assert "Traceback" not in text
    run = read_run(tmp_path / "results" / "run.json")
    assert not run.complete
    for measurement in run.measurements:
        assert isinstance(measurement.outcome, Measured), measurement.outcome
        latency = measurement.outcome.latency
        assert latency.ended == "interrupted"
        assert len(latency.calls.round_sizes) >= 3
        assert "interrupted" in measurement.outcome.missing["memory"]
    if how == signal.SIGTERM:  # goes on as after any other
        return
    again = subprocess.run(**command(*INTERRUPTED, "--lab4-resume"), capture_output=True, check=False)
    assert again.returncode == 0, again.stdout
    whole = read_run(tmp_path / "results" / "run.json")
    assert whole.complete
    assert {m.outcome.latency.ended for m in whole.measurements} <= {"target", "budget"}
