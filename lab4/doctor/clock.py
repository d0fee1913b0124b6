"""Whether reading the clock is cheap."""

from lab4.doctor.finding import Finding, disturbs, good, unknown
from lab4.doctor.system import System

__all__ = ["check"]

_FOLDER = "sys/devices/system/clocksource/clocksource0"
#: Read without a call of the kernel: tens of nanoseconds against a microsecond.
_CHEAP = {"tsc", "kvm-clock", "hyperv_clocksource_tsc_page", "arch_sys_counter"}


def check(system: System) -> Finding:
    """Look at the clock source."""
    current = system.text(f"{_FOLDER}/current_clocksource")
    if current is None:
        return unknown("the clock source is not told")
    if current in _CHEAP:
        return good(f"the clock source is {current}")
    there = (system.text(f"{_FOLDER}/available_clocksource") or "").split()
    better = next((name for name in there if name in _CHEAP), None)
    mend = (
        f"echo {better} | sudo tee /{_FOLDER}/current_clocksource" if better else "use another machine for short calls"
    )
    return disturbs(f"the clock source is {current}: each reading costs about a microsecond", mend)
