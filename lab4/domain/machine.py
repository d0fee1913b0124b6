"""The machine a run was made on."""

import hashlib
import re
from dataclasses import dataclass

from lab4.domain.fields import Bytes, Count, Words

#: Names of architectures, as ``platform.machine`` gives them: they are no CPU model.
_ARCHITECTURE = re.compile(
    r"(x86([-_]?64)?|amd64|i[3-6]86|ia64|arm(64|64e|v\d\w*)?|aarch64(_be)?|ppc(64(le)?)?|powerpc|s390x?|"
    r"riscv(32|64)?|loongarch64|mips\w*|sparc\w*|unknown.*|n/a|none)?",
    re.IGNORECASE | re.ASCII,
)
_UNIDENTIFIED = "unidentified"
#: By what they are called, flags of a processor, as the system names them, that integer products depend on.
_INT8_FLAGS = {
    "AVX2": {"avx2"},
    "AVX-512": {"avx512bw"},
    "AVX-VNNI": {"avx_vnni", "avxvnni"},
    "AVX-512 VNNI": {"avx512_vnni", "avx512vnni"},
    "AMX": {"amx_int8"},
    "dot product": {"asimddp"},
    "i8mm": {"i8mm"},
    "SVE": {"sve"},
}
#: Those that multiply int8 values and add the products as int32 in one step; without them int16 sums may saturate.
_INT8_PRODUCTS = {"AVX-VNNI", "AVX-512 VNNI", "AMX", "dot product", "i8mm"}
#: The setting of the threads that train on the host: their number, or this where there is one for each core.
TRAINING_THREADS, ALL_CORES = "tensorflow intra-op", "all cores"
#: A number with more digits is no number of threads.
_MOST_DIGITS = 6
#: How much of a name an identifier shows.
_SHOWN = 16


def is_cpu_model(text: str) -> bool:
    """Whether a text names a CPU model; an empty one and the name of an architecture do not.

    >>> is_cpu_model("AMD EPYC 7763"), is_cpu_model("x86_64")
    (True, False)
    """
    return _ARCHITECTURE.fullmatch(text.strip()) is None


def is_identified_id(hardware_id: str) -> bool:
    """Whether a `Machine.hardware_id` is of a machine whose hardware is known."""
    return not hardware_id.startswith(f"{_UNIDENTIFIED}-")


@dataclass(frozen=True, slots=True)
class Gpu:
    """One GPU: its name and driver version as the driver reports them, its memory in bytes (0: unknown)."""

    name: Words
    driver: Words
    memory_bytes: Bytes


@dataclass(frozen=True, slots=True)
class Machine:
    """The fingerprint of a machine and its software.

    ``libraries`` and ``threads`` are sorted pairs: distribution and version, setting and value
    (thread counts of runtimes and the environment variables that change them). ``conditions`` are pairs as well: what
    would disturb measurements when the run began, by the check of ``lab4 doctor`` that saw it; older records have none.
    A record may lack the CPU model (``cpu`` is then empty, or an architecture) and the cores (0).
    """

    node: Words
    cpu: Words
    cpu_flags: tuple[Words, ...]
    logical_cores: Count
    physical_cores: Count
    memory_bytes: Bytes
    gpus: tuple[Gpu, ...]
    os: Words
    python: Words
    libraries: tuple[tuple[Words, Words], ...]
    threads: tuple[tuple[Words, Words], ...]
    conditions: tuple[tuple[Words, Words], ...] = ()

    @property
    def int8_instructions(self) -> tuple[str, ...]:
        """Instructions that int8 arithmetic depends on, by the processor's flags; none where these are unknown."""
        return tuple(name for name, flags in _INT8_FLAGS.items() if not flags.isdisjoint(self.cpu_flags))

    @property
    def int8_support(self) -> str:
        """The same in words: ``none`` of them, or ``not recorded``."""
        return ", ".join(self.int8_instructions) or ("none" if self.cpu_flags else "not recorded")

    @property
    def has_int8_products(self) -> bool | None:
        """Whether the processor adds products of int8 as int32 in one step (VNNI and the like); ``None`` if unknown."""
        return not _INT8_PRODUCTS.isdisjoint(self.int8_instructions) if self.cpu_flags else None

    @property
    def training_cores(self) -> int | None:
        """How many cores train a model on the host; ``None`` where the record does not say it."""
        threads = dict(self.threads).get(TRAINING_THREADS, "")
        if threads.isdecimal() and len(threads) <= _MOST_DIGITS:
            return min(int(threads), self.logical_cores) or None
        return (threads == ALL_CORES and self.logical_cores) or None

    @property
    def missing_facts(self) -> tuple[str, ...]:
        """The facts that the record lacks and without which two machines cannot be distinguished."""
        facts = {"CPU model": is_cpu_model(self.cpu), "number of cores": self.logical_cores > 0}
        return tuple(name for name, is_known in facts.items() if not is_known)

    @property
    def is_identified(self) -> bool:
        """Whether the record has the facts by which machines are compared; an unknown fact equals no other."""
        return not self.missing_facts

    @property
    def hardware_id(self) -> str:
        """What changes with the hardware, and not with software or, where the hardware is known, the name.

        Twelve hex digits of CPU, cores, memory (in GiB) and GPUs. Where CPU model or cores are unknown: a readable name
        of system, node and architecture, with six hex digits of all known facts.
        """
        hardware = (self.cpu, self.logical_cores, round(self.memory_bytes / 2**30), [g.name for g in self.gpus])
        if self.is_identified:
            return _digest(hardware)[:12]
        system = re.split(r"[\s-]", self.os.strip(), maxsplit=1)[0]
        names = [_UNIDENTIFIED, *(_plain(each) for each in (system, self.node, self.cpu))]
        return "-".join([*filter(None, names), _digest((system, self.node, *hardware))[:6]])


def _digest(facts: object) -> str:
    return hashlib.sha256(repr(facts).encode()).hexdigest()


def _plain(name: str) -> str:
    """A name as part of a file's name."""
    return re.sub(r"[^a-z0-9_.]+", "_", name.lower())[:_SHOWN].strip("._")
