"""Whether the processor's event counters may be used."""

from lab4.doctor.finding import Finding, good, lacks, unknown
from lab4.doctor.system import System

__all__ = ["check"]

_PATH = "proc/sys/kernel/perf_event_paranoid"
_MOST = 2  # above it some kernels refuse even what concerns one's own code


def check(system: System) -> Finding:
    """Look for a processor's counters and whether the kernel lets users have them."""
    paranoid = system.number(_PATH)
    if paranoid is None:
        return unknown("whether event counters may be used is not told")
    if not list((system.root / "sys/bus/event_source/devices").glob("cpu*")):
        return lacks("no hardware event counters: a virtual machine hides them", "use a machine of your own")
    if paranoid > _MOST:
        return lacks(f"perf_event_paranoid is {paranoid:g}", f"sudo sysctl kernel.perf_event_paranoid={_MOST}")
    return good(f"hardware event counters are there, perf_event_paranoid is {paranoid:g}")
