"""Changes of a figure over a history: steps, by change-point detection, and drift."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from math import exp, expm1, inf, log, sqrt
from statistics import fmean, median
from typing import NamedTuple, TypeVar

from lab4.analysis.figures import FigureTraits
from lab4.domain.errors import HistoryError
from lab4.domain.fields import moment
from lab4.domain.figures import CellFigures, RunFigures
from lab4.domain.machine import is_identified_id
from lab4.sampling.quantiles import quantile
from lab4.sampling.student import critical, tail
from lab4.sampling.variances import Spread, prior_of

K = TypeVar("K")

#: Runs of one machine that a trend needs, and runs on either side of a step.
_MIN_RUNS, _MIN_SIDE = 8, 4
#: What a step must explain, in standard deviations of a noise that is known: by experiment (docs/evidence/gates.md),
#: suites of 60 cells have less than one false step in 500 runs.
_DEVIATIONS = 4.5
#: A smaller step or drift of a timed figure is not reported: the machine's doing more often than the code's.
_LEAST_STEP = 0.02
#: Noise is seen in this quantile of the absolute differences of successive values. Steps and outliers affect few; the
#: median would miss a figure that jumps between two values and mostly has one of them, as peak memory may.
_QUANTILE = 0.75
#: For normal noise of standard deviation 1 that quantile, and its share of the degrees of freedom of a variance.
_OF_NORMAL, _EFFICIENCY = 1.1503493803760079 * sqrt(2), 0.5
#: Steps of so many of a machine's cells at about one run are reported as one: those of a runtime, or of all cells.
_COMMON_CELLS, _ABOUT = 4, 1
#: A value this many standard deviations from the median of a window of so many values is an outlier, and replaced by
#: it (Hampel, 1974). Outliers in half a window are rarer than a step, one side of which fills the other half.
_FAR, _WINDOW = 3.0, 2 * _MIN_SIDE - 1
_MIN_NOISE = 0.001
_WEEK_S = 7 * 24 * 3600.0
#: A shorter history shows no drift per week.
_MIN_WEEKS = 2 / 7


class NamedFigure(NamedTuple):
    """A figure by its name in records, and what it is."""

    name: str
    traits: FigureTraits


@dataclass(frozen=True, slots=True)
class TrendSample:
    """A cell in one run: the run's number in the history, its start (ISO 8601), machine and revision."""

    number: int
    started_at: str
    hardware: str
    revision: str | None
    figures: CellFigures


@dataclass(frozen=True, slots=True)
class FigureStep:
    """The figure changes from run ``first`` on: ``change`` is a fraction (points of 1 for shares)."""

    first: TrendSample
    before: TrendSample
    change: float
    worse: bool


@dataclass(frozen=True, slots=True)
class FigureDrift:
    """The figure drifts steadily, by ``per_week`` of itself (points of 1 for shares), over ``weeks`` weeks."""

    hardware: str
    per_week: float
    weeks: float
    worse: bool


@dataclass(frozen=True, slots=True)
class FigureTrend:
    """The steps and drifts of a cell's figure, over ``runs`` on so many ``machines``."""

    cell: str
    figure: str
    quantity: str
    runs: int
    machines: int
    steps: tuple[FigureStep, ...]
    drifts: tuple[FigureDrift, ...]


@dataclass(frozen=True, slots=True)
class CommonStep:
    """Steps of many cells at about one run: of the machine, of the software, or of a revision that affects them all.

    ``step`` is one of them with their median change; ``cells`` of ``total`` cells of the machine have one, ``members``
    are their keys.
    """

    figure: str
    quantity: str
    step: FigureStep
    total: int
    members: tuple[str, ...]

    @property
    def cells(self) -> int:
        """How many cells have it."""
        return len(self.members)


def samples_in(runs: Iterable[RunFigures]) -> dict[str, list[TrendSample]]:
    """The cells of runs, which are in the order of time and numbered from 1; each cell through its runs."""
    found: dict[str, list[TrendSample]] = {}
    for number, run in enumerate(runs, 1):
        for key, figures in run.cells.items():
            sample = TrendSample(number, run.started_at, run.machine.hardware_id, run.commit.revision, figures)
            found.setdefault(key, []).append(sample)
    return found


def trends_of(
    figure: NamedFigure, samples: Mapping[str, Sequence[TrendSample]], *, assume_same_machine: bool = False
) -> tuple[list[FigureTrend], list[CommonStep]]:
    """Find steps and drift of a figure, each machine and cell by itself; ``samples`` are in the order of time, by cell.

    Steps that many cells have at about one run are reported once. A run of unknown hardware counts as a machine of its
    own; ``assume_same_machine`` joins those of one name.

    Raises:
        HistoryError: if the change-point library is not installed.
    """
    series: dict[tuple[str, str, int | None], list[TrendSample]] = {}
    for cell, own in samples.items():
        for each in own:
            if each.figures.state == "measured" and _has_value(figure, each.figures):
                is_known = assume_same_machine or is_identified_id(each.hardware)
                series.setdefault((cell, each.hardware, None if is_known else each.number), []).append(each)
    compared = {key: _comparable(figure, each) for key, each in series.items()}
    levels = {key: _levels(figure, each) for key, each in compared.items() if len(each) >= _MIN_RUNS}
    noises = _noises(levels)
    found: dict[str, tuple[list[FigureStep], list[FigureDrift]]] = {cell: ([], []) for cell in samples}
    for key, values in levels.items():
        steps, drifts = _of_machine(key[1], figure, compared[key], values, noises[key])
        found[key[0]][0].extend(steps)
        found[key[0]][1].extend(drifts)
    lengths: dict[str, list[int]] = {}
    for key, own in series.items():
        lengths.setdefault(key[0], []).append(len(own))
    trends = []
    for cell, (steps, drifts) in found.items():
        if cell not in lengths:  # of another kind: it has no such figure
            continue
        steps.sort(key=lambda step: moment(step.first.started_at))
        counts = sum(lengths[cell]), len(lengths[cell])
        trends.append(FigureTrend(cell, figure.name, figure.traits.quantity, *counts, tuple(steps), tuple(drifts)))
    return _reported_once(trends, {key[:2] for key in levels})


def trend(
    cell: str, figure: NamedFigure, samples: Sequence[TrendSample], *, assume_same_machine: bool = False
) -> FigureTrend:
    """Find steps and drift of one cell; as `trends_of`."""
    found, _ = trends_of(figure, {cell: samples}, assume_same_machine=assume_same_machine)
    return found[0] if found else FigureTrend(cell, figure.name, figure.traits.quantity, 0, 0, (), ())


def _reported_once(
    trends: Sequence[FigureTrend], measured: Collection[tuple[str, str]]
) -> tuple[list[FigureTrend], list[CommonStep]]:
    """The trends without steps that many cells have in common, and those; ``measured`` are cells with machines."""
    common: list[CommonStep] = []
    left = [(trend, step) for trend in trends for step in trend.steps]
    while left:
        counts = Counter(_place(step) for _, step in left)
        _, step = max(left, key=lambda each: _near(each[1], counts))
        group = [(trend, other) for trend, other in left if _is_near(other, step)]
        total = sum(hardware == step.first.hardware for _, hardware in measured)
        if len(group) < _COMMON_CELLS:
            break
        change = median(other.change for _, other in group)
        figure, quantity = group[0][0].figure, group[0][0].quantity
        members = tuple(dict.fromkeys(trend.cell for trend, _ in group))
        first = replace(group[0][1], change=change)
        common.append(CommonStep(figure, quantity, first, total, members))
        left = [(trend, other) for trend, other in left if not _is_near(other, step)]
    kept = {id(step) for _, step in left}
    own = [replace(each, steps=tuple(step for step in each.steps if id(step) in kept)) for each in trends]
    return own, common


def _place(step: FigureStep) -> tuple[str, bool, int]:
    """The machine, the direction and the run of a step."""
    return step.first.hardware, step.worse, step.first.number


def _near(step: FigureStep, counts: Mapping[tuple[str, bool, int], int]) -> int:
    """How many steps are of the same machine and direction at about the same run."""
    hardware, worse, number = _place(step)
    return sum(counts.get((hardware, worse, number + away), 0) for away in range(-_ABOUT, _ABOUT + 1))


def _is_near(one: FigureStep, other: FigureStep) -> bool:
    (*same, number), (*wanted, middle) = _place(one), _place(other)
    return same == wanted and abs(number - middle) <= _ABOUT


def _of_machine(
    hardware: str, figure: NamedFigure, series: Sequence[TrendSample], values: Sequence[float], noise: Spread
) -> tuple[list[FigureStep], list[FigureDrift]]:
    deviation = sqrt(noise.variance)
    cleaned = _without_outliers(values, deviation)
    # As unlikely in noise that so few values show as a step of so many deviations is in known noise.
    unlikely = critical(tail(_DEVIATIONS, inf), noise.freedom)
    penalty = unlikely**2
    breaks = _change_points([value / deviation for value in cleaned], penalty, _MIN_SIDE)
    weeks = [moment(each.started_at).timestamp() / _WEEK_S for each in series]
    squares = _squares_about_line(weeks, cleaned)
    pieces = [_squares(cleaned[start:end]) for start, end in pairwise((0, *breaks, len(cleaned)))]
    penalty *= noise.variance
    stepwise = sum(pieces) + penalty * len(breaks)
    span = weeks[-1] - weeks[0]
    if span >= _MIN_WEEKS and squares + penalty < min(stepwise, _squares(cleaned)):
        slope = _slope(weeks, values)
        change = _change(figure, slope)
        is_large = abs(_change(figure, slope * span)) > _least(figure, series, fmean(cleaned))
        return [], [FigureDrift(hardware, change, span, _is_worse(figure, change))] if is_large else []
    return _steps(figure, series, cleaned, breaks), []


def _comparable(figure: NamedFigure, series: list[TrendSample]) -> list[TrendSample]:
    """The runs with a corrected figure, where these are the majority: the others had too few uncontended calls."""
    corrected = [each for each in series if each.figures.corrected.get(figure.name, 0) > 0]
    return corrected if 2 * len(corrected) > len(series) else series


def _has_value(figure: NamedFigure, cell: CellFigures) -> bool:
    """Whether there is a value to follow: what is compared by ratios needs a logarithm."""
    return figure.name in cell.values and (not figure.traits.has_ratio or cell.values[figure.name] > 0)


def _change(figure: NamedFigure, difference: float) -> float:
    """Convert a difference of levels to a change of the figure: a fraction, or points of 1 for shares."""
    return expm1(difference) if figure.traits.has_ratio else difference


def _unit(figure: NamedFigure, series: Sequence[TrendSample]) -> float:
    """What changes are fractions of, for figures that are compared by differences: 1 for shares, else a usual value."""
    if figure.traits.quantity == "share":
        return 1.0
    return median([abs(each.figures.values[figure.name]) for each in series]) or 1.0


def _levels(figure: NamedFigure, series: Sequence[TrendSample]) -> list[float]:
    """Logarithms, corrected for the machine's speed where every run has that, or values in `_unit`."""
    if not figure.traits.has_ratio:
        unit = _unit(figure, series)
        return [each.figures.values[figure.name] / unit for each in series]
    corrected = all(each.figures.corrected.get(figure.name, 0) > 0 for each in series)
    return [log((each.figures.corrected if corrected else each.figures.values)[figure.name]) for each in series]


def _noises(levels: Mapping[K, Sequence[float]]) -> dict[K, Spread]:
    """The variance between successive runs of each series, of which each borrows from all."""
    own = {key: _noise(values) for key, values in levels.items()}
    prior = prior_of(list(own.values()))
    found = {key: each if prior is None else prior.moderated(each) for key, each in own.items()}
    return {key: Spread(max(each.variance, _MIN_NOISE**2), each.freedom) for key, each in found.items()}


def _noise(values: Sequence[float]) -> Spread:
    """The variance from successive differences, which steps and drift hardly affect."""
    differences = sorted(abs(after - before) for before, after in pairwise(values))
    return Spread((quantile(differences, _QUANTILE) / _OF_NORMAL) ** 2, _EFFICIENCY * len(differences))


def _without_outliers(values: Sequence[float], noise: float) -> list[float]:
    cleaned = []
    for index, value in enumerate(values):
        # Whole also at the ends, where two outliers would be most of what is left of it.
        start = max(0, min(index - _WINDOW // 2, len(values) - _WINDOW))
        middle = median(values[start : start + _WINDOW])
        cleaned.append(middle if abs(value - middle) > _FAR * noise else value)
    return cleaned


def _steps(
    figure: NamedFigure, series: Sequence[TrendSample], values: Sequence[float], breaks: Sequence[int]
) -> list[FigureStep]:
    means = [fmean(values[start:end]) for start, end in pairwise((0, *breaks, len(values)))]
    found = []
    for number, at in enumerate(breaks):
        change = _change(figure, means[number + 1] - means[number])
        if abs(change) > _least(figure, series, means[number]):
            found.append(FigureStep(series[at], series[at - 1], change, _is_worse(figure, change)))
    return found


def _least(figure: NamedFigure, series: Sequence[TrendSample], level: float) -> float:
    """The change from a level that is reported, if it is larger."""
    traits = figure.traits
    tolerance = traits.tolerance if traits.has_ratio else traits.tolerance / _unit(figure, series)
    if traits.quantity == "share":
        return tolerance
    return max(tolerance, _LEAST_STEP, traits.grain / exp(level) if traits.grain else 0.0)


def _is_worse(figure: NamedFigure, change: float) -> bool:
    return (change > 0) != figure.traits.higher_is_better


def _squares_about_line(times: Sequence[float], values: Sequence[float]) -> float:
    """The sum of squared residuals of the least squares line."""
    middle, mean = fmean(times), fmean(values)
    spread = sum((time - middle) ** 2 for time in times)
    if spread <= 0:
        return _squares(values)
    slope = sum((time - middle) * (value - mean) for time, value in zip(times, values, strict=True)) / spread
    return sum((value - mean - slope * (time - middle)) ** 2 for time, value in zip(times, values, strict=True))


def _slope(times: Sequence[float], values: Sequence[float]) -> float:
    """The median of the slopes between all pairs of values, which outliers hardly move (Theil, 1950; Sen, 1968)."""
    pairs = combinations(zip(times, values, strict=True), 2)
    return median([(late - early) / (after - before) for (before, early), (after, late) in pairs if after > before])


def _squares(values: Sequence[float]) -> float:
    mean = fmean(values)
    return sum((value - mean) ** 2 for value in values)


def _change_points(values: Sequence[float], penalty: float, least: int) -> list[int]:
    """Return where new segments start: the segmentation by means of minimum cost.

    A segment costs the squares about its mean plus ``penalty``, and has at least ``least`` values. By ``ruptures``,
    with PELT (Killick, Fearnhead and Eckley, 2012).

    Raises:
        HistoryError: if the library is not installed.
    """
    try:
        # Imported here because both take half a second and only trends need them.
        from numpy import array
        from ruptures import KernelCPD
    except ImportError as error:
        raise HistoryError(
            f"trends need {error.name}, which is not installed; run: pip install 'lab4[history]'"
        ) from None
    signal = array(values, dtype=float).reshape(-1, 1)
    found = KernelCPD(kernel="linear", min_size=least).fit(signal).predict(pen=penalty)
    return [int(each) for each in found[:-1]]
