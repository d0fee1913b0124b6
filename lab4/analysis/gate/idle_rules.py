"""Rules of a policy that are about no cell: most often a name that was mistyped, or is no more."""

from collections.abc import Iterable
from dataclasses import replace

from lab4.analysis.gate.policy import Policy
from lab4.analysis.gate.verdict import Gate
from lab4.domain.cell import KINDS
from lab4.domain.figures import RunFigures
from lab4.domain.pattern import is_like

__all__ = ["with_idle_rules"]


def with_idle_rules(gate: Gate, policy: Policy, runs: Iterable[RunFigures]) -> Gate:
    """The gate with a note that names them. Budgets are judged, and not named; nor are parts that nobody measured."""
    cells = {each.cell for each in gate.judged if not each.of_budget} | {key for run in runs for key in run.cells}
    unmeasured = set(KINDS) - {cell.partition("/")[0] for cell in cells}
    idle = [
        f"{each.cells!r} ({kind})"
        for kind, rules in (("thresholds", policy.thresholds), ("warn", policy.warn), ("expected", policy.expected))
        for each in rules
        if each.cells.partition("/")[0] not in unmeasured and not any(is_like(cell, each.cells) for cell in cells)
    ]
    if not idle:
        return gate
    return replace(gate, notes=[*gate.notes, f"rules of the policy that are like no cell: {', '.join(idle)}"])
