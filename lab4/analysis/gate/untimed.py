"""Figures that do not vary by chance, and limits of the policy."""

from collections.abc import Sequence
from dataclasses import replace

from lab4.analysis.figures import FigureTraits, Nature, known_figures
from lab4.analysis.gate.verdict import Evidence, ExitCode, Runs, Verdict, VerdictOutcome, changed, inconclusive
from lab4.analysis.policy import BudgetRule, Policy
from lab4.domain.fields import moment
from lab4.sampling.quantiles import median


def _values(runs: Runs, figure: str) -> dict[str, list[float]]:
    """The figure's values by measured cell, in the order of the runs."""
    values: dict[str, list[float]] = {}
    for run in runs:
        for key, cell in run.cells.items():
            if cell.state == "measured" and figure in cell.values:
                values.setdefault(key, []).append(cell.values[figure])
    return values


def judge_budgets(candidates: Runs, policy: Policy) -> list[Verdict]:
    """Judge each budget on each cell that it covers, by the median of the candidate's runs.

    A budget that covers no cell cannot be judged, nor can one of a cell whose figure is missing. Cells that are
    unavailable on this machine have no verdict here: `judge_presence` reports them.
    """
    known = known_figures(candidates)
    return [
        replace(verdict, is_budget=True)
        for budget in policy.budgets
        for verdict in _of_budget(candidates, budget, known[budget.figure].label)
    ]


def _of_budget(candidates: Runs, budget: BudgetRule, label: str) -> list[Verdict]:
    figure = budget.figure
    covered = {cell: each for cell, each in _values(candidates, figure).items() if budget.covers(cell, figure)}
    verdicts = [_within_budget(cell, label, budget, median(values)) for cell, values in covered.items()]
    verdicts += [
        inconclusive(key, figure, f"{label} has a budget of {budget.written}, but no value: {reason}")
        for key, reason in _why_missing(candidates, budget).items()
        if key not in covered
    ]
    if not covered:
        reason = f"budget of {label} {budget.written}: no measured cell matches {budget.cells!r}"
        verdicts.append(Verdict(budget.cells, figure, VerdictOutcome.MISSING, reason, stops=ExitCode.CANNOT_JUDGE))
    return verdicts


def _why_missing(candidates: Runs, budget: BudgetRule) -> dict[str, str]:
    """By cell that the budget covers, why a run has no value of it."""
    reasons: dict[str, str] = {}
    for run in candidates:
        for key, cell in run.cells.items():
            reason = cell.missing.get(budget.figure)
            if cell.state in {"failed", "interrupted"}:
                reason = cell.reason or cell.state
            if reason is not None and budget.covers(key, budget.figure):
                reasons[key] = reason
    return reasons


def _within_budget(cell: str, label: str, budget: BudgetRule, value: float) -> Verdict:
    over = budget.at_most is not None and value > budget.at_most
    under = budget.at_least is not None and value < budget.at_least
    limit = budget.at_most if budget.at_least is None else budget.at_least
    evidence = Evidence(baseline=limit, candidate=value)
    if over or under:
        return changed(cell, budget.figure, f"{label} breaks its budget of {budget.written}", evidence, worse=True)
    return Verdict(cell, budget.figure, VerdictOutcome.SAME, f"{label} keeps its budget of {budget.written}", evidence)


def judge_exact(baselines: Runs, candidates: Runs, policy: Policy) -> list[Verdict]:
    """Judge what does not vary by chance, such as sizes: worse where every run of the candidate is, than the latest.

    The latest is the last baseline run that has the figure: earlier changes were accepted, and later gains can be lost.
    """
    verdicts = []
    in_time = sorted(baselines, key=lambda run: moment(run.started_at))
    for name, figure in known_figures([*baselines, *candidates]).items():
        if figure.nature is Nature.EXACT and figure.judged:
            after = _values(candidates, name)
            for cell, before in _values(in_time, name).items():
                if cell in after:
                    # As its changes are written.
                    usual = figure.tolerance
                    if figure.quantity == "number":
                        usual = _fraction(usual, before[-1])
                    tolerance = policy.tolerance(cell, name, usual)
                    verdicts.append(_exact(cell, name, figure, tolerance, (before[-1], after[cell])))
    return verdicts


def _fraction(step: float, reference: float) -> float:
    """A step as a fraction of what the figure was; of zero there is none: then in the figure's unit."""
    return step / (abs(reference) or 1.0)


def _exact(
    cell: str, name: str, figure: FigureTraits, tolerance: float, sides: tuple[float, Sequence[float]]
) -> Verdict:
    reference, after = sides
    # To the candidate's nearest value: 0 where its runs lie on both sides of the reference.
    step = max(0.0, min(after) - reference) + min(0.0, max(after) - reference)
    change = step if figure.quantity == "share" else _fraction(step, reference)
    evidence = Evidence(reference, max(after) if step < 0 else min(after), change, change, change, tolerance, tolerance)
    if abs(change) <= tolerance:
        return Verdict(cell, name, VerdictOutcome.SAME, "equal, or within the tolerance", evidence)
    reason = f"{figure.label} {_amount(figure, step, reference)}; it does not vary by chance"
    return changed(cell, name, reason, evidence, worse=(step > 0) != figure.higher_is_better)


def _amount(figure: FigureTraits, step: float, reference: float) -> str:
    if figure.quantity == "share":
        return f"{step * 100:+.2f} points"
    written = f"{step:+,.0f} bytes" if figure.has_ratio else f"{step:+.4g}"
    return f"{written} ({_fraction(step, reference):+.2%})" if reference else f"{written} from 0"
