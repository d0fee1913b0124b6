"""Whether there is memory enough for a run."""

from lab4.doctor.finding import Finding, disturbs, good, unknown
from lab4.doctor.system import System

__all__ = ["check"]

_LEAST_KB = 3 * 1024 * 1024  # four processes with a runtime each, TensorFlow's the largest
_GB = 1024 * 1024


def check(system: System) -> Finding:
    """Look at the memory that is available and at what was swapped out."""
    told = dict(line.split(":", 1) for line in (system.text("proc/meminfo") or "").splitlines() if ":" in line)
    try:
        available = int(told["MemAvailable"].split()[0])
        swapped = int(told["SwapTotal"].split()[0]) - int(told["SwapFree"].split()[0])
    except (KeyError, IndexError, ValueError):
        return unknown("the memory that is available is not told")
    says = f"{available / _GB:.1f} GiB of memory are available, {swapped / _GB:.1f} GiB are swapped out"
    if available >= _LEAST_KB:
        return good(says)
    return disturbs(f"{says}; a run takes about {_LEAST_KB / _GB:.0f} GiB", "close what uses memory, or add some")
