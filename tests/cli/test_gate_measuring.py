import json
import subprocess
import sys
from argparse import Namespace
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from lab4_examples import RUN
from lab4_strategies import document_of

from lab4.analysis.gate.verdict import ExitCode, GateResult, Verdict, VerdictOutcome
from lab4.analysis.policy import Policy
from lab4.cli import gate_measuring, main
from lab4.cli.gate_measuring import MeasuringRequest, _new_approvals
from lab4.domain.errors import Lab4Error
from lab4.domain.figures import Approval
from lab4.history.approvals import APPROVALS_FILE, add_approvals
from lab4.history.json_text import written
from lab4.history.run_file import write_run
from lab4.launch import LaunchSide


def git(folder, *arguments):
    named = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    subprocess.run(["git", *named, *arguments], cwd=folder, check=True, capture_output=True)


def approval(cell):
    return Approval(cell, "latency", "2026-01-01T00:00:00+00:00", "exact softmax", "ada", factor=1.1)


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    git(tmp_path, "init", "--quiet")
    add_approvals(tmp_path / APPROVALS_FILE, [approval("latency/old")])
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message", "one")
    return tmp_path


def test_what_this_checkout_accepts_and_the_revision_does_not_know(project):
    against = Namespace(against="HEAD", approvals=None)
    assert _new_approvals(against) == []
    add_approvals(project / APPROVALS_FILE, [approval("latency/new")])
    assert _new_approvals(against) == [approval("latency/new")]
    git(project, "rm", "--quiet", "--cached", str(APPROVALS_FILE))
    git(project, "commit", "--quiet", "--message", "none")
    assert [each.cell for each in _new_approvals(against)] == ["latency/old", "latency/new"]


def test_another_environment_knows_as_much_as_this_one(project):
    assert project.is_dir()
    assert _new_approvals(Namespace(against=None, approvals=None)) == []


def test_a_run_that_measured_nothing_does_not_come_into_the_history(monkeypatch):
    added = []
    monkeypatch.setattr(gate_measuring, "_here", lambda: None)
    monkeypatch.setattr(gate_measuring, "request_of", lambda *_: MeasuringRequest(()))
    monkeypatch.setattr(gate_measuring, "opened", lambda *_: SimpleNamespace(name="x", close=lambda: None))
    monkeypatch.setattr(
        gate_measuring.launch, "measured", lambda *_: written(document_of(replace(RUN, measurements=())))
    )
    monkeypatch.setattr(gate_measuring, "add_document", lambda *_: added.append(1))
    with pytest.raises(Lab4Error, match="the run has no measured cell"):
        gate_measuring.calibrate(Namespace(calibrate=3, policy=None, pytest=None, history=None, cells=None))
    assert added == []


@pytest.mark.parametrize(
    ("left_out", "asked", "code"),
    [
        (None, None, 0),
        (None, "benchmarks -k cnn", 0),
        (None, "benchmarks", 2),
        (["examine/cnn-cpu-onnx"], "benchmarks", 0),
        (["latency/cnn-gpu-b1-onnx"], "benchmarks", 0),
    ],
)
def test_a_budget_stops_a_whole_run_and_none_of_other_cells(tmp_path, left_out, asked, code):
    write_run(tmp_path / "001.json", document_of(RUN))
    stops = Verdict("examine/*", "size", VerdictOutcome.MISSING, "none", stops=ExitCode.CANNOT_JUDGE, is_budget=True)
    gate = GateResult([stops], [], (), ())
    cells = None if left_out is None else tuple(each.cell.key for each in RUN.measurements)
    request = MeasuringRequest((), cells, left_out or ())
    found = gate_measuring._with_policy_notes(Namespace(pytest=asked), request, gate, Policy(), tmp_path)
    assert found.exit_code == code


def test_a_budget_of_cells_that_the_selection_left_out_stops_nobody_and_a_mistyped_one_does(tmp_path):
    write_run(tmp_path / "001.json", document_of(RUN))
    request = MeasuringRequest((), tuple(each.cell.key for each in RUN.measurements), ("latency/cnn-gpu-b1-onnx",))
    codes = []
    for pattern in ("latency/cnn-gpu-*", "latency/rnn-*"):
        none = Verdict(pattern, "latency", VerdictOutcome.MISSING, "none", stops=ExitCode.CANNOT_JUDGE, is_budget=True)
        gate = GateResult([none], [], (), ())
        codes.append(
            gate_measuring._with_policy_notes(Namespace(pytest=None), request, gate, Policy(), tmp_path).exit_code
        )
    assert codes == [ExitCode.PASSED, ExitCode.CANNOT_JUDGE]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--calibrate", "3", "--minutes", "2"), "--minutes has no use with --calibrate; leave it out"),
        (("--calibrate", "3", "--runs", "kept"), "--runs has no use with --calibrate"),
        (("--calibrate", "3", "--first-run-ok"), "--first-run-ok has no use with --calibrate"),
        (("--against", "HEAD", "--history", "h"), "--history has no use with --against"),
        (("--against-env", "python", "--cross-machine"), "--cross-machine has no use with --against-env"),
        (("run.json", "--pytest", "benchmarks"), "--pytest is for measuring now, with --against REV"),
        (("run.json", "--spreads", "s.json"), "--spreads is for measuring now, with --calibrate"),
    ],
)
def test_an_option_that_would_be_ignored_is_refused(capsys, arguments, sentence):
    assert main(["gate", *arguments]) == 2
    assert sentence in capsys.readouterr().err


@pytest.fixture
def calibrated(monkeypatch, tmp_path):
    """Calibrations get one run after another, none of which is measured for this test."""
    monkeypatch.chdir(tmp_path)
    runs = iter(range(1, 9))
    monkeypatch.setattr(gate_measuring, "_here", lambda: None)
    monkeypatch.setattr(gate_measuring, "request_of", lambda *_: MeasuringRequest(()))

    def measured(*_):
        return written(document_of(replace(RUN, started_at=f"2026-01-0{next(runs)}T00:00:00+00:00")))

    monkeypatch.setattr(gate_measuring.launch, "measured", measured)
    return tmp_path


def test_a_calibration_is_json_too_and_ends_well_whatever_its_runs_are(calibrated, capsys):
    assert main(["gate", "--calibrate", "3", "--json", "-", "--history", str(calibrated / "h")]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["exit_code"] == 0
    assert said["self_check"]["trials"] == 3
    assert main(["gate", "--calibrate", "3", "--history", str(calibrated / "h")]) == 0
    assert "3 runs added to" in capsys.readouterr().out


def test_a_figure_that_no_run_has_ends_a_calibration_with_its_first_run(calibrated, capsys):
    (calibrated / "pyproject.toml").write_text('[[tool.lab4.gate.warn]]\nfigure = "latancy"\n')
    assert main(["gate", "--calibrate", "8", "--history", str(calibrated / "h")]) == 2
    assert "latancy" in capsys.readouterr().err
    assert list((calibrated / "h").rglob("*.json")) == []


def test_what_goes_wrong_after_a_pair_leaves_no_earlier_pass_and_says_where_the_runs_are(
    calibrated, capsys, monkeypatch
):
    (calibrated / "pyproject.toml").write_text('[[tool.lab4.gate.warn]]\nfigure = "latancy"\n')
    (calibrated / "gate.json").write_text('{"exit_code": 0}')
    side = LaunchSide("another", Path(sys.executable), calibrated)
    monkeypatch.setattr(gate_measuring, "_other_side", lambda _: nullcontext(side))
    monkeypatch.setattr(gate_measuring.launch, "can_interleave", lambda _: False)
    assert main(["gate", "--against-env", sys.executable, "--json", "gate.json", "--runs", "kept"]) == 2
    said = capsys.readouterr().err
    assert "latancy" in said.splitlines()[-1]
    assert "the runs measured so far are in kept/" in said
    assert json.loads((calibrated / "gate.json").read_text())["exit_code"] == 2


def test_an_error_of_the_system_leaves_no_earlier_pass(calibrated, capsys, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    (calibrated / "gate.json").write_text('{"exit_code": 0}')
    monkeypatch.setattr(gate_measuring.launch, "measured", full)
    assert main(["gate", "--calibrate", "3", "--json", "gate.json", "--history", str(calibrated / "h")]) == 2
    assert "No space left on device" in capsys.readouterr().err
    assert json.loads((calibrated / "gate.json").read_text())["exit_code"] == 2
