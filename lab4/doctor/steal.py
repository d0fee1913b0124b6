"""Whether a hypervisor gives our cores to others."""

from lab4.doctor.finding import Finding, disturbs, good, unknown
from lab4.doctor.system import System

__all__ = ["check"]

_MOST = 0.001
_TICKS = 8  # user, nice, system, idle, iowait, irq, softirq, steal


def check(system: System) -> Finding:
    """Look at the share of time since the start that was stolen from all cores."""
    virtual = "hypervisor" in (system.text("proc/cpuinfo") or "").split()
    line = next((line for line in (system.text("proc/stat") or "").splitlines() if line.startswith("cpu ")), "")
    try:
        ticks = [int(each) for each in line.split()[1 : 1 + _TICKS]]
        busy, stolen = sum(ticks) - ticks[3] - ticks[4], ticks[7]
    except (IndexError, ValueError):
        return unknown("stolen time is not told")
    if not virtual and stolen == 0:
        return good("no hypervisor")
    share = stolen / max(busy, 1)
    says = f"a virtual machine, from which {share:.2%} of its working time was stolen"
    if share <= _MOST:
        return good(says)
    return disturbs(says, "compare runs of the same hours only, more of them; or use a machine of your own")
