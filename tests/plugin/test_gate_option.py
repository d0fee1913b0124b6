"""`pytest benchmarks --lab4-gate`: judged as the run ends, by real runs, and never green where nothing was measured."""

import json
import shutil

import pytest

ONE_CELL = (
    *("-m", "inference", "-k", "fcnn-cpu", "--lab4-profile", "quick", "--lab4-models", "fcnn"),
    *("--lab4-devices", "cpu", "--lab4-batch-sizes", "1", "--lab4-formats", "tflite_float32", "-q"),
    *("--lab4-resources", "counters", "--lab4-report", "csv"),
)


@pytest.fixture(scope="module")
def first(suite, tmp_path_factory):
    """A first run, which has no baseline."""
    folder = tmp_path_factory.mktemp("first")
    answer = suite(*ONE_CELL, "--lab4-output", folder, "--lab4-gate", folder / "none.json")
    return folder, answer


def test_a_first_run_says_so_and_has_its_own_exit_code(first):
    folder, answer = first
    assert answer.returncode == 3, answer.stdout
    assert "there is no baseline at" in answer.stdout
    assert "no baseline: only budgets were judged" in answer.stdout
    document = json.loads((folder / "gate.json").read_text())
    assert document["summary"] == "gate: no baseline yet: 1 new"
    assert document["exit_code"] == 3


def test_a_run_is_judged_by_those_before_it(first, suite, tmp_path):
    baseline = tmp_path / "baseline"
    baseline.mkdir()
    for number in range(3):
        shutil.copy(first[0] / "run.json", baseline / f"{number}.json")
    arguments = ("--lab4-output", tmp_path / "out", "--lab4-gate", baseline, "--lab4-report", "md")
    answer = suite(*ONE_CELL, *arguments)
    assert answer.returncode in {0, 1, 2}, answer.stdout
    assert "changed in 0 of 1 cell" in (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    verdicts = json.loads((tmp_path / "out" / "gate.json").read_text())
    assert answer.returncode == verdicts["exit_code"]
    assert {each["cell"] for each in verdicts["verdicts"]} == {"latency/fcnn-cpu-b1-tflite_float32"}
    assert "gate: " in answer.stdout
    for name in ("gate.json", "gate.xml", "gate.md"):
        assert f"lab4: wrote {tmp_path / 'out' / name}" in answer.stdout


def test_the_runs_own_file_of_last_time_is_a_baseline(first, suite, tmp_path):
    shutil.copy(first[0] / "run.json", tmp_path / "run.json")
    answer = suite(*ONE_CELL, "--lab4-output", tmp_path, "--lab4-gate", tmp_path / "run.json")
    assert answer.returncode in {0, 1, 2}, answer.stdout
    assert "no baseline" not in answer.stdout


def test_a_cell_that_is_not_measured_any_more_stops(first, suite, tmp_path):
    baseline = tmp_path / "run.json"
    shutil.copy(first[0] / "run.json", baseline)
    fewer = [each.replace("tflite_float32", "tflite_int8") for each in ONE_CELL]
    answer = suite(*fewer, "--lab4-output", tmp_path / "out", "--lab4-gate", baseline)
    assert answer.returncode == 1, answer.stdout
    assert "not in the candidate: removed, renamed or not selected" in answer.stdout


def test_switched_off_benchmarks_are_no_pass(first, suite, tmp_path):
    answer = suite(
        *ONE_CELL, "--benchmark-disable", "--lab4-output", tmp_path / "out", "--lab4-gate", first[0] / "run.json"
    )
    assert answer.returncode == 2, answer.stdout
    assert "the candidate has no measured cell" in answer.stdout


def test_a_damaged_baseline_cannot_be_judged(suite, tmp_path):
    (tmp_path / "bad.json").write_text('{"benchmarks": [')
    answer = suite(*ONE_CELL, "--lab4-output", tmp_path / "out", "--lab4-gate", tmp_path / "bad.json")
    assert answer.returncode == 2, answer.stdout
    assert "gate: cannot judge: cannot read" in answer.stdout
    assert (tmp_path / "out" / "run.json").exists()


@pytest.mark.parametrize("option", [("-n", "2"), ("--dist", "load", "--tx", "2*popen"), ("--collect-only",)])
def test_where_nothing_is_measured_it_does_not_start(suite, option):
    answer = suite("--lab4-gate", "run.json", *option)
    assert answer.returncode == 4
    assert "nothing is measured" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_under_xdist_every_cell_says_why_it_is_not_measured(suite, tmp_path):
    answer = suite(*ONE_CELL, "-n", "1", "--lab4-output", tmp_path / "out", "-rs")
    assert "passed" not in answer.stdout.splitlines()[-1]
    assert "xdist" in answer.stdout
