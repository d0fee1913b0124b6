"""Which verdicts the policy lets pass: rules that only warn, and expected changes."""

from dataclasses import replace
from datetime import date

from lab4.analysis.gate.policy import Policy
from lab4.analysis.gate.verdict import ExitCode, Verdict, VerdictOutcome

__all__ = ["permitted"]


def permitted(verdict: Verdict, policy: Policy, today: date) -> Verdict:
    """Remove the exit code where a rule only warns, or where the change is expected until today or later."""
    if verdict.stops is ExitCode.PASSED:
        return verdict
    if policy.only_warns(verdict.cell, verdict.figure):
        return replace(verdict, stops=ExitCode.PASSED, reason=f"{verdict.reason} (the policy only warns)")
    change = verdict.evidence.change
    if verdict.outcome is not VerdictOutcome.WORSE or change is None:
        return verdict
    rules = [
        rule
        for rule in reversed(policy.expected)
        if rule.covers(verdict.cell, verdict.figure) and abs(change) <= rule.change
    ]
    for rule in rules:
        if today <= rule.until:
            reason = f"{verdict.reason} (expected until {rule.until}: {rule.reason})"
            return replace(verdict, stops=ExitCode.PASSED, reason=reason)
    if rules:
        return replace(verdict, reason=f"{verdict.reason} (was expected until {rules[0].until}, which has passed)")
    return verdict
