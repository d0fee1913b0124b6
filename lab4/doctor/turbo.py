"""Whether cores go above their base frequency while heat allows."""

from lab4.doctor.finding import Finding, disturbs, good, unknown
from lab4.doctor.system import System

__all__ = ["check"]

_INTEL = "sys/devices/system/cpu/intel_pstate/no_turbo"
_OTHERS = "sys/devices/system/cpu/cpufreq/boost"


def check(system: System) -> Finding:
    """Look at the switch of the driver: Intel's, or everybody else's."""
    for path, on in ((_INTEL, "0"), (_OTHERS, "1")):
        told = system.text(path)
        if told == on:
            off = "1" if on == "0" else "0"
            return disturbs(
                "turbo is on: the first seconds are faster than a minute of work",
                f"echo {off} | sudo tee /{path} (all is slower then, and steadier)",
            )
        if told is not None:
            return good("turbo is off")
    return unknown("whether turbo is on is not told")
