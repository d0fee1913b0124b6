"""Budgets: limits that hold whatever the baseline is."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from lab4.analysis.figures import FIGURES
from lab4.analysis.gate.policy import BudgetRule, Policy
from lab4.analysis.gate.verdict import Evidence, ExitCode, Verdict, VerdictOutcome
from lab4.domain.figures import RunFigures
from lab4.sampling.quantiles import median

__all__ = ["judge_budgets"]


def judge_budgets(candidates: Sequence[RunFigures], policy: Policy) -> list[Verdict]:
    """Judge each budget on each cell that it covers, by the median of the candidate's runs.

    A budget that covers no cell cannot be judged, nor can one of a cell whose figure is missing. Cells that are
    unavailable on this machine have no verdict here: `judge_presence` reports them.
    """
    verdicts = []
    for budget in policy.budgets:
        values = _values(candidates, budget)
        verdicts += [_verdict(cell, budget, measured) for cell, measured in values.items()]
        verdicts += _without_value(candidates, budget, values)
        if not values:
            label = FIGURES[budget.figure].label
            reason = f"budget of {label} {budget.written}: no measured cell matches {budget.cells!r}"
            verdicts.append(
                Verdict(budget.cells, budget.figure, VerdictOutcome.MISSING, reason, stops=ExitCode.CANNOT_JUDGE)
            )
    return [replace(verdict, is_budget=True) for verdict in verdicts]


def _values(candidates: Sequence[RunFigures], budget: BudgetRule) -> dict[str, list[float]]:
    values: dict[str, list[float]] = {}
    for run in candidates:
        for key, cell in run.cells.items():
            if cell.state == "measured" and budget.figure in cell.values and budget.covers(key, budget.figure):
                values.setdefault(key, []).append(cell.values[budget.figure])
    return values


def _without_value(candidates: Sequence[RunFigures], budget: BudgetRule, measured: Collection[str]) -> list[Verdict]:
    reasons: dict[str, str] = {}
    for run in candidates:
        for key, cell in run.cells.items():
            if key in measured or not budget.covers(key, budget.figure):
                continue
            if cell.state in {"failed", "interrupted"}:
                reasons[key] = cell.reason or cell.state
            elif budget.figure in cell.missing:
                reasons[key] = cell.missing[budget.figure]
    label = FIGURES[budget.figure].label
    return [
        Verdict(
            key,
            budget.figure,
            VerdictOutcome.INCONCLUSIVE,
            f"{label} has a budget of {budget.written}, but no value: {reason}",
            stops=ExitCode.CANNOT_JUDGE,
        )
        for key, reason in reasons.items()
    ]


def _verdict(cell: str, budget: BudgetRule, values: list[float]) -> Verdict:
    value = median(values)
    over = budget.at_most is not None and value > budget.at_most
    under = budget.at_least is not None and value < budget.at_least
    limit = budget.at_most if budget.at_least is None else budget.at_least
    evidence = Evidence(baseline=limit, candidate=value)
    label = FIGURES[budget.figure].label
    if over or under:
        reason = f"{label} breaks its budget of {budget.written}"
        return Verdict(cell, budget.figure, VerdictOutcome.WORSE, reason, evidence, ExitCode.REGRESSION)
    return Verdict(cell, budget.figure, VerdictOutcome.SAME, f"{label} keeps its budget of {budget.written}", evidence)
