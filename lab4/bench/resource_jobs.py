"""What the process of a Python runtime does for figures besides time: memory, energy, the processor's counts.

Each function runs in that process; its arguments and results cross a pipe.
"""

from functools import lru_cache

from lab4.bench.latency_jobs import warmed_runner
from lab4.bench.runtime_jobs import call_of, load_runner
from lab4.bench.tensorflow_jobs import open_tensorflow
from lab4.devices import DEVICES
from lab4.devices.device import place
from lab4.domain.errors import UnavailableError
from lab4.domain.outcome import Unavailable
from lab4.domain.resources import Counters, Energy, Peak, PeakMemory
from lab4.domain.timing import TimingBudget
from lab4.measure.cores import pinned
from lab4.measure.counters import open_counters
from lab4.measure.energy import EnergyMeters, energy_meters, measure_energy
from lab4.measure.latency import time_calls
from lab4.measure.memory import peak_memory
from lab4.measure.peaks import measure_accelerator_peaks, measure_peaks
from lab4.runtimes import python_runtime
from lab4.runtimes.host import RunSpec

#: The process of the package whose kernels `peaks_with` uses.
PEAKS_PROCESS = "onnxruntime"
#: Calls after the load: the first allocates, the second shows what it keeps.
_CALLS = 3
_MEMORY_LIMIT_S = 60.0
#: NVML renews its figure every 20 to 100 ms, RAPL every millisecond.
_ENERGY_BUDGET = TimingBudget(seconds=1.0, min_calls=10, max_calls=10**6)
_COUNTED_CALLS = 20


def import_runtime(name: str) -> None:
    """Import a runtime without starting it; raises `UnavailableError` where it is not to be had."""
    python_runtime(name).import_package()


def memory_of(spec: RunSpec) -> PeakMemory:
    """Load the artifact and call it, in a fork of this process, which has only imported the runtime."""
    import_runtime(spec.runtime)
    call = call_of(spec)

    def work() -> None:
        with pinned(spec.calling_threads):
            runner = load_runner(spec)
            with runner.scope():
                inputs = runner.prepare(call)
                for _ in range(_CALLS):
                    runner.run(inputs)

    return peak_memory(work, _MEMORY_LIMIT_S)


def peaks_with(threads: int) -> tuple[Peak, ...]:
    """What the machine does at its best on so many cores; in the process of ONNX Runtime, whose kernels are used.

    Raises:
        UnavailableError: if ONNX or ONNX Runtime is not installed.
    """
    with pinned(threads):
        return measure_peaks(threads)


def accelerator_peaks_of(device: str) -> tuple[Peak, ...]:
    """What another device than the CPU does at its best; in the process of TensorFlow, whose kernels are used.

    Raises:
        UnavailableError: if TensorFlow does not see the device, or the device refuses the work.
    """
    open_tensorflow()
    return measure_accelerator_peaks(device, place(DEVICES[device]))


@lru_cache(maxsize=1)
def _meters() -> EnergyMeters:
    return energy_meters()


def energy_of(number: int) -> Energy:
    """Joules of calls of an opened runner, for about a second, of all meters.

    Raises:
        UnavailableError: with the reason of each kind of meter, where there is none.
    """
    found = _meters()
    if not found.meters:
        raise UnavailableError("; ".join(f"{kind}: {reason}" for kind, reason in found.missing.items()))
    samples: list[float] = []
    warmed = warmed_runner(number)

    def region() -> None:
        samples.extend(time_calls(warmed.call, _ENERGY_BUDGET))

    with pinned(warmed.spec.calling_threads), warmed.runner.scope():
        joules = measure_energy(region, found.meters)
    return Energy(joules, len(samples), sum(samples))


def counted(number: int) -> Counters:
    """Events of the processor in calls of an opened runner; raises `UnavailableError` where they are not to be had."""
    warmed = warmed_runner(number)
    counters = open_counters()
    if isinstance(counters, Unavailable):
        raise UnavailableError(counters.reason)
    with pinned(warmed.spec.calling_threads), warmed.runner.scope(), counters:
        for _ in range(_COUNTED_CALLS):
            warmed.call()
        counts = counters.read()
    return Counters(counts, _COUNTED_CALLS)
