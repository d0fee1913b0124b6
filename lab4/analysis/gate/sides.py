"""The values of a timed figure on both sides, run by run."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, repeat
from math import log
from operator import sub
from statistics import median

from lab4.analysis.figures import FIGURES, Nature
from lab4.domain.figures import RunFigures
from lab4.sampling.robust import shares_apart, spread_by_deviations, trimmed, variance_of_median, weight_of
from lab4.sampling.variances import Spread

#: The timed figures that are judged.
TIMED = {name: figure for name, figure in FIGURES.items() if figure.nature is Nature.TIMED and figure.judged}


@dataclass(frozen=True, slots=True)
class LoggedRun:
    """A run's logarithms by figure and cell, higher is worse.

    ``corrected`` are of uncontended calls, divided by the frequency probe's time. ``calls`` are how many the figures of
    a cell's calls are of, where that is known.
    """

    values: Mapping[str, Mapping[str, float]]
    corrected: Mapping[str, Mapping[str, float]]
    source: str = ""
    calls: Mapping[str, int] = field(default_factory=dict)


def logged(runs: Sequence[RunFigures]) -> list[LoggedRun]:
    """The logarithms of every figure that is judged here; they are computed once for several comparisons."""
    return [
        LoggedRun(
            _logs(run, "values"),
            _logs(run, "corrected"),
            run.source,
            {key: cell.calls for key, cell in run.cells.items() if cell.calls},
        )
        for run in runs
    ]


def _logs(run: RunFigures, way: str) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {name: {} for name in TIMED}
    for key, cell in run.cells.items():
        for name, value in getattr(cell, way).items() if cell.state == "measured" else ():
            if name in found and value > 0:
                found[name][key] = -log(value) if TIMED[name].higher_is_better else log(value)
    return found


@dataclass(frozen=True)
class Sides:
    """Logarithms of a figure by cell, for each run of the baseline and of the candidate; higher is worse.

    ``paired``: the sides' runs were interleaved, the n-th of one next to the n-th of the other. The machine's state is
    common to both, and cancels in their difference. ``variances`` are of the values of both sides, run by run, in the
    usual one of the cell; 1 where there is none. They do not count in pairs.
    """

    baseline: Sequence[Mapping[str, float]]
    candidate: Sequence[Mapping[str, float]]
    paired: bool = False
    variances: Sequence[Sequence[Mapping[str, float]]] = ((), ())

    @cached_property
    def values(self) -> dict[str, tuple[list[float], list[float]]]:
        """Each cell's values on both sides, from the runs (if paired: from the pairs) that have it."""
        sides, cells = (self.baseline, self.candidate), dict.fromkeys(chain(*self.baseline, *self.candidate))
        if not self.paired:
            before, after = ({cell: [run[cell] for run in side if cell in run] for cell in cells} for side in sides)
            return {cell: (before[cell], after[cell]) for cell in cells}
        pairs = list(zip(*sides, strict=False))
        found = {cell: [pair for pair in pairs if cell in pair[0] and cell in pair[1]] for cell in cells}
        return {cell: ([one[cell] for one, _ in own], [two[cell] for _, two in own]) for cell, own in found.items()}

    @cached_property
    def medians(self) -> dict[str, tuple[float, float]]:
        """The median of each side, which a bad run does not move, of cells with a value on both (if paired: a pair)."""
        return {cell: (median(one), median(other)) for cell, (one, other) in self.values.items() if one and other}

    def change(self, cell: str) -> float:
        """The candidate's median minus the baseline's: above zero is worse. Of pairs, the trimmed mean."""
        if self.paired:
            return self._trimmed(cell)[0]
        before, after = self.medians[cell]
        return after - before

    def _trimmed(self, cell: str) -> tuple[float, Spread]:
        """Of the pairs' differences: one in which a run was bad counts for little."""
        before, after = self.values[cell]
        return trimmed(list(map(sub, after, before)))

    def spread(self, cell: str) -> Spread:
        """The variance of one value between runs, within the sides, and its degrees of freedom.

        For pairs it is half the variance of their differences.
        """
        if self.paired:
            of_difference = self._trimmed(cell)[1]
            return of_difference._replace(variance=of_difference.variance / 2)
        one, two = map(spread_by_deviations, self.values[cell], self.medians[cell], self._variances(cell))
        whole = one.freedom + two.freedom
        squares = one.freedom * one.variance + two.freedom * two.variance
        return Spread(squares / whole if whole else 0.0, whole)

    def agreement(self, cell: str) -> float:
        """The share of the runs (if paired: of the pairs) that show the change; see `shares_apart`."""
        before, after = self.values[cell]
        return shares_apart([0.0], list(map(sub, after, before))) if self.paired else shares_apart(before, after)

    def weight(self, cell: str) -> float:
        """The variance of the change, in the usual one of a value."""
        if self.paired:
            return weight_of(map(len, self.values[cell]), paired=True)
        return sum(map(variance_of_median, self._variances(cell)))

    def _variances(self, cell: str) -> list[list[float]]:
        """Of the cell's `values` on both sides, which are no pairs."""
        usual: Mapping[str, float] = {}
        return [
            [scales.get(cell, 1.0) for run, scales in zip(side, own or repeat(usual), strict=False) if cell in run]
            for side, own in zip((self.baseline, self.candidate), self.variances, strict=True)
        ]

    def cells_without_pairs(self) -> list[str]:
        """Cells with a value on both sides and in no pair, in the baseline's order; none unless paired."""
        candidate = set(chain(*self.candidate))
        return [cell for cell in dict.fromkeys(chain(*self.baseline)) if cell in candidate and cell not in self.medians]


def sides_of(
    name: str,
    runs: Sequence[Sequence[LoggedRun]],
    peers: Callable[[str], Iterable[str]],
    variances: Sequence[Sequence[Mapping[str, float]]],
    *,
    paired: bool,
) -> tuple[Sides, frozenset[str]]:
    """The figure's sides, by corrected values where both have them; and the cells that lack them, unlike their peers.

    A cell has no corrected value in a run in which too few of its calls were uncontended: such runs are left out,
    unless the side has no other. A record without a contention monitor has no corrected values at all. ``runs`` are the
    baseline's and the candidate's, ``peers`` those of a cell, itself among them, ``variances`` as `Sides` has them.
    """
    corrected = [set(chain(*(run.corrected[name] for run in side))) for side in runs]
    plain = [set(chain(*(run.values[name] for run in side))) for side in runs]
    both = corrected[0] & corrected[1]
    watched = corrected[0] | corrected[1]
    contended = frozenset(cell for cell in (plain[0] & plain[1]) - both if not watched.isdisjoint(peers(cell)))
    baseline, candidate = (
        [
            {cell: value for cell, value in run.values[name].items() if cell not in both}
            | {cell: value for cell, value in run.corrected[name].items() if cell in both}
            for run in side
        ]
        for side in runs
    )
    return Sides(baseline, candidate, paired, variances if TIMED[name].of_calls else ((), ())), contended
