"""The tests of pytest-benchmark's own repository pass with this plugin installed."""

import os
import subprocess
import sys
import tarfile
from importlib import metadata
from pathlib import Path

import pytest

#: Two parts that run at the same time: most of them wait. Of the others, `test_calibration.py` times the clock for two
#: minutes, and the notebook and Elasticsearch need libraries of their own.
PARTS = (
    ("test_benchmark.py",),
    (
        *("test_cli.py", "test_fixture.py", "test_normal.py", "test_pedantic.py", "test_precision.py"),
        *("test_sample.py", "test_skip.py", "test_stats.py", "test_storage.py", "test_utils.py"),
        *("test_with_testcase.py", "test_with_weaver.py", "test_doctest.rst"),
    ),
)


@pytest.fixture
def host(tmp_path):
    """Its source, of the version that is installed."""
    folder = os.environ.get("LAB4_HOST")
    if not folder:
        pytest.skip("LAB4_HOST names no folder with the source of pytest-benchmark; tox -e tests fills one")
    name = f"pytest_benchmark-{metadata.version('pytest-benchmark')}"
    with tarfile.open(Path(folder, f"{name}.tar.gz")) as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path / name


def test_they_pass(host):
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # for the command of its own
    own = {name: value for name, value in os.environ.items() if not name.startswith(("COV_CORE", "COVERAGE"))}
    python_path = [os.environ["LAB4_HOST"], *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**own, "PATH": path, "PYTHONPATH": os.pathsep.join(python_path)}
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-o", "addopts=--doctest-glob=*.rst"]
            + [f"tests/{file}" for file in files],
            cwd=host,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for files in PARTS
    ]
    printed = [each.communicate()[0] for each in started]
    assert [each.returncode for each in started] == [0, 0], "\n".join(text[-5000:] for text in printed)
    assert all("lab4" in text for text in printed)  # among the plugins
