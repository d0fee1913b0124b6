"""A deliberate change: accepted once, with a reason."""

from dataclasses import dataclass
from typing import Annotated

from lab4.domain.fields import Amount, Factor, Packed, Timestamp, Words

__all__ = ["Blessing"]


@dataclass(frozen=True, slots=True)
class Blessing:
    """One accepted change of a figure of a cell, found in the run started at ``started_at`` (ISO 8601).

    ``factor`` is what a timed figure was multiplied by, ``value`` what an exact one became, ``correct`` the images
    that are right since. Without any of them the figure is accepted to be gone, or, where it is
    ``measurement``, the cell.
    """

    cell: Words
    figure: Words
    started_at: Timestamp
    reason: Words
    by: Words
    factor: Factor | None = None
    value: Amount | None = None
    correct: Annotated[tuple[bool, ...], Packed("bits")] | None = None
