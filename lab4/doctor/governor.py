"""Whether the cores run at one frequency or as the system sees fit."""

from lab4.doctor.finding import Finding, disturbs, good, unknown
from lab4.doctor.system import System

__all__ = ["check"]


def check(system: System) -> Finding:
    """Look at the scaling governor of every core."""
    governors = system.texts("sys/devices/system/cpu/cpu[0-9]*/cpufreq/scaling_governor")
    if not governors:
        return unknown("the frequency of the cores is not told (a virtual machine, or no Linux)")
    names = sorted(set(governors.values()))
    if names == ["performance"]:
        return good("all cores run under the governor performance")
    return disturbs(
        f"cores run under the governor {' and '.join(names)}: their frequency follows the load",
        "sudo cpupower frequency-set -g performance",
    )
