"""Budgets of cells that a selection leaves out: they are not judged, but named."""

from collections.abc import Sequence
from dataclasses import replace

from lab4.analysis.figures import FIGURES
from lab4.analysis.gate.verdict import GateResult, Verdict, VerdictOutcome
from lab4.domain.cell import KINDS
from lab4.domain.figures import CellFigures, RunFigures
from lab4.domain.pattern import is_like, may_be_of

__all__ = ["without_unselected_budgets"]


def without_unselected_budgets(
    gate: GateResult, selected: Sequence[RunFigures], whole: Sequence[RunFigures] = (), *, narrowed: bool = False
) -> GateResult:
    """The gate of ``selected`` cells, without the verdicts on budgets whose cells were not selected.

    ``whole`` has the same runs before cells were selected, where that is known. A budget stays if the selection does
    not leave out its cells: a pattern that matches no cell is a mistake. Where the selection ``narrowed`` what was
    measured, and what it leaves out is unknown, no such budget stays.
    """
    chosen, every = _cells(selected), _cells(whole)
    unmatched = [
        verdict for verdict in gate.verdicts if verdict.is_budget and verdict.outcome is VerdictOutcome.MISSING
    ]
    left_out = [verdict for verdict in unmatched if narrowed or _is_left_out(verdict, chosen, every)]
    if not left_out:
        return gate
    named = ", ".join(f"{FIGURES[verdict.figure].label} of {verdict.cell!r}" for verdict in left_out)
    return replace(
        gate,
        verdicts=[verdict for verdict in gate.verdicts if verdict not in left_out],
        notes=[*gate.notes, f"budgets of cells that are not selected were not judged: {named}"],
    )


def _cells(runs: Sequence[RunFigures]) -> dict[str, CellFigures]:
    return {key: cell for run in runs for key, cell in run.cells.items()}


def _is_left_out(budget: Verdict, chosen: dict[str, CellFigures], every: dict[str, CellFigures]) -> bool:
    if any(cell.state != "measured" and is_like(key, budget.cell) for key, cell in chosen.items()):
        return False  # a selected cell should have had the figure
    if any(key not in chosen and is_like(key, budget.cell) for key in every):
        return True
    about = {kind for kind in KINDS if may_be_of(kind, budget.cell)}
    present = {key.partition("/")[0] for key in chosen}
    if not about - present:
        return False
    return not about & present or not any(budget.figure in {*cell.values, *cell.missing} for cell in chosen.values())
