"""The checks there are, in the order they are told."""

from collections.abc import Callable

from lab4.doctor.finding import Finding
from lab4.doctor.system import System
from lab4.domain.registry import Registry

__all__ = ["CHECKS", "Check", "examine"]

Check = Callable[[System], Finding]

CHECKS: Registry[Check] = Registry(
    "check",
    {
        name: f"lab4.doctor.{name}:check"
        for name in (
            "load",
            "governor",
            "turbo",
            "heat",
            "power",
            "quota",
            "affinity",
            "smt",
            "steal",
            "neighbours",
            "memory",
            "threads",
            "clock",
            "simd",
            "packages",
            "entries",
            "nvidia",
            "node",
            "energy",
            "counters",
        )
    },
)


def examine(system: System) -> dict[str, Finding]:
    """Let every check look at the system; findings by the check's name."""
    return {name: CHECKS[name](system) for name in CHECKS}
