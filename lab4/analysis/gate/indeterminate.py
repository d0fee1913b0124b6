"""Verdicts on timed figures that both sides have and whose change the data does not decide."""

from dataclasses import replace
from math import log

from lab4.analysis.figures import FIGURES
from lab4.analysis.gate.change_test import fraction
from lab4.analysis.gate.sides import Sides
from lab4.analysis.gate.verdict import Evidence, ExitCode, Verdict, VerdictOutcome

__all__ = ["beyond_contention", "indeterminate", "too_few_uncontended", "without_pairs"]

#: A co-runner slows calls by half, or to twice their time; it never reaches this factor.
_MAX_CONTENTION = 3.0


def indeterminate(cell: str, name: str, reason: str, evidence: Evidence) -> Verdict:
    """The verdict where the data does not decide; it stops the gate where the figure is essential."""
    stops = ExitCode.CANNOT_JUDGE if FIGURES[name].essential else ExitCode.PASSED
    return Verdict(cell, name, VerdictOutcome.INCONCLUSIVE, reason, evidence, stops)


def too_few_uncontended(cell: str, name: str, raw: Sides) -> Verdict:
    """The verdict where one side has no figure of uncontended calls."""
    reason = (
        f"too few uncontended calls to estimate the {FIGURES[name].label}; "
        "run again on a quieter machine or with a longer profile"
    )
    return beyond_contention(cell, name, raw.change(cell), raw.gap(cell), Evidence()) or indeterminate(
        cell, name, reason, Evidence()
    )


def beyond_contention(cell: str, name: str, change: float, gap: float, evidence: Evidence) -> Verdict | None:
    """The verdict where every run of one side differs from every run of the other by more than contention does."""
    figure = FIGURES[name]
    # Essential figures only: in a tail, one interrupted call takes as long as the interruption.
    if not figure.essential or abs(gap) < log(_MAX_CONTENTION):
        return None
    relative = fraction(change, higher_is_better=figure.higher_is_better)
    reason = f"{figure.label} {relative:+.0%}: core contention was detected but cannot explain a change this large"
    outcome, stops = (
        (VerdictOutcome.WORSE, ExitCode.REGRESSION) if gap > 0 else (VerdictOutcome.BETTER, ExitCode.PASSED)
    )
    return Verdict(cell, name, outcome, reason, replace(evidence, change=relative), stops)


def without_pairs(cell: str, name: str) -> Verdict:
    """The verdict where no pair of interleaved runs has the figure on both sides."""
    reason = (
        f"no pair of interleaved runs has the {FIGURES[name].label} on both sides; "
        "measure both sides again, or judge the runs without --interleaved"
    )
    return indeterminate(cell, name, reason, Evidence())
