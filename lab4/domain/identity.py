"""Which files and entries are of one and the same run: the only place that decides it."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TypeVar

from lab4.domain.fields import moment
from lab4.domain.figures import RunFigures
from lab4.domain.run import Run

Identifiable = Run | RunFigures
R = TypeVar("R", bound=Identifiable)


@dataclass(frozen=True, slots=True)
class RunIdentity:
    """What no two runs have in common: the start (UTC), the node's name and the hardware.

    How a file is encoded, and in which time zone it writes the start, is no part of it.
    """

    started: datetime
    node: str
    hardware: str

    @property
    def key(self) -> str:
        """64 hex digits, for a database."""
        facts = (self.started.isoformat(timespec="microseconds"), self.node, self.hardware)
        return hashlib.sha256(repr(facts).encode()).hexdigest()


def utc(text: str) -> datetime:
    """Return the time that an ISO 8601 text with a zone means, in UTC; raises `ValueError` if it is not such a text."""
    return moment(text).astimezone(timezone.utc)


def identity(run: Identifiable) -> RunIdentity:
    """Return what distinguishes the run from every other, in whatever file it is."""
    return RunIdentity(utc(run.started_at), run.machine.node, run.machine.hardware_id)


def completeness(run: Identifiable) -> tuple[bool, int]:
    """Return what decides between copies of one run; the greater is the better: complete, then more ended cells."""
    return run.complete, run.ended_cells


def distinct(runs: Iterable[R], note: Callable[[str], None] = lambda _: None) -> list[R]:
    """Return the runs without copies, which would count as so many that agree; of copies the better one stays.

    ``note`` gets a sentence about each copy.
    """
    found: dict[RunIdentity, R] = {}
    for run in runs:
        other = found.get(identity(run))
        if other is not None:
            note(f"{run.source} is the same run as {other.source}: it counts once")
        if other is None or completeness(run) > completeness(other):
            found[identity(run)] = run
    return list(found.values())
