"""Cells to pytest parameters."""

from collections.abc import Sequence

import pytest

from lab4.bench.cells import catalogue_of, cells
from lab4.domain.catalogue import MARKS, Catalogue, has_mark, marks_of
from lab4.domain.cell import KINDS, Cell
from lab4.plugin.recording import collection_errors
from lab4.plugin.settings import settings_of, settings_of_cells
from lab4.plugin.suites import SUITE, ModelSuite


def _parameter(cell: Cell, catalogue: Catalogue, *, arguments: int = 1, marks: Sequence[str] = ()) -> object:
    derived = [getattr(pytest.mark, name) for name in (*marks_of(cell, catalogue), *marks)]
    # Parametrized by the key's text: an object would be "UNSERIALIZABLE" in pytest-benchmark's JSON.
    return pytest.param(*[cell.key] * arguments, id=cell.id, marks=[pytest.mark.cell(**cell.axes), *derived])


def parametrize(metafunc: pytest.Metafunc) -> None:
    """Make tests of cells; what keeps it from that is said in one sentence."""
    with collection_errors(metafunc.config):
        _parametrize(metafunc)


def _parametrize(metafunc: pytest.Metafunc) -> None:
    """Make a test of every cell that has the mark of the test: a kind, or a mark that is derived from traits.

    A test of a `ModelSuite` is made for the cells of that.

    Raises:
        pytest.UsageError: for a test without one such mark, or a suite that has no cell or model.
    """
    suite = metafunc.definition.get_closest_marker(SUITE)
    if suite is not None:
        _parametrize_suite(metafunc, suite.args[0])
        return
    marks = [mark.name for mark in metafunc.definition.iter_markers() if mark.name in (*KINDS, *MARKS)]
    if len(marks) != 1:
        valid = ", ".join(f"@pytest.mark.{kind}" for kind in KINDS)
        raise pytest.UsageError(f"{metafunc.definition.nodeid} uses lab4_cell: mark it with one of {valid}")
    axes = settings_of_cells(metafunc.config).axes
    catalogue = catalogue_of(axes)
    chosen = [
        cell
        for kind in axes.kinds
        for cell in cells(kind, axes)
        if kind == marks[0] or (marks[0] in MARKS and has_mark(marks[0], cell, catalogue))
    ]
    for kind in {traits.kind for traits in catalogue.techniques.values() if traits.kind is not None}:
        metafunc.config.addinivalue_line("markers", f"{kind}: cells of models after a technique of this kind")
    metafunc.parametrize("lab4_cell", [_parameter(cell, catalogue) for cell in chosen], indirect=True)


def _parametrize_suite(metafunc: pytest.Metafunc, suite: ModelSuite) -> None:
    if "cell" not in metafunc.fixturenames:
        raise pytest.UsageError(f"lab4: {metafunc.definition.nodeid}: a test of a suite takes the argument cell")
    axes = suite.axes(metafunc.config, settings_of(metafunc.config).axes)
    chosen = suite.cells(axes)
    catalogue = catalogue_of(axes)
    found = [_parameter(cell, catalogue, arguments=2, marks=[cell.kind]) for cell in chosen]
    metafunc.parametrize(("lab4_cell", "cell"), found, indirect=["lab4_cell"])
