"""Other plugins in runs of a project's own tests of cells: each works, or is refused in one sentence."""

import os
from importlib.util import find_spec

import pytest
from lab4_small_models import Project, write_onnx

from lab4.domain.outcome import Measured

TEST = """
import lab4

suite = lab4.from_model("net.onnx")


@suite.where(format="onnx", batch_size=1).parametrize()
def test_cell(cell: lab4.MeasuredCell) -> None:
    cell.measure()
    assert cell.size_bytes < 450_000


def test_plain():
    pass
"""
#: By the name that people know: the module of the plugin, and arguments that let it take part.
WORKING = {
    "pytest-randomly": ("pytest_randomly", ()),
    "pytest-rerunfailures": ("pytest_rerunfailures", ("--reruns", "1")),
    "pytest-timeout": ("pytest_timeout", ("--timeout", "3000")),
    "pytest-split": ("pytest_split.plugin", ("--splits", "1", "--group", "1")),
    "pytest-xdist, not in use": ("xdist.plugin", ("-n", "0")),
}


@pytest.fixture
def project(tmp_path, shared_cache):
    write_onnx(tmp_path / "net.onnx")
    made = Project(tmp_path, shared_cache)
    made.write("test_net.py", TEST)
    return made


def run(project, module, arguments):
    """Run pytest with pytest-benchmark, lab4 and one other plugin."""
    if os.environ.get("LAB4_INTERPLAY") is None and find_spec(module.partition(".")[0]) is None:
        pytest.skip("the other plugins are installed by tox -e tests")
    paths = [os.environ.get("LAB4_INTERPLAY", ""), os.environ.get("PYTHONPATH", "")]
    plugins = [text for name in ("pytest_benchmark.plugin", "lab4.plugin", module) for text in ("-p", name)]
    environment = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    answer = project.pytest(*plugins, *arguments, **environment)
    assert "Traceback" not in answer.stdout + answer.stderr
    assert "INTERNALERROR" not in answer.stdout + answer.stderr
    return answer


@pytest.mark.parametrize(("module", "arguments"), WORKING.values(), ids=WORKING)
def test_it_works(project, module, arguments):
    answer = run(project, module, arguments)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "3 passed" in answer.stdout
    assert {key: type(each) for key, each in project.outcomes().items()} == {
        "latency/net-cpu-b1-onnx": Measured,
        "examine/net-cpu-onnx": Measured,
    }


def test_an_assertion_that_fails_is_tried_again(project):
    project.write("test_net.py", TEST.replace("450_000", "3"))
    answer = run(project, "pytest_rerunfailures", ("--reruns", "1"))
    assert answer.returncode == 1
    assert "2 failed, 1 passed, 2 rerun" in answer.stdout
    assert all(isinstance(each, Measured) for each in project.outcomes().values())


def test_repeat_is_refused(project):
    answer = run(project, "pytest_repeat", ("--count", "2"))
    assert answer.returncode == 4
    assert "would be measured twice" in answer.stdout + answer.stderr


def test_under_xdist_other_tests_run_and_cells_say_why_not(project):
    answer = run(project, "xdist.plugin", ("-n", "2", "-rs"))
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "1 passed, 2 skipped" in answer.stdout
    assert "tests that run at once disturb each other's timing; leave out -n (pytest-xdist)" in answer.stdout
