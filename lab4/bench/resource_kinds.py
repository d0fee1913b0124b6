"""What is measured besides time, by name."""

from collections.abc import Callable
from typing import Any

from lab4.bench.hosted_cell import HostedCell
from lab4.bench.tensorflow_jobs import count_work
from lab4.bench.worker import Worker
from lab4.domain.catalogue import required
from lab4.domain.registry import Registry
from lab4.domain.resources import Counters, Energy, PeakMemory, Work

__all__ = ["RESOURCES"]

#: Peaks are the machine's: that job runs in a process by itself. The others are a cell's: each is given the cell in its
#: host, and the process that builds models.
RESOURCES: Registry[Callable[..., Any]] = Registry(
    "resource",
    {
        "peaks": "lab4.bench.resource_jobs:peaks_with",
        "memory": "lab4.bench.resource_kinds:memory",
        "work": "lab4.bench.resource_kinds:work",
        "energy": "lab4.bench.resource_kinds:energy",
        "counters": "lab4.bench.resource_kinds:counters",
    },
)


def memory(hosted: HostedCell, _builder: Worker) -> PeakMemory:
    """Peak memory of loading and calling the artifact."""
    return hosted.host.peak_memory(hosted.spec)


def work(hosted: HostedCell, builder: Worker) -> Work:
    """Operations and bytes that a call needs, counted in the model that the artifact was made from."""
    spec = hosted.spec
    return builder.call(count_work, hosted.built.reference.parent, spec.batch_size, required(spec.format, "arithmetic"))


def energy(hosted: HostedCell, _builder: Worker) -> Energy:
    """Joules of calls."""
    return hosted.ask(hosted.host.energy)


def counters(hosted: HostedCell, _builder: Worker) -> Counters:
    """Events of the processor in calls."""
    return hosted.ask(hosted.host.counters)
