"""A project's policy for its gate: ``[tool.lab4.gate]``, as plain values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from lab4.domain.pattern import is_like

__all__ = ["BudgetRule", "ExpectedRule", "Policy", "PolicyRule", "ThresholdRule"]


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
    """The change that is tolerated: a fraction, or points of 1 for shares."""

    change: float = 0.0


@dataclass(frozen=True, slots=True)
class BudgetRule(PolicyRule):
    """The limits of a figure, in base units; ``written`` is the limit as it stands in the policy."""

    at_most: float | None = None
    at_least: float | None = None
    written: str = ""


@dataclass(frozen=True, slots=True)
class ExpectedRule(PolicyRule):
    """A known change for the worse: accepted up to ``change``, until the day ``until`` (inclusive)."""

    change: float = 0.0
    until: date = date.max
    reason: str = ""


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
