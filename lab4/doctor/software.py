"""Packages, commands, drivers and variables that measuring needs or that change it; entries of others are imported."""

import platform
import re
import sys

from lab4.dependencies import BROWSERS, LEAST_NODE, suite_versions
from lab4.doctor.checks import Finding, System, disturbs, good, lacks, unknown
from lab4.domain.registry import REGISTRIES

#: Read by BLAS, OpenMP and TensorFlow.
_THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OMP_PROC_BIND",
    "KMP_AFFINITY",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
    "TF_ENABLE_ONEDNN_OPTS",
)
#: In the local part of a version, such as 1.23.2+debug.
_DEBUG = re.compile(r"\+.*(debug|dbg|asan|sanitize)", re.IGNORECASE)


def threads(system: System) -> Finding:
    """Look for variables that change the number of a runtime's threads."""
    values = {name: system.environment[name] for name in _THREAD_VARIABLES if system.environment.get(name)}
    if not values:
        return good("no variable of OpenMP, BLAS or TensorFlow changes their threads")
    return disturbs(
        f"{', '.join(f'{name}={value}' for name, value in values.items())}: training and conversion follow it",
        f"unset {' '.join(values)}; set the threads with --lab4-threads",
    )


def debug(system: System) -> Finding:
    """Look for builds and modes that check what they do, and are slow for it: of Python, and of what the suite uses."""
    builds = [f"{name} {version}" for name, version in suite_versions().items() if _DEBUG.search(version or "")]
    modes = ["PYTHONMALLOC=debug"] if system.environment.get("PYTHONMALLOC") == "debug" else []
    modes += ["the development mode (python -X dev)"] if sys.flags.dev_mode else []
    if hasattr(sys, "gettotalrefcount"):  # what only such a build has
        builds.insert(0, f"Python {platform.python_version()}")
    if not builds and not modes:
        return good("no debug build, and no mode for debugging")
    seen = [f"debug builds: {', '.join(builds)}"] if builds else []
    return disturbs(
        "; ".join([*seen, *(f"Python runs with {each}" for each in modes)]),
        "use release builds, and unset PYTHONMALLOC and PYTHONDEVMODE",
    )


def packages(system: System) -> Finding:
    """Look up the distributions that the suite requires of this Python."""
    del system  # this Python's own packages, wherever they are
    versions = suite_versions()
    if not versions:
        return unknown("lab4 itself is not installed, so what it requires is not known; pip install lab4")
    missing = [name for name, version in versions.items() if version is None]
    if missing:
        return lacks(f"not installed: {', '.join(missing)}", "pip install 'lab4[suite]'")
    return good(", ".join(f"{name} {version}" for name, version in versions.items()))


def entries(system: System) -> Finding:
    """Load every entry of another package, which runs its code."""
    del system  # this Python's own packages, wherever they are
    registries = [REGISTRIES[kind] for kind in REGISTRIES]
    faults = [fault for registry in registries for fault in registry.faults().values()]
    if faults:
        return lacks("; ".join(faults), "repair or uninstall the package")
    usable = [
        f"{registry.kind} {name} ({registry.package_of(name)})"
        for registry in registries
        for name in registry
        if name not in registry.own
    ]
    return good(f"other packages add {', '.join(usable) or 'nothing'}")


def node(system: System) -> Finding:
    """Ask Node.js, which runs TensorFlow.js, for its version."""
    printed = system.output(["node", "--version"])
    version = re.fullmatch(r"v(\d+)\.[\w.-]+", printed or "")
    if version is None:
        return lacks(
            "no Node.js",
            f"install Node.js {LEAST_NODE} or newer from nodejs.org, then run lab4 install-javascript, to time "
            "TensorFlow.js models",
        )
    if int(version[1]) < LEAST_NODE:
        return lacks(f"Node.js {printed}", f"install Node.js {LEAST_NODE} or newer from nodejs.org")
    return good(f"Node.js {printed}")


def browser(system: System) -> Finding:
    """Look for a browser that JavaScript runtimes run in."""
    found = next(filter(None, map(system.command, BROWSERS)), None)
    if found is None:
        return lacks(
            "no Chromium", "install Chromium to time models in a page (Debian and Ubuntu: apt install chromium)"
        )
    return good(f"Chromium at {found}")


def nvidia(system: System) -> Finding:
    """Ask ``nvidia-smi`` for the GPUs, their driver and their utilization."""
    if system.command("nvidia-smi") is None:
        return lacks("no NVIDIA driver (nvidia-smi is absent)", "install the driver; GPU cells are skipped without it")
    printed = system.output(
        ["nvidia-smi", "--query-gpu=name,driver_version,utilization.gpu", "--format=csv,noheader,nounits"]
    )
    if not printed:
        return lacks("nvidia-smi lists no GPU", "run nvidia-smi to see why; in a container, start it with --gpus all")
    gpus = [[field.strip() for field in line.split(",")] for line in printed.splitlines()]
    message = "; ".join(f"{name} with driver {driver}" for name, driver, *_ in gpus)
    busy = [name for name, _, *use in gpus if use and use[0].isdecimal() and int(use[0]) > 0]
    if busy:
        return disturbs(f"{message}; {busy[0]} is busy", "wait, or choose another GPU with CUDA_VISIBLE_DEVICES")
    return good(message)
