"""What rules and budgets of a policy cover of the cells that are judged."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from lab4.analysis.figures import known_figures
from lab4.analysis.gate.verdict import GateResult, Runs, Verdict, VerdictOutcome
from lab4.analysis.policy import Policy
from lab4.domain.cell import KINDS
from lab4.domain.figures import CellFigures, RunFigures
from lab4.domain.pattern import is_like, may_be_of


def with_notes_on_policy(gate: GateResult, policy: Policy, runs: Iterable[RunFigures]) -> GateResult:
    """The gate with a note on rules that match no cell: most often a name that was mistyped, or no longer exists.

    Not on budgets, which have verdicts, nor on rules for kinds of cells that were not measured. And with the remark of
    whoever read the policy.
    """
    cells = {verdict.cell for verdict in gate.verdicts if not verdict.is_budget}
    cells |= {key for run in runs for key in run.cells}
    unmeasured = set(KINDS) - {cell.partition("/")[0] for cell in cells}
    sections = {"thresholds": policy.thresholds, "warn": policy.warn, "expected": policy.expected}
    unmatched = [
        f"{rule.cells!r} ({section})"
        for section, rules in sections.items()
        for rule in rules
        if rule.cells.partition("/")[0] not in unmeasured and not any(is_like(cell, rule.cells) for cell in cells)
    ]
    notes = [policy.remark] if policy.remark else []
    if unmatched:
        notes.append(f"rules of the policy that match no cell: {', '.join(unmatched)}")
    return replace(gate, notes=[*gate.notes, *notes]) if notes else gate


def without_unselected_budgets(
    gate: GateResult, candidates: Runs, whole: Runs = (), *, narrowed: bool = False
) -> GateResult:
    """The gate of ``candidates``, without the verdicts on budgets whose cells were not selected, but with a note.

    ``whole`` has the same runs before cells were selected, where that is known. A budget stays if the selection does
    not leave out its cells: a pattern that matches no cell is a mistake. Where the selection ``narrowed`` what was
    measured, and what it leaves out is unknown, no such budget stays.
    """
    chosen = {key: cell for run in candidates for key, cell in run.cells.items()}
    others = {key for run in whole for key in run.cells if key not in chosen}
    left_out = [
        verdict
        for verdict in gate.verdicts
        if verdict.is_budget and verdict.outcome is VerdictOutcome.MISSING
        if narrowed or _is_left_out(verdict, chosen, others)
    ]
    if not left_out:
        return gate
    known = known_figures([*candidates, *whole])
    named = ", ".join(f"{known[verdict.figure].label} of {verdict.cell!r}" for verdict in left_out)
    return replace(
        gate,
        verdicts=[verdict for verdict in gate.verdicts if verdict not in left_out],
        notes=[*gate.notes, f"budgets of cells that are not selected were not judged: {named}"],
    )


def _is_left_out(budget: Verdict, chosen: Mapping[str, CellFigures], others: Iterable[str]) -> bool:
    if any(cell.state != "measured" and is_like(key, budget.cell) for key, cell in chosen.items()):
        return False  # a selected cell should have had the figure
    if any(is_like(key, budget.cell) for key in others):
        return True
    about = {kind for kind in KINDS if may_be_of(kind, budget.cell)}
    present = {key.partition("/")[0] for key in chosen}
    if not about - present:
        return False
    return not about & present or not any(budget.figure in {*cell.values, *cell.missing} for cell in chosen.values())
