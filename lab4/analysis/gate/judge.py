"""One verdict per cell and figure, and the result of all of them."""

from collections.abc import Sequence
from datetime import date

from lab4.analysis.gate.approvals import with_approvals
from lab4.analysis.gate.budgets import judge_budgets
from lab4.analysis.gate.confirmation import Remeasure, confirmed, two_stage
from lab4.analysis.gate.exact import judge_exact
from lab4.analysis.gate.machines import differences, judged_as_one_machine
from lab4.analysis.gate.paired import judge_paired
from lab4.analysis.gate.permission import permitted
from lab4.analysis.gate.policy import Policy
from lab4.analysis.gate.presence import judge_presence, require_measured
from lab4.analysis.gate.relative import NOTES, relative_to_float32, without_ratio
from lab4.analysis.gate.self_check import self_check
from lab4.analysis.gate.timed_verdicts import judge_timed
from lab4.analysis.gate.verdict import GateResult, SelfCheck, Verdict
from lab4.domain.approval import Approval
from lab4.domain.figures import RunFigures

__all__ = ["judge", "whole"]


def judge(  # noqa: PLR0913  # each is its own concern
    candidates: Sequence[RunFigures],
    baselines: Sequence[RunFigures],
    policy: Policy,
    *,
    today: date,
    approvals: Sequence[Approval] = (),
    cross_machine: bool = False,
    assume_same_machine: bool = False,
    remeasure: Remeasure | None = None,
    paired: bool = False,
) -> GateResult:
    """Judge the candidate's runs against the baseline's; neither may be empty.

    ``cross_machine`` judges ratios to the same model's float32 cell on the same machine. ``assume_same_machine`` takes
    runs of unknown hardware as runs of one machine. ``remeasure`` measures cells now: flagged cells are measured again
    and stop the gate only if the second stage agrees. ``paired``: the sides' runs were interleaved.

    Raises:
        Lab4Error: where the sides are of different or unknown hardware and no option permits that, or a side has no
            measured cell.
    """
    notes = differences(baselines, candidates)
    is_one, assumed = judged_as_one_machine(
        baselines, candidates, cross_machine=cross_machine, assume_same=assume_same_machine
    )
    baselines = with_approvals(baselines, approvals)
    notes = [*assumed, *([] if is_one else NOTES), *notes]
    stage = two_stage(policy) if remeasure else policy
    sides = (baselines, candidates, stage) if is_one else relative_to_float32(baselines, candidates, stage)
    timed, timed_notes = judge_timed(*sides, paired=paired)
    if remeasure is not None:
        timed, second_notes = confirmed(timed, baselines, candidates, policy, remeasure)
        timed_notes = [*timed_notes, *second_notes]
    timed = [*timed, *([] if is_one else without_ratio(baselines, candidates))]
    return whole(
        timed,
        [*notes, *timed_notes],
        candidates=candidates,
        baselines=baselines,
        policy=policy,
        today=today,
        check=self_check(baselines, policy, timed, today) if is_one else None,
        paired=paired,
    )


def whole(  # noqa: PLR0913  # the parts of a gate
    timed: Sequence[Verdict],
    notes: Sequence[str],
    *,
    candidates: Sequence[RunFigures],
    baselines: Sequence[RunFigures],
    policy: Policy,
    today: date,
    check: SelfCheck | None,
    paired: bool,
) -> GateResult:
    """The verdicts on timed figures and on everything else, as the policy permits them.

    Raises:
        Lab4Error: where a side has no measured cell, or a run of an unpaired candidate has none.
    """
    require_measured(candidates, "candidate", each=not paired)
    require_measured(baselines, "baseline")
    verdicts = [
        *judge_presence(baselines, candidates, paired=paired),
        *timed,
        *judge_exact(baselines, candidates, policy),
        *judge_paired(baselines, candidates, policy),
        *judge_budgets(candidates, policy),
    ]
    return GateResult(
        [permitted(verdict, policy, today) for verdict in verdicts],
        notes,
        [run.source for run in baselines],
        [run.source for run in candidates],
        check,
    )
