"""The output of external tools, and how a process that fails is reported."""

import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.harness.crosscheck.results import LatencyKind, ModelFile
from benchmarks.harness.crosscheck.tools import TOOLS, onnxruntime_test
from benchmarks.harness.crosscheck.tools.litert_benchmark import round_results
from benchmarks.harness.crosscheck.tools.onnxruntime_test import average_s
from benchmarks.harness.crosscheck.tools.processes import ran, ran_json, script_command
from benchmarks.harness.crosscheck.tools.tool import TimingTask
from lab4.domain.contract import Contract, Dimension, TensorSpec
from lab4.domain.errors import UnavailableError
from lab4.domain.outcome import Unavailable

MEAN, MEDIAN = LatencyKind("compute-only", "mean"), LatencyKind("compute-only", "median")


def model_file(suffix=".onnx", first="n", **changes):
    """A file of images whose first dimension is free, or of a size; ``first`` is its name or that size."""
    dimension = Dimension(None, first) if isinstance(first, str) else Dimension(first)
    images = TensorSpec("images", "float32", (dimension, Dimension(28), Dimension(28), Dimension(1)))
    return ModelFile(f"/models/model{suffix}", suffix, Contract((images,), ()), **changes)


def task(of):
    return TimingTask(of, of.inputs(), threads=1, seconds=0.01, calls=10, warmup_calls=2)


def as_litert_benchmark_prints(mean_s, median_s, input_bytes):
    """Its own arithmetic and rounding."""
    throughput = input_bytes / (1024 * 1024) / mean_s
    latency = {"avg_ms": round(mean_s * 1e3, 2), "median_ms": round(median_s * 1e3, 2)}
    return {"latency": latency, "throughput_mb_s": round(throughput, 2)}


@given(st.floats(1e-6, 1.0), st.floats(1e-6, 1.0), st.integers(1, 10**7))
def test_litert_benchmark_is_read_to_1_percent_or_not_at_all(mean_s, median_s, size):
    found = round_results(as_litert_benchmark_prints(mean_s, median_s, size), size)
    for kind, measured in ((MEAN, mean_s), (MEDIAN, median_s)):
        if isinstance(found[kind], Unavailable):
            assert "rounds" in found[kind].reason
        else:
            assert found[kind] == pytest.approx(measured, rel=0.0102)


def test_a_rounded_mean_is_read_from_the_throughput():
    found = round_results(as_litert_benchmark_prints(3.21e-6, 3.1e-6, 784), 784)
    assert found[MEAN] == pytest.approx(3.21e-6, rel=1e-4)
    assert "it says 0 ms" in found[MEDIAN].reason


@pytest.mark.parametrize("results", [{}, [], None, {"latency": {}, "throughput_mb_s": 1}, {"latency": 1}])
def test_unknown_output_of_litert_benchmark_is_refused(results):
    with pytest.raises(UnavailableError, match="other fields"):
        round_results(results, 1)


@pytest.mark.parametrize("printed", ["", "avg latency: soon ms\n", "average: 1 ms\n"])
def test_unknown_output_of_onnxruntime_test_is_refused(printed):
    with pytest.raises(UnavailableError, match="no average"):
        average_s(printed)


@pytest.mark.parametrize(
    ("changes", "options"),
    [
        ({}, []),
        ({"sizes": {"n": 32}}, ["--symbolic_dims", "n=32"]),
        ({"first": 32}, []),
    ],
)
def test_onnxruntime_test_gets_the_sizes_of_dimensions(changes, options):
    assert onnxruntime_test._dimensions(task(model_file(**changes))) == options


def test_onnxruntime_test_cannot_set_an_unnamed_batch():
    with pytest.raises(UnavailableError, match="has a name"):
        onnxruntime_test._dimensions(task(model_file(first="", sizes={"images.0": 32})))


def test_onnxruntime_test_cannot_give_an_input_its_values(tmp_path):
    steering = TensorSpec("sr", "int64", ())
    of = ModelFile("/models/model.onnx", ".onnx", Contract((steering,), ()), rules={"sr": "const:16000"})
    with pytest.raises(UnavailableError, match="sr must have others"):
        TOOLS["onnxruntime_test"].measure(task(of), tmp_path)


@pytest.mark.parametrize("name", ["litert-benchmark", "bare loop (CompiledModel)"])
def test_tools_without_an_option_for_dimensions_say_so(name, tmp_path):
    with pytest.raises(UnavailableError, match="dynamic dimensions"):
        TOOLS[name].measure(task(model_file(".tflite", sizes={"n": 32})), tmp_path)


@pytest.mark.parametrize("name", [*TOOLS])
def test_every_tool_describes_its_latencies(name):
    lines = [line for group in TOOLS[name].lines.values() for line in group]
    assert lines
    assert all(line.clock for line in lines)


@pytest.mark.parametrize("name", [*TOOLS])
def test_every_tool_has_a_reference(name):
    assert set(TOOLS[name].references) <= {"suite", *TOOLS}


def test_a_missing_command_is_reported_with_its_remedy():
    with pytest.raises(UnavailableError, match="pip install -U some-package"):
        script_command("no-such-command-anywhere", "some-package")


def test_a_process_that_hangs_is_killed(tmp_path):
    with pytest.raises(UnavailableError, match=r"did not end within 0\.2 s and was killed"):
        ran([sys.executable, "-c", "import threading; threading.Event().wait()"], tmp_path, 0.2)


def test_the_last_words_of_a_process_that_fails_are_kept(tmp_path):
    with pytest.raises(UnavailableError, match="ended with exit code 1: ZeroDivisionError: division by zero"):
        ran([sys.executable, "-c", "1 / 0"], tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="no signals on Windows")
def test_a_crash_in_native_code_is_reported(tmp_path):
    with pytest.raises(UnavailableError, match="was ended by signal 6"):
        ran([sys.executable, "-c", "import os; os.abort()"], tmp_path)


def test_a_missing_program_is_reported(tmp_path):
    with pytest.raises(UnavailableError, match="does not start: No such file"):
        ran([str(tmp_path / "nothing")], tmp_path)


@pytest.mark.parametrize("printed", ["", "no JSON"])
def test_a_process_without_output_is_reported(tmp_path, printed):
    with pytest.raises(UnavailableError, match="printed no figures"):
        ran_json([sys.executable, "-c", f"print({printed!r})"], tmp_path)


def test_the_last_line_of_output_is_read(tmp_path):
    code = "print('INFO: a banner'); print('[1, 2]')"
    assert ran_json([sys.executable, "-c", code], tmp_path) == json.loads("[1, 2]")
