"""What drafts answer from: the observations, the filled tables, the choices."""

from collections.abc import Callable
from dataclasses import dataclass

from lab4.analysis.observations import Observations
from lab4.analysis.query import Figure, figures
from lab4.analysis.tables import Row, Table
from lab4.domain.cell import Cell
from lab4.worksheet.choice_tables import Chosen

__all__ = ["Context"]


@dataclass(frozen=True, slots=True)
class Context:
    """Filled tables by the key of the form's table, and the choices."""

    observations: Observations
    tables: dict[str, tuple[Table, ...]]
    chosen: Chosen
    choices: Table
    rules: Table
    candidates: Table
    latencies: Table

    @property
    def batches(self) -> tuple[int, int] | None:
        """The smallest and the largest batch size that was timed."""
        smallest, largest = self.chosen.pool.smallest, self.chosen.pool.largest
        return None if smallest is None or largest is None else (smallest, largest)

    def host_latencies(self, fits: Callable[[Cell], bool]) -> tuple[Figure, ...]:
        """Median latencies at the smallest batch size on the host, in each format's usual runtime, of cells that fit."""
        devices = self.observations.catalogue.device
        return figures(
            self.latencies,
            "time",
            lambda cell: (
                cell.batch_size == self.chosen.pool.smallest
                and bool(devices(cell.device).is_host)
                and not cell.runtime
                and fits(cell)
            ),
        )

    def chosen_rows(self, rule: str) -> tuple[Row, Row] | None:
        """The rows of the choices and of the rules for this rule, if it chose something."""
        rows = zip(self.choices.rows, self.rules.rows, self.chosen.choices, strict=True)
        for choice, how, (priority, found) in rows:
            if priority.rule == rule and found.winner is not None:
                return choice, how
        return None
