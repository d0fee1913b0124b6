"""The file of accepted changes."""

import json
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lab4_file_systems import NO_LOCKS, poor_environment

from lab4.analysis.figures import FIGURES, Nature
from lab4.domain.errors import OutputError, RecordError
from lab4.domain.figures import Approval
from lab4.history import approvals
from lab4.history.approvals import add_approvals, approvals_in, read_approvals
from lab4.storage.locks import locked

LINE = {
    "cell": "latency/cnn-cpu-b1-onnx",
    "figure": "latency",
    "started_at": "2026-01-31T12:00:00+00:00",
    "reason": "meant",
    "by": "ada",
}


def line(**changes):
    return json.dumps(LINE | changes).encode()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"factor": 1e-322}, "factor: "),
        ({"factor": 1e300}, "factor: "),
        ({"value": 0.0}, "latency is approved by a factor, not a value"),
        ({"figure": "memory", "value": 5.0}, "memory is approved by a factor, not a value"),
    ],
)
def test_a_change_that_no_figure_can_have_is_refused_by_its_line(changes, says):
    with pytest.raises(RecordError, match=r"^cannot read kept\.jsonl, line 2: ") as raised:
        approvals_in(line(factor=1.1) + b"\n" + line(**changes), "kept.jsonl")
    assert says in str(raised.value)


@pytest.mark.parametrize("name", [*FIGURES])
def test_a_figure_is_accepted_by_value_where_it_does_not_vary(name):
    data = line(figure=name, value=1.0)
    if FIGURES[name].nature is Nature.TIMED:
        with pytest.raises(RecordError, match="by a factor"):
            approvals_in(data, "kept.jsonl")
    else:
        assert approvals_in(data, "kept.jsonl")[0].value == 1.0


@given(st.floats(1e-9, 1e9))
def test_what_was_accepted_is_read_again(factor):
    assert approvals_in(line(factor=factor), "kept.jsonl") == [Approval(**LINE, factor=factor)]


def test_a_line_of_before_holds_on_all_machines_and_one_of_a_machine_is_read_again(tmp_path):
    assert approvals_in(line(factor=1.1), "kept.jsonl")[0].machine is None
    own = Approval(**LINE, factor=1.1, machine="rack-1", hardware="562b73a2c10c")
    add_approvals(tmp_path / "kept.jsonl", [own])
    assert read_approvals(tmp_path / "kept.jsonl") == [own]


def test_a_line_that_cannot_be_read_again_is_not_written(tmp_path):
    path = tmp_path / "kept.jsonl"
    add_approvals(path, [Approval(**LINE, factor=1.1)])
    with pytest.raises(RecordError, match="factor"):
        add_approvals(path, [Approval(**LINE, factor=0.0)])
    assert read_approvals(path) == [Approval(**LINE, factor=1.1)]


#: Adds so many approvals, one after the other.
ADD = """
import sys
from pathlib import Path
from lab4.domain.figures import Approval
from lab4.history import approvals
from lab4.history.approvals import add_approvals
approvals._LOCK_LIMIT_S = 600
for number in range(int(sys.argv[3])):
    line = Approval(f"cell-{sys.argv[2]}-{number}", "latency", "2026-01-01T00:00:00Z", "meant", "ada", factor=1.1)
    add_approvals(Path(sys.argv[1]), [line])
"""


@pytest.mark.parametrize("lacking", [{}, *NO_LOCKS])
def test_approvals_of_several_processes_are_all_there_and_nothing_else_is(tmp_path, lacking):
    path = tmp_path / "kept.jsonl"
    env = poor_environment(lacking) if lacking else None
    running = [
        subprocess.Popen([sys.executable, "-W", "error", "-c", ADD, path, str(process), "25"], env=env)
        for process in range(6)
    ]
    assert [process.wait(600) for process in running] == [0] * 6
    cells = {each.cell for each in read_approvals(path)}
    assert cells == {f"cell-{process}-{number}" for process in range(6) for number in range(25)}
    assert [each.name for each in tmp_path.iterdir()] == ["kept.jsonl"]


def test_a_link_and_its_file_have_one_lock(tmp_path):
    (tmp_path / "real").mkdir()
    link = tmp_path / "kept.jsonl"
    link.symlink_to(tmp_path / "real" / "kept.jsonl")
    add_approvals(link, [Approval(**LINE, factor=1.1)])
    assert link.is_symlink()
    assert [each.name for each in (tmp_path / "real").iterdir()] == ["kept.jsonl"]


def test_an_approval_waits_for_another_process_and_says_whom_it_waited_for(tmp_path, monkeypatch):
    path = tmp_path / "kept.jsonl"
    monkeypatch.setattr(approvals, "_LOCK_LIMIT_S", 0.1)
    told = []
    says = rf"cannot write .*kept\.jsonl: process {os.getpid()} has held .*\.lock"
    with locked(tmp_path / ".kept.jsonl.lock", limit_s=5), pytest.raises(OutputError, match=says):
        add_approvals(path, [Approval(**LINE, factor=1.1)], told.append)
    assert "for at most 0.1 s" in told[0]
    assert not path.exists()
