"""Verdicts on timed figures that both sides have and whose change cannot be told."""

from dataclasses import replace
from math import log

from lab4.analysis.figures import FIGURES
from lab4.analysis.gate.sides import Sides
from lab4.analysis.gate.timed import fraction
from lab4.analysis.gate.verdict import Evidence, ExitCode, Judged, Verdict

__all__ = ["beyond_neighbours", "unjudged", "unpaired", "untold"]

#: Something else on the core makes calls half as long again, or twice as long; never so many times.
_NEIGHBOURLY = 3.0


def unjudged(cell: str, name: str, reason: str, evidence: Evidence) -> Judged:
    """The verdict on what cannot be told: no pass, where the figure is an essential one."""
    stops = ExitCode.CANNOT_JUDGE if FIGURES[name].essential else ExitCode.PASSED
    return Judged(cell, name, Verdict.INCONCLUSIVE, reason, evidence, stops)


def untold(cell: str, name: str, raw: Sides) -> Judged:
    """The verdict where one side has no figure of undisturbed calls."""
    return beyond_neighbours(cell, name, raw.change(cell), raw.gap(cell), Evidence()) or unjudged(
        cell,
        name,
        f"something else worked on the core nearly all the time, so that too few calls tell the {FIGURES[name].label}; "
        "measure again, or for longer",
        Evidence(),
    )


def beyond_neighbours(cell: str, name: str, change: float, gap: float, evidence: Evidence) -> Judged | None:
    """The verdict where every run of one side differs from all of the other by more than any neighbour does."""
    figure = FIGURES[name]
    # Not of a tail: a call that was interrupted takes as long as the interruption.
    if not figure.essential or abs(gap) < log(_NEIGHBOURLY):
        return None
    told = fraction(change, higher_is_better=figure.higher_is_better)
    reason = f"{figure.label} {told:+.0%}: something else worked on the core, but that never does so much"
    verdict, stops = (Verdict.WORSE, ExitCode.REGRESSION) if gap > 0 else (Verdict.BETTER, ExitCode.PASSED)
    return Judged(cell, name, verdict, reason, replace(evidence, change=told), stops)


def unpaired(cell: str, name: str) -> Judged:
    """The verdict where no run of one side was measured in turn with one of the other that has the figure."""
    return unjudged(
        cell,
        name,
        f"no two runs measured in turns both have the {FIGURES[name].label}: measure both sides again, or judge the "
        "runs without --in-turns",
        Evidence(),
    )
