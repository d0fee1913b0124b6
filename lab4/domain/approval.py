"""An approval: a deliberate change of a figure, accepted once, with a reason."""

from dataclasses import dataclass
from typing import Annotated

from lab4.domain.fields import Amount, Factor, Packed, Timestamp, Words


@dataclass(frozen=True, slots=True)
class Approval:
    """One approved change of a figure of a cell, from the run that started at ``started_at`` (ISO 8601).

    ``factor`` is the ratio of a timed figure after to before, ``value`` the new value of an exact one, ``correct`` says
    which images are right from then on. Without any of them the figure may be missing, or, for the figure
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
