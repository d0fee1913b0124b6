"""A gate that is killed: what it has started ends, and what it has left is removed by the next one."""

import os
import select
import signal
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="waits for a process that is not its own child")
#: Says which process it is, and waits without end.
WAITING = """
import os, signal

def test_waits():
    with open(os.environ["TELL"], "w") as pipe:
        pipe.write(f"{os.getpid()} {os.getcwd()}\\n")
    while True:
        signal.pause()
"""
LIMIT_S = 300


def git(folder, *arguments):
    named = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    command = ["git", *named, *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "project"
    (folder / "benchmarks").mkdir(parents=True)
    (folder / "benchmarks" / "test_waits.py").write_text(WAITING)
    (folder / "pyproject.toml").touch()
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "one")
    return folder


@pytest.fixture
def environment(tmp_path, pytestconfig):
    (tmp_path / "temporary").mkdir()
    os.mkfifo(tmp_path / "tell")
    here = {"TMPDIR": str(tmp_path / "temporary"), "TELL": str(tmp_path / "tell")}
    return {**os.environ, "PYTHONPATH": str(pytestconfig.rootpath), **here}


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_its_runs_end_and_the_next_gate_removes_its_folders(project, environment, tmp_path, how):
    command = [sys.executable, "-m", "lab4", "gate", "--against", "HEAD"]
    with subprocess.Popen(
        [*command, "--pytest=benchmarks"], cwd=project, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as gate:
        # Open for writing as well: it is at its end neither before nor between what both sides write.
        with os.fdopen(os.open(tmp_path / "tell", os.O_RDWR), buffering=1) as pipe:
            shown = [pipe.readline().rstrip("\n").split(" ", 1) for _ in range(2)]
        runs = [os.pidfd_open(int(pid)) for pid, _ in shown]
        gate.send_signal(how)
        gate.communicate()
    folders = [folder for _, folder in shown]
    assert sorted(each.startswith(str(tmp_path / "temporary")) for each in folders) == [False, True], folders
    for run in runs:
        assert select.select([run], [], [], LIMIT_S)[0] == [run]  # it has ended
        os.close(run)
    assert (len(git(project, "worktree", "list").splitlines()) == 1) == (how == signal.SIGTERM)
    answer = subprocess.run(
        [*command, "--pytest=--version"], cwd=project, env=environment, capture_output=True, text=True, check=False
    )
    assert "the run of HEAD left no results (pytest ended with 0)" in answer.stderr
    assert len(git(project, "worktree", "list").splitlines()) == 1
    assert list((tmp_path / "temporary").iterdir()) == []
