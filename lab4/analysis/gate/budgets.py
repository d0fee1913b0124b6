"""Limits that hold whatever the baseline is."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from lab4.analysis.figures import FIGURES
from lab4.analysis.gate.policy import Budget, Policy
from lab4.analysis.gate.verdict import Evidence, ExitCode, Judged, Verdict
from lab4.domain.figures import RunFigures
from lab4.sampling.quantiles import median

__all__ = ["judge_budgets"]


def judge_budgets(candidates: Sequence[RunFigures], policy: Policy) -> list[Judged]:
    """Judge each budget on each cell it covers: the median of the candidate's runs.

    A budget of no cell, and a cell that was to be measured and whose figure could not be told, are named: neither keeps
    it. Cells that this machine cannot measure are not: presence tells of them.
    """
    judged = []
    for budget in policy.budgets:
        found = _values(candidates, budget)
        judged += [_judged(cell, budget, values) for cell, values in found.items()]
        judged += _untold(candidates, budget, found)
        if not found:
            reason = (
                f"budget of {FIGURES[budget.figure].label} {budget.written}: no measured cell is like {budget.cells!r}"
            )
            judged.append(Judged(budget.cells, budget.figure, Verdict.MISSING, reason, stops=ExitCode.CANNOT_JUDGE))
    return [replace(each, of_budget=True) for each in judged]


def _values(candidates: Sequence[RunFigures], budget: Budget) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for run in candidates:
        for key, cell in run.cells.items():
            if cell.state == "measured" and budget.figure in cell.values and budget.covers(key, budget.figure):
                found.setdefault(key, []).append(cell.values[budget.figure])
    return found


def _untold(candidates: Sequence[RunFigures], budget: Budget, found: Collection[str]) -> list[Judged]:
    reasons: dict[str, str] = {}
    for run in candidates:
        for key, cell in run.cells.items():
            if key in found or not budget.covers(key, budget.figure):
                continue
            if cell.state in {"failed", "interrupted"}:
                reasons[key] = cell.reason or cell.state
            elif budget.figure in cell.missing:
                reasons[key] = cell.missing[budget.figure]
    label = FIGURES[budget.figure].label
    return [
        Judged(
            key,
            budget.figure,
            Verdict.INCONCLUSIVE,
            f"{label} has a budget of {budget.written} and could not be told: {reason}",
            stops=ExitCode.CANNOT_JUDGE,
        )
        for key, reason in reasons.items()
    ]


def _judged(cell: str, budget: Budget, values: list[float]) -> Judged:
    value = median(values)
    over = budget.at_most is not None and value > budget.at_most
    under = budget.at_least is not None and value < budget.at_least
    limit = budget.at_most if budget.at_least is None else budget.at_least
    evidence = Evidence(baseline=limit, candidate=value)
    label = FIGURES[budget.figure].label
    if over or under:
        reason = f"{label} breaks its budget of {budget.written}"
        return Judged(cell, budget.figure, Verdict.WORSE, reason, evidence, ExitCode.REGRESSION)
    return Judged(cell, budget.figure, Verdict.SAME, f"{label} keeps its budget of {budget.written}", evidence)
