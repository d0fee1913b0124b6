"""How the gate itself fares: its false alarms on runs of unchanged code, and what it can see on this machine."""

from collections.abc import Sequence
from datetime import date

from lab4.analysis.gate.hypotheses import logged
from lab4.analysis.gate.permission import permitted
from lab4.analysis.gate.policy import Policy
from lab4.analysis.gate.timed_verdicts import worse_ones
from lab4.analysis.gate.verdict import ExitCode, Judged, Reckoning
from lab4.domain.figures import RunFigures
from lab4.sampling.binomial import upper

__all__ = ["detectable", "reckon"]

#: One run to judge, and two that say how runs vary.
_LEAST = 3
#: Runs that are judged against the others; more would take longer than they tell.
_MOST = 20


def reckon(baselines: Sequence[RunFigures], policy: Policy, timed: Sequence[Judged], today: date) -> Reckoning | None:
    """Judge each baseline run against the others, as the policy has it today; ``None`` of fewer than three runs.

    ``timed`` are the candidate's own verdicts, which tell the smallest slowdown seen.
    """
    if len(baselines) < _LEAST:
        return None
    trials = logged(baselines[-_MOST:])
    alarms = 0
    for number, run in enumerate(trials):
        others = [*trials[:number], *trials[number + 1 :]]
        worse = worse_ones(others, [run], policy)
        alarms += any(permitted(each, policy, today).stops is ExitCode.REGRESSION for each in worse)
    return Reckoning(len(trials), alarms, upper(alarms, len(trials)), detectable(timed))


def detectable(timed: Sequence[Judged]) -> tuple[tuple[str, float], ...]:
    """The smallest change of latency seen in 80 of 100 runs, by cell, as the verdicts tell it."""
    return tuple(
        (each.cell, each.evidence.detectable)
        for each in timed
        if each.figure == "latency" and each.evidence.detectable is not None
    )
