"""Models that a project names in pyproject.toml or by the hook: what pytest does with them, and when."""

import os

import pytest
from lab4_small_models import Project, write_onnx
from lab4_strangers import write_package

from lab4.domain.outcome import Measured

TABLE = '[tool.lab4.models.net]\npath = "net.onnx"\n'
HOOK = """
def pytest_lab4_models(config):
    return {"hooked": "net.onnx"}
"""
MODEL = """
    from lab4.domain.catalogue import ModelTraits
    from lab4.models import Model

    def build(shape, classes): ...

    MINE = Model(ModelTraits("built", "Built", "mlp", "keras", "classification"), build)
"""


@pytest.fixture
def project(tmp_path, shared_cache):
    """A project with a test of its own, and a model."""
    write_onnx(tmp_path / "net.onnx")
    made = Project(tmp_path, shared_cache)
    made.write("test_own.py", "def test_own(): ...")
    return made


def test_the_option_measures_a_file_without_any_test(project):
    answer = project.pytest("--lab4-model=net.onnx", "--lab4-formats", "onnx", "--lab4-batch-sizes", "1")
    assert answer.returncode == 0, answer.stdout
    outcomes = project.outcomes()
    assert set(outcomes) == {"latency/net-cpu-b1-onnx", "examine/net-cpu-onnx"}
    assert all(isinstance(each, Measured) for each in outcomes.values())


@pytest.mark.parametrize(
    "table",
    [
        TABLE,
        TABLE.replace("net.onnx", "not_there.onnx"),
        TABLE + "speling = 1\n",
        '[tool.lab4.models.net]\npath = 3\ninputs = { sr = "" }\n',
    ],
)
def test_pytest_alone_runs_the_projects_own_tests_whatever_the_table_says(project, table):
    project.write("pyproject.toml", table)
    answer = project.plain()
    assert answer.returncode == 0, answer.stdout
    assert "1 passed" in answer.stdout
    assert not (project.folder / "lab4-results").exists()


def test_a_table_is_measured_where_its_name_is_given(project):
    project.write("pyproject.toml", TABLE)
    answer = project.pytest("--lab4-models", "net", "--lab4-formats", "onnx", "--lab4-batch-sizes", "1")
    assert answer.returncode == 0, answer.stdout
    assert set(project.outcomes()) == {"latency/net-cpu-b1-onnx", "examine/net-cpu-onnx"}


def test_lab4s_suite_by_its_name_has_the_models_of_all_tables(project):
    project.write("pyproject.toml", TABLE + TABLE.replace(".net]", ".other]"))
    ids = project.collected("--pyargs", "lab4.suite", "--lab4-formats", "onnx", "--lab4-batch-sizes", "1")
    assert sorted(each.partition("[")[2] for each in ids) == [
        "net-cpu-b1-onnx]",
        "net-cpu-onnx]",
        "other-cpu-b1-onnx]",
        "other-cpu-onnx]",
    ]


def test_the_option_chooses_among_tables(project):
    project.write("pyproject.toml", TABLE + TABLE.replace(".net]", ".other]").replace("net.onnx", "not_there.onnx"))
    ids = project.collected("--lab4-models", "net")
    assert ids
    assert not [each for each in ids if "other" in each]


def test_a_tables_rules_and_sizes_are_used(project):
    write_onnx(project.folder / "net.onnx", steered=True)
    project.write("pyproject.toml", TABLE + 'inputs = { mode = "const:true" }\n')
    answer = project.pytest("--lab4-models", "net", "--lab4-formats", "onnx", "-k", "examine")
    assert answer.returncode == 0, answer.stdout
    assert list(map(type, project.outcomes().values())) == [Measured]


def test_a_rule_that_is_missing_is_a_failed_cell_with_the_remedy(project):
    write_onnx(project.folder / "net.onnx", steered=True)
    answer = project.pytest("--lab4-model=net.onnx", "--lab4-formats", "onnx", "-k", "examine")
    assert answer.returncode == 1
    assert "the input 'mode' decides which part of the model is computed, and is not guessed" in answer.stdout
    assert "Traceback" not in answer.stdout + answer.stderr


def test_the_hook_names_models_beside_tables_and_entry_points(project, tmp_path_factory):
    packages = tmp_path_factory.mktemp("packages")
    write_package(packages, "acme", {("lab4.models", "built"): "acme_model:MINE"}, {"acme_model.py": MODEL})
    project.write("pyproject.toml", TABLE)
    project.write("conftest.py", HOOK)
    path = os.pathsep.join([str(packages), os.environ.get("PYTHONPATH", "")])
    ids = project.collected("--lab4-models", "net,hooked,built", "--lab4-formats", "onnx,keras", PYTHONPATH=path)
    assert {name for name in ("net", "hooked", "built") if any(f"[{name}-cpu" in each for each in ids)} == {
        "net",
        "hooked",
        "built",
    }


def test_a_hooks_model_is_measured(project):
    project.write("conftest.py", HOOK)
    answer = project.pytest("--lab4-models", "hooked", "--lab4-formats", "onnx", "--lab4-batch-sizes", "1")
    assert answer.returncode == 0, answer.stdout
    assert set(project.outcomes()) == {"latency/hooked-cpu-b1-onnx", "examine/hooked-cpu-onnx"}


@pytest.mark.parametrize(
    "value",
    [
        "lab4.from_model('net.onnx')",
        "{'path': 'net.onnx'}",
        "__import__('pathlib').Path('net.onnx')",
        "build",
        "'conftest.py:build'",
    ],
)
def test_a_hook_may_return_paths_functions_tables_and_suites(project, value):
    body = f"import lab4\n\ndef build(): ...\n\ndef pytest_lab4_models(config):\n    return {{'hooked': {value}}}\n"
    project.write("conftest.py", body)
    assert project.collected("--lab4-models", "hooked", "--lab4-formats", "onnx,keras")


def test_a_hook_is_not_called_in_a_run_without_cells(project):
    project.write("conftest.py", "def pytest_lab4_models(config): raise RuntimeError('called')")
    assert project.plain().returncode == 0


@pytest.mark.parametrize(
    ("files", "arguments", "sentence"),
    [
        ({}, ("--lab4-model=no.onnx",), "there is no file"),
        ({"no.onnx": "nothing"}, ("--lab4-model=no.onnx",), "no.onnx"),
        ({}, ("--lab4-model=net.onnx", "--lab4-model=./net.onnx"), "two models have one name"),
        ({}, ("--lab4-models", "nothing"), "--lab4-models: unknown model 'nothing'; valid: cnn"),
        ({"pyproject.toml": TABLE}, ("--lab4-models", "nothing"), "unknown model 'nothing'; valid: net, cnn"),
        ({"pyproject.toml": TABLE}, ("--lab4-model=net.onnx", "--lab4-models", "net"), "two models have one name"),
        (
            {"pyproject.toml": TABLE + "speling = 1\n"},
            ("--lab4-models", "net"),
            "unknown key in [tool.lab4.models.net]",
        ),
        (
            {"pyproject.toml": "[tool.lab4.gate]\nfalse-alarm = '1%'\n"},
            ("--lab4-model=net.onnx", "--lab4-gate=before.json"),
            "unknown key in [tool.lab4.gate]",
        ),
        ({"pyproject.toml": TABLE + "dims = { h = 0 }\n"}, ("--lab4-models", "net"), "the dimension h: '0' is no size"),
        (
            {"pyproject.toml": TABLE + 'inputs = { sr = "" }\n'},
            ("--lab4-models", "net"),
            "[tool.lab4.models.net]: the input 'sr' is to be filled in, with a rule such as const:16000",
        ),
        ({"pyproject.toml": TABLE.replace(".net]", ".cnn]")}, ("--lab4-models", "cnn"), "called cnn already"),
        ({"pyproject.toml": '[tool.lab4.models]\nnet = "net.onnx"\n'}, ("--lab4-models", "net"), 'needs path = "..."'),
        (
            {"pyproject.toml": TABLE, "conftest.py": HOOK.replace("hooked", "net")},
            ("--lab4-models", "net"),
            "pytest_lab4_models: net: another model is called net already",
        ),
        (
            {"conftest.py": "def pytest_lab4_models(config): return ['net.onnx']"},
            ("--lab4-models", "net"),
            "pytest_lab4_models returned a list; return models by name",
        ),
        (
            {"conftest.py": "def pytest_lab4_models(config): return {'net': 3}"},
            ("--lab4-models", "net"),
            "pytest_lab4_models: net is a int; give a path, a function, a table or lab4.from_model(...)",
        ),
        (
            {"conftest.py": "def pytest_lab4_models(config): return {'net': lambda: 3}"},
            ("--lab4-models", "net"),
            "is not a function at the top of its file",
        ),
        (
            {"conftest.py": "def pytest_lab4_models(config): raise RuntimeError('not today')"},
            ("--lab4-models", "net"),
            "pytest_lab4_models raised RuntimeError: not today",
        ),
    ],
)
def test_bad_input_is_one_sentence(project, files, arguments, sentence):
    for name, text in files.items():
        project.write(name, text)
    answer = project.plain(*arguments)
    assert answer.returncode == 4, answer.stdout + answer.stderr
    assert sentence in answer.stdout + answer.stderr
    assert "Traceback" not in answer.stdout + answer.stderr


def test_a_model_elsewhere_does_not_become_the_project(project, tmp_path_factory):
    elsewhere = write_onnx(tmp_path_factory.mktemp("elsewhere") / "far.onnx")
    project.write("pyproject.toml", "[tool.pytest.ini_options]\n")
    answer = project.plain("--lab4-model", elsewhere)
    assert answer.returncode == 4
    assert "write --lab4-model=... with an equals sign, or add --rootdir=." in answer.stdout + answer.stderr
    for arguments in ((f"--lab4-model={elsewhere}",), ("--lab4-model", elsewhere, "--rootdir=.")):
        assert project.collected(*arguments)


#: Lets Python find no TensorFlow, as on a machine for which there is none.
WITHOUT_TENSORFLOW = """
from importlib.machinery import PathFinder

_found = PathFinder.find_spec


@classmethod
def find_spec(cls, name, path=None, target=None):
    return None if name.partition(".")[0] in {"tensorflow", "tf_keras"} else _found(name, path, target)


PathFinder.find_spec = find_spec
"""


def test_a_file_of_another_framework_is_measured_without_tensorflow(project, tmp_path_factory):
    place = tmp_path_factory.mktemp("hidden")
    (place / "sitecustomize.py").write_text(WITHOUT_TENSORFLOW)
    path = os.pathsep.join(filter(None, [str(place), os.environ.get("PYTHONPATH")]))
    answer = project.pytest("--lab4-model=net.onnx", "--lab4-formats", "onnx", PYTHONPATH=path)
    assert answer.returncode == 0, answer.stdout
    assert all(isinstance(each, Measured) for each in project.outcomes().values())
    answer = project.pytest("--lab4-models", "fcnn", "--pyargs", "lab4.suite", PYTHONPATH=path)
    assert answer.returncode == 4
    assert "the suite is not installed (tensorflow is missing)" in answer.stdout + answer.stderr
