"""Budgets of cells that a selection leaves out: they are neither kept nor broken, and named."""

from collections.abc import Sequence
from dataclasses import replace

from lab4.analysis.figures import FIGURES
from lab4.analysis.gate.verdict import Gate, Judged, Verdict
from lab4.domain.cell import KINDS
from lab4.domain.figures import CellFigures, RunFigures
from lab4.domain.pattern import is_like, may_be_of

__all__ = ["beside_selection"]


def beside_selection(
    gate: Gate, selected: Sequence[RunFigures], whole: Sequence[RunFigures] = (), *, narrowed: bool = False
) -> Gate:
    """The gate of ``selected`` cells, without the verdicts on budgets that found no cell because of the selection.

    ``whole`` has the same runs before some of their cells were selected, where that is known. A budget whose cells
    the selection does not leave out stays, as a pattern that is like nothing is a mistake; unless the selection
    ``narrowed`` what was measured in a way that tells nothing of what it leaves out.
    """
    chosen, every = _cells(selected), _cells(whole)
    found_none = [each for each in gate.judged if each.of_budget and each.verdict is Verdict.MISSING]
    left = [each for each in found_none if narrowed or _is_left_out(each, chosen, every)]
    if not left:
        return gate
    named = ", ".join(f"{FIGURES[each.figure].label} of {each.cell!r}" for each in left)
    return replace(
        gate,
        judged=[each for each in gate.judged if each not in left],
        notes=[*gate.notes, f"budgets of cells that are not selected were not judged: {named}"],
    )


def _cells(runs: Sequence[RunFigures]) -> dict[str, CellFigures]:
    return {key: cell for run in runs for key, cell in run.cells.items()}


def _is_left_out(budget: Judged, chosen: dict[str, CellFigures], every: dict[str, CellFigures]) -> bool:
    if any(cell.state != "measured" and is_like(key, budget.cell) for key, cell in chosen.items()):
        return False  # a cell that was to tell it
    if any(key not in chosen and is_like(key, budget.cell) for key in every):
        return True
    about = {kind for kind in KINDS if may_be_of(kind, budget.cell)}
    here = {key.partition("/")[0] for key in chosen}
    if not about - here:
        return False
    return not about & here or not any(budget.figure in {*cell.values, *cell.missing} for cell in chosen.values())
