"""One verdict per cell and figure, and the result of all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from lab4.analysis.figures import FigureTraits, known_figures
from lab4.analysis.gate.approvals import with_approvals
from lab4.analysis.gate.confirmation import Remeasure, confirmed, two_stage
from lab4.analysis.gate.machines import RATIO_NOTES, differences, judged_as_one_machine, relative_to_float32
from lab4.analysis.gate.policy import Policy, permitted, require_known_figures
from lab4.analysis.gate.presence import judge_presence, require_measured
from lab4.analysis.gate.sides import logged
from lab4.analysis.gate.timed_verdicts import judge_timed, worse_verdicts
from lab4.analysis.gate.untimed import judge_budgets, judge_exact, judge_paired
from lab4.analysis.gate.verdict import ExitCode, GateResult, Runs, SelfCheck, Verdict
from lab4.domain.approval import Approval
from lab4.sampling.binomial import upper

__all__ = ["detectable", "judge", "judge_first_run", "self_check", "whole"]

#: One run to judge, and two that show how runs vary.
_MIN_RUNS = 3
#: Runs that are judged against the others: the time grows with the square.
_MAX_TRIALS = 20


def judge(  # noqa: PLR0913  # each is its own concern
    candidates: Runs,
    baselines: Runs,
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
    notes = [*assumed, *([] if is_one else RATIO_NOTES), *notes]
    baselines = with_approvals(baselines, approvals)
    stage = two_stage(policy) if remeasure else policy
    sides, unjudged = (
        ((baselines, candidates, stage), []) if is_one else relative_to_float32(baselines, candidates, stage)
    )
    timed, timed_notes = judge_timed(*sides, paired=paired)
    if remeasure is not None:
        timed, second_notes = confirmed(timed, baselines, candidates, policy, remeasure)
        timed_notes = [*timed_notes, *second_notes]
    timed = [*timed, *unjudged]
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
    candidates: Runs,
    baselines: Runs,
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
    known = _known([*baselines, *candidates], policy)
    verdicts = [
        *judge_presence(baselines, candidates, paired=paired),
        *timed,
        *judge_exact(baselines, candidates, policy),
        *judge_paired(baselines, candidates, policy),
        *judge_budgets(candidates, policy),
    ]
    return GateResult(
        [permitted(verdict, policy, today) for verdict in _with_quantities(verdicts, known)],
        notes,
        [run.source for run in baselines],
        [run.source for run in candidates],
        check,
    )


def judge_first_run(candidates: Runs, policy: Policy, *, ok: bool) -> GateResult:
    """Judge budgets, which need no baseline, and whether every cell was measured.

    A run without a baseline has an exit code of its own, unless that is ``ok``.

    Raises:
        Lab4Error: where a run has no measured cell.
    """
    require_measured(candidates, "candidate", each=True)
    note = "no baseline: only budgets were judged; save this run and give it as the baseline next time"
    known = _known(candidates, policy)
    verdicts = _with_quantities([*judge_presence((), candidates), *judge_budgets(candidates, policy)], known)
    first = ExitCode.PASSED if ok else ExitCode.NO_BASELINE
    return GateResult(verdicts, [note], (), [run.source for run in candidates], first=first)


def _known(runs: Runs, policy: Policy) -> Mapping[str, FigureTraits]:
    """The figures of the runs, which are all that the policy may name."""
    known = known_figures(runs)
    require_known_figures(policy, known)
    return known


def _with_quantities(verdicts: Sequence[Verdict], known: Mapping[str, FigureTraits]) -> list[Verdict]:
    return [
        replace(verdict, quantity=known[verdict.figure].quantity) if verdict.figure in known else verdict
        for verdict in verdicts
    ]


def self_check(baselines: Runs, policy: Policy, timed: Sequence[Verdict], today: date) -> SelfCheck | None:
    """Judge each baseline run against the others by today's policy; ``None`` for fewer than three runs.

    That shows the gate's false alarms on unchanged code. ``timed`` are the candidate's own verdicts, which hold the
    changes that can be detected on this machine.
    """
    if len(baselines) < _MIN_RUNS:
        return None
    trials = logged(baselines[-_MAX_TRIALS:])
    alarms = 0
    for number, run in enumerate(trials):
        worse = worse_verdicts([*trials[:number], *trials[number + 1 :]], [run], policy)
        alarms += any(permitted(verdict, policy, today).stops is ExitCode.REGRESSION for verdict in worse)
    return SelfCheck(len(trials), alarms, upper(alarms, len(trials)), detectable(timed))


def detectable(timed: Sequence[Verdict]) -> tuple[tuple[str, float], ...]:
    """By cell, the change of latency that 80 of 100 runs would detect, from the verdicts' evidence."""
    return tuple(
        (verdict.cell, verdict.evidence.detectable)
        for verdict in timed
        if verdict.figure == "latency" and verdict.evidence.detectable is not None
    )
