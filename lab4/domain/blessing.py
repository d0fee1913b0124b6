"""A deliberate change: accepted once, with a reason."""

from dataclasses import dataclass

__all__ = ["Blessing"]


@dataclass(frozen=True, slots=True)
class Blessing:
    """One accepted change of a figure of a cell, found in the run started at ``started_at`` (ISO 8601).

    ``factor`` is what a timed figure was multiplied by, ``value`` what an exact one became, ``correct`` the images
    that are right since. Without any of them the figure is accepted to be gone, or, where it is
    ``measurement``, the cell.
    """

    cell: str
    figure: str
    started_at: str
    reason: str
    by: str
    factor: float | None = None
    value: float | None = None
    correct: tuple[bool, ...] | None = None
