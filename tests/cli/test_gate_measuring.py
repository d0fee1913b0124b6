import subprocess
from argparse import Namespace
from dataclasses import replace
from types import SimpleNamespace

import pytest
from lab4_examples import RUN
from lab4_strategies import document_of

from lab4.analysis.gate.policy import Policy
from lab4.analysis.gate.verdict import ExitCode, Gate, Judged, Verdict
from lab4.cli import gate_measuring
from lab4.cli.gate_measuring import _accepted
from lab4.domain.blessing import Blessing
from lab4.domain.errors import Lab4Error
from lab4.history.blessings import BLESSINGS_FILE, add_blessings
from lab4.history.json_text import written
from lab4.history.run_file import write_run


def git(folder, *arguments):
    named = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    subprocess.run(["git", *named, *arguments], cwd=folder, check=True, capture_output=True)


def blessing(cell):
    return Blessing(cell, "latency", "2026-01-01T00:00:00+00:00", "exact softmax", "ada", factor=1.1)


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    git(tmp_path, "init", "--quiet")
    add_blessings(tmp_path / BLESSINGS_FILE, [blessing("inference/old")])
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message", "one")
    return tmp_path


def test_what_this_checkout_accepts_and_the_revision_does_not_know(project):
    against = Namespace(against="HEAD", blessings=None)
    assert _accepted(against) == []
    add_blessings(project / BLESSINGS_FILE, [blessing("inference/new")])
    assert _accepted(against) == [blessing("inference/new")]
    git(project, "rm", "--quiet", "--cached", str(BLESSINGS_FILE))
    git(project, "commit", "--quiet", "--message", "none")
    assert [each.cell for each in _accepted(against)] == ["inference/old", "inference/new"]


def test_another_environment_knows_as_much_as_this_one(project):
    assert project.is_dir()
    assert _accepted(Namespace(against=None, blessings=None)) == []


def test_a_run_that_measured_nothing_does_not_come_into_the_history(monkeypatch):
    added = []
    monkeypatch.setattr(gate_measuring, "_here", lambda: None)
    monkeypatch.setattr(gate_measuring, "judged_only", lambda _: ())
    monkeypatch.setattr(gate_measuring, "opened", lambda *_: SimpleNamespace(name="x", close=lambda: None))
    monkeypatch.setattr(gate_measuring, "measured", lambda *_: written(document_of(replace(RUN, measurements=()))))
    monkeypatch.setattr(gate_measuring, "add_document", lambda *_: added.append(1))
    with pytest.raises(Lab4Error, match="the run has no measured cell"):
        gate_measuring.run(Namespace(calibrate=3, policy=None, pytest=None, history=None))
    assert added == []


@pytest.mark.parametrize(
    ("cells", "asked", "code"),
    [(None, None, 0), (None, "benchmarks -k cnn", 0), (None, "benchmarks", 2), ("inference/*", "benchmarks", 0)],
)
def test_a_budget_stops_a_whole_run_and_none_of_other_cells(tmp_path, cells, asked, code):
    write_run(tmp_path / "001.json", document_of(RUN))
    stops = Judged("deployment/*", "size", Verdict.MISSING, "none", stops=ExitCode.CANNOT_JUDGE, of_budget=True)
    gate = Gate([stops], [], (), ())
    assert gate_measuring._beside(Namespace(cells=cells, pytest=asked), gate, Policy(), tmp_path).exit_code == code
