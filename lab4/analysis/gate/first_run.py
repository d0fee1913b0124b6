"""A run without a baseline: which verdicts it still gets, and how the gate ends."""

from collections.abc import Sequence

from lab4.analysis.gate.budgets import judge_budgets
from lab4.analysis.gate.policy import Policy
from lab4.analysis.gate.presence import judge_presence, require_measured
from lab4.analysis.gate.verdict import ExitCode, GateResult
from lab4.domain.figures import RunFigures

__all__ = ["judge_first_run"]


def judge_first_run(candidates: Sequence[RunFigures], policy: Policy, *, ok: bool) -> GateResult:
    """Judge budgets, which need no baseline, and whether every cell was measured.

    A run without a baseline has an exit code of its own, unless that is ``ok``.

    Raises:
        Lab4Error: where a run has no measured cell.
    """
    require_measured(candidates, "candidate", each=True)
    note = "no baseline: only budgets were judged; save this run and give it as the baseline next time"
    verdicts = [*judge_presence((), candidates), *judge_budgets(candidates, policy)]
    first = ExitCode.PASSED if ok else ExitCode.NO_BASELINE
    return GateResult(verdicts, [note], (), [run.source for run in candidates], first=first)
