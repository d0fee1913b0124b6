"""Figures that do not vary between runs: any difference beyond the tolerance is one."""

from collections.abc import Sequence

from lab4.analysis.figures import FIGURES, Figure, Nature
from lab4.analysis.gate.policy import Policy
from lab4.analysis.gate.verdict import Evidence, ExitCode, Judged, Verdict
from lab4.domain.figures import RunFigures
from lab4.domain.moment import moment

__all__ = ["judge_exact"]


def judge_exact(baselines: Sequence[RunFigures], candidates: Sequence[RunFigures], policy: Policy) -> list[Judged]:
    """Judge sizes and sparsities: worse where every run of the candidate is worse than the baseline's latest.

    The latest that has the figure: what is in between has been accepted, and a gain of then can be lost again.
    """
    judged = []
    in_time = sorted(baselines, key=lambda run: moment(run.started_at))
    for name, figure in FIGURES.items():
        if figure.nature is Nature.EXACT and figure.judged:
            before, after = _values(in_time, name), _values(candidates, name)
            judged += [
                _judged(cell, name, figure, (before[cell][-1], after[cell]), policy) for cell in before if cell in after
            ]
    return judged


def _values(runs: Sequence[RunFigures], name: str) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for run in runs:
        for key, cell in run.cells.items():
            if cell.state == "measured" and name in cell.values:
                found.setdefault(key, []).append(cell.values[name])
    return found


def _judged(cell: str, name: str, figure: Figure, sides: tuple[float, list[float]], policy: Policy) -> Judged:
    reference, after = sides
    # The step to the candidate's nearest value: 0 where its runs lie on both sides.
    step = max(0.0, min(after) - reference) + min(0.0, max(after) - reference)
    share = figure.quantity == "share"
    change = step if share else (step / reference if reference else float(step > 0))
    tolerance = policy.tolerance(cell, name, figure.tolerance)
    evidence = Evidence(reference, max(after) if step < 0 else min(after), change, change, change, tolerance, tolerance)
    if abs(change) <= tolerance:
        return Judged(cell, name, Verdict.SAME, "the same, or within the tolerance", evidence)
    worse = (step > 0) != figure.higher_is_better
    amount = f"{change * 100:+.2f} points" if share else f"{step:+,.0f} bytes ({change:+.2%})"
    reason = f"{figure.label} {amount}; it does not vary by chance"
    if worse:
        return Judged(cell, name, Verdict.WORSE, reason, evidence, ExitCode.REGRESSION)
    return Judged(cell, name, Verdict.BETTER, reason, evidence)
