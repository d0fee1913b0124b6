"""When an interleaved measurement of a cell may stop: more runs would not change the verdict."""

from math import log1p

from lab4.analysis.figures import FIGURES
from lab4.analysis.gate.policy import Policy
from lab4.analysis.gate.verdict import Verdict, VerdictOutcome
from lab4.sampling.student import critical

__all__ = ["EARLY_MISS_RATE", "EQUIVALENCE_MARGIN", "is_decided"]

#: A cell is *same* when its change is within its tolerance and this much more, with confidence.
EQUIVALENCE_MARGIN = 0.015
#: The share of cells changed by that much which all interim analyses together may end early as *same*.
EARLY_MISS_RATE = 0.10
#: A figure that is not essential keeps a cell open when its p-value is below this.
_SMALL_P_VALUE = 0.001


def is_decided(verdict: Verdict, policy: Policy, rounds: int) -> bool:
    """Whether an interim analysis, one of at most ``rounds``, with this verdict is the last of its cell and figure."""
    if verdict.outcome in {VerdictOutcome.WORSE, VerdictOutcome.BETTER}:
        return True
    figure, evidence = FIGURES[verdict.figure], verdict.evidence
    if not figure.essential:
        return evidence.p_value is None or evidence.p_value >= _SMALL_P_VALUE
    if evidence.change is None or evidence.standard_error is None or evidence.degrees_of_freedom is None:
        return False
    limit = policy.tolerance(verdict.cell, verdict.figure, figure.tolerance) + EQUIVALENCE_MARGIN
    margin = critical(EARLY_MISS_RATE / rounds, evidence.degrees_of_freedom) * evidence.standard_error
    return abs(log1p(evidence.change)) + margin < log1p(limit)
