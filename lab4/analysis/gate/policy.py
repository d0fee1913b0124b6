"""A project's policy for its gate: ``[tool.lab4.gate]``, as plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from lab4.analysis.figures import FigureTraits
from lab4.analysis.gate.verdict import ExitCode, Verdict, VerdictOutcome
from lab4.domain.errors import Lab4Error, UnknownNameError
from lab4.domain.pattern import is_like

__all__ = ["BudgetRule", "ExpectedRule", "Policy", "PolicyRule", "ThresholdRule", "permitted", "require_known_figures"]


@dataclass(frozen=True, slots=True)
class PolicyRule:
    """What a rule covers: a pattern of cells with ``*`` and ``?``, and a figure or ``*`` for all."""

    cells: str = "*"
    figure: str = "*"

    def covers(self, cell: str, figure: str) -> bool:
        """Whether the rule covers this figure of this cell."""
        return self.figure in {"*", figure} and is_like(cell, self.cells)


@dataclass(frozen=True, slots=True)
class ThresholdRule(PolicyRule):
    """The change that is tolerated: a fraction, or points of 1 for shares; ``in_points`` is how it was written."""

    change: float = 0.0
    in_points: bool | None = None


@dataclass(frozen=True, slots=True)
class BudgetRule(PolicyRule):
    """The limits of a figure, in base units; ``written`` is the limit as the policy has it."""

    at_most: float | None = None
    at_least: float | None = None
    written: str = ""


@dataclass(frozen=True, slots=True)
class ExpectedRule(PolicyRule):
    """A known change for the worse: accepted up to ``change``, until the day ``until`` (inclusive)."""

    change: float = 0.0
    until: date = date.max
    reason: str = ""
    in_points: bool | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """Later rules override earlier ones. ``false_alarms`` is the share of unchanged runs that may be stopped."""

    false_alarms: float = 0.01
    thresholds: Sequence[ThresholdRule] = ()
    warn: Sequence[PolicyRule] = ()
    budgets: Sequence[BudgetRule] = ()
    expected: Sequence[ExpectedRule] = ()

    def tolerance(self, cell: str, figure: str, default: float) -> float:
        """The tolerated change of this figure of this cell."""
        return next((rule.change for rule in reversed(self.thresholds) if rule.covers(cell, figure)), default)

    def only_warns(self, cell: str, figure: str) -> bool:
        """Whether a verdict on this figure of this cell is only reported."""
        return any(rule.covers(cell, figure) for rule in self.warn)


def require_known_figures(policy: Policy, known: Mapping[str, FigureTraits]) -> None:
    """Refuse a rule about a figure that the runs cannot have; a project's file can only name figures.

    Raises:
        UnknownNameError: with the valid names.
        Lab4Error: for a change of a metric in percent that has points, or the other way round.
    """
    for rule in (*policy.thresholds, *policy.warn, *policy.budgets, *policy.expected):
        if rule.figure not in {"*", *known}:
            raise UnknownNameError.among("figure in [tool.lab4.gate]:", rule.figure, known)
        in_points = getattr(rule, "in_points", None)
        if rule.figure in known and in_points is not None and in_points is not (known[rule.figure].quantity == "share"):
            right = "percent, such as '5%'" if in_points else "points, such as '0.5 points'"
            raise Lab4Error(f"[tool.lab4.gate]: write a change of {rule.figure} in {right}")


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
