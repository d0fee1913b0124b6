"""`lab4` in a process of its own, as a user starts it."""

import subprocess
import sys

import pytest


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
