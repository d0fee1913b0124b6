"""A deliberate change: accepted once, with a reason."""

from dataclasses import dataclass

__all__ = ["Blessing"]


@dataclass(frozen=True, slots=True)
class Blessing:
    """One accepted change of a figure of a cell, found in the run started at ``started_at`` (ISO 8601).

    ``factor`` is what a timed figure was multiplied by, ``value`` what an exact one became, ``correct`` the images
    that are right since. A blessing of the figure ``measurement`` accepts that the cell is gone.
    """

    cell: str
    figure: str
    started_at: str
    reason: str
    by: str
    factor: float | None = None
    value: float | None = None
    correct: tuple[bool, ...] | None = None
