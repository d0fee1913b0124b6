"""Public names are listed, sorted and there."""

import pkgutil
from importlib import import_module

import pytest

import lab4

MODULES = [
    module.name
    for module in pkgutil.walk_packages(lab4.__path__, "lab4.")
    if not module.name.startswith(("lab4.report.templates", "lab4.__main__"))
]


@pytest.mark.parametrize("name", MODULES)
def test_all_is_sorted_and_true(name):
    module = import_module(name)
    exported = getattr(module, "__all__", [])
    # As the linter sorts: constants, then classes, then the rest.
    assert list(exported) == sorted(exported, key=lambda each: (not each.isupper(), not each[0].isupper(), each))
    assert all(hasattr(module, each) for each in exported)


@pytest.mark.parametrize("name", MODULES)
def test_every_module_says_what_it_is_for(name):
    assert import_module(name).__doc__
