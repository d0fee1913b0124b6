"""Judging some cells only."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from lab4.analysis.gate.commands import measuring
from lab4.domain.errors import Lab4Error
from lab4.domain.figures import CellFigures, RunFigures
from lab4.domain.pattern import is_like, selected

__all__ = ["like", "only", "with_left_out"]


def like(pattern: str, run: RunFigures) -> RunFigures:
    """The run with the cells like ``pattern`` alone."""
    return replace(run, cells={key: cell for key, cell in run.cells.items() if is_like(key, pattern)})


def only(
    pattern: str, candidates: Sequence[RunFigures], baselines: Sequence[RunFigures]
) -> tuple[list[RunFigures], list[RunFigures]]:
    """Both sides with the cells like ``pattern`` alone.

    Raises:
        Lab4Error: for a pattern that is like no cell, or where one side has no cell that is selected.
    """
    cells = selected((key for run in (*candidates, *baselines) for key in run.cells), pattern)
    sides = [[like(pattern, run) for run in side] for side in (candidates, baselines)]
    for name, side in zip(("candidate", "baseline"), sides, strict=True):
        if side and not any(run.cells for run in side):
            command = measuring(cells, side[-1].settings.profile)
            raise Lab4Error(f"the {name} has no cell like {pattern!r} ({side[-1].source}); measure it with: {command}")
    return sides[0], sides[1]


def with_left_out(run: RunFigures, cells: Iterable[str]) -> RunFigures:
    """The run with those of ``cells`` that a selection left out of it, as cells that nothing is known of."""
    return replace(run, cells={**{key: CellFigures("unavailable") for key in cells}, **run.cells})
