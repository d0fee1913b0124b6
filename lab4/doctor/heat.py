"""Whether the processor was slowed for heat."""

from lab4.doctor.finding import Finding, disturbs, good, unknown
from lab4.doctor.system import System

__all__ = ["check"]


def check(system: System) -> Finding:
    """Look at how often each core was throttled since the start."""
    counts = system.texts("sys/devices/system/cpu/cpu[0-9]*/thermal_throttle/core_throttle_count")
    numbers = [int(count) for count in counts.values() if count.isdecimal()]
    if not numbers:
        return unknown("throttling for heat is not told (a virtual machine, or a processor that does not count it)")
    if not any(numbers):
        return good("no core was throttled for heat since the start")
    return disturbs(
        f"cores were throttled for heat {sum(numbers)} times since the start",
        "give the machine air, wait until it is cool, and turn turbo off",
    )
