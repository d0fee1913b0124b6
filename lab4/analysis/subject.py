"""What a measure is asked of, and what a measure is."""

from collections.abc import Callable
from dataclasses import dataclass

from lab4.analysis.observations import Observation, Observations
from lab4.analysis.tables import Kind, Value
from lab4.domain.cell import Cell

__all__ = ["Measure", "Subject"]


@dataclass(frozen=True, slots=True)
class Subject:
    """A cell, measured or not, among all that was observed."""

    observations: Observations
    cell: Cell

    @property
    def observation(self) -> Observation | None:
        """What was observed of the cell, ``None`` where no run planned it."""
        return self.observations.at(self.cell)

    @property
    def original(self) -> Observation | None:
        """The unmodified model that the cell's artifact is made from."""
        return self.observations.original(self.cell.model)

    @property
    def is_original(self) -> bool:
        """Whether the cell is of the unmodified model itself."""
        return self.observations.catalogue.is_original(self.cell)


@dataclass(frozen=True, slots=True)
class Measure:
    """The usual heading, the kind of values, and how to have one.

    Raises:
        MissingTraitError: (``value``) where an entry does not declare a trait that the value needs.
    """

    heading: str
    kind: Kind
    value: Callable[[Subject], Value]
