"""Judging only the cells that a pattern selects."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from lab4.analysis.gate.commands import measuring
from lab4.domain.errors import Lab4Error
from lab4.domain.figures import CellFigures, RunFigures
from lab4.domain.pattern import is_like, selected

__all__ = ["selected_run", "selected_sides", "with_unselected"]


def selected_run(pattern: str, run: RunFigures) -> RunFigures:
    """The run with only the cells that match ``pattern``."""
    return replace(run, cells={key: cell for key, cell in run.cells.items() if is_like(key, pattern)})


def selected_sides(
    pattern: str, candidates: Sequence[RunFigures], baselines: Sequence[RunFigures]
) -> tuple[list[RunFigures], list[RunFigures]]:
    """Both sides with only the cells that match ``pattern``.

    Raises:
        Lab4Error: for a pattern that matches no cell, or where one side has no selected cell.
    """
    cells = selected((key for run in (*candidates, *baselines) for key in run.cells), pattern)
    sides = [[selected_run(pattern, run) for run in side] for side in (candidates, baselines)]
    for name, side in zip(("candidate", "baseline"), sides, strict=True):
        if side and not any(run.cells for run in side):
            command = measuring(cells, side[-1].settings.profile)
            raise Lab4Error(f"the {name} has no cell like {pattern!r} ({side[-1].source}); measure it with: {command}")
    return sides[0], sides[1]


def with_unselected(run: RunFigures, cells: Iterable[str]) -> RunFigures:
    """The run, with those of ``cells`` that a selection left out of it as unavailable cells."""
    return replace(run, cells={**{key: CellFigures("unavailable") for key in cells}, **run.cells})
