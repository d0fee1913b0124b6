"""The suite and the external tools on real files: every tool has a row."""

import json
import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from lab4_small_models import write_onnx
from lab4_zoo import zoo_file

from benchmarks.harness.crosscheck import measurement
from benchmarks.harness.crosscheck.__main__ import main
from benchmarks.harness.crosscheck.tools import TOOLS, processes
from benchmarks.harness.crosscheck.tools.processes import ran
from lab4.domain.contract import Contract, Dimension, TensorSpec
from lab4.domain.outcome import Unavailable

THREE_INPUTS = ("--input", "sr=const:16000", "--dim", "input.1=512", "--dim", "state.1=1")
QUICK = ("--rounds", "2", "--seconds", "0.01")


@pytest.fixture(autouse=True)
def generous_limit():
    """A busy machine may take long to start a tool; what hangs here has limits of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(processes, "LIMIT_S", 600)
        yield


@pytest.fixture
def model(tmp_path):
    """The file of a small net of any batch size."""
    return str(write_onnx(tmp_path / "net.onnx"))


@contextmanager
def spoiled(monkeypatch, name, measure):
    """Replace what a tool does."""
    monkeypatch.setitem(TOOLS, name, replace(TOOLS[name], measure=measure))
    yield
    monkeypatch.undo()


def rows_of(capsys, *arguments):
    """The rows that the command prints as JSON, by name, statistic and reference."""
    assert main(["--json", *QUICK, *arguments]) == 0
    (check,) = json.loads(capsys.readouterr().out)
    return {(row["name"], row["content"], row["statistic"], row["reference"]): row for row in check["results"]}


@pytest.mark.parametrize("path", ["pyopen_wakeword/models/alexa.tflite", "pymicro_wakeword/models/alexa.tflite"])
def test_litert_is_timed_by_all_its_tools(capsys, path):
    """In float32, and in int8 with state of its own: what goes in is int8, what comes out uint8."""
    rows = rows_of(capsys, str(zoo_file(path)))
    measured = {key for key, row in rows.items() if row["verdict"] != "not measured"}
    assert measured >= {
        ("bare loop", "whole", "median", "suite"),
        ("bare loop", "compute-only", "median", "suite"),
        ("bare loop (CompiledModel)", "compute-only", "mean", "suite"),
        ("litert-benchmark", "compute-only", "mean", "suite"),
        ("litert-benchmark", "compute-only", "mean", "bare loop (CompiledModel)"),
    }
    # The shortest calls' medians are rounded away by litert-benchmark itself; the row says so.
    assert any(key[:3] == ("litert-benchmark", "compute-only", "median") for key in rows)


def test_onnx_runtime_is_timed_by_all_its_tools(capsys, model):
    rows = rows_of(capsys, model)
    assert {key for key, row in rows.items() if row["verdict"] != "not measured"} == {
        ("bare loop", "whole", "median", "suite"),
        ("bare loop", "compute-only", "median", "suite"),
        ("onnxruntime_test", "whole", "mean", "suite"),
    }


def test_tools_that_can_time_other_batch_sizes(capsys, model):
    rows = rows_of(capsys, model, "--batch-size", "7")
    assert all(len(row["observed_s"]) == 2 for row in rows.values())


def test_the_table_ends_with_a_line_about_all_files(capsys, model, tmp_path):
    assert main([*QUICK, model, str(write_onnx(tmp_path / "other.onnx", seed=1))]) == 0
    printed = capsys.readouterr().out
    assert printed.count("95% interval  ") == 2
    assert printed.splitlines()[-1].startswith("2 files: ")


def test_onnxruntime_test_gets_the_threads(monkeypatch, model, tmp_path):
    code = TOOLS["onnxruntime_test"]
    seen = []
    monkeypatch.setattr(
        "benchmarks.harness.crosscheck.tools.onnxruntime_test.ran", lambda command, _: seen.append(command) or ""
    )
    model_file = measurement.inspected(Path(model), 1)
    with pytest.raises(processes.UnavailableError):
        code.measure(measurement.TimingTask(model_file, model_file.inputs(), 1, 0.01, 10, 1), tmp_path)
    report = "import onnxruntime; s = onnxruntime.InferenceSession; onnxruntime.InferenceSession = lambda *a, **o: "
    report += "print('threads:', o['sess_options'].intra_op_num_threads) or s(*a, **o)\n"
    interpreter, flag, script, *arguments = seen[0]
    assert "threads: 1\n" in ran([interpreter, flag, report + script, *arguments], tmp_path)


@pytest.mark.parametrize(
    ("ending", "reason"),
    [
        (("import os; os.abort()", 300), "was ended by signal 6"),
        (("import threading; threading.Event().wait()", 0.5), "was killed"),
    ],
    ids=["crashes", "hangs"],
)
@pytest.mark.skipif(sys.platform == "win32", reason="no signals on Windows")
def test_a_tool_that_crashes_or_hangs_costs_its_row_only(capsys, monkeypatch, model, ending, reason):
    code, limit_s = ending

    def measure(_, folder):
        ran([sys.executable, "-c", code], folder, limit_s)

    with spoiled(monkeypatch, "onnxruntime_test", measure):
        rows = rows_of(capsys, model)
    assert reason in rows.pop(("onnxruntime_test", "whole", "mean", "suite"))["reason"]
    assert all(len(row["observed_s"]) == 2 for row in rows.values())


def test_a_tool_that_is_not_installed_is_a_row(capsys, monkeypatch, model):
    monkeypatch.setattr(processes, "entry_points", lambda **_: ())
    rows = rows_of(capsys, model)
    reason = rows[("onnxruntime_test", "whole", "mean", "suite")]["reason"]
    assert reason == "there is no onnxruntime_test here; pip install -U onnxruntime"


def test_a_tool_that_failed_is_not_run_again(monkeypatch, model):
    asked = []

    def measure(_, __):
        asked.append(1)
        raise processes.UnavailableError("it is broken")

    model_file = measurement.inspected(Path(model), 1)
    with spoiled(monkeypatch, "onnxruntime_test", measure):
        check = measurement.crosscheck(
            "net", model_file, measurement.CrosscheckOptions(rounds=3, seconds=0.01), lambda _: None
        )
    assert len(asked) == 1
    assert check.results[-1].observed == Unavailable("it is broken")


def test_a_file_that_the_suite_cannot_run_is_refused_in_one_sentence(capsys, model, monkeypatch):
    model_file = measurement.inspected(Path(model), 1)
    wrong = Contract((TensorSpec("images", "float32", (Dimension(1), Dimension(5))),), ())
    monkeypatch.setattr(measurement, "inspected", lambda *_: replace(model_file, contract=wrong))
    assert main([*QUICK, model]) == 2
    printed = capsys.readouterr().err
    assert printed.startswith("crosscheck: error: ")
    assert "cannot be measured" in printed
    assert printed.count("\n") == 1


def test_models_of_any_inputs_and_outputs_are_timed(capsys):
    """A scalar that steers the model, state that is fed back, and two outputs."""
    rows = rows_of(capsys, str(zoo_file("silero_vad/data/silero_vad.onnx")), *THREE_INPUTS)
    loops = [row for (name, *_, reference), row in rows.items() if (name, reference) == ("bare loop", "suite")]
    assert [len(row["observed_s"]) for row in loops] == [2, 2]
