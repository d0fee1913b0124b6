"""The examples in docstrings hold."""

import doctest
from importlib import import_module

import pytest
from test_exports import MODULES
from test_imports import HEAVY, modules_after

CROSSCHECK = "benchmarks.harness.crosscheck"
EXAMPLES = {
    name: tests
    for name in [*MODULES, f"{CROSSCHECK}.ranks", f"{CROSSCHECK}.tools.onnxruntime_test"]
    if (tests := [each for each in doctest.DocTestFinder().find(import_module(name)) if each.examples])
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_examples_of_a_module_hold(name):
    runner = doctest.DocTestRunner()
    printed = []
    for each in EXAMPLES[name]:
        runner.run(each, out=printed.append)
    assert not runner.failures, "".join(printed)


def test_the_examples_of_many_modules_are_found():
    assert len(EXAMPLES) > 10


def test_no_example_opens_a_framework():
    tests = f"[doctest.testmod(import_module(name)) for name in {[*EXAMPLES]!r}]"
    assert not HEAVY & modules_after(f"import doctest; from importlib import import_module; {tests}")
