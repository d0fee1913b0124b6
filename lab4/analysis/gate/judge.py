"""One verdict per cell and figure, and the result of all of them; flagged cells are measured again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from math import sqrt

from lab4.analysis.figures import FigureTraits, is_timed, known_figures
from lab4.analysis.gate.adjustments import with_peer_group
from lab4.analysis.gate.approvals import with_approvals
from lab4.analysis.gate.hypotheses import CellSubset, corrections_of
from lab4.analysis.gate.machines import RATIO_NOTES, as_one_machine, differences, is_one_machine, relative_to_float32
from lab4.analysis.gate.policy import Policy, permitted, require_known_figures
from lab4.analysis.gate.presence import judge_presence, require_measured
from lab4.analysis.gate.sides import logged
from lab4.analysis.gate.timed_verdicts import judge_timed, worse_verdicts
from lab4.analysis.gate.untimed import judge_budgets, judge_exact, judge_paired
from lab4.analysis.gate.verdict import ExitCode, GateResult, Runs, SelfCheck, Verdict
from lab4.domain.errors import Lab4Error
from lab4.domain.figures import Approval
from lab4.sampling.binomial import upper

#: One run to judge, and two that show how runs vary.
_MIN_RUNS = 3
#: Runs that are judged against the others: the time grows with the square.
_MAX_TRIALS = 20
#: Measures these cells now, and returns the runs.
Remeasure = Callable[[Sequence[str]], Runs]


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
        Lab4Error: where the sides are of different or unknown hardware and no option permits that, new runs are of
            another machine than the baseline, or a side has no measured cell.
    """
    notes = differences(baselines, candidates)
    is_one, assumed = as_one_machine(
        baselines, candidates, cross_machine=cross_machine, assume_same=assume_same_machine
    )
    baselines = with_approvals(baselines, approvals)
    stage = two_stage(policy) if remeasure else policy
    sides, unjudged = (
        ((baselines, candidates, stage), []) if is_one else relative_to_float32(baselines, candidates, stage)
    )
    timed, timed_notes = judge_timed(*sides, paired=paired)
    if remeasure is not None:
        timed, second_notes = _confirmed(timed, baselines, candidates, policy, remeasure)
        timed_notes = [*timed_notes, *second_notes]
    timed = [*timed, *unjudged]
    check = self_check(baselines, policy, timed, today) if is_one else None
    notes = [*assumed, *([] if is_one else RATIO_NOTES), *notes, *timed_notes]
    return whole(timed, notes, (baselines, candidates), policy, today, check=check, paired=paired)


def whole(  # noqa: PLR0913  # the parts of a gate
    timed: Sequence[Verdict],
    notes: Sequence[str],
    sides: tuple[Runs, Runs],
    policy: Policy,
    today: date,
    *,
    check: SelfCheck | None,
    paired: bool,
) -> GateResult:
    """The verdicts on timed figures and on everything else, as the policy permits them.

    Raises:
        Lab4Error: where a side has no measured cell, or a run of an unpaired candidate has none.
    """
    baselines, candidates = sides
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
        [permitted(_with_quantity(verdict, known), policy, today) for verdict in verdicts],
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
    verdicts = [*judge_presence((), candidates), *judge_budgets(candidates, policy)]
    first = ExitCode.PASSED if ok else ExitCode.NO_BASELINE
    verdicts = [_with_quantity(verdict, known) for verdict in verdicts]
    return GateResult(verdicts, [note], (), [run.source for run in candidates], first=first)


def _known(runs: Runs, policy: Policy) -> Mapping[str, FigureTraits]:
    """The figures of the runs, which are all that the policy may name."""
    known = known_figures(runs)
    require_known_figures(policy, known)
    return known


def _with_quantity(verdict: Verdict, known: Mapping[str, FigureTraits]) -> Verdict:
    return replace(verdict, quantity=known[verdict.figure].quantity) if verdict.figure in known else verdict


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


def two_stage(policy: Policy) -> Policy:
    """The policy of each of two stages that must agree: together they have the false alarm rate of ``policy``."""
    return replace(policy, false_alarms=sqrt(policy.false_alarms))


def flagged_cells(verdicts: Sequence[Verdict]) -> list[str]:
    """The cells that a timed figure would stop; figures that do not vary need no second stage."""
    stopping = (verdict for verdict in verdicts if verdict.stops is ExitCode.REGRESSION)
    return list(dict.fromkeys(verdict.cell for verdict in stopping if is_timed(verdict.figure)))


def _confirmed(
    timed: Sequence[Verdict], baselines: Runs, candidates: Runs, policy: Policy, measure: Remeasure
) -> tuple[list[Verdict], list[str]]:
    """The verdicts after flagged cells were measured again, and notes; ``policy`` is that of the whole gate.

    Their peer groups are measured too, to estimate what the machine does to both. Whether dividing by the frequency
    probe helps is known from all cells of both sides: the flagged ones are too few to decide it.
    """
    flagged = flagged_cells(timed)
    if not flagged:
        return list(timed), []
    runs = measure(with_peer_group(flagged, dict.fromkeys(verdict.cell for verdict in timed)))
    if not is_one_machine([*baselines, *runs]):
        raise Lab4Error(
            f"flagged cells were measured again on another machine ({runs[-1].machine.cpu}; the baseline: "
            f"{baselines[-1].machine.cpu}); leave out --confirm, or run the gate on the baseline's machine"
        )
    subset = CellSubset(flagged, corrections_of(logged(baselines), logged(candidates), paired=False))
    second, _ = judge_timed(baselines, runs, two_stage(policy), subset=subset)
    return after_second_stage(timed, flagged, second, runs)


def after_second_stage(
    timed: Sequence[Verdict], flagged: Sequence[str], second: Sequence[Verdict], runs: Runs
) -> tuple[list[Verdict], list[str]]:
    """The verdicts after the second stage, and notes about it.

    ``runs`` are the candidate's new ones. A cell that failed or was interrupted in one keeps its first verdict, as does
    a figure without a second one.
    """
    broken = {
        key: cell.reason or cell.state
        for run in runs
        for key, cell in run.cells.items()
        if key in flagged and cell.state in {"failed", "interrupted"}
    }
    notes = [
        f"{cell} could not be measured again ({broken[cell]}); its first verdict remains"
        for cell in flagged
        if cell in broken
    ]
    sound = set(flagged) - broken.keys()
    latest = {(verdict.cell, verdict.figure): verdict for verdict in second if verdict.cell in sound}
    kept = [verdict for verdict in timed if (verdict.cell, verdict.figure) not in latest]
    return [*kept, *latest.values()], [flagged_note(len(flagged)), *notes]


def flagged_note(cells: int) -> str:
    """The note that says how many cells are measured again."""
    return "1 cell was flagged and measured again" if cells == 1 else f"{cells} cells were flagged and measured again"
