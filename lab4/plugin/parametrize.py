"""Cells to pytest parameters."""

import pytest

from lab4.bench.cells import catalogue_of, cells
from lab4.domain.catalogue import MARKS, Catalogue, has_mark, marks_of
from lab4.domain.cell import KINDS, Cell
from lab4.plugin.settings import settings_of


def _parameter(cell: Cell, catalogue: Catalogue) -> object:
    derived = [getattr(pytest.mark, name) for name in marks_of(cell, catalogue)]
    # Parametrized by the key's text: an object would be "UNSERIALIZABLE" in pytest-benchmark's JSON.
    return pytest.param(cell.key, id=cell.id, marks=[pytest.mark.cell(**cell.axes), *derived])


def parametrize(metafunc: pytest.Metafunc) -> None:
    """Make a test of every cell that has the mark of the test: a kind, or a mark that is derived from traits.

    Raises:
        pytest.UsageError: for a test without one such mark.
    """
    marks = [mark.name for mark in metafunc.definition.iter_markers() if mark.name in (*KINDS, *MARKS)]
    if len(marks) != 1:
        valid = ", ".join(f"@pytest.mark.{kind}" for kind in KINDS)
        raise pytest.UsageError(f"{metafunc.definition.nodeid} uses lab4_cell: mark it with one of {valid}")
    axes = settings_of(metafunc.config).axes
    catalogue = catalogue_of(axes)
    chosen = [
        cell
        for kind in KINDS
        for cell in cells(kind, axes)
        if kind == marks[0] or (marks[0] in MARKS and has_mark(marks[0], cell, catalogue))
    ]
    for kind in {traits.kind for traits in catalogue.techniques.values() if traits.kind is not None}:
        metafunc.config.addinivalue_line("markers", f"{kind}: cells of models after a technique of this kind")
    metafunc.parametrize("lab4_cell", [_parameter(cell, catalogue) for cell in chosen], indirect=True)
