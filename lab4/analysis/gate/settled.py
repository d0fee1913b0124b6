"""When a cell is decided that is measured in turns: more runs would tell nothing that anybody waits for."""

from math import log1p

from lab4.analysis.figures import FIGURES
from lab4.analysis.gate.policy import Policy
from lab4.analysis.gate.verdict import Judged, Verdict
from lab4.sampling.student import critical

__all__ = ["KNOWN", "MISSED", "is_settled"]

#: A cell is the same when its change is known to be within this much of its tolerance.
KNOWN = 0.015
#: How many of the cells that did change by so much may end early as the same, by all looks together.
MISSED = 0.10
#: A figure that nobody waits for keeps a cell open when chance does what it shows less often than this.
_RARE = 0.001


def is_settled(judged: Judged, policy: Policy, rounds: int) -> bool:
    """Whether the look that judged so, one of at most so many, is the last at this cell and figure."""
    if judged.verdict in {Verdict.WORSE, Verdict.BETTER}:
        return True
    figure, evidence = FIGURES[judged.figure], judged.evidence
    if not figure.essential:
        return evidence.chance is None or evidence.chance >= _RARE
    if evidence.change is None or evidence.standard_error is None or evidence.freedom is None:
        return False
    known = policy.tolerance(judged.cell, judged.figure, figure.tolerance) + KNOWN
    margin = critical(MISSED / rounds, evidence.freedom) * evidence.standard_error
    return abs(log1p(evidence.change)) + margin < log1p(known)
