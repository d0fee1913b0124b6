"""Who uses the cores and the memory: how much of them this process has, and who shares them."""

import os
from collections.abc import Sequence
from pathlib import PurePosixPath
from time import sleep

from lab4.doctor.checks import Finding, System, disturbs, good, unknown
from lab4.kernels import probe_here
from lab4.sampling.contention import is_uncontended, uncontended_ratio_of

#: Processes on average; a desktop and our own two processes at rest stay below it.
_MAX_LOAD = 0.25
#: Share of working time.
_MAX_STOLEN = 0.001
_TICKS = 8  # user, nice, system, idle, iowait, irq, softirq, steal
_PROBES, _PROBE_INTERVAL_S = 100, 0.005
#: Share of probes.
_MAX_CONTENDED = 0.05
#: Four processes with a runtime each, TensorFlow's the largest.
_MIN_AVAILABLE_KIB = 3 * 1024 * 1024
_GIB = 1024 * 1024


def load(system: System) -> Finding:
    """Read the load average of the last minute."""
    fields = (system.text("proc/loadavg") or "").split()
    try:
        average = float(fields[0])
    except (IndexError, ValueError):
        return unknown("the system does not report its load average")
    message = f"{average:.2f} processes were running on average in the last minute"
    if average <= _MAX_LOAD:
        return good(message)
    return disturbs(message, "close other programs (top lists them), and wait a minute")


def quota(system: System) -> Finding:
    """Read the CPU quota of the control group (version 2 or 1), from the process's own group upwards."""
    quotas = [cores for group in _groups(system) if (cores := _quota_of(system, group)) is not None]
    if not quotas:
        return good("no CPU quota")
    return disturbs(
        f"a quota of {min(quotas):g} cores: a process that has used it up waits for the next tenth of a second",
        "start the container without --cpus (or resources.limits.cpu), or pin whole cores with --cpuset-cpus",
    )


def _groups(system: System) -> list[str]:
    """The process's control groups, each before those that it is in."""
    lines = (system.text("proc/self/cgroup") or "").splitlines()
    own = [PurePosixPath("/", line.rpartition(":")[2].strip("/")) for line in lines]
    upwards = [str(each).strip("/") for group in own for each in (group, *group.parents)]
    return list(dict.fromkeys([*filter(None, upwards), ""]))


def _quota_of(system: System, group: str) -> float | None:
    fields = (system.text(f"sys/fs/cgroup/{group}/cpu.max") or "").split()
    if not fields:
        version_1 = f"sys/fs/cgroup/cpu/{group}"
        fields = [system.text(f"{version_1}/cpu.cfs_{each}_us") or "" for each in ("quota", "period")]
    try:
        cpu_quota, period = (float(each) for each in fields)
    except ValueError:  # "max" means no quota; other text means that it is not reported
        return None
    return cpu_quota / period if cpu_quota > 0 and period > 0 else None


def affinity(system: System) -> Finding:
    """Compare the cores that this process may use with those that are online."""
    status = system.text("proc/self/status") or ""
    allowed = next((line.split()[1] for line in status.splitlines() if line.startswith("Cpus_allowed_list:")), None)
    if allowed is None:
        return unknown(f"the system does not report which of its {os.cpu_count()} cores may be used")
    own, online = _cores(allowed), _cores(system.text("sys/devices/system/cpu/online") or allowed)
    if own >= online:
        return good(f"all {len(online)} cores may be used")
    return disturbs(
        f"this process may use cores {allowed} only, {len(own & online)} of {len(online)}: "
        "runtimes that count cores start too many threads",
        "set --lab4-threads to at most the number of usable cores, or start without taskset or --cpuset-cpus",
    )


def _cores(ranges: str) -> set[int]:
    """The numbers in a list of the kernel.

    >>> sorted(_cores("0-2,5"))
    [0, 1, 2, 5]
    """
    cores: set[int] = set()
    for part in filter(None, ranges.split(",")):
        first, _, last = part.partition("-")
        cores.update(range(int(first), int(last or first) + 1))
    return cores


def smt(system: System) -> Finding:
    """Look for hardware threads that share a core."""
    siblings = set(system.texts("sys/devices/system/cpu/cpu[0-9]*/topology/thread_siblings_list").values())
    if not siblings:
        return unknown("the system does not report which hardware threads share a core")
    shared = sorted(each for each in siblings if "," in each or "-" in each)
    if not shared:
        return good("every hardware thread has a core of its own")
    return disturbs(
        f"hardware threads {shared[0]}{' and others' if len(shared) > 1 else ''} share a core: "
        "a second thread adds less than a core, and a co-runner slows the first",
        f"use at most --lab4-threads {len(siblings)}, or echo off | sudo tee /sys/devices/system/cpu/smt/control",
    )


def steal(system: System) -> Finding:
    """Read the share of working time since boot that a hypervisor gave to others."""
    is_virtual = "hypervisor" in (system.text("proc/cpuinfo") or "").split()
    line = next((line for line in (system.text("proc/stat") or "").splitlines() if line.startswith("cpu ")), "")
    try:
        ticks = [int(each) for each in line.split()[1 : 1 + _TICKS]]
        busy, stolen = sum(ticks) - ticks[3] - ticks[4], ticks[7]
    except (IndexError, ValueError):
        return unknown("the system does not report stolen time")
    if not is_virtual and stolen == 0:
        return good("no hypervisor")
    share = stolen / max(busy, 1)
    message = f"a virtual machine; {share:.2%} of its working time was stolen"
    if share <= _MAX_STOLEN:
        return good(message)
    return disturbs(message, "compare only runs of the same hours, and more of them; or use a physical machine")


def co_runners(_: System) -> Finding:
    """Probe contention 100 times in half a second.

    A program that shares a core's arithmetic units slows the contention probe, and not the frequency probe.
    """
    probes = []
    for _probe in range(_PROBES):
        probes.append(probe_here())
        sleep(_PROBE_INTERVAL_S)
    return judge_contention(probes)


def judge_contention(probes: Sequence[tuple[float, float]]) -> Finding:
    """Judge probes: seconds of the frequency probe and of the contention probe, a pair per moment."""
    levels = {0: uncontended_ratio_of(probes)}
    contended = sum(not is_uncontended({0: contention / frequency}, levels) for frequency, contention in probes)
    share = contended / len(probes)
    if share <= _MAX_CONTENDED:
        return good(f"no co-runner on the same core in {1 - share:.0%} of probes")
    return disturbs(
        f"a co-runner on the same core in {share:.0%} of probes: on its other hardware thread, or a program of yours",
        "end other programs; latencies are judged by uncontended calls, so measure longer to have more of them: "
        "--lab4-profile thorough",
    )


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
