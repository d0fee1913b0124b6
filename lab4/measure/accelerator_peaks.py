"""What a device that TensorFlow places work on can do at its best: float32 arithmetic, bytes from its memory."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol

from lab4.domain.errors import UnavailableError
from lab4.domain.resources import Peak, PeakKind
from lab4.domain.timing import TimingBudget
from lab4.domain.untyped import Untyped
from lab4.frameworks import tensorflow
from lab4.measure.latency import time_calls
from lab4.measure.peaks import Effort, best_s, operations

__all__ = ["measure_accelerator_peaks"]

_WARM_UP_CALLS = 5
#: Kernels after each other in one call, so that starting them and waiting for the device do not show.
_TIMES = 8
_MEMORY_BYTES = 512 * 2**20
#: Sizes of products are larger than a CPU's: a GPU's peak needs them.
_EFFORT = Effort(TimingBudget(seconds=0.3, min_calls=10, max_calls=200), (1024, 2048, 4096, 8192), repeat_s=0.1)


class _Placement(Protocol):
    """The part of `lab4.devices.Device` that is used here."""

    def scope(self) -> AbstractContextManager[object]: ...
    def wait(self) -> None: ...


def measure_accelerator_peaks(
    name: str, where: _Placement, effort: Effort = _EFFORT, memory_bytes: int = _MEMORY_BYTES
) -> tuple[Peak, ...]:
    """Time TensorFlow's kernels of known work on a device: ``float32`` and ``memory``, 1 to 2 s.

    ``name`` is the device's, ``memory_bytes`` the size of what is read and written, several times any cache of it.
    No cell computes in int8 on such a device, so that has no peak here. ``threads`` of the peaks is 1, the host's.

    Raises:
        UnavailableError: if the device refuses the work, as one with too little memory does.
    """
    tf = tensorflow()

    def product(size: int) -> Callable[[], object]:
        left, right = (tf.random.normal((size, size), stddev=size**-0.5, seed=seed) for seed in (1, 2))
        return _repeated(tf.matmul, left, right, where)

    def peak(kind: PeakKind, work: int, call: Callable[[], object], how: str) -> Peak:
        best_s(call, _WARM_UP_CALLS)
        samples_s = time_calls(call, effort.budget)
        return Peak(kind, 1, _TIMES * work, samples_s, f"TensorFlow {how}, {_TIMES} a sample", name)

    try:
        with where.scope():
            size = effort.fitting(best_s(product(effort.sizes[0]), _WARM_UP_CALLS))
            narrow = tf.config.experimental.tensor_float_32_execution_enabled()
            precision = "TensorFloat-32 where the device has it" if narrow else "full float32"
            arithmetic = peak("float32", operations(size), product(size), f"matmul, N = {size}, {precision}")
            copy = _repeated(tf.multiply, tf.random.uniform((memory_bytes // 4,), 1, 2), tf.constant(0.999), where)
            copied = f"product of {memory_bytes / 2**20:g} MiB with a number, bytes read plus written"
            return arithmetic, peak("memory", 2 * memory_bytes, copy, copied)
    except tf.errors.OpError as error:
        reason = str(error.message).partition("\n")[0]
        raise UnavailableError(f"it refuses a kernel of known work: {reason}") from error


def _repeated(
    kernel: Callable[[Any, Any], Any], first: Untyped, second: Untyped, where: _Placement
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
