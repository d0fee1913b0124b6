"""Variables that change a runtime's threads behind our back."""

from lab4.doctor.finding import Finding, disturbs, good
from lab4.doctor.system import System

__all__ = ["check"]

_NAMES = (
    "OMP_NUM_THREADS",
    "OMP_PROC_BIND",
    "KMP_AFFINITY",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
    "TF_ENABLE_ONEDNN_OPTS",
)


def check(system: System) -> Finding:
    """Look for variables that BLAS, OpenMP and TensorFlow read."""
    told = [f"{name}={system.environment[name]}" for name in _NAMES if system.environment.get(name)]
    if not told:
        return good("no variable of OpenMP, BLAS or TensorFlow changes their threads")
    names = " ".join(each.partition("=")[0] for each in told)
    return disturbs(f"{', '.join(told)}: training and converting heed it", f"unset {names}; --lab4-threads says it all")
