"""Deliberate changes: approved once, with a reason, and part of the baseline from then on."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from lab4.analysis.figures import FIGURES, Nature
from lab4.analysis.gate.policy import PolicyRule
from lab4.analysis.gate.presence import MEASUREMENT
from lab4.analysis.gate.verdict import Verdict, VerdictOutcome
from lab4.domain.approval import Approval
from lab4.domain.figures import CellFigures, RunFigures
from lab4.domain.moment import moment

__all__ = ["approvals_of", "with_approvals"]


def with_approvals(
    runs: Sequence[RunFigures], approvals: Iterable[Approval], *, whenever: bool = False
) -> list[RunFigures]:
    """The runs as if they had every approved change; runs that started after an approved run have it already.

    ``whenever``: apply each approval to every run, for older code that was measured after the approved runs.
    """
    changed = list(runs)
    for approval in sorted(approvals, key=lambda approval: moment(approval.started_at)):
        since = moment(approval.started_at)
        changed = [_with(run, approval) if whenever or moment(run.started_at) < since else run for run in changed]
    return changed


def _with(run: RunFigures, approval: Approval) -> RunFigures:
    cell = run.cells.get(approval.cell)
    if cell is None:
        return run
    if approval.figure == MEASUREMENT:
        return replace(run, cells={key: value for key, value in run.cells.items() if key != approval.cell})
    if approval.factor is approval.value is None:
        return replace(run, cells={**run.cells, approval.cell: _without(cell, approval.figure)})
    return replace(run, cells={**run.cells, approval.cell: _changed(cell, approval)})


def _without(cell: CellFigures, figure: str) -> CellFigures:
    """The cell without a figure whose absence was approved."""
    values, corrected = (
        {name: value for name, value in figures.items() if name != figure} for figures in (cell.values, cell.corrected)
    )
    return replace(cell, values=values, corrected=corrected)


def _changed(cell: CellFigures, approval: Approval) -> CellFigures:
    if approval.figure not in cell.values:
        return cell
    if FIGURES[approval.figure].nature is Nature.TIMED and approval.factor is not None:
        values, corrected = dict(cell.values), dict(cell.corrected)
        values[approval.figure] *= approval.factor
        if approval.figure in corrected:
            corrected[approval.figure] *= approval.factor
        return replace(cell, values=values, corrected=corrected)
    values = dict(cell.values)
    if approval.value is not None:
        values[approval.figure] = approval.value
    correct = cell.correct if approval.correct is None else approval.correct
    return replace(cell, values=values, correct=correct)


def approvals_of(  # noqa: PLR0913  # what an approval records
    verdicts: Iterable[Verdict],
    candidates: Sequence[RunFigures],
    rule: PolicyRule,
    reason: str,
    by: str,
    *,
    paired: bool = False,
) -> list[Approval]:
    """Approve every worse or missing figure that stops the gate and that ``rule`` covers.

    The approved value is that of the candidate's last run. Budgets do not belong to the baseline and cannot be
    approved. The approval holds for runs from the candidate's first one on; for interleaved sides (``paired``) from
    its last one on, because the baseline's runs lie between the candidate's.
    """
    since = candidates[-1].started_at if paired else min((run.started_at for run in candidates), key=moment)
    return [
        _approval(verdict, _last(verdict, candidates), Approval(verdict.cell, verdict.figure, since, reason, by))
        for verdict in verdicts
        if verdict.stops
        and not verdict.is_budget
        and verdict.outcome in {VerdictOutcome.WORSE, VerdictOutcome.MISSING}
        and rule.covers(verdict.cell, verdict.figure)
    ]


def _last(verdict: Verdict, runs: Sequence[RunFigures]) -> CellFigures | None:
    """The cell in the last run that has the figure: a cell that was decided early is not in later runs."""
    cells = [run.cells[verdict.cell] for run in runs if verdict.cell in run.cells]
    return next((cell for cell in reversed(cells) if cell.state == "measured" and verdict.figure in cell.values), None)


def _approval(verdict: Verdict, cell: CellFigures | None, plain: Approval) -> Approval:
    if cell is None:  # the cell or the figure is missing
        return plain
    nature = FIGURES[verdict.figure].nature
    if nature is Nature.TIMED:
        return replace(plain, factor=1 + (verdict.evidence.change or 0.0))
    return replace(plain, value=cell.values[verdict.figure], correct=cell.correct if nature is Nature.PAIRED else None)
