"""Which collected tests are cells, and in what order they run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab4.domain.cell import KINDS, Cell

if TYPE_CHECKING:
    import pytest


def is_cell(item: pytest.Item) -> bool:
    """Whether the test was parametrized with a cell."""
    return "lab4_cell" in getattr(item, "fixturenames", ())


def has_no_cell(item: pytest.Item) -> bool:
    """Whether it is what pytest makes of a kind in which nothing was asked for: a test without a parameter."""
    return is_cell(item) and not isinstance(item.callspec.params["lab4_cell"], str)  # type: ignore[attr-defined]


def is_of_suite(item: pytest.Item) -> bool:
    """Whether it is a project's own test, of a suite that `lab4.from_model` made."""
    return is_cell(item) and item.get_closest_marker("lab4_suite") is not None


def key_of(item: pytest.Item) -> str:
    """The cell key that a collected cell was parametrized with."""
    return str(item.callspec.params["lab4_cell"])  # type: ignore[attr-defined]  # pytest.Function has it


def cell_of(item: pytest.Item) -> Cell:
    """The cell that a collected cell was parametrized with."""
    return Cell.from_key(key_of(item))


def in_order(items: list[pytest.Item]) -> list[pytest.Item]:
    """Other tests as they come, then the cells by kind: the models first, which the rest use."""
    order = {kind: index for index, kind in enumerate(KINDS)}
    return sorted(items, key=lambda item: order[cell_of(item).kind] if is_cell(item) else -1)
