"""The ten lines of the guide in a fresh project, with the wheel installed in a fresh environment."""

import os
import re
import shutil
import subprocess
import venv
from pathlib import Path

import pytest
from lab4_small_models import QUICK, write_onnx

from lab4.domain.outcome import Measured
from lab4.history.run_file import read_run


@pytest.fixture(scope="module")
def installed(tmp_path_factory, environment):
    """The Python of an environment with the wheel, on top of the packages that the tests have, and no checkout."""
    if "LAB4_WHEEL" not in os.environ:
        pytest.skip("LAB4_WHEEL names no folder with the wheel of lab4; tox -e tests fills one")
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder / "environment", with_pip=False, symlinks=os.name != "nt")
    python = folder / "environment" / environment.python.relative_to(environment.python.parents[1])
    purelib = folder / "environment" / environment.purelib.relative_to(environment.python.parents[1])
    shutil.copy(environment.purelib / "tests.pth", purelib)
    (wheel,) = Path(os.environ["LAB4_WHEEL"]).glob("lab4-*.whl")
    # Ignored: the checkout that the tests have installed, which must stay where it is.
    options = ("--quiet", "--no-deps", "--no-index", "--ignore-installed", "--disable-pip-version-check")
    made = _run(python, folder, "-m", "pip", "install", *options, "--prefix", folder / "environment", wheel)
    assert made.returncode == 0, made.stdout + made.stderr
    found = _run(python, folder, "-c", "import lab4; print(lab4.__file__)").stdout
    assert Path(found.strip()).is_relative_to(purelib), found
    return python


def _run(python, folder, *arguments):
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [str(python), *map(str, arguments)], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture
def project(tmp_path, pytestconfig, shared_cache, monkeypatch):
    """A fresh folder with a model and the guide's example."""
    guide = (pytestconfig.rootpath / "docs" / "guide" / "own-models.md").read_text("utf-8")
    (example,) = [each for each in re.findall(r"```python\n(.*?)```", guide, re.DOTALL) if "parametrize" in each]
    assert len([line for line in example.splitlines() if line]) <= 10
    (tmp_path / "test_net.py").write_text(example, encoding="utf-8")
    write_onnx(tmp_path / "net.onnx")
    monkeypatch.setenv("LAB4_CACHE", str(shared_cache))
    return tmp_path


def test_the_guides_ten_lines_measure_and_pass(installed, project):
    answer = _run(installed, project, "-m", "pytest", "-p", "no:cacheprovider", *QUICK)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    run = read_run(project / "lab4-results" / "run.json")
    assert {each.cell.key for each in run.measurements} == {"latency/net-cpu-b1-onnx", "examine/net-cpu-onnx"}
    assert all(isinstance(each.outcome, Measured) for each in run.measurements)


def test_the_suite_is_in_the_wheel(installed, project):
    answer = _run(
        installed, project, "-m", "pytest", "-q", "--collect-only", "--lab4-model=net.onnx", "--lab4-formats", "onnx"
    )
    assert "lab4/suite/test_latency.py::test_latency[net-cpu-b1-onnx]" in answer.stdout
