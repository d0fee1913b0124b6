"""Whether a GPU can be used, and is at rest."""

from lab4.doctor.finding import Finding, disturbs, good, lacks
from lab4.doctor.system import System

__all__ = ["check"]

_QUERY = "name,driver_version,utilization.gpu"


def check(system: System) -> Finding:
    """Ask NVIDIA's own tool."""
    if system.command("nvidia-smi") is None:
        return lacks("no NVIDIA driver (nvidia-smi is absent)", "install the driver; GPU cells are skipped without it")
    told = system.output(["nvidia-smi", f"--query-gpu={_QUERY}", "--format=csv,noheader,nounits"])
    if not told:
        return lacks(
            "nvidia-smi is there, but no GPU answers",
            "run nvidia-smi to see why; in a container, start it with --gpus all",
        )
    gpus = [[field.strip() for field in line.split(",")] for line in told.splitlines()]
    says = "; ".join(f"{name} with driver {driver}" for name, driver, *_ in gpus)
    busy = [name for name, _, *use in gpus if use and use[0].isdecimal() and int(use[0]) > 0]
    if busy:
        return disturbs(f"{says}; {busy[0]} is at work for others", "wait, or choose another with CUDA_VISIBLE_DEVICES")
    return good(says)
