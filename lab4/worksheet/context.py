"""What drafts answer from: the observations, the filled tables, the choices."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lab4.analysis.observations import Observations
from lab4.analysis.query import Figure, figures
from lab4.analysis.side_by_side import Ranking
from lab4.analysis.tables import Row, Table, Text
from lab4.domain.cell import Cell
from lab4.worksheet.candidates import Pool
from lab4.worksheet.sentences import Sentences, missing_figures

__all__ = ["Context", "alike", "missing", "text_of"]


@dataclass(frozen=True, slots=True)
class Context:
    """The filled tables, by the key of the form's table; those of the choices, and of every latency."""

    observations: Observations
    rankings: tuple[Ranking, ...]
    tables: dict[str, tuple[Table, ...]]
    pool: Pool
    priorities: dict[str, str]
    choices: Table
    rules: Table
    candidates: Table
    details: tuple[Table, ...]

    @property
    def latencies(self) -> Table:
        """Every latency."""
        return self.details[0]

    @property
    def limits(self) -> Table:
        """What limits every latency."""
        return self.details[-1]

    @property
    def smallest(self) -> str:
        """The smallest batch size that was timed, in words."""
        return str(self.pool.smallest)

    def host_latencies(self, fits: Callable[[Cell], bool]) -> tuple[Figure, ...]:
        """Median latencies on the host at the smallest batch size, in usual runtimes, of cells that fit."""
        device = self.observations.catalogue.device

        def asked(cell: Cell) -> bool:
            is_usual = cell.batch_size == self.pool.smallest and not cell.runtime
            return is_usual and bool(device(cell.device).is_host) and fits(cell)

        return figures(self.latencies, "time", asked)


def text_of(table: Table, row: Row, column: str) -> str:
    """The text in a column, empty where there is none."""
    value = table.value(row, column)
    return value.text if isinstance(value, Text) else ""


def alike(found: Iterable[Figure], *axes: str) -> list[tuple[Figure, ...]]:
    """Figures in groups of cells that are alike in these axes, in order."""
    groups: dict[tuple[object, ...], list[Figure]] = {}
    for figure in found:
        groups.setdefault(tuple(getattr(figure.cell, axis) for axis in axes), []).append(figure)
    return [tuple(group) for group in groups.values()]


def missing(key: str, column: str) -> Callable[[Context], Sentences]:
    """A draft that says which rows of a table of the form lack a figure, and why."""
    return lambda context: missing_figures(context.tables[key], column)
