"""Whether a GPU is usable and idle."""

from lab4.doctor.finding import Finding, disturbs, good, lacks
from lab4.doctor.system import System

_QUERY = "name,driver_version,utilization.gpu"


def nvidia(system: System) -> Finding:
    """Ask ``nvidia-smi`` for the GPUs, their driver and their utilization."""
    if system.command("nvidia-smi") is None:
        return lacks("no NVIDIA driver (nvidia-smi is absent)", "install the driver; GPU cells are skipped without it")
    printed = system.output(["nvidia-smi", f"--query-gpu={_QUERY}", "--format=csv,noheader,nounits"])
    if not printed:
        return lacks("nvidia-smi lists no GPU", "run nvidia-smi to see why; in a container, start it with --gpus all")
    gpus = [[field.strip() for field in line.split(",")] for line in printed.splitlines()]
    message = "; ".join(f"{name} with driver {driver}" for name, driver, *_ in gpus)
    busy = [name for name, _, *use in gpus if use and use[0].isdecimal() and int(use[0]) > 0]
    if busy:
        return disturbs(f"{message}; {busy[0]} is busy", "wait, or choose another GPU with CUDA_VISIBLE_DEVICES")
    return good(message)
