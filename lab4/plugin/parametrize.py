"""Cells to pytest parameters."""

import pytest

from lab4.bench.cells import cells
from lab4.domain.cell import PARTS, Cell
from lab4.plugin.settings import settings_of

__all__ = ["parametrize"]


def _parameter(cell: Cell) -> object:
    exact = pytest.mark.cell(
        part=cell.part,
        model=cell.model,
        technique=".".join(cell.techniques) or "original",
        device=cell.device,
        batch_size=cell.batch_size,
        format=cell.format,
        threads=cell.threads,
    )
    # Parametrized by the key's text: an object would stand as "UNSERIALIZABLE" in pytest-benchmark's JSON.
    return pytest.param(cell.key, id=cell.id, marks=[exact])


def parametrize(metafunc: pytest.Metafunc) -> None:
    """Make a test of every cell of the part that marks the test; raises `pytest.UsageError` without one."""
    marks = [mark.name for mark in metafunc.definition.iter_markers() if mark.name in PARTS]
    if len(marks) != 1:
        valid = ", ".join(f"@pytest.mark.{part}" for part in PARTS)
        raise pytest.UsageError(f"{metafunc.definition.nodeid} uses lab4_cell: mark it with one of {valid}")
    chosen = cells(marks[0], settings_of(metafunc.config).axes)
    metafunc.parametrize("lab4_cell", [_parameter(cell) for cell in chosen], indirect=True)
