"""What the policy lets pass: what only warns, and changes that are expected."""

from dataclasses import replace
from datetime import date

from lab4.analysis.gate.policy import Policy
from lab4.analysis.gate.verdict import ExitCode, Judged, Verdict

__all__ = ["permitted"]


def permitted(judged: Judged, policy: Policy, today: date) -> Judged:
    """Take the exit code from what only warns, and from a change that is expected until today or later."""
    if judged.stops is ExitCode.PASSED:
        return judged
    if policy.only_warns(judged.cell, judged.figure):
        return replace(judged, stops=ExitCode.PASSED, reason=f"{judged.reason} (only warns, by the policy)")
    change = judged.evidence.change
    if judged.verdict is not Verdict.WORSE or change is None:
        return judged
    about = [
        each
        for each in reversed(policy.expected)
        if each.covers(judged.cell, judged.figure) and abs(change) <= each.change
    ]
    for each in about:
        if today <= each.until:
            reason = f"{judged.reason} (expected until {each.until}: {each.reason})"
            return replace(judged, stops=ExitCode.PASSED, reason=reason)
    if about:
        return replace(judged, reason=f"{judged.reason} (was expected until {about[0].until}, which has passed)")
    return judged
