"""The registry of checks, in the order of the report."""

from collections.abc import Callable

from lab4.doctor.finding import Finding
from lab4.doctor.system import System
from lab4.domain.registry import Registry

Check = Callable[[System], Finding]

CHECKS: Registry[Check] = Registry(
    "check",
    {
        "load": "lab4.doctor.cores:load",
        "governor": "lab4.doctor.cpu:governor",
        "turbo": "lab4.doctor.cpu:turbo",
        "heat": "lab4.doctor.cpu:heat",
        "power": "lab4.doctor.cpu:power",
        "quota": "lab4.doctor.cores:quota",
        "affinity": "lab4.doctor.cores:affinity",
        "smt": "lab4.doctor.cores:smt",
        "steal": "lab4.doctor.cores:steal",
        "co-runners": "lab4.doctor.cores:co_runners",
        "memory": "lab4.doctor.memory:memory",
        "threads": "lab4.doctor.software:threads",
        "clock": "lab4.doctor.cpu:clock",
        "simd": "lab4.doctor.cpu:simd",
        "packages": "lab4.doctor.software:packages",
        "entries": "lab4.doctor.software:entries",
        "nvidia": "lab4.doctor.accelerator:nvidia",
        "node": "lab4.doctor.software:node",
        "energy": "lab4.doctor.cpu:energy",
        "counters": "lab4.doctor.cpu:counters",
    },
)


def examine(system: System) -> dict[str, Finding]:
    """Run every check on the system; findings by the check's name."""
    return {name: CHECKS[name](system) for name in CHECKS}
