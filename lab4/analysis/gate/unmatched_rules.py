"""Rules of a policy that match no cell: most often a name that was mistyped, or no longer exists."""

from collections.abc import Iterable
from dataclasses import replace

from lab4.analysis.gate.policy import Policy
from lab4.analysis.gate.verdict import GateResult
from lab4.domain.cell import KINDS
from lab4.domain.figures import RunFigures
from lab4.domain.pattern import is_like

__all__ = ["with_unmatched_rules"]


def with_unmatched_rules(gate: GateResult, policy: Policy, runs: Iterable[RunFigures]) -> GateResult:
    """The gate with a note that names them, except budgets, which have verdicts, and kinds that were not measured."""
    cells = {verdict.cell for verdict in gate.verdicts if not verdict.is_budget}
    cells |= {key for run in runs for key in run.cells}
    unmeasured = set(KINDS) - {cell.partition("/")[0] for cell in cells}
    unmatched = [
        f"{rule.cells!r} ({section})"
        for section, rules in (
            ("thresholds", policy.thresholds),
            ("warn", policy.warn),
            ("expected", policy.expected),
        )
        for rule in rules
        if rule.cells.partition("/")[0] not in unmeasured and not any(is_like(cell, rule.cells) for cell in cells)
    ]
    if not unmatched:
        return gate
    return replace(gate, notes=[*gate.notes, f"rules of the policy that match no cell: {', '.join(unmatched)}"])
