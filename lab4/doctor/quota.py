"""How much of the cores a container may use."""

from lab4.doctor.finding import Finding, disturbs, good
from lab4.doctor.system import System

__all__ = ["check"]


def check(system: System) -> Finding:
    """Look at the CPU quota of the control group, of version 2 or 1, from the process's own group upwards."""
    quotas = [quota for group in _groups(system) if (quota := _quota(system, group)) is not None]
    if not quotas:
        return good("no CPU quota")
    return disturbs(
        f"a quota of {min(quotas):g} cores: whoever has used it up waits for the next tenth of a second",
        "start the container without --cpus (or resources.limits.cpu), or pin whole cores with --cpuset-cpus",
    )


def _groups(system: System) -> list[str]:
    own = [line.rpartition(":")[2].strip("/") for line in (system.text("proc/self/cgroup") or "").splitlines()]
    upwards = [parents for group in own for parents in _upwards(group)]
    return list(dict.fromkeys([*upwards, ""]))


def _upwards(group: str) -> list[str]:
    parts = group.split("/") if group else []
    return ["/".join(parts[:length]) for length in range(len(parts), 0, -1)]


def _quota(system: System, group: str) -> float | None:
    told = (system.text(f"sys/fs/cgroup/{group}/cpu.max") or "").split()
    if not told:
        older = f"sys/fs/cgroup/cpu/{group}"
        told = [system.text(f"{older}/cpu.cfs_{each}_us") or "" for each in ("quota", "period")]
    try:
        quota, period = (float(each) for each in told)
    except ValueError:  # max: there is none; or it is not told
        return None
    return quota / period if quota > 0 and period > 0 else None
