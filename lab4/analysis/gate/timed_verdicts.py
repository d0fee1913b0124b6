"""Verdicts on timed figures, with their reasons in words."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from math import exp, expm1, inf, log
from statistics import fmean

from lab4.analysis.figures import FIGURES, FigureTraits
from lab4.analysis.gate.hypotheses import CellSubset, Hypothesis, hypotheses_of
from lab4.analysis.gate.policy import Policy
from lab4.analysis.gate.sides import Logged, Sides, logged
from lab4.analysis.gate.verdict import Evidence, Runs, Verdict, VerdictOutcome, changed, inconclusive

#: P-values below which a hypothesis that was not rejected is still reported; the second is for cells that only their
#: peer group vouches for.
_SUSPICIOUS, _SUSPICIOUS_GROUP = 0.01, 0.1
#: A smaller p-value is printed as this bound: a frequency has no meaning there.
_MIN_P_VALUE = 1e-9
_TENFOLD = log(10)
_ADD_RUNS = "add baseline runs, and give several of the candidate"
#: A co-runner slows calls by half, or to twice their time; it never reaches this factor.
_MAX_CONTENTION = 3.0


def judge_timed(
    baselines: Runs, candidates: Runs, policy: Policy, *, paired: bool = False, subset: CellSubset | None = None
) -> tuple[list[Verdict], list[str]]:
    """Judge every timed figure of every cell measured on both sides; notes say how the machine's speed was treated.

    ``paired``: the runs were interleaved, the n-th of one side next to the n-th of the other. ``subset`` describes runs
    of fewer cells than the suite's, and says which of them to judge.
    """
    decided, raw, notes = hypotheses_of(logged(baselines), logged(candidates), policy, paired=paired, subset=subset)
    verdicts = [_verdict(hypotheses, raw[name]) for (_, name), hypotheses in decided.items()]
    untested = (each for each in _without_hypothesis(raw, decided) if subset is None or each.cell in subset.cells)
    return [*verdicts, *untested], notes


def worse_verdicts(baselines: Sequence[Logged], candidates: Sequence[Logged], policy: Policy) -> list[Verdict]:
    """The *worse* verdicts of `judge_timed`: all that raise an alarm, for a small part of the work."""
    decided, raw, _ = hypotheses_of(baselines, candidates, policy, paired=False)
    verdicts = (
        _verdict(hypotheses, raw[name])
        for (_, name), hypotheses in decided.items()
        if any(hypothesis.rejected or hypothesis.gap > 0 for hypothesis in hypotheses)
    )
    every = (*verdicts, *_without_hypothesis(raw, decided))
    return [verdict for verdict in every if verdict.outcome is VerdictOutcome.WORSE]


def _without_hypothesis(raw: Mapping[str, Sides], tested: Collection[tuple[str, str]]) -> Iterator[Verdict]:
    """Verdicts on the cells and figures that could not be tested."""
    for name, sides in raw.items():
        figure = FIGURES[name]
        reason = (
            f"too few uncontended calls to estimate the {figure.label}; "
            "run again on a quieter machine or with a longer profile"
        )
        for cell in sides.means:
            if (cell, name) not in tested:
                yield _undecided(cell, name, reason, (sides.change(cell), sides.gap(cell)))
        reason = (
            f"no pair of interleaved runs has the {figure.label} on both sides; "
            "measure both sides again, or judge the runs without --interleaved"
        )
        for cell in sides.cells_without_pairs():
            yield inconclusive(cell, name, reason, stops=figure.essential)


def _undecided(
    cell: str, name: str, reason: str, change_and_gap: tuple[float, float], evidence: Evidence | None = None
) -> Verdict:
    """The verdict where the data does not decide: it stops the gate where the figure is essential.

    Where every run of one side differs from every run of the other by more than contention does, that does decide.
    Essential figures only: in a tail, one interrupted call takes as long as the interruption.
    """
    figure, (change, gap), evidence = FIGURES[name], change_and_gap, evidence or Evidence()
    if not figure.essential or abs(gap) < log(_MAX_CONTENTION):
        return inconclusive(cell, name, reason, evidence, stops=figure.essential)
    relative = _fraction(change, figure)
    reason = f"{figure.label} {relative:+.0%}: core contention was detected but cannot explain a change this large"
    return changed(cell, name, reason, replace(evidence, change=relative), worse=gap > 0)


def _verdict(hypotheses: Sequence[Hypothesis], raw: Sides) -> Verdict:
    own = next(hypothesis for hypothesis in hypotheses if not hypothesis.adjusted_for)
    # Relative to its peers a cell looks worse when they improve: its own change must agree.
    moved = own.change if abs(own.change) > own.tolerance else 0.0
    agreeing = [own, *(each for each in hypotheses if each.change * moved > 0)]
    deciding = min(agreeing, key=lambda each: (not each.rejected, each.p_value, each.adjusted_for))
    name, cell, figure = own.figure, own.cell, FIGURES[own.figure]
    # By the most sensitive of the hypotheses.
    detectable = min(each.detectable for each in hypotheses)
    # The geometric means over runs.
    before, after = (exp(-fmean(side) if figure.higher_is_better else fmean(side)) for side in raw.values[cell])
    evidence = _evidence(deciding, figure, detectable, before, after)
    if deciding.rejected:
        return changed(cell, name, _words(deciding, figure), evidence, worse=deciding.change > 0)
    if detectable > _required(own, figure):
        reason = f"underpowered: the smallest detectable change is {_size(detectable)}; {_ADD_RUNS}"
        return _undecided(cell, name, reason, (own.change, own.gap), evidence)
    # From here on the cell's own change: the adjusted one does not show what moved the whole group.
    own_evidence = replace(_evidence(own, figure, detectable, before, after), p_value=evidence.p_value)
    # A cell that only its peer group vouches for: the group does not see what moves all of it.
    if own.detectable > _required(own, figure) and own.change > 0 and own.p_value < _SUSPICIOUS_GROUP:
        reason = (
            f"{_words(own, figure)}; its whole peer group moved, and without it the smallest detectable change is "
            f"{_size(own.detectable)}; {_ADD_RUNS}"
        )
        return inconclusive(cell, name, reason, own_evidence, stops=figure.essential)
    if deciding.p_value < _SUSPICIOUS:
        reason = f"{_words(deciding, figure)}; not significant over all cells, measure again to confirm"
        return inconclusive(cell, name, reason, evidence, stops=False)
    return Verdict(cell, name, VerdictOutcome.SAME, "within run-to-run noise", own_evidence)


def _required(own: Hypothesis, figure: FigureTraits) -> float:
    """The minimum detectable effect that *same* requires, as a logarithm.

    A policy that tolerates more than the default raises it by as much: a change within the tolerance is never found.
    """
    return log(1 + figure.min_detectable_effect) + max(0.0, own.tolerance - log(1 + figure.tolerance))


def _size(change: float) -> str:
    return "more than tenfold" if change > _TENFOLD else f"{exp(change) - 1:.0%}"


def _evidence(
    deciding: Hypothesis, figure: FigureTraits, detectable: float, baseline: float, candidate: float
) -> Evidence:
    low, high = sorted(_fraction(end, figure) for end in deciding.interval)
    return Evidence(
        baseline,
        candidate,
        change=_fraction(deciding.change, figure),
        low=low,
        high=high,
        threshold=abs(_fraction(deciding.threshold, figure)),
        detectable=abs(_fraction(detectable, figure)),
        p_value=deciding.p_value,
        standard_error=deciding.standard_error,
        degrees_of_freedom=deciding.degrees_of_freedom,
    )


def _words(deciding: Hypothesis, figure: FigureTraits) -> str:
    change = _fraction(deciding.change, figure)
    relative = f" relative to {deciding.adjusted_for}" if deciding.adjusted_for else ""
    p_value = deciding.p_value
    odds = f"p = {p_value:.2g}" if p_value > _MIN_P_VALUE else f"p < {_MIN_P_VALUE:.0e}"
    return f"{figure.label} {change:+.1%}{relative} ({odds})"


def _fraction(change: float, figure: FigureTraits) -> float:
    """Convert a change of logarithms, higher is worse, to a fraction of the figure: +0.05 is 5% more."""
    try:
        return expm1(-change if figure.higher_is_better else change)
    except OverflowError:  # a threshold that so few runs do not determine
        return inf
