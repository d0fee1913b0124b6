"""Runs with some of their cells: those that match a pattern."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from lab4.domain.commands import measuring
from lab4.domain.errors import Lab4Error
from lab4.domain.figures import CellFigures, RunFigures
from lab4.domain.pattern import is_like, selected


def like(pattern: str | None, runs: Sequence[RunFigures]) -> frozenset[str] | None:
    """The cells of these runs that match a pattern; ``None``, which is all cells, for none."""
    return None if pattern is None else frozenset(key for run in runs for key in run.cells if is_like(key, pattern))


def only_cells(runs: Sequence[RunFigures], cells: frozenset[str] | None) -> list[RunFigures]:
    """The runs with only these cells, or as they are for ``None``."""
    if cells is None:
        return list(runs)
    return [replace(run, cells={key: cell for key, cell in run.cells.items() if key in cells}) for run in runs]


def require_selected(pattern: str, candidates: Sequence[RunFigures], baselines: Sequence[RunFigures]) -> None:
    """Raise `Lab4Error` for a pattern that matches no cell, or where one side has no cell like it."""
    cells = selected((key for run in (*candidates, *baselines) for key in run.cells), pattern)
    for name, side in (("candidate", candidates), ("baseline", baselines)):
        if side and not like(pattern, side):
            command = measuring(cells, side[-1].settings.profile)
            raise Lab4Error(f"the {name} has no cell like {pattern!r} ({side[-1].source}); measure it with: {command}")


def with_unselected(run: RunFigures, cells: Iterable[str]) -> RunFigures:
    """The run, with those of ``cells`` that a selection left out of it as unavailable cells."""
    return replace(run, cells={**{key: CellFigures("unavailable") for key in cells}, **run.cells})
