"""A project's own tests of cells: ``lab4.from_model``."""

import re

import pytest
from lab4_small_models import Project, write_onnx

from lab4.domain.outcome import Failed, Measured, Unavailable

TEST = """
import lab4

suite = lab4.from_model("net.onnx")


@suite.where(format="onnx", batch_size=1).parametrize()
def test_cell(cell: lab4.MeasuredCell) -> None:
    measured = cell.measure()
    assert measured is cell.measure()
    assert cell.size_bytes < 450_000
    assert 0 < cell.latency_s < 0.5
    assert cell.throughput == 1 / cell.latency_s
    assert cell.cosine > 0.99
    assert cell.max_abs_difference < 1e-3
    assert cell.load_s > 0
    assert cell.gzip_bytes > 0
    assert cell.memory_bytes > 0
"""
ONLY = "@suite.where(format='onnx', kind='examine').parametrize()\n"
HEAD = "import lab4\nsuite = lab4.from_model('net.onnx')\n"
OTHER = "import lab4\nsuite = lab4.from_model('net.onnx', inputs={'x': 'const:1'})\n"
KEYS = {"latency/net-cpu-b1-onnx", "examine/net-cpu-onnx"}


@pytest.fixture
def project(tmp_path, shared_cache):
    write_onnx(tmp_path / "net.onnx")
    return Project(tmp_path, shared_cache)


def test_cells_are_measured_and_asserted_on(project):
    project.write("test_net.py", TEST)
    answer = project.pytest("--lab4-resources", "memory")
    assert answer.returncode == 0, answer.stdout
    assert "2 passed" in answer.stdout
    outcomes = project.outcomes()
    assert set(outcomes) == KEYS
    assert outcomes["latency/net-cpu-b1-onnx"].size is None  # each figure is in the record once
    assert outcomes["examine/net-cpu-onnx"].size.disk_bytes > 0


def test_what_was_measured_stays_where_the_test_is_expected_to_fail_or_skips_then(project):
    body = """
@pytest.mark.xfail(reason="too slow still")
@suite.where(format="onnx", kind="examine").parametrize()
def test_fails(cell):
    assert cell.size_bytes < 1


@suite.where(format="onnx", kind="latency", batch_size=1).parametrize()
def test_skips(cell):
    cell.measure()
    pytest.skip("enough")
"""
    project.write("test_net.py", f"import pytest\n{HEAD}{body}")
    answer = project.pytest()
    assert answer.returncode == 0, answer.stdout
    assert "1 skipped, 1 xfailed" in answer.stdout
    outcomes = project.outcomes()
    assert set(outcomes) == KEYS
    assert all(isinstance(each, Measured) for each in outcomes.values())


def test_an_expected_failure_before_anything_was_measured_is_one_sentence(project):
    test = f"@pytest.mark.xfail\n{ONLY}def test_cell(cell):\n    raise RuntimeError('no')\n"
    project.write("test_net.py", f"import pytest\n{HEAD}{test}")
    assert project.pytest().returncode == 0
    (found,) = project.outcomes().values()
    assert found == Unavailable("RuntimeError: no")


def test_settings_are_chosen_as_by_the_option(project):
    chosen = "@suite.where(format='onnx', batch_size=1, settings='graph=default,off').parametrize()"
    project.write(
        "test_net.py", f"{HEAD}\n{chosen}\ndef test_cell(cell):\n    assert cell.size_bytes and cell.latency_s\n"
    )
    answer = project.pytest()
    assert answer.returncode == 0, answer.stdout
    assert set(project.outcomes()) == {*KEYS, "latency/net-cpu-b1-onnx+graph.off"}
    project.write("test_net.py", f"{HEAD}\n@suite.where(settings='grap=off').parametrize()\ndef test_cell(cell): ...\n")
    answer = project.pytest()
    assert answer.returncode == 4
    assert "where(settings=...): no runtime that is timed has the setting 'grap'" in answer.stdout + answer.stderr


def test_ids_and_marks_are_those_of_lab4s_suite(project):
    project.write("test_net.py", TEST)
    own = project.collected("--lab4-model=net.onnx", "--lab4-formats", "onnx", "--lab4-batch-sizes", "1")
    ids = project.collected()
    assert sorted(re.findall(r"\[(.*)\]", "\n".join(ids))) == sorted(re.findall(r"\[(.*)\]", "\n".join(own)))
    assert project.collected("-m", "latency") == ["test_net.py::test_cell[net-cpu-b1-onnx]"]
    assert project.collected("-m", "examine and cell(format='onnx')") == ["test_net.py::test_cell[net-cpu-onnx]"]


def test_what_where_does_not_name_is_as_the_options_say(project):
    project.write("test_net.py", f"{HEAD}\n@suite.parametrize()\ndef test_cell(cell): cell.measure()\n")
    usual = project.collected("-m", "latency", "-k", "onnx and not dynamic and not float16 and not int8")
    assert usual == ["test_net.py::test_cell[net-cpu-b1-onnx]"]
    asked = project.collected("-m", "latency", "--lab4-formats", "onnx", "--lab4-batch-sizes", "8")
    assert asked == ["test_net.py::test_cell[net-cpu-b8-onnx]"]


def test_an_assertion_that_fails_keeps_the_measurement(project):
    project.write("test_net.py", f"{HEAD}\n{ONLY}def test_cell(cell):\n    assert cell.size_bytes < 3\n")
    answer = project.pytest()
    assert answer.returncode == 1
    assert re.search(r"examine/net-cpu-onnx .*MB.* FAILED: .*assert", answer.stdout)
    (outcome,) = project.outcomes().values()
    assert isinstance(outcome, Measured)


def test_a_run_that_continues_asserts_again(project):
    project.write("test_net.py", f"{HEAD}\n{ONLY}def test_cell(cell):\n    assert cell.size_bytes < 3\n")
    interrupting = "def pytest_runtest_logreport(report):\n    if report.when == 'call': raise KeyboardInterrupt\n"
    project.write("conftest.py", interrupting)
    project.write("test_two.py", f"{HEAD}\n{ONLY.replace('onnx', 'keras')}def test_two(cell): cell.measure()\n")
    assert project.pytest().returncode == 2
    (project.folder / "conftest.py").unlink()
    answer = project.pytest("--lab4-resume")
    assert answer.returncode == 1, answer.stdout
    assert "assert" in answer.stdout


def test_a_test_that_does_not_measure_fails(project):
    project.write("test_net.py", f"{HEAD}\n{ONLY}def test_cell(cell): ...\n")
    assert "the test passed without recording anything (lab4_record, or cell.measure())" in project.pytest().stdout
    (outcome,) = project.outcomes().values()
    assert isinstance(outcome, Failed)


def test_a_figure_that_is_not_known_is_a_sentence(project):
    project.write("test_net.py", f"{HEAD}\n{ONLY}def test_cell(cell):\n    assert cell.accuracy > 0.5\n")
    answer = project.pytest()
    assert "net-cpu-onnx: no metric 'accuracy' was computed; a metric needs a data set with labels" in answer.stdout
    assert "Traceback" not in answer.stdout
    (outcome,) = project.outcomes().values()
    assert isinstance(outcome, Measured)


def test_paths_are_relative_to_the_file_that_names_them(project):
    folder = project.folder / "tests"
    folder.mkdir()
    (project.folder / "net.onnx").rename(folder / "net.onnx")
    project.write("tests/test_net.py", TEST)
    assert len(project.collected()) == 2
    assert len(project.collected(cwd=folder)) == 2


def test_one_model_in_several_files_is_one_model(project):
    project.write("test_net.py", f"{HEAD}\n{ONLY}def test_cell(cell): cell.measure()\n")
    project.write(
        "test_other.py", f"{HEAD}\n@suite.where(format='onnx', kind='latency').parametrize()\ndef test_o(cell): ..."
    )
    assert len(project.collected()) == 2


def test_a_project_with_cells_runs_its_other_tests_as_ever(project):
    project.write(
        "test_net.py", f"{HEAD}\n{ONLY}def test_cell(cell): cell.measure()\n\ndef test_plain(tmp_path): ...\n"
    )
    answer = project.pytest("-k", "plain")
    assert answer.returncode == 0
    assert not (project.folder / "lab4-results").exists()


TWICE = f"{HEAD}\n{ONLY}def test_cell(cell): cell.measure()\n\n{ONLY}def test_again(cell): cell.measure()\n"


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (HEAD.replace("net.onnx", "no.onnx") + f"{ONLY}def test_cell(cell): ...", "there is no file"),
        (
            "import lab4\nsuite = lab4.from_model('net.onnx', inputs={'x': ''})\n" + f"{ONLY}def test_cell(cell): ...",
            "the input 'x' is to be filled in",
        ),
        (
            OTHER.replace("'x'", "'y'") + f"{ONLY}def test_cell(cell): ...",
            "has no input 'y'; it has x",
        ),
        (
            "import lab4\nsuite = lab4.from_model('net.onnx', dims={'h': -1})\n" + f"{ONLY}def test_cell(cell): ...",
            "the dimension h: '-1' is no size",
        ),
        (
            "import lab4\nsuite = lab4.from_model('net.onnx', name='a b')\n" + f"{ONLY}def test_cell(cell): ...",
            "'a b' cannot name a model",
        ),
        ("import lab4\nsuite = lab4.from_table('net')\n" + f"{ONLY}def test_cell(cell): ...", "unknown model 'net'"),
        (
            f"{HEAD}@suite.where(kind='latency', runtime='litert').parametrize()\ndef test_cell(cell): ...",
            "the model net has no cell where kind=latency, runtime=litert",
        ),
        (
            f"{HEAD}@suite.where(format='onyx').parametrize()\ndef test_cell(cell): ...",
            "where(format=...): unknown format 'onyx'",
        ),
        (f"{HEAD}@suite.where(kind='timed').parametrize()\ndef test_cell(cell): ...", "unknown kind 'timed'"),
        (f"{HEAD}@suite.where(format=[]).parametrize()\ndef test_cell(cell): ...", "has no cell where"),
        (f"{HEAD}{ONLY}def test_cell(): ...", "a test of a suite takes the argument cell"),
        (TWICE, "would be measured twice"),
        (
            f"{HEAD}{ONLY}def test_cell(cell): ...\n\n" + OTHER + f"{ONLY}def test_two(cell): ...",
            "two models are called net",
        ),
    ],
)
def test_bad_input_is_one_sentence(project, source, sentence):
    project.write("test_net.py", source)
    answer = project.pytest()
    assert answer.returncode == 4, answer.stdout
    assert sentence in answer.stdout + answer.stderr
    assert "Traceback" not in answer.stdout + answer.stderr
    assert "lab4/plugin" not in answer.stdout


def test_what_can_be_collected_runs_where_pytest_is_told_to_continue(project):
    project.write("test_net.py", HEAD.replace("net.onnx", "no.onnx") + f"{ONLY}def test_cell(cell): ...")
    project.write("test_own.py", "def test_own(): ...")
    answer = project.pytest("--continue-on-collection-errors")
    assert "1 passed, 1 error" in answer.stdout


def test_an_interrupt_in_a_cell_ends_without_a_traceback_where_warnings_are_errors(project):
    project.write(
        "test_stop.py",
        "import pytest\n\n@pytest.mark.examine\ndef test_stop(lab4_cell, lab4_record):\n    raise KeyboardInterrupt\n",
    )
    answer = project.pytest("-W", "error", "test_stop.py", "-k", "fcnn-cpu-keras and not predict")
    assert answer.returncode == 2, answer.stdout
    assert "Traceback" not in answer.stdout + answer.stderr
    assert "0 of 1 cells measured" in answer.stdout
