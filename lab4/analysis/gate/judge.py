"""One verdict a cell and figure, and what they come to."""

from collections.abc import Sequence
from datetime import date

from lab4.analysis.gate.blessings import blessed
from lab4.analysis.gate.budgets import judge_budgets
from lab4.analysis.gate.confirmation import Again, confirmed, staged
from lab4.analysis.gate.exact import judge_exact
from lab4.analysis.gate.machines import differences, judged_as_one_machine
from lab4.analysis.gate.paired import judge_paired
from lab4.analysis.gate.permission import permitted
from lab4.analysis.gate.policy import Policy
from lab4.analysis.gate.presence import judge_presence, require_measured
from lab4.analysis.gate.reckoning import reckon
from lab4.analysis.gate.relative import NOTES, relative_to_float32, without_ratio
from lab4.analysis.gate.timed_verdicts import judge_timed
from lab4.analysis.gate.verdict import Gate, Judged, Reckoning
from lab4.domain.blessing import Blessing
from lab4.domain.figures import RunFigures

__all__ = ["judge", "whole"]


def judge(  # noqa: PLR0913  # each is its own concern
    candidates: Sequence[RunFigures],
    baselines: Sequence[RunFigures],
    policy: Policy,
    *,
    today: date,
    blessings: Sequence[Blessing] = (),
    cross_machine: bool = False,
    assume_same_machine: bool = False,
    again: Again | None = None,
    paired: bool = False,
) -> Gate:
    """Judge the candidate's runs against the baseline's; neither may be empty.

    Runs of other hardware are refused by `Lab4Error`, unless ``cross_machine``: then figures are judged as ratios to
    the same model's float32 cell on the same machine. Runs of unknown hardware are refused as well, unless
    ``assume_same_machine`` says that they are of one machine. With ``again``, which measures cells now, those that came
    out worse are measured once more, and stop only if that says so too. ``paired`` is of runs measured in turns.
    """
    notes = differences(baselines, candidates)
    alike, assumed = judged_as_one_machine(
        baselines, candidates, cross_machine=cross_machine, assume_same=assume_same_machine
    )
    baselines = blessed(baselines, blessings)
    notes = [*assumed, *([] if alike else NOTES), *notes]
    stage = staged(policy) if again else policy
    sides = (baselines, candidates, stage) if alike else relative_to_float32(baselines, candidates, stage)
    timed, more = judge_timed(*sides, paired=paired)
    if again is not None:
        timed, told = confirmed(timed, baselines, candidates, policy, again)
        more = [*more, *told]
    timed = [*timed, *([] if alike else without_ratio(baselines, candidates))]
    reckoning = reckon(baselines, policy, timed, today) if alike else None
    return whole(
        timed,
        [*notes, *more],
        candidates=candidates,
        baselines=baselines,
        policy=policy,
        today=today,
        reckoning=reckoning,
        paired=paired,
    )


def whole(  # noqa: PLR0913  # what a gate is made of
    timed: Sequence[Judged],
    notes: Sequence[str],
    *,
    candidates: Sequence[RunFigures],
    baselines: Sequence[RunFigures],
    policy: Policy,
    today: date,
    reckoning: Reckoning | None,
    paired: bool,
) -> Gate:
    """The verdicts on timed figures, with those on everything else, as the policy permits them.

    Raises:
        Lab4Error: where a side has measured nothing, or a run of the candidate by itself: there is nothing to pass.
    """
    require_measured(candidates, "candidate", each=not paired)
    require_measured(baselines, "baseline")
    judged = [
        *judge_presence(baselines, candidates, paired=paired),
        *timed,
        *judge_exact(baselines, candidates, policy),
        *judge_paired(baselines, candidates, policy),
        *judge_budgets(candidates, policy),
    ]
    return Gate(
        [permitted(each, policy, today) for each in judged],
        notes,
        [run.source for run in baselines],
        [run.source for run in candidates],
        reckoning,
    )
