"""What a cell takes beside time: who is asked, and what is said where nobody can tell."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from typing import Any

from lab4.bench.resource_kinds import RESOURCES
from lab4.bench.specs import RunSpec
from lab4.bench.worker import Worker
from lab4.domain.errors import INTERRUPTED, Lab4Error, UnavailableError
from lab4.domain.outcome import Measured
from lab4.formats import FORMATS
from lab4.runtimes import RUNTIMES

__all__ = ["Resources"]

#: The figures of a cell, by their names in a record.
_FIGURES = ("memory", "work", "energy", "counters")
#: Those that a machine has for all cells or for none.
_OF_THE_MACHINE = ("energy", "counters")


@dataclass
class Resources:
    """Measures what cells take; a figure that cannot be had costs that figure, not the cell.

    ``asked`` are those that are wanted, ``tensorflow`` counts operations, ``memory`` gives the process of a runtime
    that has only been imported. What one cell lacks for a reason of the machine, all lack: ``energy`` and ``counters``
    are then not asked for again.
    """

    asked: Collection[str]
    tensorflow: Worker
    memory: Callable[[str], Worker]
    _absent: dict[str, str] = field(default_factory=dict)

    def added(self, measured: Measured, spec: RunSpec, timing: Worker) -> Measured:
        """Return ``measured`` with what an opened cell takes, whose calls the process ``timing`` times."""
        form = FORMATS[spec.built.format]
        source = spec.built.reference.parent
        missing: dict[str, str] = {}

        def told(name: str, worker: Callable[[], Worker], *arguments: object) -> Any:  # noqa: ANN401  # what it tells
            why = self._absent.get(name, None if name in self.asked else "left out (--lab4-resources)")
            if why is not None:
                missing[name] = why
                return None
            try:
                return worker().call(RESOURCES[name], *arguments)
            except Lab4Error as error:
                missing[name] = str(error)
                if isinstance(error, UnavailableError) and name in _OF_THE_MACHINE:
                    self._absent[name] = str(error)
                return None

        return replace(
            measured,
            memory=told("memory", lambda: self.memory(RUNTIMES[spec.runtime].process), spec),
            work=told("work", lambda: self.tensorflow, source, spec.batch_size, form.traits.arithmetic),
            energy=told("energy", lambda: timing, spec),
            counters=told("counters", lambda: timing, spec),
            missing=missing,
        )

    def left_out(self, measured: Measured) -> Measured:
        """Return ``measured`` of a run that an interrupt ended before these figures."""
        return replace(measured, missing=dict.fromkeys(_FIGURES, INTERRUPTED))
