"""What a package offers is listed in its face; in a module of a package, a name without an underscore is public."""

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
    assert hasattr(module, "__path__") or not exported, "names are listed where a package hands them on"
    # As the linter sorts: constants, then classes, then the rest.
    assert list(exported) == sorted(exported, key=lambda each: (not each.isupper(), not each[0].isupper(), each))
    assert all(hasattr(module, each) for each in exported)


@pytest.mark.parametrize("name", MODULES)
def test_every_module_says_what_it_is_for(name):
    assert import_module(name).__doc__
