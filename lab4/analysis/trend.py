"""What happened to a figure over a history: steps, by change-point detection, and creeping."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import expm1, log, sqrt
from statistics import fmean, median

from lab4.analysis.change_points import change_points
from lab4.analysis.figures import FIGURES
from lab4.domain.figures import CellFigures
from lab4.domain.machine import is_identified_id
from lab4.domain.moment import moment

__all__ = ["Creep", "Sample", "Step", "Trend", "trend"]

#: Runs of one machine before anything is said of them, and runs on either side of a step.
_LEAST, _LEAST_SIDE = 6, 3
#: What a step must explain, in variances of the noise: by experiment (docs/gates.md), so that fewer than one in 500
#: runs of unchanged code is called a step, while 5% are seen within four runs.
_PENALTY = 25.0
#: A value this many standard deviations from those around it is an outlier, and moved to there (Hampel, 1974).
_FAR, _NEAR = 3.0, 2
#: The median absolute difference of neighbours, of normal noise of standard deviation 1.
_MAD_OF_DIFFERENCES = 0.6744897501960817 * sqrt(2)
_LEAST_NOISE = 0.001
_WEEK_S = 7 * 24 * 3600.0
#: Runs of a shorter time tell of an hour, not of weeks.
_LEAST_WEEKS = 2 / 7


@dataclass(frozen=True, slots=True)
class Sample:
    """A cell in one run: the run's number in the history, its start (ISO 8601), machine and revision."""

    number: int
    started_at: str
    hardware: str
    revision: str | None
    figures: CellFigures


@dataclass(frozen=True, slots=True)
class Step:
    """From this run on the figure is another: ``change`` is a fraction (points of 1 for shares)."""

    first: Sample
    before: Sample
    change: float
    worse: bool


@dataclass(frozen=True, slots=True)
class Creep:
    """The figure moves steadily, by ``per_week`` of itself (points of 1 for shares), over ``weeks`` weeks."""

    hardware: str
    per_week: float
    weeks: float
    worse: bool


@dataclass(frozen=True, slots=True)
class Trend:
    """What was found in a cell's figure, over so many runs on so many machines."""

    cell: str
    figure: str
    runs: int
    machines: int
    steps: tuple[Step, ...]
    creeps: tuple[Creep, ...]


def trend(cell: str, figure: str, samples: Sequence[Sample], *, assume_same_machine: bool = False) -> Trend:
    """Find steps and creeping, each machine by itself; ``samples`` are in the order of time.

    A run of unknown hardware is of a machine of its own; with ``assume_same_machine`` those of one name are of one.

    Raises:
        HistoryError: if the change-point library is not installed.
    """
    machines: dict[tuple[str, int | None], list[Sample]] = {}
    for each in samples:
        if each.figures.state == "measured" and _is_told(figure, each.figures):
            is_known = assume_same_machine or is_identified_id(each.hardware)
            machines.setdefault((each.hardware, None if is_known else each.number), []).append(each)
    steps: list[Step] = []
    creeps: list[Creep] = []
    for (hardware, _), found_there in machines.items():
        series = _alike(figure, found_there)
        if len(series) >= _LEAST:
            found, creep = _of_machine(hardware, figure, series)
            steps += found
            creeps += creep
    steps.sort(key=lambda step: moment(step.first.started_at))
    return Trend(cell, figure, sum(map(len, machines.values())), len(machines), tuple(steps), tuple(creeps))


def _of_machine(hardware: str, figure: str, series: Sequence[Sample]) -> tuple[list[Step], list[Creep]]:
    values = _levels(figure, series)
    noise = max(_LEAST_NOISE, _noise(values))
    quiet = _without_outliers(values, noise)
    breaks = change_points([value / noise for value in quiet], _PENALTY, _LEAST_SIDE)
    weeks = [moment(each.started_at).timestamp() / _WEEK_S for each in series]
    slope, squares = _line(weeks, quiet)
    price = _PENALTY * noise**2
    stepwise = sum(_squares(quiet[start:end]) for start, end in _stretches(breaks, len(quiet))) + price * len(breaks)
    span = weeks[-1] - weeks[0]
    if span >= _LEAST_WEEKS and squares + price < min(stepwise, _squares(quiet)):
        return [], [_creep(hardware, figure, slope, span)]
    return _steps(figure, series, quiet, breaks), []


def _alike(figure: str, series: list[Sample]) -> list[Sample]:
    """The runs with a corrected figure, where they are most: a run without one was disturbed all the time."""
    corrected = [each for each in series if each.figures.corrected.get(figure, 0) > 0]
    return corrected if 2 * len(corrected) > len(series) else series


def _is_share(figure: str) -> bool:
    return FIGURES[figure].quantity == "share"


def _is_told(figure: str, found: CellFigures) -> bool:
    """Whether there is a value to follow: a share may be nothing, all else has a logarithm."""
    return figure in found.values and (_is_share(figure) or found.values[figure] > 0)


def _change(figure: str, difference: float) -> float:
    """What a difference of levels is of the figure: a fraction, or points of 1 for shares."""
    return difference if _is_share(figure) else expm1(difference)


def _levels(figure: str, series: Sequence[Sample]) -> list[float]:
    """Shares as they are; else logarithms, of values corrected for the machine's speed where every run has them."""
    if _is_share(figure):
        return [each.figures.values[figure] for each in series]
    corrected = all(each.figures.corrected.get(figure, 0) > 0 for each in series)
    return [log((each.figures.corrected if corrected else each.figures.values)[figure]) for each in series]


def _noise(values: Sequence[float]) -> float:
    """The standard deviation between neighbours, which steps and creeping hardly touch."""
    differences = [abs(after - before) for before, after in pairwise(values)]
    return median(differences) / _MAD_OF_DIFFERENCES


def _without_outliers(values: Sequence[float], noise: float) -> list[float]:
    quiet = []
    for index, value in enumerate(values):
        middle = median(values[max(0, index - _NEAR) : index + _NEAR + 1])
        quiet.append(min(max(value, middle - _FAR * noise), middle + _FAR * noise))
    return quiet


def _stretches(breaks: Sequence[int], count: int) -> list[tuple[int, int]]:
    edges = [0, *breaks, count]
    return list(pairwise(edges))


def _steps(figure: str, series: Sequence[Sample], values: Sequence[float], breaks: Sequence[int]) -> list[Step]:
    means = [fmean(values[start:end]) for start, end in _stretches(breaks, len(values))]
    found = []
    for number, at in enumerate(breaks):
        change = _change(figure, means[number + 1] - means[number])
        if abs(change) > FIGURES[figure].tolerance:
            found.append(Step(series[at], series[at - 1], change, (change > 0) != FIGURES[figure].higher_is_better))
    return found


def _creep(hardware: str, figure: str, slope: float, weeks: float) -> Creep:
    change = _change(figure, slope)
    return Creep(hardware, change, weeks, (change > 0) != FIGURES[figure].higher_is_better)


def _line(times: Sequence[float], values: Sequence[float]) -> tuple[float, float]:
    """The slope of the least squares' line, and the squares that it leaves."""
    middle, mean = fmean(times), fmean(values)
    spread = sum((time - middle) ** 2 for time in times)
    if spread <= 0:
        return 0.0, _squares(values)
    slope = sum((time - middle) * (value - mean) for time, value in zip(times, values, strict=True)) / spread
    left = sum((value - mean - slope * (time - middle)) ** 2 for time, value in zip(times, values, strict=True))
    return slope, left


def _squares(values: Sequence[float]) -> float:
    mean = fmean(values)
    return sum((value - mean) ** 2 for value in values)
