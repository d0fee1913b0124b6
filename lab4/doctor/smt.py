"""Whether two hardware threads share a core."""

from lab4.doctor.finding import Finding, disturbs, good, unknown
from lab4.doctor.system import System

__all__ = ["check"]


def check(system: System) -> Finding:
    """Look for a core whose list of siblings has more than one entry."""
    siblings = set(system.texts("sys/devices/system/cpu/cpu[0-9]*/topology/thread_siblings_list").values())
    if not siblings:
        return unknown("which hardware threads share a core is not told")
    shared = sorted(each for each in siblings if "," in each or "-" in each)
    if not shared:
        return good("every hardware thread has a core of its own")
    return disturbs(
        f"hardware threads {shared[0]}{' and others' if len(shared) > 1 else ''} share a core: "
        "a second thread adds less than a core, and a neighbour slows the first",
        f"use at most --lab4-threads {len(siblings)}, or echo off | sudo tee /sys/devices/system/cpu/smt/control",
    )
