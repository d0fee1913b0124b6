"""The main job, started as a user starts it, on the smaller model."""

import csv
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from lab4_javascript import WITHOUT_NODE
from lab4_signalled import signalled
from lab4_small_models import UNPRINTED

from lab4.domain.outcome import Measured, Unavailable
from lab4.history.run_file import read_run

SMALL = ("--lab4-profile", "quick", "--lab4-models", "fcnn", "--lab4-batch-sizes", "1")
#: Where any cells will do: those of runtimes that start quickly, without TensorFlow, and no report that is printed.
FEW = ("--lab4-devices", "cpu", "--lab4-formats", "tflite_float32,tflite_int8,onnx", "--lab4-resources", "counters")
FEW = (*FEW, "--lab4-report", UNPRINTED)


@pytest.fixture(scope="module")
def command(pytestconfig, tmp_path_factory):
    cache = tmp_path_factory.mktemp("cache")

    def make(output, *arguments):
        options = ["--lab4-cache", cache, "--lab4-output", output, *SMALL, *arguments]
        return {
            "args": [sys.executable, "-m", "pytest", "benchmarks", "-p", "no:cacheprovider", *map(str, options)],
            "cwd": pytestconfig.rootpath,
            "text": True,
        }

    return make


@pytest.fixture(scope="module")
def run(command):
    def start(output, *arguments):
        return subprocess.run(**command(output, *arguments), capture_output=True, check=False)

    return start


@pytest.fixture(scope="module")
def finished(run, tmp_path_factory):
    output = tmp_path_factory.mktemp("results")
    answer = run(output)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return output, answer.stdout


#: What a run with cells of the form leaves behind.
FILES = {
    *("run.json", "answers.md", "worksheet.pdf"),
    *(f"{name}.{ending}" for name in ("worksheet", "report") for ending in ("html", "md", "csv")),
}


def test_it_leaves_the_worksheet_the_report_and_the_record_in_one_folder(finished):
    output, _ = finished
    assert {path.name for path in output.iterdir()} == FILES


def test_every_planned_cell_has_an_outcome_and_every_cpu_cell_a_figure(finished):
    measurements = read_run(finished[0] / "run.json").measurements
    for measurement in measurements:
        cell = measurement.cell
        if WITHOUT_NODE and (cell.kind, cell.format) == ("latency", "tfjs"):
            assert measurement.outcome == Unavailable(WITHOUT_NODE)
        elif cell.device == "cpu":
            assert isinstance(measurement.outcome, Measured), measurement
            assert measurement.outcome.timing_s
        else:
            assert measurement.outcome == Unavailable("no GPU visible to TensorFlow")
    assert len({measurement.cell.key for measurement in measurements}) == len(measurements)


def test_no_figure_stands_alone(finished):
    """A spread, a machine, the versions and the revision stand beside every figure."""
    run = read_run(finished[0] / "run.json")
    for measurement in run.measurements:
        if isinstance(measurement.outcome, Measured) and measurement.outcome.latency is not None:
            assert len(measurement.outcome.latency.calls.samples_s) >= 5
    assert run.machine.cpu
    assert run.machine.logical_cores >= 1
    libraries = dict(run.machine.libraries)
    assert {"tensorflow", "tf-keras", "onnxruntime", "ai-edge-litert", "lab4"} <= set(libraries)
    assert {"litert", "onnxruntime intra-op", "tensorflow intra-op"} <= set(dict(run.machine.threads))
    html = (finished[0] / "worksheet.html").read_text(encoding="utf-8")
    assert run.machine.cpu in html
    assert libraries["tensorflow"] in html


def test_every_accuracy_is_of_the_same_images(finished):
    outcomes = [m.outcome for m in read_run(finished[0] / "run.json").measurements if isinstance(m.outcome, Measured)]
    assert {len(outcome.per_example.correct) for outcome in outcomes if outcome.per_example is not None} == {2000}


def test_the_record_is_pytest_benchmarks_own_and_its_tools_read_it(finished):
    document = json.loads((finished[0] / "run.json").read_text(encoding="utf-8"))
    assert {"machine_info", "commit_info", "benchmarks", "datetime", "version"} <= set(document)
    rows = {row["fullname"]: row for row in document["benchmarks"]}
    row = rows["benchmarks/test_latency.py::test_latency[fcnn-cpu-b1-tflite_int8]"]
    latency = next(
        m.outcome.latency.calls.samples_s
        for m in read_run(finished[0] / "run.json").measurements
        if m.cell.key == "latency/fcnn-cpu-b1-tflite_int8"
    )
    assert row["stats"]["min"] == min(latency)
    assert row["stats"]["rounds"] == len(latency)
    assert row["params"] == {"lab4_cell": "latency/fcnn-cpu-b1-tflite_int8"}
    assert "UNSERIALIZABLE" not in json.dumps(document)
    tool = subprocess.run(
        [sys.executable, "-m", "pytest_benchmark", "compare", str(finished[0] / "run.json")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "fcnn-cpu-b1-tflite_int8" in tool.stdout


def test_the_worksheet_is_filled(finished):
    text = (finished[0] / "worksheet.md").read_text(encoding="utf-8")
    assert "not measured: no GPU visible to TensorFlow" in text
    with (finished[0] / "worksheet.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows
    column_of = {"not measured": "reason", "failed": "reason", "measured": "value", "text": "value"}
    expected = [(row, column_of[row["outcome"]]) for row in rows if row["outcome"] != "not applicable"]
    assert [row for row, column in expected if not row[column]] == []


def test_the_terminal_shows_progress_and_the_tables(finished):
    _, printed = finished
    assert " of " in printed
    assert " left" in printed
    assert "worksheet.html" in printed
    assert "Traceback" not in printed


@pytest.mark.usefixtures("finished")
def test_a_second_run_builds_nothing_anew(run, command, tmp_path):
    cache = command(tmp_path)["args"]
    folder = cache[cache.index("--lab4-cache") + 1]
    before = {path: path.stat().st_mtime_ns for path in _manifests(folder)}
    answer = run(tmp_path / "again", "-m", "quantization or pruning or deployment", "--lab4-report", UNPRINTED)
    assert answer.returncode == 0, answer.stdout
    assert {path: path.stat().st_mtime_ns for path in _manifests(folder)} == before


def _manifests(folder):
    return sorted(Path(folder).rglob("manifest.json"))


def test_k_gpu_without_a_gpu_ends_well_and_says_why(run, tmp_path):
    cache = tmp_path / "cache"
    answer = run(tmp_path, "-k", "gpu", "--lab4-cache", cache, "--lab4-report", UNPRINTED)
    assert answer.returncode == 0, answer.stdout
    assert _manifests(cache) == []  # nothing was built that could not be run
    assert "no GPU visible to TensorFlow" in answer.stdout
    run_file = read_run(tmp_path / "run.json")
    assert {m.outcome for m in run_file.measurements} == {Unavailable("no GPU visible to TensorFlow")}
    assert "not measured: no GPU visible to TensorFlow" in (tmp_path / "worksheet.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_run_keeps_its_cells_and_goes_on(command, run, tmp_path, how):
    chosen = (*FEW, "-m", "not training")
    steps = command(tmp_path, *chosen, "--lab4-progress", "steps")
    code, text = signalled(steps, how, r"^\s*4/")
    assert code != 0
    journal = (tmp_path / "journal.jsonl").read_text(encoding="utf-8").splitlines()
    cells = [json.loads(line) for line in journal[1:] if line.endswith("}") and '"key"' in line]
    kept = [line["key"] for line in cells]
    assert len(kept) >= 4
    if how != signal.SIGKILL:
        assert "--lab4-resume" in text
        assert "Traceback" not in text
        partial = read_run(tmp_path / "run.json")
        assert not partial.complete
        assert sum(isinstance(m.outcome, Measured) for m in partial.measurements) >= 3
    answer = run(tmp_path, *chosen, "--lab4-resume")
    assert answer.returncode == 0, answer.stdout
    assert "deselected" in answer.stdout
    whole = read_run(tmp_path / "run.json")
    assert whole.complete
    assert not (tmp_path / "journal.jsonl").exists()
    assert all(isinstance(m.outcome, Measured) for m in whole.measurements if m.cell.device == "cpu")
    # What was kept was not measured again.
    measured_first = cells[0]["lab4"]
    assert measured_first in [
        row["extra_info"]["lab4"] for row in json.loads((tmp_path / "run.json").read_text())["benchmarks"]
    ]


def test_there_must_be_something_to_go_on_with(run, tmp_path):
    answer = run(tmp_path, "--lab4-resume")
    assert answer.returncode == 4
    assert "there is no interrupted run" in answer.stdout + answer.stderr


def test_another_selection_is_not_the_interrupted_run(command, run, tmp_path):
    first = command(tmp_path, *FEW, "-m", "inference", "--lab4-progress", "steps")
    signalled(first, signal.SIGKILL, r"^\s*1/")
    before = (tmp_path / "journal.jsonl").read_bytes()
    answer = run(tmp_path, *FEW, "-m", "training", "--lab4-resume")
    assert answer.returncode == 4
    assert "--lab4-resume: no cell is selected" in answer.stdout + answer.stderr
    answer = run(tmp_path, *FEW, "-m", "quantization", "--lab4-resume")
    assert answer.returncode == 4
    assert "differ in their selection of cells" in answer.stdout + answer.stderr
    assert "Traceback" not in answer.stdout + answer.stderr
    assert (tmp_path / "journal.jsonl").read_bytes() == before
    answer = run(tmp_path, *FEW, "-m", "inference", "--lab4-resources", "energy", "--lab4-resume")
    assert answer.returncode == 4
    assert "differ in their settings" in answer.stdout + answer.stderr


@pytest.fixture(scope="module")
def twice(run, tmp_path_factory):
    """The folder of two runs, the second of which pytest-benchmark has saved as well."""
    output = tmp_path_factory.mktemp("twice")
    first = ("-m", "inference", "--lab4-formats", "onnx")
    second = ("-m", "quantization", "--lab4-formats", "tflite_int8", "--benchmark-json", output / "own.json")
    for cells in (first, second):
        answer = run(output, *FEW, *cells)
        assert answer.returncode == 0, answer.stdout
    return output


def test_an_earlier_record_is_kept_beside_the_new_one(twice):
    (earlier,) = (twice / "earlier").glob("run-*.json")
    assert {m.cell.format for m in read_run(earlier).measurements} == {"onnx"}
    assert {m.cell.format for m in read_run(twice / "run.json").measurements} == {"tflite_int8"}


def test_pytest_benchmarks_own_files_are_runs_too(twice):
    own = read_run(twice / "own.json")
    assert own.measurements == read_run(twice / "run.json").measurements
    assert own.machine == read_run(twice / "run.json").machine


def test_an_interrupt_while_the_files_are_written_loses_none_of_them(command, tmp_path):
    one = ("-m", "quantization", "--lab4-formats", "tflite_int8")
    cells = command(tmp_path, *FEW, *one, "--lab4-report", "default", "--lab4-progress", "steps")
    _, text = signalled(cells, signal.SIGINT, "1/1")
    assert "Traceback" not in text
    assert {path.name for path in tmp_path.iterdir()} >= FILES
