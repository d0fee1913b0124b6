"""A run as one number per figure and cell, without the raw samples; and approvals of changed figures.

For gates, histories and comparisons.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from lab4.domain.catalogue import Catalogue
from lab4.domain.fields import Factor, Packed, Real, Timestamp, Words
from lab4.domain.machine import Machine
from lab4.domain.observed import Answers
from lab4.domain.run import Commit, DatasetInfo, Settings

#: How a cell ended; ``interrupted``: it was interrupted, or never reached.
CellState = Literal["measured", "unavailable", "failed", "interrupted"]


@dataclass(frozen=True, slots=True)
class CellFigures:
    """The figures of one cell, by name, in base units: seconds, bytes, images per second, fractions.

    ``corrected`` has those of ``values`` that can be corrected for the machine's speed: from uncontended calls, divided
    (a rate: multiplied) by the frequency probe's time in the same run. ``missing`` says why a figure that the cell
    should have is missing. ``correct`` has one entry for each validation image, in their fixed order. ``reason`` says
    why a cell was not measured. ``artifact`` is the SHA-256 of the file that was examined, ``answers`` what it
    returned, and ``runtime`` the name of what ran it, where that is recorded. ``intervals`` are the ends of a figure's
    spread within this run, as far as they are known. ``calls`` is how many calls the figures of a call are of, 0 where
    that is not known.
    """

    state: CellState
    values: Mapping[str, float] = field(default_factory=dict)
    corrected: Mapping[str, float] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    correct: tuple[bool, ...] | None = None
    reason: str = ""
    artifact: str = ""
    answers: Answers | None = None
    runtime: str = ""
    intervals: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    calls: int = 0


@dataclass(frozen=True, slots=True)
class RunFigures:
    """A run's identity and its figures by cell key; ``source`` is the file or the history entry it was read from."""

    started_at: str
    lab4_version: str
    settings: Settings
    dataset: DatasetInfo
    machine: Machine
    commit: Commit
    complete: bool
    catalogue: Catalogue
    cells: Mapping[str, CellFigures]
    source: str = field(default="", compare=False)

    @property
    def ended_cells(self) -> int:
        """How many cells were not interrupted."""
        return sum(cell.state != "interrupted" for cell in self.cells.values())


@dataclass(frozen=True, slots=True)
class Approval:
    """One approved change of a figure of a cell, from the run that started at ``started_at`` (ISO 8601).

    ``factor`` is the ratio of a timed figure after to before, ``value`` the new value of an exact one, ``correct`` says
    which images are right from then on. Without any of them the figure may be missing, or, for the figure
    ``measurement``, the cell. It holds on the ``machine`` of that name with that ``hardware`` (see
    `lab4.domain.machine.Machine.hardware_id`), or where neither is given on all.
    """

    cell: Words
    figure: Words
    started_at: Timestamp
    reason: Words
    by: Words
    factor: Factor | None = None
    value: Real | None = None
    correct: Annotated[tuple[bool, ...], Packed("bits")] | None = None
    machine: Words | None = None
    hardware: Words | None = None
