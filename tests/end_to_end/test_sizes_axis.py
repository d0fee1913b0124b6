"""Several sizes of a dynamic dimension of a real net: each is measured."""

import re
import shutil

import pytest
from lab4_small_models import Project
from lab4_zoo import zoo_file

from lab4.domain.errors import Lab4Error
from lab4.domain.outcome import Measured
from lab4.history.run_file import read_run
from lab4.plugin.own_models import given_by, sources_named

TEST = """
import lab4

suite = lab4.from_model("cls.onnx", dims={"x.2": 48, "x.3": [96, 384]})
seen = {}


@suite.where(format="onnx", kind="latency").parametrize()
def test_cell(cell: lab4.MeasuredCell) -> None:
    assert cell.sizes["x.2"] == 48
    seen[cell.sizes["x.3"]] = cell.latency_s
    if len(seen) == 2:
        assert seen[384] > seen[96]
"""
TABLE = '[tool.lab4.models.cls]\npath = "cls.onnx"\ndims = { "x.2" = 48, "x.3" = [96, 192] }\n'
KEYS = {
    f"{kind}/[cls_x.3_{size}]-cpu-{batch}onnx"
    for kind, batch in (("latency", "b1-"), ("examine", ""))
    for size in (96, 192)
}


@pytest.fixture
def project(tmp_path, shared_cache):
    shutil.copy(zoo_file("rapidocr_onnxruntime/models/ch_ppocr_mobile_v2.0_cls_infer.onnx"), tmp_path / "cls.onnx")
    return Project(tmp_path, shared_cache)


def test_each_size_has_cells_and_a_contract_with_its_label(project):
    given = ("--lab4-model=cls.onnx", "--lab4-dim=x.2=48", "--lab4-dim=x.3=96,192")
    answer = project.pytest(*given, "--lab4-formats", "onnx", "-k", "examine")
    assert answer.returncode == 0, answer.stdout
    outcomes = project.outcomes()
    assert set(outcomes) == {key for key in KEYS if key.startswith("examine/")}
    assert all(isinstance(each, Measured) for each in outcomes.values())
    catalogue = read_run(project.folder / "lab4-results" / "run.json").catalogue
    assert {catalogue.model(f"cls_x.3_{size}").label for size in (96, 192)} == {"cls (x.3=96)", "cls (x.3=192)"}
    assert "cls (x.3=192), ONNX, CPU" in answer.stdout


def test_a_table_may_have_several_sizes(project):
    project.write("pyproject.toml", TABLE)
    found = project.collected("--lab4-models", "cls", "--lab4-formats", "onnx")
    assert len(found) == len(KEYS)
    assert all(any(key.partition("/")[2] in each for key in KEYS) for each in found)


def test_a_projects_own_test_has_the_sizes_of_its_cell(project):
    project.write("test_cls.py", TEST)
    answer = project.pytest("test_cls.py")
    assert answer.returncode == 0, answer.stdout
    assert "2 passed" in answer.stdout


@pytest.mark.parametrize(
    ("dims", "sentence"),
    [
        ({"x.3": []}, "the dimension x.3 has no size; write at least one"),
        ({"x.3": [96, 0]}, "the dimension x.3: '0' is no size"),
        ({"batch": [1, 2]}, "the dimension batch: give several batch sizes as --lab4-batch-sizes"),
        ({"x.9": [96, 192]}, "unknown dimension 'x.9'"),
    ],
)
def test_bad_sizes_are_one_sentence(project, dims, sentence):
    table = {"path": "cls.onnx", "dims": dims}
    with pytest.raises(Lab4Error, match=f"^[^\\n]*{re.escape(sentence)}[^\\n]*$"):
        sources_named("cls", given_by(table, "[tool.lab4.models.cls]", project.folder))


def test_a_size_that_makes_the_name_of_another_suite_is_refused(project):
    other = """
other = lab4.from_model("cls.onnx", name="cls_x.3_96", dims={"x.2": 32, "x.3": 32})


@other.where(format="onnx", kind="examine").parametrize()
def test_other(cell: lab4.MeasuredCell) -> None: ...
"""
    project.write("test_cls.py", TEST + other)
    answer = project.pytest("test_cls.py")
    assert answer.returncode == 4
    assert "two models are called cls_x.3_96; name one of them" in answer.stdout + answer.stderr


def test_a_size_that_makes_the_name_of_another_model_is_refused(project):
    shutil.copy(project.folder / "cls.onnx", project.folder / "cls_x.3_96.onnx")
    given = ("--lab4-model=cls.onnx", "--lab4-model=cls_x.3_96.onnx", "--lab4-dim=cls:x.3=96,192")
    answer = project.pytest(*given, "--collect-only", "-q")
    assert answer.returncode == 4
    assert "two models are called cls_x.3_96: rename one" in answer.stdout + answer.stderr
