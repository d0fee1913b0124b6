"""A run that has no baseline yet: what can be judged of it, and how the gate ends."""

from collections.abc import Sequence

from lab4.analysis.gate.budgets import judge_budgets
from lab4.analysis.gate.policy import Policy
from lab4.analysis.gate.presence import judge_presence, require_measured
from lab4.analysis.gate.verdict import ExitCode, Gate
from lab4.domain.figures import RunFigures

__all__ = ["first_exit_code", "judge_first"]


def judge_first(candidates: Sequence[RunFigures], policy: Policy) -> Gate:
    """Judge budgets, which need no baseline, and whether every cell was measured.

    Raises:
        Lab4Error: where a run has measured nothing.
    """
    require_measured(candidates, "candidate", each=True)
    note = "no baseline: only budgets were judged; save this run and give it as the baseline next time"
    judged = [*judge_presence((), candidates), *judge_budgets(candidates, policy)]
    return Gate(judged, [note], (), [run.source for run in candidates])


def first_exit_code(gate: Gate, *, ok: bool) -> ExitCode:
    """The exit code of `judge_first`'s verdicts: to have no baseline has one of its own, unless that is ``ok``."""
    return gate.exit_code or (ExitCode.PASSED if ok else ExitCode.NO_BASELINE)
