"""What is measured beside time, by name: the job that does it in a runtime's process."""

from collections.abc import Callable
from typing import Any

from lab4.domain.registry import Registry

__all__ = ["RESOURCES"]

RESOURCES: Registry[Callable[..., Any]] = Registry(
    "resource",
    {
        "peaks": "lab4.bench.resource_jobs:peaks_with",
        "memory": "lab4.bench.resource_jobs:memory_of",
        "work": "lab4.bench.tensorflow_jobs:count_work",
        "energy": "lab4.bench.resource_jobs:energy_of",
        "counters": "lab4.bench.resource_jobs:counted",
    },
)
