"""Judging some cells only."""

from collections.abc import Sequence
from dataclasses import replace

from lab4.analysis.gate.policy import Rule
from lab4.domain.errors import Lab4Error
from lab4.domain.figures import RunFigures

__all__ = ["like", "only"]


def like(pattern: str, run: RunFigures) -> RunFigures:
    """The run with the cells like ``pattern`` alone."""
    rule = Rule(pattern)
    return replace(run, cells={key: cell for key, cell in run.cells.items() if rule.covers(key, "*")})


def only(
    pattern: str, candidates: Sequence[RunFigures], baselines: Sequence[RunFigures]
) -> tuple[list[RunFigures], list[RunFigures]]:
    """Both sides with the cells like ``pattern`` alone; raises `Lab4Error` where no side has one."""
    sides = [[like(pattern, run) for run in side] for side in (candidates, baselines)]
    if not any(run.cells for side in sides for run in side):
        raise Lab4Error(f"no cell is like {pattern!r}; cells are named as in inference/cnn-cpu-b1-tflite_int8")
    return sides[0], sides[1]
