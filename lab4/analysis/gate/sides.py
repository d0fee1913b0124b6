"""The values of a timed figure, run by run, on both sides; and what to divide them by so that they vary less."""

from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import chain
from math import log, sqrt
from statistics import fmean

from lab4.domain.cell import Cell
from lab4.domain.errors import CellIdError
from lab4.domain.figures import RunFigures
from lab4.sampling.binomial import tail
from lab4.sampling.variances import Spread

__all__ = ["Sides", "Values", "beside_peers", "correction_helps", "logs", "where_told"]

#: A cell by itself and its logarithm, by run.
Values = Sequence[Mapping[str, float]]
#: Cells beside one that say how the machine is: fewer have no middle that one of them does not move.
_LEAST_PEERS = 3
#: How sure it must be that dividing by the reference kernel's time helps.
_SURE = 0.05


@dataclass(frozen=True)
class Sides:
    """Logarithms of a figure by cell, for each run of the baseline and of the candidate; higher is worse.

    ``paired`` says that the two sides' runs were measured in turns, each beside the other side's of the same number:
    what the machine's state did to one it did to the other, and is left out by their difference. ``slopes`` says of
    cells from whose values a covariate was taken out what that adds to the squared error of a change, in units of the
    variance of a value; it cost a degree of freedom as well.
    """

    baseline: Values
    candidate: Values
    paired: bool = False
    slopes: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def _values(self) -> dict[str, tuple[list[float], list[float]]]:
        found: dict[str, tuple[list[float], list[float]]] = {}
        if self.paired:
            for one, other in zip(self.baseline, self.candidate, strict=False):
                for cell in one.keys() & other.keys():
                    before, after = found.setdefault(cell, ([], []))
                    before.append(one[cell])
                    after.append(other[cell])
        else:
            for number, side in enumerate((self.baseline, self.candidate)):
                for run in side:
                    for cell, value in run.items():
                        found.setdefault(cell, ([], []))[number].append(value)
        return found

    def of(self, cell: str) -> tuple[list[float], list[float]]:
        """The cell's values on both sides, of the runs (if paired, of the pairs) that have it."""
        return self._values.get(cell, ([], []))

    @property
    def is_lone(self) -> bool:
        """Whether a side is a single run."""
        return 1 in {len(self.baseline), len(self.candidate)}

    def within(self, cell: str) -> list[float]:
        """What each run of both sides differs by from its own side's mean; 0 where it lacks the cell.

        Of pairs what each pair's difference differs by from their mean, in units of one value's deviation.
        """
        if self.paired:
            pairs = [
                other[cell] - one[cell] if cell in one and cell in other else None
                for one, other in zip(self.baseline, self.candidate, strict=False)
            ]
            return [each / sqrt(2) for each in _about_their_mean(pairs)]
        return [
            each
            for side in (self.baseline, self.candidate)
            for each in _about_their_mean([run.get(cell) for run in side])
        ]

    def spread(self, cell: str) -> Spread:
        """The variance of one value by chance, and its degrees of freedom.

        Within the sides, each about its own mean; of pairs half of their differences' variance.
        """
        baseline, candidate = self.of(cell)
        if self.paired:
            squares, freedom = sum(each * each for each in self.within(cell)), len(baseline) - 1
            return Spread(squares / freedom if freedom > 0 else 0.0, max(0, freedom))
        means = (fmean(side) if side else 0.0 for side in (baseline, candidate))
        squares = sum(
            (value - mean) ** 2 for side, mean in zip((baseline, candidate), means, strict=True) for value in side
        )
        freedom = len(baseline) + len(candidate) - 2 - (cell in self.slopes)
        return Spread(squares / freedom if freedom > 0 else 0.0, max(0, freedom))

    def error(self, cell: str, variance_of_one: float) -> float:
        """The standard error of the change, where one value varies by so much by chance."""
        baseline, candidate = self.of(cell)
        return sqrt(variance_of_one * (1 / len(baseline) + 1 / len(candidate) + self.slopes.get(cell, 0.0)))

    def change(self, cell: str) -> float:
        """By how much the candidate's runs are worse, on average."""
        baseline, candidate = self.of(cell)
        return fmean(candidate) - fmean(baseline)

    def gap(self, cell: str) -> float:
        """What lies between the two sides' runs: above zero each is worse than all before, below each is better."""
        baseline, candidate = self.of(cell)
        return max(0.0, min(candidate) - max(baseline)) - max(0.0, min(baseline) - max(candidate))

    def cells(self) -> list[str]:
        """Cells with a value on both sides, in the baseline's order."""
        return self._cells

    @cached_property
    def _cells(self) -> list[str]:
        values = self._values
        return [cell for cell in dict.fromkeys(chain.from_iterable(self.baseline)) if all(values.get(cell, ((),)))]

    def unpaired(self) -> list[str]:
        """Cells with a value on both sides and in no pair, in the baseline's order; none where runs are not paired."""
        known = dict.fromkeys(cell for run in self.baseline for cell in run)
        other = {cell for run in self.candidate for cell in run}
        return [cell for cell in known if cell in other and not all(self.of(cell))]


def _about_their_mean(values: Sequence[float | None]) -> list[float]:
    told = [each for each in values if each is not None]
    mean = fmean(told) if told else 0.0
    return [0.0 if each is None else each - mean for each in values]


def logs(run: RunFigures, name: str, *, higher_is_better: bool, corrected: bool) -> dict[str, float]:
    """Logarithms of a figure by cell; of a rate their negatives."""
    sign = -1.0 if higher_is_better else 1.0
    return {
        key: sign * log(value)
        for key, cell in run.cells.items()
        if cell.state == "measured" and (value := (cell.corrected if corrected else cell.values).get(name, 0)) > 0
    }


def beside_peers(sides: Sides) -> Sides:
    """Each value less what the cell's peers moved by in the same run; cells with fewer than three are left out.

    Peers run the same format on the same device with as many threads: what a machine's state does to one it does to
    all of them, and what a change does to one it does not. A run's peers moved by the median of their distances, each
    from the middle of its own two sides, so that one which is missing in a run changes nothing for the others.
    """
    groups: dict[object, list[str]] = {}
    for cell in sides.cells():
        groups.setdefault(_kin(cell), []).append(cell)
    usual = {cell: fmean(map(fmean, sides.of(cell))) for cell in sides.cells()}
    return Sides(_less_peers(sides.baseline, groups, usual), _less_peers(sides.candidate, groups, usual), sides.paired)


@cache
def _kin(key: str) -> object:
    try:
        cell = Cell.from_key(key)
    except CellIdError:  # a benchmark of somebody else's, which pytest-benchmark saved
        return key
    return cell.part, cell.format, cell.device, cell.threads


def _less_peers(
    side: Values, groups: Mapping[object, Sequence[str]], usual: Mapping[str, float]
) -> list[dict[str, float]]:
    less: list[dict[str, float]] = [{} for _ in side]
    for cells in groups.values():
        for run, found in zip(side, less, strict=True):
            moved = {cell: run[cell] - usual[cell] for cell in cells if cell in run}
            if len(moved) > _LEAST_PEERS:
                ordered = sorted(moved.values())
                for cell, own in moved.items():
                    found[cell] = run[cell] - _median_without(ordered, bisect_left(ordered, own))
    return less


def _median_without(ordered: Sequence[float], place: int) -> float:
    """The median of all but the value at this place, without sorting the others anew."""
    middle, is_odd = divmod(len(ordered) - 1, 2)
    above = ordered[middle + (middle >= place)]
    if is_odd:
        return above
    return (ordered[middle - 1 + (middle - 1 >= place)] + above) / 2


def correction_helps(raw: Sides, corrected: Sides) -> tuple[int, int, bool]:
    """In how many cells of how many the values vary less when divided by the kernel's time, and if that is no luck.

    By the sign test on the variances within the sides; nothing is told by one run a side.
    """
    better = total = 0
    for cell in corrected.cells():
        with_it, without = corrected.spread(cell), raw.spread(cell)
        if with_it.freedom and with_it.variance != without.variance:
            total += 1
            better += with_it.variance < without.variance
    return better, total, total > 0 and tail(better, total) < _SURE


def where_told(raw: Sides, corrected: Sides, watched: Collection[str], *, helps: bool) -> Sides:
    """What is compared: of cells beside which the machine was ``watched``, only runs with a corrected value.

    In the others hardly a call was undisturbed, so that their values are of all calls. ``helps`` says whether to
    compare the corrected values or the raw ones.
    """

    def told(plain: Values, other: Values) -> list[dict[str, float]]:
        return [
            {cell: value for cell, value in run.items() if cell not in watched}
            | {cell: value if helps else run[cell] for cell, value in fixed.items() if cell in watched}
            for run, fixed in zip(plain, other, strict=True)
        ]

    return Sides(told(raw.baseline, corrected.baseline), told(raw.candidate, corrected.candidate), raw.paired)
