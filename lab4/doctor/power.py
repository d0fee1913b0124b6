"""Whether a laptop runs from its battery."""

from lab4.doctor.finding import Finding, disturbs, good
from lab4.doctor.system import System

__all__ = ["check"]


def check(system: System) -> Finding:
    """Look for a battery that discharges."""
    if "Discharging" in system.texts("sys/class/power_supply/*/status").values():
        return disturbs("this machine runs from its battery, and saves power", "plug it in")
    return good("not on battery")
