"""What a history says of a run and of a cell in it."""

from dataclasses import dataclass

from lab4.domain.figures import CellFigures


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """A run in the history, without its figures; ``number`` names it on the command line.

    ``digest`` is the SHA-256 of its file and ``identity`` the key of `lab4.domain.identity`, both in hexadecimal.
    """

    number: int
    started_at: str
    hardware: str
    revision: str | None
    complete: bool
    source: str
    cells: int
    digest: str
    identity: str


@dataclass(frozen=True, slots=True)
class Point:
    """A cell in one run of the history."""

    number: int
    started_at: str
    hardware: str
    revision: str | None
    figures: CellFigures
