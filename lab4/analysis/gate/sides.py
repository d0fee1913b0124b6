"""The values of a timed figure on both sides, run by run, raw or divided by the frequency probe's time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from math import log, sqrt
from operator import mul
from statistics import fmean

from lab4.analysis.figures import FIGURES, Nature
from lab4.domain.figures import RunFigures
from lab4.sampling.binomial import tail
from lab4.sampling.variances import Spread

#: The timed figures that are judged.
TIMED = {name: figure for name, figure in FIGURES.items() if figure.nature is Nature.TIMED and figure.judged}
#: A run's logarithms by cell, for each figure, raw (``False``) and corrected (``True``).
Logged = Mapping[tuple[str, bool], Mapping[str, float]]
#: Significance level of the sign test.
_SIGNIFICANCE = 0.05


@dataclass(frozen=True)
class Sides:
    """Logarithms of a figure by cell, for each run of the baseline and of the candidate; higher is worse.

    ``paired``: the sides' runs were interleaved, the n-th of one next to the n-th of the other. The machine's state is
    common to both, and cancels in their difference. ``covariate_error_terms`` has cells from whose values a covariate
    was removed: what that adds to the squared error of the change, in units of the variance of one value. It also costs
    one degree of freedom.
    """

    baseline: Sequence[Mapping[str, float]]
    candidate: Sequence[Mapping[str, float]]
    paired: bool = False
    covariate_error_terms: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def values(self) -> dict[str, tuple[list[float], list[float]]]:
        """Each cell's values on both sides, from the runs (if paired: from the pairs) that have it."""
        found: dict[str, tuple[list[float], list[float]]] = {}
        if self.paired:
            for one, other in zip(self.baseline, self.candidate, strict=False):
                for cell in one:
                    if cell in other:
                        before, after = found.setdefault(cell, ([], []))
                        before.append(one[cell])
                        after.append(other[cell])
            return found
        for number, side in enumerate((self.baseline, self.candidate)):
            for run in side:
                for cell, value in run.items():
                    found.setdefault(cell, ([], []))[number].append(value)
        return found

    @cached_property
    def means(self) -> dict[str, tuple[float, float]]:
        """The mean of each side's values, for cells with a value on both sides (if paired: in a pair)."""
        return {cell: (fmean(one), fmean(other)) for cell, (one, other) in self.values.items() if one and other}

    @cached_property
    def spreads(self) -> dict[str, Spread]:
        """For the same cells, the variance of one value between runs, and its degrees of freedom.

        It is that within the sides; for pairs half the variance of their differences.
        """
        return {cell: self._spread(cell, *map(len, self.values[cell])) for cell in self.means}

    def _spread(self, cell: str, before: int, after: int) -> Spread:
        deviations = self.within(cell)  # those of runs without the cell are 0
        freedom = before - 1 if self.paired else before + after - 2 - (cell in self.covariate_error_terms)
        return Spread(sum(map(mul, deviations, deviations)) / freedom if freedom > 0 else 0.0, max(0, freedom))

    @property
    def is_single_run(self) -> bool:
        """Whether a side is a single run."""
        return 1 in {len(self.baseline), len(self.candidate)}

    def within(self, cell: str) -> list[float]:
        """The deviation of each run from its own side's mean; 0 where the run lacks the cell.

        For pairs: the deviation of each pair's difference from their mean, in units of one value's deviation.
        """
        if not self.paired:
            sides = ([run.get(cell) for run in side] for side in (self.baseline, self.candidate))
            return [deviation for side in sides for deviation in _deviations(side)]
        pairs = [
            other[cell] - one[cell] if cell in one and cell in other else None
            for one, other in zip(self.baseline, self.candidate, strict=False)
        ]
        return [deviation / sqrt(2) for deviation in _deviations(pairs)]

    def standard_error(self, cell: str, variance: float) -> float:
        """The standard error of the change, where one value has this ``variance`` between runs."""
        baseline, candidate = map(len, self.values[cell])
        return sqrt(variance * (1 / baseline + 1 / candidate + self.covariate_error_terms.get(cell, 0.0)))

    def change(self, cell: str) -> float:
        """The candidate's mean minus the baseline's: above zero is worse."""
        before, after = self.means[cell]
        return after - before

    def gap(self, cell: str) -> float:
        """The distance between the two sides' ranges: above zero every candidate run is worse, 0 where they overlap."""
        baseline, candidate = self.values[cell]
        return max(0.0, min(candidate) - max(baseline)) - max(0.0, min(baseline) - max(candidate))

    def cells_without_pairs(self) -> list[str]:
        """Cells with a value on both sides and in no pair, in the baseline's order; none unless paired."""
        candidate = set(chain(*self.candidate))
        return [cell for cell in dict.fromkeys(chain(*self.baseline)) if cell in candidate and cell not in self.means]


def _deviations(values: Sequence[float | None]) -> list[float]:
    known = [value for value in values if value is not None]
    mean = fmean(known) if known else 0.0
    return [0.0 if value is None else value - mean for value in values]


def logged(runs: Sequence[RunFigures]) -> list[Logged]:
    """The logarithms of every figure that is judged here, run by run, negative ones for a rate.

    They are computed once for several comparisons.
    """
    return [{(name, way): _logs(run, name, corrected=way) for name in TIMED for way in (False, True)} for run in runs]


def _logs(run: RunFigures, name: str, *, corrected: bool) -> dict[str, float]:
    sign = -1.0 if TIMED[name].higher_is_better else 1.0
    return {
        key: sign * log(value)
        for key, cell in run.cells.items()
        if cell.state == "measured" and (value := (cell.corrected if corrected else cell.values).get(name, 0)) > 0
    }


def sides_of(
    name: str, baselines: Sequence[Logged], candidates: Sequence[Logged], *, paired: bool
) -> tuple[Sides, Sides]:
    """The figure's raw sides and its corrected ones."""
    raw, corrected = (
        Sides([run[name, way] for run in baselines], [run[name, way] for run in candidates], paired)
        for way in (False, True)
    )
    return raw, corrected


@dataclass(frozen=True, slots=True)
class SpeedCorrection:
    """In ``better`` of ``total`` cells the values vary less when divided by the frequency probe's time."""

    better: int
    total: int

    @property
    def helps(self) -> bool:
        """Whether that is significant, by a sign test."""
        return self.total > 0 and tail(self.better, self.total) < _SIGNIFICANCE


def correction_of(raw: Sides, corrected: Sides) -> SpeedCorrection:
    """Compare the variances within the sides; single runs have none."""
    better = total = 0
    for cell in corrected.spreads.keys() & raw.spreads.keys():
        with_it, without = corrected.spreads[cell], raw.spreads[cell]
        if with_it.freedom and with_it.variance != without.variance:
            total += 1
            better += with_it.variance < without.variance
    return SpeedCorrection(better, total)


def comparable_sides(raw: Sides, corrected: Sides, *, helps: bool) -> Sides:
    """The values to compare: of cells with a contention monitor, only those of runs with a corrected value.

    In the other runs too few calls were uncontended, so that their values include contended calls. ``helps`` chooses
    the corrected values over the raw ones.
    """
    pairs = [
        list(zip(plain, fixed, strict=True))
        for plain, fixed in ((raw.baseline, corrected.baseline), (raw.candidate, corrected.candidate))
    ]
    monitored = {cell for side in pairs for _, fixed in side for cell in fixed}
    if not monitored or all(plain.keys() == fixed.keys() for side in pairs for plain, fixed in side):
        return corrected if monitored and helps else raw
    baseline, candidate = (
        [
            {cell: value for cell, value in plain.items() if cell not in monitored}
            | {cell: value if helps else plain[cell] for cell, value in fixed.items()}
            for plain, fixed in side
        ]
        for side in pairs
    )
    return Sides(baseline, candidate, raw.paired)
