"""Which of the processor's instructions help a matrix product."""

from lab4.doctor.finding import Finding, good, lacks, unknown
from lab4.doctor.system import System

__all__ = ["check"]

#: What each is for, fastest last.
_FLOATS = ("avx", "avx2", "fma", "avx512f", "asimd", "sve")
_INTEGERS = ("avx_vnni", "avx512_vnni", "amx_int8", "asimddp", "i8mm")


def check(system: System) -> Finding:
    """Look at the flags of the first core."""
    lines = (system.text("proc/cpuinfo") or "").splitlines()
    line = next((line for line in lines if line.split(":")[0].strip() in {"flags", "Features"}), None)
    if line is None:
        return unknown("the instructions of the processor are not told")
    flags = set(line.partition(":")[2].split())
    floats, integers = ([name for name in names if name in flags] for names in (_FLOATS, _INTEGERS))
    if not {"avx2", "asimd"} & flags:
        return lacks("no AVX2: TensorFlow's packages want AVX and are slow without AVX2", "use a newer processor")
    if not integers:
        return good(f"{', '.join(floats)}; no int8 dot product (VNNI): int8 will gain little over float32")
    return good(f"{', '.join(floats)}; int8 dot products by {', '.join(integers)}")
