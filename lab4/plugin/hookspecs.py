"""The hook that lab4 asks plugins and conftest.py files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping


@pytest.hookspec
def pytest_lab4_models(config: pytest.Config) -> Mapping[str, object] | None:
    """Return models of the project by name, as tables ``[tool.lab4.models.NAME]`` of pyproject.toml are.

    Each is a path, a function (itself, or its text ``package.module:name``), a `lab4.ModelSuite`, or a mapping with the
    keys of such a table. Relative paths are relative to pytest's root folder. It is called where cells are collected,
    or ``--lab4-models`` is given, and not in other runs.
    """
