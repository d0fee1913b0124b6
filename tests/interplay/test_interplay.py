"""Other plugins and pytest's own options: each works with cells, or is refused in one sentence.

docs/reference/interplay.md is the table of what is tested here.
"""

import json
import os
import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from lab4.domain.outcome import Measured, Unavailable

#: By the name that people know: the module of the plugin, and arguments that let it take part.
WORKING = {
    "pytest-randomly": ("pytest_randomly", ()),
    "pytest-rerunfailures": ("pytest_rerunfailures", ("--reruns", "2")),
    "pytest-timeout": ("pytest_timeout", ("--timeout", "3000")),
    "pytest-sugar": ("pytest_sugar", ()),
    "pytest-cov": ("pytest_cov.plugin", ("--cov", "lab4.plugin", "--cov-report", "term")),
    "-W error": (None, ("-W", "error")),
    "PYTHONWARNINGS": (None, ()),
    "pytest-xdist, not in use": ("xdist.plugin", ("-n", "0")),
}

FAILS_ONCE = """
import pytest

SEEN = set()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item):
    if "tflite" in item.nodeid and item.nodeid not in SEEN:
        SEEN.add(item.nodeid)
        raise RuntimeError("a cell that fails once")
"""
DESELECTS_LAST = """
import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    out = [item for item in items if "tflite" in item.nodeid]
    items[:] = [item for item in items if item not in out]
    config.hook.pytest_deselected(items=out)
"""
IN_A_THREAD = """
import sys, threading
import pytest

code = []
thread = threading.Thread(target=lambda: code.append(pytest.main(sys.argv[1:])))
thread.start()
thread.join()
sys.exit(code[0])
"""


def plugin(module):
    """The plugin as an argument of pytest; skips where it is not installed for these tests."""
    if os.environ.get("LAB4_INTERPLAY") is None and find_spec(module.partition(".")[0]) is None:
        pytest.skip("the other plugins are installed by tox -e tests")
    return (module,)


def both_measured(project, answer, ends=0):
    """Assert that both cells are measured, and that nothing went wrong."""
    assert answer.returncode == ends, answer.stdout + answer.stderr
    assert "Traceback" not in answer.stdout + answer.stderr
    assert "INTERNALERROR" not in answer.stdout + answer.stderr
    run = project.run()
    assert run.complete
    assert [type(each.outcome) for each in run.measurements] == [Measured, Measured]


@pytest.mark.parametrize(("module", "arguments"), WORKING.values(), ids=WORKING)
def test_it_works(project, module, arguments, request):
    plugins = () if module is None else plugin(module)
    environment = {"PYTHONWARNINGS": "error"} if "PYTHONWARNINGS" in request.node.name else {}
    both_measured(project, project.pytest(*arguments, plugins=plugins, **environment))


def test_plugins_that_load_by_themselves_work(project):
    """As most people have them: pytest finds every installed plugin."""
    both_measured(project, project.pytest(plugins=None))


def test_a_rerun_is_measured_and_recorded(project):
    project.conftest(FAILS_ONCE)
    answer = project.pytest("--reruns", "2", "--lab4-progress", "steps", plugins=plugin("pytest_rerunfailures"))
    both_measured(project, answer)
    assert "1 rerun" in answer.stdout
    assert not re.search(r"[3-9]/2 |-\d+ of", answer.stdout)


def test_without_a_rerun_the_failure_is_the_cells_reason_and_a_line_of_pytests_summary(project):
    project.conftest(FAILS_ONCE)
    answer = project.pytest()
    assert answer.returncode == 1
    assert re.search(r"^FAILED benchmarks/test_latency.py::test_latency\[fcnn", answer.stdout, re.MULTILINE)
    reasons = [getattr(each.outcome, "reason", None) for each in project.run().measurements]
    assert reasons == ["RuntimeError: a cell that fails once", None]


def test_repeated_cells_are_refused(project):
    answer = project.pytest("--count", "2", plugins=plugin("pytest_repeat"))
    assert answer.returncode == 4
    assert "would be measured twice" in answer.stderr
    assert "leave out --count of pytest-repeat" in answer.stderr
    assert "Traceback" not in answer.stdout + answer.stderr


def test_a_group_of_a_split_run_is_a_complete_run(project):
    answer = project.pytest("--splits", "2", "--group", "1", plugins=plugin("pytest_split.plugin"))
    assert answer.returncode == 0, answer.stdout
    assert "interrupted" not in answer.stdout
    assert project.run().complete
    assert len(project.run().measurements) == 1


def test_what_a_last_hook_deselects_was_never_planned(project):
    project.conftest(DESELECTS_LAST)
    answer = project.pytest()
    assert answer.returncode == 0, answer.stdout
    assert "interrupted" not in answer.stdout
    run = project.run()
    assert run.complete
    assert [each.cell.format for each in run.measurements] == ["onnx"]


@pytest.mark.parametrize("arguments", [("-n", "2"), ("-n", "1", "--dist", "loadfile")])
def test_a_distributed_run_measures_nothing_and_says_so(project, arguments):
    answer = project.pytest(*arguments, plugins=plugin("xdist.plugin"))
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "lab4: 2 cells not measured: tests that run at once disturb each other's timing" in answer.stdout
    assert "2 skipped" in answer.stdout
    assert not (project.folder / "results").exists()


@pytest.mark.parametrize(
    ("arguments", "plugins"), [(("-p", "no:benchmark"), None), (("-p", "no:pytest_benchmark.plugin"), ())]
)
def test_without_pytest_benchmark_the_run_is_refused(project, arguments, plugins):
    answer = project.pytest(*arguments, plugins=plugins)
    assert answer.returncode == 4
    assert "the plugin pytest-benchmark is not active" in answer.stderr
    assert "Traceback" not in answer.stdout + answer.stderr
    assert "INTERNALERROR" not in answer.stdout + answer.stderr


def test_without_our_plugin_the_suite_is_refused(project):
    answer = project.pytest("-p", "no:lab4", plugins=None, options={})
    assert answer.returncode == 4
    assert "the plugin lab4 is not active" in answer.stderr
    assert "Traceback" not in answer.stdout + answer.stderr


def test_without_the_plugin_of_warnings_cells_are_measured(project):
    both_measured(project, project.pytest("-p", "no:warnings"))


@pytest.mark.parametrize("option", ["--setup-plan", "--setup-only"])
def test_a_setup_alone_is_refused(project, option):
    answer = project.pytest(option)
    assert answer.returncode == 4
    assert "--setup-only and --setup-plan measure nothing; list the cells with --collect-only" in answer.stderr
    assert not (project.folder / "results").exists()


def test_last_failed_measures_only_what_failed(project):
    project.conftest(FAILS_ONCE)
    assert project.pytest().returncode == 1
    (project.folder / "benchmarks" / "conftest.py").write_text("collect_ignore = ['harness']\n", encoding="utf-8")
    answer = project.pytest("--lf")
    assert answer.returncode == 0, answer.stdout
    run = project.run()
    assert run.complete
    assert [each.cell.format for each in run.measurements] == ["tflite_float32"]
    assert isinstance(run.measurements[0].outcome, Measured)


@pytest.mark.parametrize(
    ("option", "reason"),
    [
        ("--benchmark-disable", "pytest-benchmark is switched off"),
        ("--benchmark-skip", "Skipping benchmark (--benchmark-skip active)."),
    ],
)
def test_switched_off_benchmarks_are_reported_as_not_measured(project, option, reason):
    answer = project.pytest(option)
    assert answer.returncode == 0, answer.stdout
    outcomes = [each.outcome for each in project.run().measurements]
    assert [type(each) for each in outcomes] == [Unavailable, Unavailable]
    assert all(reason in each.reason for each in outcomes)


def test_a_saved_run_compares_with_the_next_one_of_this_machine(project):
    both_measured(project, project.pytest("--benchmark-autosave"))
    (saved,) = (project.folder / ".benchmarks").rglob("*.json")
    assert "lab4" in json.loads(saved.read_text(encoding="utf-8"))["machine_info"]
    answer = project.pytest("--benchmark-compare", "-W", "error")
    both_measured(project, answer)
    assert "machine_info is different" not in answer.stdout + answer.stderr
    assert "Comparing against benchmarks from" in answer.stdout + answer.stderr


def test_pytest_in_a_thread_works(project):
    (project.folder / "in_a_thread.py").write_text(IN_A_THREAD, encoding="utf-8")
    both_measured(project, project.pytest(start=("in_a_thread.py",)))


def test_the_page_names_every_plugin_and_option_that_is_tested(pytestconfig):
    page = (pytestconfig.rootpath / "docs" / "reference" / "interplay.md").read_text(encoding="utf-8")
    source = Path(__file__).read_text(encoding="utf-8")
    named = {
        *(name.partition(",")[0] for name in WORKING),
        *re.findall(r"\"(--(?:count|splits|lf|reruns|dist|benchmark-[a-z]+))\"", source),
        *("no:benchmark", "trylast", "pytest.main"),
    }
    assert {name for name in named if name not in page} == set()
