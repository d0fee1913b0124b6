"""What one student handed in: runs, files that could not be used, and what was asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from lab4.analysis.observations import rank
from lab4.domain.catalogue import Catalogue, merged
from lab4.domain.cell import Cell
from lab4.domain.errors import INTERRUPTED
from lab4.domain.outcome import Failed, Measured, Outcome, Unavailable
from lab4.domain.run import Run

#: How a student did with a cell that was asked for; ``impossible`` is one that the machine cannot measure.
AskedState = Literal["measured", "missing", "failed", "impossible"]
_NO_DEVICE = "the machine has no such device"
_NOT_PLANNED = "not in the run"


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A run file: its name within what the student handed in, the digest of its bytes, and the run in it."""

    name: str
    sha256: str
    run: Run


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that could not be used: its name within what the student handed in, and the reason in one sentence."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Submission:
    """Everything of one student: ``student`` is the name as the instructor has it, ``id`` says nothing of the name.

    ``asked`` has the cells that were asked for and how each ended, ``None`` where no run has it. ``answers`` are texts
    of the student's own.
    """

    student: str
    id: str
    files: tuple[HandedIn, ...] = ()
    refused: tuple[Refused, ...] = ()
    asked: Mapping[Cell, Outcome | None] = field(default_factory=dict)
    answers: tuple[str, ...] = ()

    @property
    def runs(self) -> tuple[Run, ...]:
        """The runs of the files."""
        return tuple(each.run for each in self.files)

    @property
    def catalogue(self) -> Catalogue:
        """The traits of everything in the runs."""
        return merged(run.catalogue for run in self.runs)


@dataclass(frozen=True, slots=True)
class AskedCell:
    """A cell that was asked for, how a student did with it, and why it has no figures; empty where it has."""

    cell: Cell
    state: AskedState
    reason: str = ""


def asked_of(reference: Run, submitted: tuple[Run, ...]) -> dict[Cell, Outcome | None]:
    """The cells that a reference run measured, and how each ended for a student; ``None`` where no run has it."""
    found: dict[Cell, Outcome] = {}
    for each in (each for run in submitted for each in run.measurements):
        known = found.get(each.cell)
        if known is None or rank(each.outcome) >= rank(known):
            found[each.cell] = each.outcome
    return {each.cell: found.get(each.cell) for each in reference.measurements if isinstance(each.outcome, Measured)}


def answered(submission: Submission, known: Catalogue) -> tuple[AskedCell, ...]:
    """How the student did with each cell that was asked for.

    A device has the traits that ``known`` says, or else those that the student's own runs say.
    """
    devices = merged([submission.catalogue, known])
    has_gpu = any(run.machine.gpus for run in submission.runs) or not submission.runs
    return tuple(
        _answered(cell, outcome, lacks_device=not has_gpu and devices.device(cell.device).is_host is False)
        for cell, outcome in submission.asked.items()
    )


def _answered(cell: Cell, outcome: Outcome | None, *, lacks_device: bool) -> AskedCell:
    match outcome:
        case Measured():
            return AskedCell(cell, "measured")
        case Failed(reason):
            return AskedCell(cell, "failed", reason)
        case Unavailable(reason) if reason != INTERRUPTED:
            return AskedCell(cell, "impossible", reason)
    if lacks_device:
        return AskedCell(cell, "impossible", _NO_DEVICE)
    return AskedCell(cell, "missing", INTERRUPTED if outcome is not None else _NOT_PLANNED)
