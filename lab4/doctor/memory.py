"""Whether the memory is large enough for a run."""

from lab4.doctor.finding import Finding, disturbs, good, unknown
from lab4.doctor.system import System

#: Four processes with a runtime each, TensorFlow's the largest.
_MIN_AVAILABLE_KIB = 3 * 1024 * 1024
_GIB = 1024 * 1024


def memory(system: System) -> Finding:
    """Read the available memory and the swapped memory."""
    fields = dict(line.split(":", 1) for line in (system.text("proc/meminfo") or "").splitlines() if ":" in line)
    try:
        available = int(fields["MemAvailable"].split()[0])
        swapped = int(fields["SwapTotal"].split()[0]) - int(fields["SwapFree"].split()[0])
    except (KeyError, IndexError, ValueError):
        return unknown("the system does not report its available memory")
    message = f"{available / _GIB:.1f} GiB of memory available, {swapped / _GIB:.1f} GiB swapped out"
    if available >= _MIN_AVAILABLE_KIB:
        return good(message)
    return disturbs(
        f"{message}; a run needs about {_MIN_AVAILABLE_KIB / _GIB:.0f} GiB", "close what uses memory, or add memory"
    )
