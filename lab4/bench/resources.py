"""What a cell takes beside time: who is asked, and what is said where nobody can tell."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from lab4.bench.resource_jobs import counted, energy_of, memory_of
from lab4.bench.specs import RunSpec
from lab4.bench.tensorflow_jobs import count_work
from lab4.bench.worker import Worker
from lab4.domain.errors import INTERRUPTED, Lab4Error
from lab4.domain.outcome import Measured
from lab4.formats import FORMATS

__all__ = ["RESOURCES", "Resources"]

T = TypeVar("T")

#: The figures, by their names in a record.
RESOURCES = ("memory", "work", "energy", "counters")


@dataclass
class Resources:
    """Measures what cells take; a figure that cannot be had costs that figure, not the cell.

    ``tensorflow`` counts operations, ``memory`` gives the process of a runtime that has only been imported. What one
    cell lacks for a reason of the machine, all lack: ``energy`` and ``counters`` are then not asked for again.
    """

    tensorflow: Worker
    memory: Callable[[str], Worker]
    _absent: dict[str, str] = field(default_factory=dict)

    def added(self, measured: Measured, spec: RunSpec, timing: Worker) -> Measured:
        """Return ``measured`` with what an opened cell takes, whose calls the process ``timing`` times."""
        form = FORMATS[spec.built.format]
        source = spec.built.reference.parent
        missing: dict[str, str] = {}

        def told(name: str, ask: Callable[[], T]) -> T | None:
            try:
                return ask()
            except Lab4Error as error:
                missing[name] = str(error)
                return None

        def told_once(name: str, ask: Callable[[], T]) -> T | None:
            if name in self._absent:
                missing[name] = self._absent[name]
                return None
            found = told(name, ask)
            self._absent.update({each: why for each, why in missing.items() if each == name})
            return found

        return replace(
            measured,
            memory=told("memory", lambda: self.memory(form.runtime).call(memory_of, spec)),
            work=told("work", lambda: self.tensorflow.call(count_work, source, spec.batch_size, form.arithmetic)),
            energy=told_once("energy", lambda: timing.call(energy_of, spec)),
            counters=told_once("counters", lambda: timing.call(counted, spec)),
            missing=missing,
        )

    def left_out(self, measured: Measured) -> Measured:
        """Return ``measured`` of a run that an interrupt ended before these figures."""
        return replace(measured, missing=dict.fromkeys(RESOURCES, INTERRUPTED))
