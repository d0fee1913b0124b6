"""What this machine can do at its best: arithmetic in float32 and int8, bytes from memory and from the cache."""

from collections.abc import Callable
from dataclasses import dataclass

from lab4.domain.resources import Peak, PeakKind
from lab4.domain.timing import TimingBudget
from lab4.measure.copies import cache_bytes, copying, last_level_cache_bytes, memory_bytes
from lab4.measure.latency import time_calls
from lab4.measure.products import FLOAT32, INT8, Product, operations, product_call

__all__ = ["Effort", "best_s", "measure_peaks"]

_BUDGET = TimingBudget(seconds=0.3, min_calls=10, max_calls=200)
#: How often a buffer in the cache is copied for one sample, so that handing work to threads does not show.
_CACHE_COPIES = 64


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is done for a peak.

    ``budget`` is the time of a kind. A product has the largest of ``sizes`` that is expected to take ``repeat_s`` at
    most: a larger one is nearer to the peak, until it no longer fits into the caches.
    """

    budget: TimingBudget = _BUDGET
    sizes: tuple[int, ...] = (256, 512, 1024)
    repeat_s: float = 0.02

    def fitting(self, least_s: float) -> int:
        """The size of the product, where one of the least size takes ``least_s``."""
        least = operations(self.sizes[0])
        return max(
            (size for size in self.sizes if least_s * operations(size) / least <= self.repeat_s), default=self.sizes[0]
        )


def measure_peaks(threads: int, effort: Effort | None = None) -> tuple[Peak, ...]:
    """Time kernels of known work in ``threads`` threads: ``float32``, ``int8``, ``memory`` and ``cache``, 1 to 2 s.

    A peak is what these kernels reach, not what the data sheet says. ``work`` of ``memory`` and ``cache`` counts bytes
    read and written; for ``cache`` that is also how many bytes were in use at once, as source and target stay in it.

    Raises:
        UnavailableError: if ONNX or ONNX Runtime is not installed.
    """
    effort = effort or Effort()
    cache = last_level_cache_bytes()
    return (
        _arithmetic("float32", FLOAT32, threads, effort),
        _arithmetic("int8", INT8, threads, effort),
        _copies("memory", memory_bytes(cache), 1, threads, effort),
        _copies("cache", cache_bytes(cache), _CACHE_COPIES, threads, effort),
    )


def _arithmetic(kind: PeakKind, products: tuple[Product, ...], threads: int, effort: Effort) -> Peak:
    """The fastest of the products, chosen at the least size."""
    least = effort.sizes[0]
    tried = [(best_s(product_call(product, least, threads)), product) for product in products]
    least_s, product = min(tried, key=lambda each: each[0])
    size = effort.fitting(least_s)
    call = product_call(product, size, threads)
    best_s(call)
    how = f"ONNX Runtime {product}, N = {size}"
    if len(products) > 1:
        how += f", the fastest of {', '.join(str(each) for each in products)}"
    return Peak(kind, threads, operations(size), time_calls(call, effort.budget).samples_s, how)


def best_s(call: Callable[[], object], calls: int = 20) -> float:
    """Seconds of the fastest of some calls; also warms them up."""
    return min(time_calls(call, TimingBudget(seconds=0, min_calls=calls)).samples_s)


def _copies(kind: PeakKind, size: int, times: int, threads: int, effort: Effort) -> Peak:
    with copying(size, threads, times) as call:
        best_s(call)
        samples = time_calls(call, effort.budget).samples_s
    how = f"NumPy copy of {size / 2**20:g} MiB, bytes read plus written"
    if times > 1:
        how += f", each sample the mean of {times} copies"
    return Peak(kind, threads, 2 * size, tuple(sample / times for sample in samples), how)
