"""Figures of a student that are out of line with the class's, and what may explain them.

Times are compared as ratios, in two steps as in a median polish (Tukey 1977): how much slower or faster all of a
student's cells are, and which single cells are out of line apart from that. Sizes and qualities do not depend on the
machine: each is compared with the class's directly. A value is out of line where its distance from the class's median
is more than 3.5 standard deviations, which the median absolute deviation estimates (Iglewicz and Hoaglin 1993), and
more than differences that never matter.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from math import exp, log
from typing import Literal

from lab4.analysis.classroom.facts import Bearing, Direction, Fact, probe_of
from lab4.analysis.classroom.submission import Submission
from lab4.analysis.distribution import timed_rounds, uncontended_rounds
from lab4.analysis.figures import FIGURES, RECORDED
from lab4.domain.catalogue import Catalogue
from lab4.domain.cell import Cell
from lab4.domain.outcome import Measured
from lab4.sampling.quantiles import median
from lab4.sampling.robust import deviations_within

#: Standard deviations: Iglewicz and Hoaglin, How to Detect and Handle Outliers (ASQC, 1993).
FENCE = 3.5
#: So many students have a figure before it is judged: a median and a spread of fewer say little.
LEAST_STUDENTS = 5
#: Differences that never matter: a factor of a student's times together, one of a single cell's (of which there are
#: many, and which differ by processor), one of sizes, and a share of right predictions.
LEAST_FACTOR, LEAST_CELL_FACTOR, LEAST_SIZE_FACTOR, LEAST_SHARE = 1.5, 2.0, 1.02, 0.02
#: Cells of a student before one of them can be out of line with the others.
_LEAST_CELLS = 3
#: What more than this share of the students in line have as well explains nothing.
_COMMON = 0.25

#: ``all`` of a student's cells together, all of them for the speed of the machine, or single ``cells``.
Extent = Literal["all", "for its speed", "cells"]
#: On the scale on which they are compared, by cell and by the index of the submission.
_Values = Mapping[Cell, Mapping[int, float]]


@dataclass(frozen=True, slots=True)
class Outlier:
    """Figures of one student, by the index of the submission, that are out of line.

    ``cells`` are those out of line, of ``total``. ``change`` is their median difference from the class's medians: a
    ratio, or for shares a difference. ``facts`` may explain it, the likeliest first.
    """

    student: int
    figure: str
    bearing: Bearing
    extent: Extent
    cells: tuple[Cell, ...]
    total: int
    change: float
    facts: tuple[Fact, ...] = ()

    @property
    def direction(self) -> Direction:
        """Whether its times are slower or faster; ``any`` where it is of no times."""
        if self.bearing != "times":
            return "any"
        return "slower" if self.change > 1 else "faster"


def outliers(
    submissions: Sequence[Submission], facts: Sequence[Sequence[Fact]], known: Catalogue
) -> tuple[Outlier, ...]:
    """What is out of line, in the order of the students; ``facts`` are what is particular about each of them.

    A device has its label in ``known``, or else its name: one in a student's file would be on the pages of others.
    """
    found = [outlier for figure in _FIGURES for outlier in figure.outliers(submissions, known)]
    found.sort(key=lambda each: each.student)
    return tuple(replace(each, facts=tuple(_explaining(each, found, submissions, facts))) for each in found)


def speeds(submissions: Sequence[Submission], known: Catalogue) -> dict[str, dict[int, float]]:
    """By the device's label in ``known``, or else its name, how slow each student is.

    It is how many times as long as the class's medians the student's latencies take, in the median.
    """
    values = _values(submissions, _latency)
    found = {}
    for device in dict.fromkeys(cell.device for cell in values):
        levels = _levels({cell: own for cell, own in values.items() if cell.device == device})
        found[known.device(device).label] = {student: exp(level) for student, level in levels.items()}
    return found


def _explaining(
    outlier: Outlier, found: Iterable[Outlier], submissions: Sequence[Submission], facts: Sequence[Sequence[Fact]]
) -> Iterator[Fact]:
    """The student's facts that bear on the figure in this direction, and that few of the students in line have."""
    out = {each.student for each in found if each.bearing == outlier.bearing}
    in_line = [facts[index] for index, each in enumerate(submissions) if each.files and index not in out]
    for fact in facts[outlier.student]:
        shared = sum(any(fact.key == other.key for other in own) for own in in_line)
        bears = outlier.bearing in fact.bears_on and fact.direction in {"any", outlier.direction}
        if bears and shared <= _COMMON * len(in_line) and (fact.speed is None or _is_due_to(fact.speed, outlier)):
            yield fact


def _is_due_to(speed: float, outlier: Outlier) -> bool:
    """Whether the speed of the machine accounts for half of the change or more, and is not taken off already."""
    return outlier.extent == "all" and abs(log(speed)) >= abs(log(outlier.change)) / 2


@dataclass(frozen=True, slots=True)
class _Exact:
    """A figure that does not depend on the machine: ``value`` on the scale on which differences are compared.

    ``least`` is a difference that never matters; ``change`` makes of one what is shown.
    """

    name: str
    bearing: Bearing
    value: Callable[[Measured], float | None]
    least: float
    change: Callable[[float], float]

    def outliers(self, submissions: Sequence[Submission], _: Catalogue) -> Iterator[Outlier]:
        """The cells out of line, together for each student."""
        values = _values(submissions, self.value)
        apart: dict[int, dict[Cell, float]] = {}
        for cell, by_student in values.items():
            for student, distance in _out_of_line(by_student, self.least).items():
                apart.setdefault(student, {})[cell] = distance
        for student, cells in apart.items():
            total = sum(student in by_student for by_student in values.values())
            change = self.change(median(list(cells.values())))
            yield Outlier(student, self.name, self.bearing, "cells", tuple(cells), total, change)


@dataclass(frozen=True, slots=True)
class _Timed:
    """A figure that depends on the machine: the logarithm of seconds."""

    name: str
    value: Callable[[Measured], float | None]

    def outliers(self, submissions: Sequence[Submission], known: Catalogue) -> Iterator[Outlier]:
        """Students of whom all cells on a device are out of line, and single cells apart from that."""
        values = _values(submissions, self.value)
        for device in dict.fromkeys(cell.device for cell in values):
            on_device = {cell: own for cell, own in values.items() if cell.device == device}
            name = f"{self.name} on {known.device(device).label}"
            yield from self._on(name, on_device, submissions)

    def _on(self, name: str, values: _Values, submissions: Sequence[Submission]) -> Iterator[Outlier]:
        least = log(LEAST_FACTOR)
        levels = _levels(values)
        whole = _out_of_line(levels, least)
        probes = {student: probe_of(submissions[student].runs) for student in levels}
        by_probe = {student: levels[student] - log(probe_s) for student, probe_s in probes.items() if probe_s}
        for_speed = _out_of_line(by_probe, least)
        extents: tuple[tuple[Extent, Mapping[int, float]], ...] = (("all", whole), ("for its speed", for_speed))
        for extent, distances in extents:
            for student, distance in distances.items():
                if extent == "all" or student not in whole:
                    cells = tuple(cell for cell, own in values.items() if student in own)
                    yield Outlier(student, name, "times", extent, cells, len(cells), exp(distance))
        yield from self._single(name, values, levels)

    def _single(self, name: str, values: _Values, levels: Mapping[int, float]) -> Iterator[Outlier]:
        """Cells out of line once each student's own level is taken off."""
        counts = {student: sum(student in own for own in values.values()) for student in levels}
        apart: dict[int, dict[Cell, float]] = {}
        for cell, own in values.items():
            rest = {
                student: value - levels[student]
                for student, value in own.items()
                if counts.get(student, 0) >= _LEAST_CELLS
            }
            for student, distance in _out_of_line(rest, log(LEAST_CELL_FACTOR)).items():
                apart.setdefault(student, {})[cell] = distance
        for student, cells in apart.items():
            change = exp(median(list(cells.values())))
            yield Outlier(student, name, "times", "cells", tuple(cells), counts[student], change)


def _values(
    submissions: Sequence[Submission], value: Callable[[Measured], float | None]
) -> dict[Cell, dict[int, float]]:
    """The values of cells that enough students have; of several runs of a student the last one's."""
    found: dict[Cell, dict[int, float]] = {}
    for index, submission in enumerate(submissions):
        for each in (each for run in submission.runs for each in run.measurements):
            figure = value(each.outcome) if isinstance(each.outcome, Measured) else None
            if figure is not None:
                found.setdefault(each.cell, {})[index] = figure
    return {cell: own for cell, own in found.items() if len(own) >= LEAST_STUDENTS}


def _levels(values: _Values) -> dict[int, float]:
    """How far each student's cells are from the class's medians: their median distance."""
    apart: dict[int, list[float]] = {}
    for own in values.values():
        middle = median(list(own.values()))
        for student, value in own.items():
            apart.setdefault(student, []).append(value - middle)
    return {student: median(distances) for student, distances in apart.items()}


def _out_of_line(values: Mapping[int, float], least: float) -> dict[int, float]:
    """The students beyond the fence, with their distance from the median."""
    if len(values) < LEAST_STUDENTS:
        return {}
    middle = median(list(values.values()))
    apart = {student: value - middle for student, value in values.items()}
    deviation = median([abs(each) for each in apart.values()]) / deviations_within(0.5)
    fence = max(FENCE * deviation, least)
    return {student: distance for student, distance in apart.items() if abs(distance) > fence}


def _latency(measured: Measured) -> float | None:
    """The median latency, of uncontended calls where there are enough."""
    if measured.latency is None:
        return None
    rounds = uncontended_rounds(measured.latency) or timed_rounds(measured.latency)
    samples = list(chain.from_iterable(rounds))
    return _log(median(samples)) if samples else None


def _recorded(name: str) -> Callable[[Measured], float | None]:
    def value(measured: Measured) -> float | None:
        figure = RECORDED[name](measured)
        return None if figure is None else _log(figure.value)

    return value


def _log(value: float) -> float | None:
    return log(value) if value > 0 else None


def _quality(measured: Measured) -> float | None:
    return None if measured.per_example is None else measured.per_example.value


def _same(value: float) -> float:
    return value


_FIGURES: tuple[_Timed | _Exact, ...] = (
    _Timed(FIGURES["p50"].label, _latency),
    _Timed(FIGURES["training"].label, _recorded("training")),
    _Exact("share of right predictions", "quality", _quality, LEAST_SHARE, _same),
    _Exact(FIGURES["size"].label, "size", _recorded("size"), log(LEAST_SIZE_FACTOR), exp),
)
