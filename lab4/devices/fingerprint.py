"""The machine's fingerprint, without opening a framework."""

import os
import platform
import re
import shutil
from collections.abc import Mapping
from subprocess import SubprocessError
from types import MappingProxyType
from typing import Any

import psutil

from lab4 import __version__
from lab4.dependencies import suite_versions
from lab4.domain.machine import Gpu, Machine
from lab4.environment import child_environment, printed_by

#: Environment variables that change how many threads a runtime starts.
_THREAD_VARIABLES = re.compile(r"(OMP|MKL|OPENBLAS|TF|ORT|BLIS|VECLIB)_.*(THREAD|PARALLELISM|AFFINITY).*|.*XNNPACK.*")
#: The driver answers in one or two seconds; seconds.
_LIMIT_S = 20


def library_versions() -> dict[str, str]:
    """Installed versions of lab4 and of what measuring requires, by distribution; those not installed are left out."""
    found = {name: version for name, version in suite_versions().items() if version is not None}
    return {"lab4": __version__, **found}


def gpus() -> tuple[Gpu, ...]:
    """The NVIDIA GPUs the driver lists; none where there is no driver or it does not answer."""
    command = shutil.which("nvidia-smi")
    if command is None:
        return ()
    query = [command, "--query-gpu=name,driver_version,memory.total", "--format=csv,noheader,nounits"]
    try:
        printed = printed_by(query, child_environment(), limit_s=_LIMIT_S).decode("utf-8", "replace")
    except (OSError, SubprocessError):
        return ()
    rows = (map(str.strip, line.rsplit(",", 2)) for line in printed.splitlines())
    return tuple(Gpu(name, driver, int(mib) * 2**20 if mib.isdigit() else 0) for name, driver, mib in rows)


def fingerprint(
    threads: Mapping[str, str],
    versions: Mapping[str, str],
    cpu: Mapping[str, Any],
    conditions: Mapping[str, str] = MappingProxyType({}),
) -> Machine:
    """Describe this machine.

    ``threads`` are the runtimes' own thread settings, by name; ``versions`` are of software that runtimes' hosts
    report, by name; ``cpu`` is py-cpuinfo's answer, which pytest-benchmark has asked for already. ``conditions`` are
    what would disturb measurements now, by the doctor's check that saw it.
    """
    set_by_user = {name: value for name, value in os.environ.items() if _THREAD_VARIABLES.fullmatch(name)}
    return Machine(
        node=platform.node(),
        cpu=str(cpu.get("brand_raw") or platform.processor() or platform.machine()),
        cpu_flags=tuple(sorted(map(str, cpu.get("flags", ())))),
        logical_cores=psutil.cpu_count(logical=True) or 0,  # 0: unknown
        physical_cores=psutil.cpu_count(logical=False) or 0,
        memory_bytes=int(psutil.virtual_memory().total),
        gpus=gpus(),
        os=platform.platform(),
        python=platform.python_version(),
        libraries=tuple(sorted({**library_versions(), **versions}.items())),
        threads=tuple(sorted({**set_by_user, **threads}.items())),
        conditions=tuple(sorted(conditions.items())),
    )
