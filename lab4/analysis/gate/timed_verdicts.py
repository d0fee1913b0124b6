"""Verdicts on timed figures, with their reasons in words."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from math import exp, log
from statistics import fmean

from lab4.analysis.figures import FIGURES, FigureTraits
from lab4.analysis.gate.change_test import ChangeTest, fraction
from lab4.analysis.gate.hypotheses import CellSubset, Hypothesis, Logged, hypotheses_of, logged
from lab4.analysis.gate.indeterminate import beyond_contention, indeterminate, too_few_uncontended, without_pairs
from lab4.analysis.gate.policy import Policy
from lab4.analysis.gate.sides import Sides
from lab4.analysis.gate.verdict import Evidence, ExitCode, Verdict, VerdictOutcome
from lab4.domain.figures import RunFigures

__all__ = ["judge_timed", "worse_verdicts"]

#: P-values below which a hypothesis that was not rejected is still reported; the second is for cells that only their
#: peer group vouches for, which does not see what moves the whole group.
_SUSPICIOUS, _SUSPICIOUS_GROUP = 0.01, 0.1
#: A smaller p-value is printed as this bound: a frequency has no meaning there.
_MIN_P_VALUE = 1e-9
_TENFOLD = log(10)


def judge_timed(
    baselines: Sequence[RunFigures],
    candidates: Sequence[RunFigures],
    policy: Policy,
    *,
    paired: bool = False,
    subset: CellSubset | None = None,
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
        if any(hypothesis.rejected or hypothesis.test.gap > 0 for hypothesis in hypotheses)
    )
    every = (*verdicts, *_without_hypothesis(raw, decided))
    return [verdict for verdict in every if verdict.outcome is VerdictOutcome.WORSE]


def _without_hypothesis(raw: Mapping[str, Sides], tested: Collection[tuple[str, str]]) -> Iterator[Verdict]:
    """Verdicts on the cells and figures that could not be tested."""
    for name, sides in raw.items():
        yield from (too_few_uncontended(cell, name, sides) for cell in sides.cells() if (cell, name) not in tested)
        yield from (without_pairs(cell, name) for cell in sides.cells_without_pairs())


def _verdict(hypotheses: Sequence[Hypothesis], raw: Sides) -> Verdict:
    own = next(hypothesis for hypothesis in hypotheses if not hypothesis.adjusted_for)
    # Relative to its peers a cell looks worse when they improve: its own change must agree.
    moved = own.test.change if abs(own.test.change) > own.test.tolerance else 0.0
    agreeing = [own, *(each for each in hypotheses if each.test.change * moved > 0)]
    deciding = min(agreeing, key=lambda each: (not each.rejected, each.test.p_value, each.adjusted_for))
    figure = FIGURES[own.name]
    cell = own.test.cell
    # By the most sensitive of the hypotheses.
    detectable = min(each.test.detectable(each.limit) for each in hypotheses)
    evidence = _evidence(deciding, figure, detectable, *(_typical(side, figure) for side in raw.values(cell)))
    if deciding.rejected:
        worse = deciding.test.change > 0
        outcome, stops = (
            (VerdictOutcome.WORSE, ExitCode.REGRESSION) if worse else (VerdictOutcome.BETTER, ExitCode.PASSED)
        )
        return Verdict(cell, own.name, outcome, _words(deciding, figure), evidence, stops)
    if detectable > _required(own.test, figure):
        reason = (
            f"underpowered: the smallest detectable change is {_size(detectable)}; "
            "add baseline runs, and give several of the candidate"
        )
        beyond = beyond_contention(cell, own.name, own.test.change, own.test.gap, evidence)
        return beyond or indeterminate(cell, own.name, reason, evidence)
    # From here on the cell's own change: the adjusted one does not show what moved the whole group.
    own_evidence = replace(
        _evidence(own, figure, detectable, evidence.baseline, evidence.candidate), p_value=evidence.p_value
    )
    if whole_group_moved := _whole_group_moved(own, figure):
        return indeterminate(cell, own.name, whole_group_moved, own_evidence)
    if deciding.test.p_value < _SUSPICIOUS:
        reason = f"{_words(deciding, figure)}; not significant over all cells, measure again to confirm"
        return Verdict(cell, own.name, VerdictOutcome.INCONCLUSIVE, reason, evidence)
    return Verdict(cell, own.name, VerdictOutcome.SAME, "within run-to-run noise", own_evidence)


def _whole_group_moved(own: Hypothesis, figure: FigureTraits) -> str | None:
    """The reason to doubt a cell that only its peer group vouches for; ``None`` where there is none."""
    detectable = own.test.detectable(own.limit)
    is_powered = detectable <= _required(own.test, figure)
    if is_powered or own.test.change <= 0 or own.test.p_value >= _SUSPICIOUS_GROUP:
        return None
    return (
        f"{_words(own, figure)}; its whole peer group moved, and without it the smallest detectable change is "
        f"{_size(detectable)}; add baseline runs, and give several of the candidate"
    )


def _required(test: ChangeTest, figure: FigureTraits) -> float:
    """The minimum detectable effect that *same* requires, as a logarithm.

    A policy that tolerates more than the default raises it by as much: a change within the tolerance is never found.
    """
    return fraction_to_log(figure.min_detectable_effect) + max(0.0, test.tolerance - fraction_to_log(figure.tolerance))


def _size(change: float) -> str:
    return "more than tenfold" if change > _TENFOLD else f"{exp(change) - 1:.0%}"


def fraction_to_log(change: float) -> float:
    """A fraction as a difference of logarithms."""
    return log(1 + change)


def _typical(values: Sequence[float], figure: FigureTraits) -> float:
    """The geometric mean over runs, of their logarithms."""
    return exp(-fmean(values) if figure.higher_is_better else fmean(values))


def _evidence(
    deciding: Hypothesis, figure: FigureTraits, detectable: float, baseline: float | None, candidate: float | None
) -> Evidence:
    up = figure.higher_is_better
    test = deciding.test
    low, high = sorted(fraction(end, higher_is_better=up) for end in test.interval)
    return Evidence(
        baseline,
        candidate,
        change=fraction(test.change, higher_is_better=up),
        low=low,
        high=high,
        threshold=abs(fraction(test.threshold(deciding.limit), higher_is_better=up)),
        detectable=abs(fraction(detectable, higher_is_better=up)),
        p_value=test.p_value,
        standard_error=test.standard_error,
        degrees_of_freedom=test.degrees_of_freedom,
    )


def _words(deciding: Hypothesis, figure: FigureTraits) -> str:
    change = fraction(deciding.test.change, higher_is_better=figure.higher_is_better)
    relative = f" relative to {deciding.adjusted_for}" if deciding.adjusted_for else ""
    p_value = deciding.test.p_value
    odds = f"p = {p_value:.2g}" if p_value > _MIN_P_VALUE else f"p < {_MIN_P_VALUE:.0e}"
    return f"{figure.label} {change:+.1%}{relative} ({odds})"
