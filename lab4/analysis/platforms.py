"""Which machine and device is fastest at what, and by what factor."""

from collections.abc import Sequence
from dataclasses import dataclass

from lab4.analysis.compared_cells import ComparedSide
from lab4.analysis.figures import figures_of
from lab4.analysis.observations import machine_names, machine_of
from lab4.analysis.pivot import Compared, Pivot, PivotColumn, PivotRow
from lab4.analysis.side_by_side import side_by_side
from lab4.domain.errors import Lab4Error
from lab4.domain.moment import moment
from lab4.domain.run import Run

__all__ = ["Ranking", "fastest_platforms"]


@dataclass(frozen=True, slots=True)
class Ranking:
    """The platforms that measured one thing, the fastest first, each as column and value; and those that did not.

    ``row`` says what was measured, by axis. A value's ``behind`` is how many times as fast the fastest is.
    """

    kind: str
    name: str
    row: PivotRow
    placed: tuple[tuple[PivotColumn, Compared], ...]
    missing: tuple[tuple[PivotColumn, str], ...]

    @property
    def is_clear(self) -> bool:
        """Whether the interval excludes that another platform is as fast as the fastest."""
        return not any(value.is_near_best for _, value in self.placed)


def fastest_platforms(runs: Sequence[Run]) -> tuple[Ranking, ...]:
    """Rank machines and devices by training time and by median latency, for everything that two of them measured.

    The ranking is empty where there are no two. Runs of one machine count together.
    """
    runs = sorted(runs, key=lambda run: moment(run.started_at))
    names = machine_names(runs)
    sides = [
        ComparedSide(name, [figures_of(run) for run in runs if machine_of(run) == machine])
        for machine, name in names.items()
    ]
    try:
        found = side_by_side(sides, names=("training", "p50"))
    except Lab4Error:
        return ()
    return tuple(_ranking(pivot, row, found.columns) for pivot in found.pivots for row in pivot.rows if row.is_compared)


def _ranking(pivot: Pivot, row: PivotRow, columns: Sequence[PivotColumn]) -> Ranking:
    pairs = list(zip(columns, row.values, strict=True))
    placed = [pair for pair in pairs if pair[1].behind is not None]
    placed.sort(key=lambda pair: pair[1].behind.value if pair[1].behind else 0.0)
    missing = tuple((column, value.reason) for column, value in pairs if value.figure is None)
    return Ranking(pivot.kind, pivot.name, row, tuple(placed), missing)
