"""What drafts answer from: the observations, the filled tables, the choices."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lab4.analysis.observations import Observations
from lab4.analysis.platforms import Ranking
from lab4.analysis.query import Figure, figures
from lab4.analysis.tables import Table
from lab4.domain.cell import Cell
from lab4.worksheet.candidates import Pool

__all__ = ["LATENCIES", "LIMITS", "Context", "alike"]

#: The keys of the tables of every latency, and of what limits each.
LATENCIES, LIMITS = "inference_all", "inference_roofline"


@dataclass(frozen=True, slots=True)
class Context:
    """The filled tables by the key of the form's table, or by their own where the form does not have them."""

    observations: Observations
    rankings: tuple[Ranking, ...]
    tables: dict[str, tuple[Table, ...]]
    pool: Pool
    priorities: dict[str, str]

    def table(self, key: str) -> Table:
        """The table of this key, where there is one for all models."""
        (table,) = self.tables[key]
        return table

    def host_latencies(self, fits: Callable[[Cell], bool]) -> tuple[Figure, ...]:
        """Median latencies on the host at the smallest batch size, in usual runtimes, of cells that fit."""
        device = self.observations.catalogue.device

        def asked(cell: Cell) -> bool:
            is_usual = cell.batch_size == self.pool.smallest and not cell.runtime
            return is_usual and bool(device(cell.device).is_host) and fits(cell)

        return figures(self.table(LATENCIES), "time", asked)


def alike(found: Iterable[Figure], *axes: str) -> list[tuple[Figure, ...]]:
    """Figures in groups of cells that are alike in these axes, in order."""
    groups: dict[tuple[object, ...], list[Figure]] = {}
    for figure in found:
        groups.setdefault(tuple(getattr(figure.cell, axis) for axis in axes), []).append(figure)
    return [tuple(group) for group in groups.values()]
