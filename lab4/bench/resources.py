"""What a cell takes besides time: each figure, or the reason why it is missing."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace

from lab4.bench.hosted_cell import HostedCell
from lab4.bench.resource_kinds import RESOURCES
from lab4.bench.worker import Worker
from lab4.domain.errors import INTERRUPTED, Lab4Error, UnavailableError
from lab4.domain.outcome import Measured
from lab4.domain.untyped import Untyped
from lab4.runtimes import RUNTIMES

__all__ = ["Resources"]

#: The figures of a cell, by their names in a record.
_FIGURES = ("memory", "work", "energy", "counters")
#: Those that a host has for all cells or for none.
_OF_THE_HOST = ("energy", "counters")


@dataclass
class Resources:
    """Measures what cells take; a figure that cannot be had costs that figure, not the cell.

    ``asked`` are those that are wanted, ``builder`` is the process that counts operations. What one cell lacks for a
    reason of the machine, all cells of its host lack: ``energy`` and ``counters`` are then not asked for again.
    """

    asked: Collection[str]
    builder: Worker
    _absent: dict[tuple[object, str], str] = field(default_factory=dict)

    def added(self, measured: Measured, hosted: HostedCell) -> Measured:
        """Return ``measured`` with what the cell takes; it is opened in its host where it is not."""
        missing: dict[str, str] = {}
        figures = {name: self._figure(name, hosted, missing) for name in _FIGURES}
        return replace(measured, **figures, missing=missing)

    def _figure(self, name: str, hosted: HostedCell, missing: dict[str, str]) -> Untyped:  # of its kind
        if name not in self.asked:
            missing[name] = "left out (--lab4-resources)"
            return None
        place = RUNTIMES[hosted.spec.runtime].host, name
        try:
            if place in self._absent:
                raise UnavailableError(self._absent[place])
            return RESOURCES[name](hosted, self.builder)
        except Lab4Error as error:
            missing[name] = str(error)
            if isinstance(error, UnavailableError) and name in _OF_THE_HOST:
                self._absent[place] = str(error)
            return None

    def left_out(self, measured: Measured) -> Measured:
        """Return ``measured`` of a run that an interrupt ended before these figures."""
        return replace(measured, missing=dict.fromkeys(_FIGURES, INTERRUPTED))
