"""`lab4` in a process of its own, as a user starts it, and in this one."""

import subprocess
import sys
from types import SimpleNamespace

import pytest

from lab4.cli import main


@pytest.fixture
def lab4(tmp_path):
    def call(*arguments, code=0, env=None):
        answer = subprocess.run(
            [sys.executable, "-m", "lab4", *map(str, arguments)],
            cwd=tmp_path,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert answer.returncode == code, answer.stdout + answer.stderr
        assert "Traceback" not in answer.stdout + answer.stderr
        return answer

    return call


@pytest.fixture
def here(tmp_path, monkeypatch, capsys):
    """As `lab4`, which some tests of each command have: it starts a process, and this calls the same function here."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments, code=0):
        capsys.readouterr()
        answered = main([str(each) for each in arguments])
        said = capsys.readouterr()
        assert answered == code, said.out + said.err
        assert "Traceback" not in said.out + said.err
        return SimpleNamespace(stdout=said.out, stderr=said.err)

    return call
