"""Joules that a region of code takes, by the meters that the machine has in it."""

import importlib
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from lab4.domain.errors import UnavailableError

_POWERCAP = "sys/class/powercap"
#: The processor packages; their subdomains (intel-rapl:0:1) are parts of them.
_PACKAGE = re.compile(r"intel-rapl:\d+")


@dataclass(frozen=True, slots=True)
class Meter:
    """Something that counts joules.

    ``name`` is what is metered: ``package-0``, ``gpu-0``. ``read_joules`` returns joules since some moment in the past,
    never less than before, and raises `UnavailableError` if the meter answers no more.
    """

    name: str
    read_joules: Callable[[], float]


_Openers = dict[str, Callable[[], Meter]]


@dataclass(frozen=True, slots=True)
class EnergyMeters:
    """The meters that there are, and for each kind that there is not (``RAPL``, ``NVML``), or part of it, why."""

    meters: tuple[Meter, ...]
    missing: Mapping[str, str]


def energy_meters(root: Path = Path("/")) -> EnergyMeters:
    """Find the machine's energy meters: processors by RAPL, NVIDIA GPUs by NVML. ``root`` is where ``sys`` lies."""
    kinds: dict[str, Callable[[], _Openers]] = {"RAPL": partial(_rapl_openers, root), "NVML": _nvml_openers}
    meters: list[Meter] = []
    missing: dict[str, str] = {}
    for kind, find in kinds.items():
        with _noted(missing, kind):
            for name, opener in find().items():
                with _noted(missing, f"{kind} {name}"):
                    meters.append(opener())
    return EnergyMeters(tuple(meters), missing)


@contextmanager
def _noted(missing: dict[str, str], name: str) -> Iterator[None]:
    """Keep the reason why something is not available under its name, and go on without it."""
    try:
        yield
    except UnavailableError as error:
        missing[name] = str(error)


def measure_energy(region: Callable[[], object], meters: Sequence[Meter]) -> dict[str, float]:
    """Run ``region``; return the joules taken meanwhile, by the meter's name, of everything the machine did.

    RAPL is renewed every millisecond, NVML every 20 to 100 ms: a region should take seconds. Raises `UnavailableError`
    if a meter answers no more.
    """
    before = [meter.read_joules() for meter in meters]
    region()
    return {meter.name: meter.read_joules() - start for meter, start in zip(meters, before, strict=True)}


def _rapl_openers(root: Path) -> _Openers:
    folder = root / _POWERCAP
    domains = sorted(path for path in folder.glob("intel-rapl:*") if _PACKAGE.fullmatch(path.name))
    if not domains:
        raise UnavailableError(
            f"{folder}/intel-rapl:* is absent: the processor or the virtual machine has no energy counters, or "
            "the kernel module intel_rapl_common is not loaded"
        )
    return {path.name: partial(_rapl_meter, path) for path in domains if not _is_board(path)}


def _is_board(domain: Path) -> bool:
    """Whether it is psys, the whole board, of which the packages are a part."""
    with suppress(UnavailableError):
        return _text(domain / "name") == "psys"
    return False


def _rapl_meter(domain: Path) -> Meter:
    """One processor package. It must be read before it goes round twice: some 40 minutes at 100 W."""
    name = _text(domain / "name")
    most_uj = _integer(domain / "max_energy_range_uj")
    if most_uj == 0:
        raise UnavailableError(f"{domain} counts up to 0 J")
    last_uj, total_uj = _integer(domain / "energy_uj"), 0

    def joules() -> float:
        nonlocal last_uj, total_uj
        now_uj = _integer(domain / "energy_uj")
        total_uj += (now_uj - last_uj) % (most_uj + 1)
        last_uj = now_uj
        return total_uj / 1e6

    return Meter(name, joules)


def _integer(path: Path) -> int:
    text = _text(path)
    if not re.fullmatch(r"[0-9]{1,20}", text):
        raise UnavailableError(f"{path} holds {text[:40]!r}, not a number of microjoules")
    return int(text)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except PermissionError:
        remedy = f"sudo chmod a+r /{_POWERCAP}/intel-rapl:*/energy_uj"
        raise UnavailableError(f"{path} is not readable: run {remedy} (lasts until the next start)") from None
    except OSError as error:
        raise UnavailableError(f"{path} cannot be read ({error.strerror})") from None


def _nvml_openers() -> _Openers:
    """Find the GPUs, those too that CUDA_VISIBLE_DEVICES hides, in NVML's order."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the older package of the same module name warns of itself
            nvml: Any = importlib.import_module("pynvml")
    except ImportError:
        raise UnavailableError("nvidia-ml-py is not installed; pip install nvidia-ml-py") from None

    def meter(index: int) -> Meter:
        name = f"gpu-{index}"
        try:
            handle = nvml.nvmlDeviceGetHandleByIndex(index)
        except nvml.NVMLError as error:
            raise UnavailableError(f"{name} cannot be opened ({error})") from None

        def joules() -> float:
            try:
                return float(nvml.nvmlDeviceGetTotalEnergyConsumption(handle)) / 1e3
            except nvml.NVMLError as error:
                raise UnavailableError(f"{name} does not report its energy ({error}); Volta and later do") from None

        joules()  # a GPU that is too old refuses here
        return Meter(name, joules)

    try:
        nvml.nvmlInit()  # never shut down: it is for the life of the process, and cheap
        count = int(nvml.nvmlDeviceGetCount())
    except nvml.NVMLError as error:
        raise UnavailableError(f"no NVIDIA driver answers ({error})") from None
    if count == 0:
        raise UnavailableError("the NVIDIA driver sees no GPU")
    return {f"gpu-{index}": partial(meter, index) for index in range(count)}
