"""Whether this process may use all cores."""

import os

from lab4.doctor.finding import Finding, disturbs, good, unknown
from lab4.doctor.system import System

__all__ = ["check"]


def check(system: System) -> Finding:
    """Compare the cores that this process may run on with those that are there."""
    told = system.text("proc/self/status") or ""
    allowed = next((line.split()[1] for line in told.splitlines() if line.startswith("Cpus_allowed_list:")), None)
    if allowed is None:
        return unknown(f"which cores may be used is not told; there are {os.cpu_count()}")
    mine, online = _cores(allowed), _cores(system.text("sys/devices/system/cpu/online") or allowed)
    if mine >= online:
        return good(f"all {len(online)} cores may be used")
    return disturbs(
        f"this process may use cores {allowed} only, {len(mine & online)} of {len(online)}: "
        "runtimes that count cores start too many threads",
        "say --lab4-threads, at most as many as there are cores to use; or start without taskset or --cpuset-cpus",
    )


def _cores(ranges: str) -> set[int]:
    found: set[int] = set()
    for part in filter(None, ranges.split(",")):
        first, _, last = part.partition("-")
        found.update(range(int(first), int(last or first) + 1))
    return found
