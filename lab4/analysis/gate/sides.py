"""The values of a timed figure, run by run, on both sides; and what to divide them by so that they vary less."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import log
from statistics import fmean, median

from lab4.domain.cell import Cell
from lab4.domain.figures import CellFigures, RunFigures
from lab4.sampling.binomial import tail
from lab4.sampling.variances import Spread

__all__ = ["Sides", "Values", "beside_peers", "correction_helps", "logs", "spread_of"]

#: A cell by itself and its logarithm, by run.
Values = Sequence[Mapping[str, float]]
#: Cells beside one that say how the machine is: fewer have no middle that one of them does not move.
_LEAST_PEERS = 3
#: How sure it must be that dividing by the reference kernel's time helps.
_SURE = 0.05


@dataclass(frozen=True, slots=True)
class Sides:
    """Logarithms of a figure by cell, for each run of the baseline and of the candidate; higher is worse."""

    baseline: Values
    candidate: Values

    def of(self, cell: str) -> tuple[list[float], list[float]]:
        """The cell's values on both sides, of the runs that have it."""
        return [run[cell] for run in self.baseline if cell in run], [run[cell] for run in self.candidate if cell in run]

    def cells(self) -> list[str]:
        """Cells with a value on both sides, in the baseline's order."""
        known = dict.fromkeys(cell for run in self.baseline for cell in run)
        there = {cell for run in self.candidate for cell in run}
        return [cell for cell in known if cell in there]


def logs(runs: Sequence[RunFigures], name: str, *, higher_is_better: bool, corrected: bool) -> list[dict[str, float]]:
    """Logarithms of a figure by cell, run by run; of a rate their negatives."""
    sign = -1.0 if higher_is_better else 1.0
    figures: Callable[[CellFigures], Mapping[str, float]] = (
        (lambda cell: cell.corrected) if corrected else (lambda cell: cell.values)
    )
    return [
        {
            key: sign * log(figures(cell)[name])
            for key, cell in run.cells.items()
            if cell.state == "measured" and figures(cell).get(name, 0) > 0
        }
        for run in runs
    ]


def spread_of(baseline: Sequence[float], candidate: Sequence[float]) -> Spread:
    """The variance within the sides, each about its own mean, and its degrees of freedom."""
    squares = sum((value - fmean(side)) ** 2 for side in (baseline, candidate) for value in side)
    freedom = len(baseline) + len(candidate) - 2
    return Spread(squares / freedom if freedom > 0 else 0.0, max(0, freedom))


def beside_peers(sides: Sides) -> Sides:
    """Each value less the median of the cell's peers in the same run; cells with fewer than three are left out.

    Peers run the same format on the same device with as many threads: what a machine's state does to one it does to
    all of them, and what a change does to one it does not.
    """
    groups: dict[tuple[str, str, str, int], list[str]] = {}
    for cell in dict.fromkeys(key for run in (*sides.baseline, *sides.candidate) for key in run):
        groups.setdefault(_kin(cell), []).append(cell)
    return Sides(_less_peers(sides.baseline, groups), _less_peers(sides.candidate, groups))


@cache
def _kin(key: str) -> tuple[str, str, str, int]:
    cell = Cell.from_key(key)
    return cell.part, cell.format, cell.device, cell.threads


def _less_peers(side: Values, groups: Mapping[tuple[str, str, str, int], Sequence[str]]) -> list[dict[str, float]]:
    less: list[dict[str, float]] = [{} for _ in side]
    for cells in groups.values():
        for run, found in zip(side, less, strict=True):
            there = [cell for cell in cells if cell in run]
            if len(there) > _LEAST_PEERS:
                for cell in there:
                    found[cell] = run[cell] - median(run[other] for other in there if other != cell)
    return less


def correction_helps(raw: Sides, corrected: Sides) -> tuple[int, int, bool]:
    """In how many cells of how many the values vary less when divided by the kernel's time, and if that is no luck.

    By the sign test on the variances within the sides; nothing is told by one run a side.
    """
    better = total = 0
    for cell in corrected.cells():
        with_it, without = spread_of(*corrected.of(cell)), spread_of(*raw.of(cell))
        if with_it.freedom and with_it.variance != without.variance:
            total += 1
            better += with_it.variance < without.variance
    return better, total, total > 0 and tail(better, total) < _SURE
