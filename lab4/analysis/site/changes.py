"""Every change point of every figure of a history, as `lab4 history trend` finds them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lab4.analysis.site.selection import Selection, samples_of
from lab4.analysis.trend import CommonStep, FigureDrift, FigureStep, FigureTrend, NamedFigure, trends_of


@dataclass(frozen=True, slots=True)
class SiteChange:
    """A change of a figure on a machine: of one cell, or one that so many of ``total`` cells have at about one run.

    ``cells`` are the keys of the cells. ``change`` is a fraction (points of 1 for shares); of a drift, per week.
    ``step`` is ``None`` for a drift, which goes on over ``weeks`` weeks.
    """

    cells: tuple[str, ...]
    total: int
    figure: str
    machine: str
    change: float
    worse: bool
    step: FigureStep | None = None
    weeks: float = 0.0

    @property
    def is_common(self) -> bool:
        """Whether many cells changed at once."""
        return len(self.cells) > 1


def changes_of(found: Selection, *, assume_same_machine: bool = False) -> list[SiteChange]:
    """Every change of every judged figure, the newest first; drifts come last.

    Raises:
        HistoryError: if the change-point library is not installed.
    """
    changes: list[SiteChange] = []
    for name, traits in found.figures.items():
        cells = [cell for cell in found.cells if name in cell.followed]
        if traits.judged and cells:
            figure = NamedFigure(name, traits)
            trends, common = trends_of(figure, samples_of(cells), assume_same_machine=assume_same_machine)
            changes += [*map(_common, common), *(each for trend in trends for each in _own(trend))]
    order = {run.number: place for place, run in enumerate(found.runs)}
    return sorted(changes, key=lambda each: -order[each.step.first.number] if each.step else 1)


def _common(common: CommonStep) -> SiteChange:
    step = common.step
    return SiteChange(common.members, common.total, common.figure, step.first.hardware, step.change, step.worse, step)


def _own(trend: FigureTrend) -> Iterator[SiteChange]:
    for step in trend.steps:
        yield SiteChange((trend.cell,), 1, trend.figure, step.first.hardware, step.change, step.worse, step)
    for drift in trend.drifts:
        yield _drift(trend, drift)


def _drift(trend: FigureTrend, drift: FigureDrift) -> SiteChange:
    return SiteChange((trend.cell,), 1, trend.figure, drift.hardware, drift.per_week, drift.worse, weeks=drift.weeks)


def by_cell(changes: Sequence[SiteChange]) -> dict[str, list[SiteChange]]:
    """The changes of each cell, those that it shares with others too."""
    found: dict[str, list[SiteChange]] = {}
    for change in changes:
        for cell in change.cells:
            found.setdefault(cell, []).append(change)
    return found
