"""Runners that raise, hang, answer nonsense or crash while cells take turns, and an interrupt: what it costs."""

import os
import signal
import subprocess
import sys
from functools import partial

import pytest
from lab4_signalled import signalled
from lab4_small_models import UNPRINTED

from lab4.domain.outcome import Failed, Measured
from lab4.history.run_file import read_run

#: Is imported in place of ONNX Runtime, uses it, and goes wrong by the number of images of a call, from a cell's
#: so-many-th timed call on. Timed, and not any call: how many a warm-up takes is the machine's, but a cell's passes
#: time ten calls at least.
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

    def run(self, names, given):
        outputs = super().run(names, given)
        self.calls += is_timed()
        first, fault = FAULTS.get(len(next(iter(given.values()))), (0, None))
        return fault(outputs) if fault and self.calls >= first else outputs


def raises(outputs):
    raise RuntimeError('the device was lost')


def hangs(outputs):
    import threading

    threading.Event().wait()


def crashes(outputs):
    import ctypes

    ctypes.string_at(0)


FAULTS = {
    1: (8, raises),
    2: (8, hangs),
    3: (8, crashes),
    4: (0, lambda outputs: [outputs[0] * float("nan")]),
    5: (0, lambda outputs: [outputs[0][:, :3]]),
}


_real.InferenceSession = InferenceSession
"""
#: What is said of each of the faults, by its number of images.
FAULTS = {
    "raises in mid-run": (1, "the device was lost"),
    "hangs in mid-run": (2, "did not answer within 30 s"),
    "crashes in mid-run": (3, "ended by SIGSEGV"),
    "answers NaN": (4, "not finite"),
    "answers another shape": (5, "has no counterpart"),
}


#: Cells of every process that times, TensorFlow's among them.
EVERY = ("--lab4-formats", "onnx,tflite_float32,saved_model")
#: So many images that a round takes a while.
SLOW = ("--lab4-batch-sizes", "1000")


@pytest.fixture(scope="module")
def arguments(pytestconfig, shared_cache):
    """Return a function: a folder for results, and more options, to the arguments of a process that times formats."""

    def make(output, *more):
        options = {
            "profile": "quick",
            "models": "fcnn",
            "formats": "onnx,tflite_float32",
            "devices": "cpu",
            "batch-sizes": "1",
            "techniques": "finetuned",
            "resources": "memory",
            "report": UNPRINTED,
            "output": output,
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


@pytest.fixture
def command(arguments, tmp_path):
    """The same, with results in the test's own folder."""
    return partial(arguments, tmp_path / "results")


@pytest.fixture(scope="module")
def faulty(arguments, tmp_path_factory):
    """The outcomes by format and number of images of one run with every fault, and of the cells next to them."""
    folder = tmp_path_factory.mktemp("faulty")
    package = folder / "packages" / "onnxruntime"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(FAULTY, encoding="utf-8")
    cells = ("--lab4-batch-sizes", "1,2,3,4,5,6", "-k", "onnx or b1-")
    subprocess.run(**arguments(folder / "built", *cells, "--lab4-build-only"), capture_output=True, check=True)
    answer = subprocess.run(
        **arguments(folder / "results", *cells, "--lab4-cell-timeout", "30"),  # of cells: a build takes longer
        env={**os.environ, "PYTHONPATH": str(package.parent)},
        capture_output=True,
        check=False,
    )
    assert answer.returncode == 1, answer.stdout
    assert "Traceback" not in answer.stdout + answer.stderr
    measurements = read_run(folder / "results" / "run.json").measurements
    return {(each.cell.format, each.cell.batch_size): each.outcome for each in measurements}


@pytest.mark.parametrize(("images", "reason"), FAULTS.values(), ids=FAULTS)
def test_a_faulty_runtime_costs_its_own_cell_with_a_reason(faulty, images, reason):
    assert isinstance(faulty["onnx", images], Failed)
    assert reason in faulty["onnx", images].reason


@pytest.mark.parametrize("other", [("tflite_float32", 1), ("onnx", 6)])
def test_faults_of_others_cost_a_cell_nothing_in_the_same_process_or_another(faulty, other):
    assert isinstance(faulty[other], Measured)
    assert faulty[other].latency.ended != "interrupted"


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_while_cells_are_recorded_loses_none_of_them(command, tmp_path, how):
    """All were timed: only what would take more time is left out."""
    cells = ("--lab4-formats", "onnx", "--lab4-batch-sizes", "1,2,4,8")
    code, text = signalled(command(*cells), how, r"^\s*1/")
    assert code != 0
    assert "recording what was timed so far" in text
    assert "Traceback" not in text
    measurements = read_run(tmp_path / "results" / "run.json").measurements
    assert {each.outcome.latency.ended for each in measurements} <= {"target", "budget"}
    assert "interrupted" in measurements[-1].outcome.missing["memory"]


#: One goes on as after the other: that is tried where it takes every process that times.
@pytest.mark.parametrize(("how", "formats"), [(signal.SIGINT, EVERY), (signal.SIGTERM, ())])
def test_an_interrupt_between_rounds_keeps_what_was_timed(command, tmp_path, how, formats):
    more = (*SLOW, *formats)
    code, text = signalled(command(*more), how, r"round 3 \(")
    assert code != 0
    assert "recording what was timed so far" in text
    assert "Traceback" not in text
    run = read_run(tmp_path / "results" / "run.json")
    assert not run.complete
    for measurement in run.measurements:
        assert isinstance(measurement.outcome, Measured), measurement.outcome
        latency = measurement.outcome.latency
        assert latency.ended == "interrupted"
        assert len(latency.calls.round_sizes) >= 2
        assert "interrupted" in measurement.outcome.missing["memory"]
    if how == signal.SIGTERM:
        return
    again = subprocess.run(**command(*more, "--lab4-resume"), capture_output=True, check=False)
    assert again.returncode == 0, again.stdout
    whole = read_run(tmp_path / "results" / "run.json")
    assert whole.complete
    assert {m.outcome.latency.ended for m in whole.measurements} <= {"target", "budget"}
