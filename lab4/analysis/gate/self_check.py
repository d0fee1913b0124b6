"""The gate's self-check: its false alarms on runs of unchanged code, and the changes it can detect on this machine."""

from collections.abc import Sequence
from datetime import date

from lab4.analysis.gate.hypotheses import logged
from lab4.analysis.gate.permission import permitted
from lab4.analysis.gate.policy import Policy
from lab4.analysis.gate.timed_verdicts import worse_verdicts
from lab4.analysis.gate.verdict import ExitCode, SelfCheck, Verdict
from lab4.domain.figures import RunFigures
from lab4.sampling.binomial import upper

__all__ = ["detectable", "self_check"]

#: One run to judge, and two that show how runs vary.
_MIN_RUNS = 3
#: Runs that are judged against the others: the time grows with the square.
_MAX_TRIALS = 20


def self_check(
    baselines: Sequence[RunFigures], policy: Policy, timed: Sequence[Verdict], today: date
) -> SelfCheck | None:
    """Judge each baseline run against the others by today's policy; ``None`` for fewer than three runs.

    ``timed`` are the candidate's own verdicts, which hold the detectable changes.
    """
    if len(baselines) < _MIN_RUNS:
        return None
    trials = logged(baselines[-_MAX_TRIALS:])
    alarms = 0
    for number, run in enumerate(trials):
        others = [*trials[:number], *trials[number + 1 :]]
        worse = worse_verdicts(others, [run], policy)
        alarms += any(permitted(verdict, policy, today).stops is ExitCode.REGRESSION for verdict in worse)
    return SelfCheck(len(trials), alarms, upper(alarms, len(trials)), detectable(timed))


def detectable(timed: Sequence[Verdict]) -> tuple[tuple[str, float], ...]:
    """By cell, the change of latency that 80 of 100 runs would detect, from the verdicts' evidence."""
    return tuple(
        (verdict.cell, verdict.evidence.detectable)
        for verdict in timed
        if verdict.figure == "latency" and verdict.evidence.detectable is not None
    )
