"""What a run was asked for, by its options and variables."""

import pytest

from lab4.bench.bench import Bench
from lab4.bench.profiles import PATIENCE_S
from lab4.plugin import settings


def test_patience_is_that_of_the_variable(pytestconfig, monkeypatch):
    monkeypatch.delenv("LAB4_PATIENCE", raising=False)
    usual = settings._resolved(pytestconfig, for_cells=False).order
    assert usual.patience_s == PATIENCE_S
    monkeypatch.setenv("LAB4_PATIENCE", "7")
    order = settings._resolved(pytestconfig, for_cells=False).order
    assert Bench(order, pytest.fail)._timing.patience_s == 7
