"""What peers print is read as they mean it, and a peer that fails costs only its own row."""

import json
import sys
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab4.bench.peers import PEERS, onnxruntime_test, processes
from lab4.bench.peers.litert_benchmark import readings
from lab4.bench.peers.onnxruntime_test import average_s
from lab4.bench.peers.peer import Task
from lab4.bench.peers.processes import ran, ran_json, script_command
from lab4.domain.crosscheck import Figure, Subject
from lab4.domain.errors import UnavailableError
from lab4.domain.outcome import Unavailable

MEAN, MEDIAN = Figure("alone", "mean"), Figure("alone", "median")


def subject(suffix=".onnx", **changes):
    return replace(Subject(f"/models/model{suffix}", suffix, "images", (28, 28, 1), "float32", None, "n"), **changes)


def task(of, batch_size=1):
    return Task(of, threads=1, batch_size=batch_size, seconds=0.01, calls=10, warmup_calls=2)


def as_litert_benchmark_prints(mean_s, median_s, input_bytes):
    """Its own arithmetic and rounding."""
    throughput = input_bytes / (1024 * 1024) / mean_s
    latency = {"avg_ms": round(mean_s * 1e3, 2), "median_ms": round(median_s * 1e3, 2)}
    return {"latency": latency, "throughput_mb_s": round(throughput, 2)}


@given(st.floats(1e-6, 1.0), st.floats(1e-6, 1.0), st.integers(1, 10**7))
def test_a_reading_of_litert_benchmark_is_within_a_hundredth_of_what_it_measured_or_is_none(mean_s, median_s, size):
    found = readings(as_litert_benchmark_prints(mean_s, median_s, size), size)
    for figure, measured in ((MEAN, mean_s), (MEDIAN, median_s)):
        if isinstance(found[figure], Unavailable):
            assert "rounds" in found[figure].reason
        else:
            assert found[figure] == pytest.approx(measured, rel=0.0102)


def test_a_mean_that_litert_benchmark_rounds_away_is_read_from_its_throughput():
    found = readings(as_litert_benchmark_prints(3.21e-6, 3.1e-6, 784), 784)
    assert found[MEAN] == pytest.approx(3.21e-6, rel=1e-4)
    assert "it says 0 ms" in found[MEDIAN].reason


@pytest.mark.parametrize("results", [{}, [], None, {"latency": {}, "throughput_mb_s": 1}, {"latency": 1}])
def test_other_fields_of_litert_benchmark_are_not_guessed_at(results):
    with pytest.raises(UnavailableError, match="other fields"):
        readings(results, 1)


@pytest.mark.parametrize("printed", ["", "avg latency: soon ms\n", "average: 1 ms\n"])
def test_what_onnxruntime_test_prints_is_not_guessed_at(printed):
    with pytest.raises(UnavailableError, match="no average"):
        average_s(printed)


@pytest.mark.parametrize(
    ("changes", "batch_size", "options"),
    [
        ({}, 1, []),
        ({}, 32, ["--symbolic_dims", "n=32"]),
        ({"file_batch": 32, "batch_name": None}, 32, []),
    ],
)
def test_onnxruntime_test_is_told_the_batch_where_it_can_be(changes, batch_size, options):
    assert onnxruntime_test._batch(task(subject(**changes), batch_size)) == options


def test_a_batch_without_a_name_cannot_be_told_to_onnxruntime_test():
    with pytest.raises(UnavailableError, match="has a name"):
        onnxruntime_test._batch(task(subject(batch_name=None), 32))


@pytest.mark.parametrize("name", ["litert-benchmark", "bare loop (CompiledModel)"])
def test_tools_without_an_option_for_the_batch_say_so(name, tmp_path):
    with pytest.raises(UnavailableError, match="runs 1 a call"):
        PEERS[name].measure(task(subject(".tflite"), 32), tmp_path)


@pytest.mark.parametrize("name", [*PEERS])
def test_every_peer_has_figures_and_says_what_its_clock_contains(name):
    lines = [line for group in PEERS[name].lines.values() for line in group]
    assert lines
    assert all(line.clock for line in lines)


@pytest.mark.parametrize("name", [*PEERS])
def test_every_peer_is_compared_with_the_suite_or_another_peer(name):
    assert set(PEERS[name].beside) <= {"suite", *PEERS}


def test_a_command_that_no_package_has_brought_is_told_with_its_mend():
    with pytest.raises(UnavailableError, match="pip install -U some-package"):
        script_command("no-such-command-anywhere", "some-package")


def test_a_process_that_hangs_is_killed(tmp_path):
    with pytest.raises(UnavailableError, match=r"did not end within 0\.2 s and was killed"):
        ran([sys.executable, "-c", "import threading; threading.Event().wait()"], tmp_path, 0.2)


def test_the_limit_is_a_minute():
    assert processes.LIMIT_S == 60


def test_the_last_words_of_a_process_that_fails_are_kept(tmp_path):
    with pytest.raises(UnavailableError, match="ended with exit code 1: ZeroDivisionError: division by zero"):
        ran([sys.executable, "-c", "1 / 0"], tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="no signals on Windows")
def test_a_crash_in_native_code_is_told_as_one(tmp_path):
    with pytest.raises(UnavailableError, match="was ended by signal 6"):
        ran([sys.executable, "-c", "import os; os.abort()"], tmp_path)


def test_a_program_that_is_not_there_is_told(tmp_path):
    with pytest.raises(UnavailableError, match="does not start: No such file"):
        ran([str(tmp_path / "nothing")], tmp_path)


@pytest.mark.parametrize("printed", ["", "no JSON"])
def test_a_process_that_prints_no_figures_is_told(tmp_path, printed):
    with pytest.raises(UnavailableError, match="printed no figures"):
        ran_json([sys.executable, "-c", f"print({printed!r})"], tmp_path)


def test_the_figures_are_the_last_line_whatever_libraries_print(tmp_path):
    code = "print('INFO: a banner'); print('[1, 2]')"
    assert ran_json([sys.executable, "-c", code], tmp_path) == json.loads("[1, 2]")
