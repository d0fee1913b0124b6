"""Verdicts on figures that vary, in words, by what is believed of them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from math import exp, log
from statistics import fmean

from lab4.analysis.figures import FIGURES, Figure
from lab4.analysis.gate.hypotheses import Few, Hypothesis, Logged, hypotheses_of, logged
from lab4.analysis.gate.policy import Policy
from lab4.analysis.gate.sides import Sides
from lab4.analysis.gate.timed import Finding, fraction
from lab4.analysis.gate.untold import beyond_neighbours, unjudged, unpaired, untold
from lab4.analysis.gate.verdict import Evidence, ExitCode, Judged, Verdict
from lab4.domain.figures import RunFigures

__all__ = ["judge_timed", "worse_ones"]

#: Not believed, and still no luck that a reader should overlook; and the same where only peers vouch for a cell, which
#: do not see what moves all of them.
_SUSPECT, _SUSPECT_OF_ALL = 0.01, 0.1
#: Less than this has no meaning as a frequency.
_NEVER = 1e-9
_TENFOLD = log(10)


def judge_timed(
    baselines: Sequence[RunFigures],
    candidates: Sequence[RunFigures],
    policy: Policy,
    *,
    paired: bool = False,
    few: Few | None = None,
) -> tuple[list[Judged], list[str]]:
    """Judge every timed figure of every cell measured on both sides; notes say how the machine's speed was met.

    ``paired`` is said of runs that were measured in turns: the n-th of one side beside the n-th of the other.
    ``few`` is said of runs of fewer cells than the suite's, and which of them to judge.
    """
    decided, plain, notes = hypotheses_of(logged(baselines), logged(candidates), policy, paired=paired, few=few)
    found = [_judged(each, plain[name]) for (_, name), each in decided.items()]
    return [*found, *(each for each in _untold(plain, decided) if few is None or each.cell in few.asked)], notes


def worse_ones(baselines: Sequence[Logged], candidates: Sequence[Logged], policy: Policy) -> list[Judged]:
    """Of what `judge_timed` says, the verdicts *worse*: all that raises an alarm, and a small part of the work."""
    decided, plain, _ = hypotheses_of(baselines, candidates, policy, paired=False)
    judged = (
        _judged(each, plain[name])
        for (_, name), each in decided.items()
        if any(one.believed or one.finding.gap > 0 for one in each)
    )
    return [each for each in (*judged, *_untold(plain, decided)) if each.verdict is Verdict.WORSE]


def _untold(plain: Mapping[str, Sides], told: Collection[tuple[str, str]]) -> Iterator[Judged]:
    """Verdicts on the cells and figures of which there is no hypothesis."""
    for name, raw in plain.items():
        yield from (untold(cell, name, raw) for cell in raw.cells() if (cell, name) not in told)
        yield from (unpaired(cell, name) for cell in raw.unpaired())


def _judged(hypotheses: Sequence[Hypothesis], raw: Sides) -> Judged:
    own = next(each for each in hypotheses if not each.beside)
    # Against its peers a cell can look worse since they became better: it must have moved itself, too.
    moved = own.finding.change if abs(own.finding.change) > own.finding.tolerance else 0.0
    agreeing = [own, *(each for each in hypotheses if each.finding.change * moved > 0)]
    speaking = min(agreeing, key=lambda each: (not each.believed, each.finding.chance, each.beside))
    figure = FIGURES[own.name]
    cell = own.finding.cell
    # The hypothesis that would see least of a change.
    seen = min(each.finding.detectable(each.limit) for each in hypotheses)
    evidence = _evidence(speaking, figure, seen, *(_typical(side, figure) for side in raw.of(cell)))
    if speaking.believed:
        worse = speaking.finding.change > 0
        stops = ExitCode.REGRESSION if worse else ExitCode.PASSED
        return Judged(
            cell, own.name, Verdict.WORSE if worse else Verdict.BETTER, _words(speaking, figure), evidence, stops
        )
    if seen > _must_see(own.finding, figure):
        reason = (
            f"too few runs, or too restless a machine: only a change of {_size(seen)} is seen; "
            "give more baseline runs, and several of the candidate"
        )
        beyond = beyond_neighbours(cell, own.name, own.finding.change, own.finding.gap, evidence)
        return beyond or unjudged(cell, own.name, reason, evidence)
    # The cell's own change: beside its peers it does not show what moved them all.
    own_evidence = replace(_evidence(own, figure, seen, evidence.baseline, evidence.candidate), chance=evidence.chance)
    if all_moved := _all_moved(own, figure):
        return unjudged(cell, own.name, all_moved, own_evidence)
    if speaking.finding.chance < _SUSPECT:
        reason = f"{_words(speaking, figure)}; too often for a verdict, so measure again"
        return Judged(cell, own.name, Verdict.INCONCLUSIVE, reason, evidence)
    return Judged(cell, own.name, Verdict.SAME, "no more than runs of unchanged code differ by", own_evidence)


def _all_moved(own: Hypothesis, figure: Figure) -> str | None:
    """What is doubtful about a cell that only its peers could vouch for; ``None`` where nothing is."""
    alone = own.finding.detectable(own.limit)
    if alone <= _must_see(own.finding, figure) or own.finding.change <= 0 or own.finding.chance >= _SUSPECT_OF_ALL:
        return None
    return (
        f"{_words(own, figure)}; as the other cells of its format, so that only a change of "
        f"{_size(alone)} is seen: give more baseline runs, and several of the candidate"
    )


def _must_see(finding: Finding, figure: Figure) -> float:
    """The change that a *same* vouches for, as a logarithm: by as much more as a policy tolerates more than usual.

    A change within the tolerance is never seen, however calm the machine is.
    """
    return fraction_to_log(figure.must_see) + max(0.0, finding.tolerance - fraction_to_log(figure.tolerance))


def _size(seen: float) -> str:
    return "more than tenfold" if seen > _TENFOLD else f"{exp(seen) - 1:.0%} and more"


def fraction_to_log(change: float) -> float:
    """A fraction as a difference of logarithms."""
    return log(1 + change)


def _typical(values: Sequence[float], figure: Figure) -> float:
    """The geometric mean over runs, of their logarithms."""
    return exp(-fmean(values) if figure.higher_is_better else fmean(values))


def _evidence(
    speaking: Hypothesis, figure: Figure, seen: float, baseline: float | None, candidate: float | None
) -> Evidence:
    up = figure.higher_is_better
    finding = speaking.finding
    low, high = sorted(fraction(each, higher_is_better=up) for each in finding.interval)
    return Evidence(
        baseline,
        candidate,
        change=fraction(finding.change, higher_is_better=up),
        low=low,
        high=high,
        threshold=abs(fraction(finding.threshold(speaking.limit), higher_is_better=up)),
        detectable=abs(fraction(seen, higher_is_better=up)),
        chance=finding.chance,
        standard_error=finding.error,
        freedom=finding.freedom,
    )


def _words(speaking: Hypothesis, figure: Figure) -> str:
    change = fraction(speaking.finding.change, higher_is_better=figure.higher_is_better)
    against = f" against {speaking.beside}" if speaking.beside else ""
    rarity = speaking.finding.chance
    odds = f"chance does this in 1 of {1 / rarity:,.0f} comparisons" if rarity > _NEVER else "far beyond chance"
    return f"{figure.label} {change:+.1%}{against}: {odds}"
