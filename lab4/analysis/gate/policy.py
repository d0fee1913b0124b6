"""What a project asks of its gate: ``[tool.lab4.gate]``, as plain values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from lab4.domain.pattern import is_like

__all__ = ["Budget", "Expected", "Policy", "Rule", "Threshold"]


@dataclass(frozen=True, slots=True)
class Rule:
    """Which verdicts a rule is about: a pattern of cells with ``*`` and ``?``, and a figure or ``*`` for all."""

    cells: str = "*"
    figure: str = "*"

    def covers(self, cell: str, figure: str) -> bool:
        """Whether the rule is about this figure of this cell."""
        return self.figure in {"*", figure} and is_like(cell, self.cells)


@dataclass(frozen=True, slots=True)
class Threshold(Rule):
    """The change that is tolerated: a fraction, or points of 1 for shares."""

    change: float = 0.0


@dataclass(frozen=True, slots=True)
class Budget(Rule):
    """What a figure may be at most or must be at least, in base units; ``written`` is the limit as people wrote it."""

    at_most: float | None = None
    at_least: float | None = None
    written: str = ""


@dataclass(frozen=True, slots=True)
class Expected(Rule):
    """A change for the worse that is known: accepted up to ``change``, and up to and with the day ``until``."""

    change: float = 0.0
    until: date = date.max
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """Later rules come before earlier ones. ``false_alarms`` is the share of unchanged runs that may be stopped."""

    false_alarms: float = 0.01
    thresholds: Sequence[Threshold] = ()
    warn: Sequence[Rule] = ()
    budgets: Sequence[Budget] = ()
    expected: Sequence[Expected] = ()

    def tolerance(self, cell: str, figure: str, default: float) -> float:
        """The tolerated change of this figure of this cell."""
        return next((each.change for each in reversed(self.thresholds) if each.covers(cell, figure)), default)

    def only_warns(self, cell: str, figure: str) -> bool:
        """Whether this may not stop anybody."""
        return any(each.covers(cell, figure) for each in self.warn)
