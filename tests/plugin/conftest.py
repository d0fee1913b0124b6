"""Real pytest runs of the suite, as a user starts them."""

import os
import subprocess
import sys

import pytest


@pytest.fixture(scope="session")
def suite(pytestconfig, shared_cache):
    """Run `pytest benchmarks` with more arguments; returns the finished process."""

    def run(*arguments, **environment):
        command = [sys.executable, "-m", "pytest", "benchmarks", "-p", "no:cacheprovider", *map(str, arguments)]
        return subprocess.run(
            command,
            cwd=pytestconfig.rootpath,
            env={**os.environ, "LAB4_CACHE": str(shared_cache), **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def selected(suite):
    """The ids that a selection collects."""

    def collect(*arguments):
        answer = suite("--collect-only", "-q", *arguments)
        assert answer.returncode in {0, 5}, answer.stdout + answer.stderr
        return [line.partition("[")[2].removesuffix("]") for line in answer.stdout.splitlines() if "::" in line]

    return collect
