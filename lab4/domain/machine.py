"""The machine a run was made on."""

import hashlib
from dataclasses import dataclass

__all__ = ["Gpu", "Machine"]


@dataclass(frozen=True, slots=True)
class Gpu:
    """One GPU: its name and driver version as the driver tells them, its memory in bytes (0: not told)."""

    name: str
    driver: str
    memory_bytes: int


@dataclass(frozen=True, slots=True)
class Machine:
    """The fingerprint of a machine and its software.

    ``libraries`` and ``threads`` are sorted pairs: distribution and version, setting and value
    (thread counts of runtimes and the environment variables that change them).
    """

    node: str
    cpu: str
    cpu_flags: tuple[str, ...]
    logical_cores: int
    physical_cores: int
    memory_bytes: int
    gpus: tuple[Gpu, ...]
    os: str
    python: str
    libraries: tuple[tuple[str, str], ...]
    threads: tuple[tuple[str, str], ...]

    @property
    def hardware_id(self) -> str:
        """Twelve hex digits that change with CPU, cores, memory (in GiB) or GPUs; not with software or name."""
        hardware = (self.cpu, self.logical_cores, round(self.memory_bytes / 2**30), [g.name for g in self.gpus])
        return hashlib.sha256(repr(hardware).encode()).hexdigest()[:12]
