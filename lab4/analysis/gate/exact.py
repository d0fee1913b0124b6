"""Figures that do not vary between runs: any difference beyond the tolerance is one."""

from collections.abc import Sequence

from lab4.analysis.figures import FIGURES, FigureTraits, Nature
from lab4.analysis.gate.policy import Policy
from lab4.analysis.gate.verdict import Evidence, ExitCode, Verdict, VerdictOutcome
from lab4.domain.figures import RunFigures
from lab4.domain.moment import moment

__all__ = ["judge_exact"]


def judge_exact(baselines: Sequence[RunFigures], candidates: Sequence[RunFigures], policy: Policy) -> list[Verdict]:
    """Judge sizes and sparsities: worse where every run of the candidate is worse than the baseline's latest.

    That is the latest baseline run that has the figure: earlier changes were accepted, and later gains can be lost.
    """
    verdicts = []
    in_time = sorted(baselines, key=lambda run: moment(run.started_at))
    for name, figure in FIGURES.items():
        if figure.nature is Nature.EXACT and figure.judged:
            before, after = _values(in_time, name), _values(candidates, name)
            verdicts += [
                _verdict(cell, name, figure, (before[cell][-1], after[cell]), policy)
                for cell in before
                if cell in after
            ]
    return verdicts


def _values(runs: Sequence[RunFigures], name: str) -> dict[str, list[float]]:
    values: dict[str, list[float]] = {}
    for run in runs:
        for key, cell in run.cells.items():
            if cell.state == "measured" and name in cell.values:
                values.setdefault(key, []).append(cell.values[name])
    return values


def _verdict(cell: str, name: str, figure: FigureTraits, sides: tuple[float, list[float]], policy: Policy) -> Verdict:
    reference, after = sides
    # To the candidate's nearest value: 0 where its runs lie on both sides of the reference.
    step = max(0.0, min(after) - reference) + min(0.0, max(after) - reference)
    share = figure.quantity == "share"
    change = step if share else (step / reference if reference else float(step > 0))
    tolerance = policy.tolerance(cell, name, figure.tolerance)
    evidence = Evidence(reference, max(after) if step < 0 else min(after), change, change, change, tolerance, tolerance)
    if abs(change) <= tolerance:
        return Verdict(cell, name, VerdictOutcome.SAME, "equal, or within the tolerance", evidence)
    worse = (step > 0) != figure.higher_is_better
    amount = f"{change * 100:+.2f} points" if share else f"{step:+,.0f} bytes ({change:+.2%})"
    reason = f"{figure.label} {amount}; it does not vary by chance"
    if worse:
        return Verdict(cell, name, VerdictOutcome.WORSE, reason, evidence, ExitCode.REGRESSION)
    return Verdict(cell, name, VerdictOutcome.BETTER, reason, evidence)
