"""Heavy packages stay shut until they are used: reading results and collecting tests must be fast."""

import subprocess
import sys

import pytest

HEAVY = {
    "tensorflow",
    "tf_keras",
    "onnxruntime",
    "tf2onnx",
    "tensorflowjs",
    "tensorflow_model_optimization",
    "ai_edge_litert",
    "jax",
}


def modules_after(code):
    """The top-level modules that a fresh interpreter holds after running ``code``."""
    printed = "; import sys; print(' '.join({name.partition('.')[0] for name in sys.modules}))"
    answer = subprocess.run([sys.executable, "-c", code + printed], capture_output=True, text=True, check=True)
    return set(answer.stdout.split())


def test_reading_results_loads_no_framework_and_no_pytest():
    loaded = modules_after(
        "import lab4.history.run_file, lab4.worksheet, lab4.analysis.overview, lab4.report.files, lab4.cli"
    )
    assert not (HEAVY | {"pytest", "numpy"}) & loaded


@pytest.mark.parametrize(("on_github", "loaded"), [("false", False), ("true", True)])
def test_a_gates_text_loads_templates_only_for_annotations(on_github, loaded):
    code = (
        f"import os; os.environ['GITHUB_ACTIONS'] = {on_github!r}; from lab4.analysis.gate.verdict import Gate; "
        "from lab4.report.gate.console import printed; printed(Gate((), (), (), ()))"
    )
    assert ("jinja2" in modules_after(code)) is loaded


def test_the_check_above_can_fail():
    assert "onnxruntime" in HEAVY & modules_after("from lab4 import frameworks; frameworks.onnxruntime()")


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
