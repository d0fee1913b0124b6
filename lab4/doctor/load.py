"""Whether others are at work on this machine."""

from lab4.doctor.finding import Finding, disturbs, good, unknown
from lab4.doctor.system import System

__all__ = ["check"]

_MOST = 0.25  # of one core; our own two processes at rest and a desktop are below it


def check(system: System) -> Finding:
    """Look at the load average of the last minute."""
    told = (system.text("proc/loadavg") or "").split()
    try:
        load = float(told[0])
    except (IndexError, ValueError):
        return unknown("the load average is not told")
    says = f"{load:.2f} processes were running on average in the last minute"
    return good(says) if load <= _MOST else disturbs(says, "close what is at work (top shows it), and wait a minute")
