"""Golden outputs of a real net, by each of the ways in which a model is named."""

import shutil

import numpy as np
import onnx
import pytest
from lab4_small_models import Project
from lab4_zoo import zoo_file

from lab4.bench.golden import read_golden
from lab4.domain.outcome import Failed, Measured

NET = "pitch.onnx"
GOLDEN = f"{NET}.golden.npz"
TEST = """
import lab4

suite = lab4.from_model("pitch.onnx", golden="kept/pitch.npz")


@suite.where(format="onnx", kind="examine").parametrize()
def test_cell(cell: lab4.MeasuredCell) -> None:
    assert cell.size_bytes > 0
"""
TABLE = '[tool.lab4.models.pitch]\npath = "pitch.onnx"\ngolden = "kept/pitch.npz"\n'
BY_OPTION = (f"--lab4-model={NET}", "--lab4-formats", "onnx,onnx_float16", "-k", "examine")


@pytest.fixture
def project(tmp_path, shared_cache):
    shutil.copy(zoo_file("basic_pitch/saved_models/icassp_2022/nmp.onnx"), tmp_path / NET)
    return Project(tmp_path, shared_cache)


@pytest.fixture(scope="module")
def first(tmp_path_factory, shared_cache):
    """The project in which golden outputs were written first, and what was said of it."""
    folder = tmp_path_factory.mktemp("first")
    shutil.copy(zoo_file("basic_pitch/saved_models/icassp_2022/nmp.onnx"), folder / NET)
    project = Project(folder, shared_cache)
    return project, project.pytest(*BY_OPTION, "--lab4-update")


@pytest.fixture
def kept(project, first):
    """A project whose golden outputs are written."""
    shutil.copy(first[0].folder / GOLDEN, project.folder)
    return project


def change(path, factor=1.2):
    """Scale the weights of the last convolution."""
    model = onnx.load(path)
    last = [node for node in model.graph.node if node.op_type == "Conv"][-1]
    (weights,) = (each for each in model.graph.initializer if each.name == last.input[1])
    array = onnx.numpy_helper.to_array(weights) * np.float32(factor)
    weights.CopyFrom(onnx.numpy_helper.from_array(array, weights.name))
    onnx.save(model, path)


def test_they_are_written_where_that_is_asked_for(first):
    project, written = first
    assert written.returncode == 0, written.stdout
    path = project.folder / GOLDEN
    assert f"lab4: pitch: wrote its golden outputs to {path} (3 outputs of" in written.stdout
    assert len(read_golden(path).outputs) == 3
    assert path.stat().st_size < 2**20


def test_a_change_of_the_model_fails_until_it_is_said_to_be_meant(kept):
    path = kept.folder / GOLDEN
    same = kept.pytest(*BY_OPTION)
    assert same.returncode == 0, same.stdout
    assert f"pitch: its outputs agree with the golden outputs in {path}" in same.stdout

    change(kept.folder / NET)
    differing = kept.pytest(*BY_OPTION)
    assert differing.returncode == 1
    assert len(kept.outcomes()) == 2
    for outcome in kept.outcomes().values():
        assert isinstance(outcome, Failed)
        assert f"the model's outputs are not the golden outputs in {path}: " in outcome.reason
        assert "differs by up to" in outcome.reason
        assert outcome.reason.endswith("if the change was meant, write them anew with --lab4-update")
    assert "Traceback" not in differing.stdout

    assert kept.pytest(*BY_OPTION, "--lab4-update").returncode == 0
    assert kept.pytest(*BY_OPTION).returncode == 0


def test_a_rounding_is_no_change_and_is_not_written(kept):
    before = (kept.folder / GOLDEN).read_bytes()
    change(kept.folder / NET, 1 + 1e-6)
    assert kept.pytest(*BY_OPTION, "--lab4-update").returncode == 0
    assert (kept.folder / GOLDEN).read_bytes() == before


def test_other_inputs_have_a_sentence_of_their_own_and_timing_goes_on(kept):
    answer = kept.pytest(f"--lab4-model={NET}", "--lab4-formats", "onnx", "--lab4-seed", "9", "--lab4-batch-sizes", "1")
    assert answer.returncode == 1
    outcomes = kept.outcomes()
    assert isinstance(outcomes["latency/pitch-cpu-b1-onnx"], Measured)
    assert "are of other inputs (" in outcomes["examine/pitch-cpu-onnx"].reason


def test_a_table_and_a_projects_own_test_have_them_where_they_say(project):
    project.write("pyproject.toml", TABLE)
    project.write("test_pitch.py", TEST)
    by_table = ("--lab4-models", "pitch", "--lab4-formats", "onnx", "-k", "examine")
    assert project.pytest("test_pitch.py", "--lab4-update").returncode == 0
    assert (project.folder / "kept" / "pitch.npz").is_file()
    same = project.pytest(*by_table)
    assert same.returncode == 0, same.stdout
    assert "pitch: its outputs agree with the golden outputs in" in same.stdout
    change(project.folder / NET)
    for given in (by_table, ("test_pitch.py",)):
        answer = project.pytest(*given)
        assert answer.returncode == 1
        assert "if the change was meant, write them anew with --lab4-update" in answer.stdout
        assert "Traceback" not in answer.stdout


def test_a_run_without_a_model_of_yours_says_that_nothing_is_written(tmp_path, shared_cache):
    """What it says does not depend on what it measures: without Node and a browser no model is trained for it."""
    cells = ("--lab4-models", "fcnn", "--lab4-formats", "tfjs", "--lab4-batch-sizes", "1", "-k", "test_latency")
    answer = Project(tmp_path, shared_cache).pytest("--pyargs", "lab4.suite", *cells, "--lab4-update", PATH="")
    assert answer.returncode == 0, answer.stdout
    assert "--lab4-update: the run has no model of yours, so that nothing is written" in answer.stdout
