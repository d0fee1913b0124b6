"""What a device that TensorFlow places work on can do at its best: float32 arithmetic, bytes from its memory."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol

from lab4.domain.errors import UnavailableError
from lab4.domain.resources import Peak
from lab4.domain.timing import TimingBudget
from lab4.domain.untyped import Untyped
from lab4.frameworks import tensorflow
from lab4.measure.latency import time_calls
from lab4.measure.peaks import Effort, best_s
from lab4.measure.products import operations

__all__ = ["measure_accelerator_peaks"]

_WARM_UP_CALLS = 5
#: Kernels after each other in one call, so that starting them and waiting for the device do not show.
_TIMES = 8
_MEMORY_BYTES = 512 * 2**20
#: Sizes of products are larger than a CPU's: a GPU's peak needs them.
_EFFORT = Effort(TimingBudget(seconds=0.3, min_calls=10, max_calls=200), (1024, 2048, 4096, 8192), repeat_s=0.1)


class PeakPlacement(Protocol):
    """The part of a placement that is used here."""

    def scope(self) -> AbstractContextManager[object]:
        """Force all operations onto the device."""

    def wait(self) -> None:
        """Wait until the device is idle."""


def measure_accelerator_peaks(
    name: str, where: PeakPlacement, effort: Effort = _EFFORT, memory_bytes: int = _MEMORY_BYTES
) -> tuple[Peak, ...]:
    """Time TensorFlow's kernels of known work on a device: ``float32`` and ``memory``, 1 to 2 s.

    ``name`` is the device's, ``memory_bytes`` the size of what is read and written, several times any cache of it.
    No cell computes in int8 on such a device, so that has no peak here. ``threads`` of the peaks is 1, the host's.

    Raises:
        UnavailableError: if the device refuses the work, as one with too little memory does.
    """
    try:
        with where.scope():
            return _product(name, where, effort), _copy(name, where, effort, memory_bytes)
    except tensorflow().errors.OpError as error:
        reason = str(error.message).partition("\n")[0]
        raise UnavailableError(f"it refuses a kernel of known work: {reason}") from error


def _product(name: str, where: PeakPlacement, effort: Effort) -> Peak:
    tf = tensorflow()

    def call_of(size: int) -> Callable[[], object]:
        left, right = (tf.random.normal((size, size), stddev=size**-0.5, seed=seed) for seed in (1, 2))
        return _repeated(tf.matmul, left, right, where)

    least_s = best_s(call_of(effort.sizes[0]), _WARM_UP_CALLS)
    size = effort.fitting(least_s)
    call = call_of(size)
    best_s(call, _WARM_UP_CALLS)
    narrow = tf.config.experimental.tensor_float_32_execution_enabled()
    how = f"TensorFlow matmul, N = {size}, {'TensorFloat-32 where the device has it' if narrow else 'full float32'}"
    work = _TIMES * operations(size)
    return Peak("float32", 1, work, time_calls(call, effort.budget).samples_s, f"{how}, {_TIMES} a sample", name)


def _copy(name: str, where: PeakPlacement, effort: Effort, size: int) -> Peak:
    tf = tensorflow()
    call = _repeated(tf.multiply, tf.random.uniform((size // 4,), 1, 2), tf.constant(0.999), where)
    best_s(call, _WARM_UP_CALLS)
    how = f"TensorFlow product of {size / 2**20:g} MiB with a number, bytes read plus written"
    work = _TIMES * 2 * size
    return Peak("memory", 1, work, time_calls(call, effort.budget).samples_s, f"{how}, {_TIMES} a sample", name)


def _repeated(
    kernel: Callable[[Any, Any], Any], first: Untyped, second: Untyped, where: PeakPlacement
) -> Callable[[], object]:
    """A call that feeds the kernel its own result several times, and waits for the device.

    Not compiled: TensorFlow's optimizer made fewer products of eight with the same number, and the memory of an H100
    four times as fast as it is.
    """

    def call() -> Untyped:
        result = first
        for _ in range(_TIMES):
            result = kernel(result, second)
        where.wait()
        return result

    return call
