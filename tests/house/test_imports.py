"""Heavy packages stay unimported until they are used: reading results and collecting tests must be fast."""

import ast
import subprocess
import sys
from collections import Counter
from importlib.metadata import packages_distributions

import pytest
from packaging.utils import canonicalize_name

from lab4.dependencies import required

#: Distributions of the suite that a module may import at its top. Every other one is heavy.
LIGHT = {"numpy", "psutil", "pytest", "pytest-benchmark", "setuptools"}
#: Some distributions install folders of these names by mistake.
STRAY = {"examples", "tests", "tools"}
HEAVY = {
    module
    for module, owners in packages_distributions().items()
    if {canonicalize_name(each) for each in owners} & {canonicalize_name(each) for each in required("suite")} - LIGHT
} - STRAY


def modules_after(code):
    """The top-level modules that a fresh interpreter holds after running ``code``."""
    printed = "; import sys; print(' '.join({name.partition('.')[0] for name in sys.modules}))"
    answer = subprocess.run([sys.executable, "-c", code + printed], capture_output=True, text=True, check=True)
    return set(answer.stdout.splitlines()[-1].split())


def test_reading_results_loads_no_framework_and_no_pytest():
    loaded = modules_after(
        "import lab4.history.run_file, lab4.worksheet, lab4.analysis.overview, lab4.report.files, lab4.cli"
    )
    assert not (HEAVY | {"pytest", "numpy"}) & loaded


@pytest.mark.parametrize(("on_github", "loaded"), [("false", False), ("true", True)])
def test_a_gates_text_loads_templates_only_for_annotations(on_github, loaded):
    code = (
        f"import os; os.environ['GITHUB_ACTIONS'] = {on_github!r}; from lab4.analysis.gate.verdict import GateResult; "
        "from lab4.report.gate.text import printed; printed(GateResult((), (), (), ()))"
    )
    assert ("jinja2" in modules_after(code)) is loaded


@pytest.mark.parametrize("name", sorted(HEAVY))
def test_the_check_above_sees_every_heavy_package(name, tmp_path, monkeypatch):
    (tmp_path / f"{name}.py").touch()  # in its place: opening each takes seconds
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=":")
    assert name in HEAVY & modules_after(f"import {name}")


def imported_at_the_top(source):
    """The top-level names that a module imports when it is imported."""
    nodes = [ast.parse(source)]
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            nodes.extend(ast.iter_child_nodes(node))


def test_no_module_imports_a_heavy_package_at_its_top(pytestconfig):
    root = pytestconfig.rootpath
    sources = [*(root / "lab4").rglob("*.py"), *(root / "benchmarks").rglob("*.py")]
    found = {path.relative_to(root): HEAVY & set(imported_at_the_top(path.read_text("utf-8"))) for path in sources}
    assert {path: names for path, names in found.items() if names} == {}


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import os, onnx.helper", {"os", "onnx"}),
        ("if os:\n    from tensorflow import keras", {"tensorflow"}),
        ("class A:\n    import onnx", {"onnx"}),
        ("def f():\n    import onnx", set()),
    ],
)
def test_imports_at_the_top_are_found(source, names):
    assert set(imported_at_the_top(source)) == names


def test_the_plugin_imports_nothing_of_its_own_until_it_is_used():
    loaded = modules_after("import pytest, lab4.plugin, sys; print(*[m for m in sys.modules if m.startswith('lab4.')])")
    assert {name for name in loaded if name.startswith("lab4.")} <= {"lab4.plugin"}
    assert not (HEAVY | {"pydantic", "jinja2", "numpy"}) & loaded


def test_collecting_the_suite_opens_no_framework(pytestconfig):
    suite = str(pytestconfig.rootpath / "benchmarks")
    code = f"import pytest; assert pytest.main(['--collect-only', '-q', {suite!r}]) == 0"
    assert not HEAVY & modules_after(code)


@pytest.mark.parametrize("name", ["CNN", "FCNN"])
def test_a_registry_entry_is_light(name):
    assert not HEAVY & modules_after(f"from lab4.models import MODELS; MODELS[{name.lower()!r}]")


def test_no_two_test_files_have_one_name(pytestconfig):
    """pytest imports them by their names alone: the second is an error, in the process that has the first."""
    names = Counter(each.name for each in (pytestconfig.rootpath / "tests").rglob("test_*.py"))
    assert not [name for name, count in names.items() if count > 1]
