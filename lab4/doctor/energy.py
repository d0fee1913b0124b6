"""Whether the processor tells the energy it takes."""

import os

from lab4.doctor.finding import Finding, good, lacks
from lab4.doctor.system import System

__all__ = ["check"]

_FOLDER = "sys/class/powercap"


def check(system: System) -> Finding:
    """Look for RAPL's counters and whether this user may read them."""
    counters = sorted((system.root / _FOLDER).glob("intel-rapl:*/energy_uj"))
    if not counters:
        return lacks(
            "no energy counters (RAPL): a virtual machine has none",
            "on a machine of your own: sudo modprobe intel_rapl_common (it serves AMD too)",
        )
    if not all(os.access(path, os.R_OK) for path in counters):
        return lacks("energy counters are readable by root only", f"sudo chmod a+r /{_FOLDER}/intel-rapl:*/energy_uj")
    return good(f"energy of {len(counters)} domains of the processor is told")
