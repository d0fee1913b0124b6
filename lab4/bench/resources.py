"""What is measured of a cell besides the time of its calls: each figure, or the reason why it is missing."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from typing import Any

from lab4.bench.hosts import HostedCell
from lab4.bench.tensorflow_jobs import MODEL_FILE, count_work
from lab4.bench.worker import Worker
from lab4.domain.catalogue import required
from lab4.domain.errors import Lab4Error, UnavailableError
from lab4.domain.observed import Counters, Energy, PeakMemory, Work
from lab4.domain.outcome import Measured
from lab4.domain.registry import Registry
from lab4.domain.untyped import Untyped
from lab4.runtimes import RUNTIMES

#: Peaks are the machine's: that job runs in a process by itself. Calls without copies are timed with the others, where
#: the cell is open. The others are a cell's: each is given the cell in its host, and the process that builds models.
RESOURCES: Registry[Callable[..., Any]] = Registry(
    "resource",
    {
        "peaks": "lab4.bench.runtime_jobs:peaks_with",
        "memory": "lab4.bench.resources:memory",
        "work": "lab4.bench.resources:work",
        "energy": "lab4.bench.resources:energy",
        "counters": "lab4.bench.resources:counters",
        "compute_only": "lab4.bench.latency_jobs:compute_only_call",
    },
)

#: The figures of a cell, by their names in a record.
FIGURES = ("memory", "work", "energy", "counters")
#: Those that a host has for all cells or for none.
_OF_THE_HOST = ("energy", "counters")


def memory(hosted: HostedCell, _builder: Worker) -> PeakMemory:
    """Peak memory of loading and calling the artifact."""
    return hosted.host.peak_memory(hosted.spec)


def work(hosted: HostedCell, builder: Worker) -> Work:
    """Operations and bytes that a call needs, counted in the model that the artifact was made from."""
    spec, folder = hosted.spec, hosted.built.reference.parent
    if not (folder / MODEL_FILE).exists():
        raise UnavailableError("operations are counted in Keras models; lab4 inspect counts those of other files")
    return builder.call(count_work, folder, spec.batch_size, required(spec.format, "arithmetic"))


def energy(hosted: HostedCell, _builder: Worker) -> Energy:
    """Joules of calls."""
    return hosted.ask(hosted.host.energy)


def counters(hosted: HostedCell, _builder: Worker) -> Counters:
    """Events of the processor in calls."""
    return hosted.ask(hosted.host.counters)


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
        figures = {name: self._figure(name, hosted, missing) for name in FIGURES}
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
