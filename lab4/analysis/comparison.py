"""Runs side by side: machines, revisions or environments, as speed-ups against one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from math import exp, log, sqrt
from statistics import fmean, variance
from sys import float_info

from lab4.analysis.figures import FIGURES, Nature
from lab4.analysis.gate.machines import differences
from lab4.analysis.tables import Quantity
from lab4.domain.cell import KINDS
from lab4.domain.errors import Lab4Error
from lab4.domain.figures import RunFigures
from lab4.sampling.student import critical

__all__ = ["Compared", "Comparison", "Contender", "Line", "compare"]

_INTERVAL = 0.025
_GREATEST = log(float_info.max)


@dataclass(frozen=True, slots=True)
class Contender:
    """Runs that count as one side, under a name."""

    name: str
    runs: Sequence[RunFigures]


@dataclass(frozen=True, slots=True)
class Compared:
    """A contender's figure and how many times as good it is as the chosen one's.

    The speed-up has its 95% interval where both have several runs. ``reason`` says why there is no figure.
    """

    value: float | None
    speed_up: Quantity | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A cell, with each contender in the order of the comparison."""

    cell: str
    compared: tuple[Compared, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Lines by part, best speed-up first; ``differences`` says what differs between the contenders, by name."""

    figure: str
    names: tuple[str, ...]
    chosen: int
    differences: tuple[tuple[str, tuple[str, ...]], ...]
    parts: tuple[tuple[str, tuple[Line, ...]], ...]


def compare(contenders: Sequence[Contender], figure: str, chosen: int) -> Comparison:
    """Compare at least two contenders in a figure; ``chosen`` is the one the others are divided by.

    Raises:
        Lab4Error: with fewer than two contenders, or where no two have a cell with this figure.
    """
    if len(contenders) < 2:  # noqa: PLR2004  # one is beside nothing
        raise Lab4Error("there is one run only; name two or more to compare")
    if FIGURES[figure].nature is Nature.PAIRED:
        raise Lab4Error("accuracy has no speed-up; lab4 gate compares it image by image")
    cells = dict.fromkeys(key for each in contenders for run in each.runs for key in run.cells)
    lines = [_line(cell, contenders, figure, chosen) for cell in cells]
    lines = [line for line in lines if any(each.value is not None for each in line.compared)]
    if not any(each.speed_up for line in lines for index, each in enumerate(line.compared) if index != chosen):
        raise Lab4Error(f"no cell has a {FIGURES[figure].label} in {contenders[chosen].name} and in another run")
    order = {kind: number for number, kind in enumerate(KINDS)}
    lines.sort(key=lambda line: (order.get(_part(line.cell), len(order)), -_best(line, chosen)))
    reference = contenders[chosen]
    return Comparison(
        figure,
        tuple(each.name for each in contenders),
        chosen,
        tuple(
            (each.name, tuple(differences(reference.runs, each.runs, ("", ""))))
            for each in contenders
            if each is not reference
        ),
        tuple((part, tuple(group)) for part, group in groupby(lines, lambda line: _part(line.cell))),
    )


def _part(cell: str) -> str:
    return cell.partition("/")[0]


def _best(line: Line, chosen: int) -> float:
    return max(
        (each.speed_up.value for index, each in enumerate(line.compared) if index != chosen and each.speed_up),
        default=0.0,
    )


def _line(cell: str, contenders: Sequence[Contender], figure: str, chosen: int) -> Line:
    logs = [_logs(each, cell, figure) for each in contenders]
    sign = 1 if FIGURES[figure].higher_is_better else -1
    return Line(
        cell,
        tuple(
            _compared(mine, logs[chosen], sign) if mine else Compared(None, None, _reason(each, cell, figure))
            for each, mine in zip(contenders, logs, strict=True)
        ),
    )


def _logs(contender: Contender, cell: str, figure: str) -> list[float]:
    found = [run.cells[cell] for run in contender.runs if cell in run.cells]
    return [log(each.values[figure]) for each in found if each.state == "measured" and each.values.get(figure, 0) > 0]


def _compared(mine: Sequence[float], theirs: Sequence[float], sign: int) -> Compared:
    """``theirs`` are the chosen one's logarithms; where they are ``mine``, the speed-up is 1 without an interval."""
    if not theirs:
        return Compared(_exp(fmean(mine)), None)
    ratio = sign * (fmean(mine) - fmean(theirs))
    margin = 0.0 if mine is theirs else _margin(mine, theirs)
    spread = (None, None) if not margin else (_exp(ratio - margin), _exp(ratio + margin))
    return Compared(_exp(fmean(mine)), Quantity(_exp(ratio), *spread))


def _exp(logarithm: float) -> float:
    """A speed-up beyond what floats hold is the greatest one."""
    return exp(min(logarithm, _GREATEST))


def _margin(mine: Sequence[float], theirs: Sequence[float]) -> float:
    """Half of the 95% interval of the difference of two means (Welch, 1947); 0 where runs are too few to tell."""
    if min(len(mine), len(theirs)) < 2:  # noqa: PLR2004  # one value has no variance
        return 0.0
    shares = [variance(side) / len(side) for side in (mine, theirs)]
    total = sum(shares)
    if total <= 0:
        return 0.0
    freedom = total**2 / sum(share**2 / (len(side) - 1) for share, side in zip(shares, (mine, theirs), strict=True))
    return critical(_INTERVAL, freedom) * sqrt(total)


def _reason(contender: Contender, cell: str, figure: str) -> str:
    found = [run.cells[cell] for run in contender.runs if cell in run.cells]
    if not found:
        return "not in the run"
    last = found[-1]
    return last.reason or last.missing.get(figure, "not measured")
