"""What this machine can do at its best: arithmetic in float32 and int8, bytes from memory and from the cache.

Of the CPU by ONNX Runtime and NumPy, of a device that TensorFlow places work on by TensorFlow.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from lab4.domain.errors import UnavailableError
from lab4.domain.observed import Peak, PeakKind
from lab4.domain.timing import TimingBudget
from lab4.domain.untyped import Untyped
from lab4.frameworks import onnx, onnxruntime, tensorflow
from lab4.measure.latency import time_calls

#: Warming up, and choosing: a call of a large product takes as long as all of a small one's.
_TRIAL = TimingBudget(seconds=0.02, min_calls=3, max_calls=20)
_LEAST_CALLS, _MOST_CALLS = 10, 200
_MIB = 2**20
#: How often a buffer in the cache is copied for one sample, so that handing work to threads does not show.
_CACHE_COPIES = 64
#: STREAM's rule (McCalpin): arrays of at least four times the last-level cache.
_TIMES_CACHE = 4
#: A host's cache may be larger than this virtual machine's share of it, and writing a buffer takes longer than copying
#: it: on two cores of a host with 480 MiB, buffers of 192 MiB to 1 GiB are all copied at 26 GB/s.
_LEAST_MEMORY, _MOST_MEMORY = 64 * _MIB, 256 * _MIB
_ACCELERATOR_MEMORY = 512 * _MIB
#: Larger than the weights of the lab's models, smaller than what one core can use of any processor's last level.
_MOST_CACHE = 4 * _MIB
#: Kernels after each other in one call, so that starting them and waiting for the device do not show.
_TIMES, _ACCELERATOR_TRIAL = 8, TimingBudget(seconds=0, min_calls=5)
_OPSET, _IR_VERSION = 15, 8  # old enough for every ONNX Runtime that lab4 takes


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is done for a peak.

    ``seconds`` are those of a kind, and ten calls at least. A product has the largest of ``sizes`` that is expected to
    take ``repeat_s`` at most: a larger one is nearer to the peak, until it no longer fits into the caches.
    """

    seconds: float = 0.3
    sizes: tuple[int, ...] = (256, 512, 1024)
    repeat_s: float = 0.02

    @property
    def budget(self) -> TimingBudget:
        """What a kind's calls may take."""
        return TimingBudget(self.seconds, _LEAST_CALLS, _MOST_CALLS)

    def fitting(self, least_s: float) -> int:
        """The size of the product, where one of the least size takes ``least_s``."""
        per_operation = least_s / operations(self.sizes[0])
        fitting = [size for size in self.sizes if per_operation * operations(size) <= self.repeat_s]
        return max(fitting, default=self.sizes[0])


_ON_HOST = Effort()
#: Sizes of products are larger than a CPU's: a GPU's peak needs them.
_ON_ACCELERATORS = Effort(sizes=(1024, 2048, 4096, 8192), repeat_s=0.1)


@dataclass(frozen=True, slots=True)
class Product:
    """A square matrix product as an operator of ONNX, from inputs of these NumPy types."""

    operator: str
    left: str
    right: str
    output: str

    def __str__(self) -> str:
        return f"{self.operator} {self.left} x {self.right}"


FLOAT32 = (Product("MatMul", "float32", "float32", "float32"),)
#: Which is fastest depends on the processor's instructions. On an AVX-512 VNNI machine (EPYC 9005, one thread, N 1024)
#: they reach 876, 832 and 43 GOP/s; uint8 x uint8 351, and QGemm of ONNX Runtime's own domain what QLinearMatMul does.
INT8 = (
    Product("MatMulInteger", "uint8", "int8", "int32"),
    Product("QLinearMatMul", "uint8", "int8", "uint8"),
    Product("MatMulInteger", "int8", "int8", "int32"),
)


def measure_peaks(threads: int, effort: Effort = _ON_HOST) -> tuple[Peak, ...]:
    """Time kernels of known work in ``threads`` threads: ``float32``, ``int8``, ``memory`` and ``cache``, in 1 to 2 s.

    A peak is what these kernels reach, not what the data sheet says. ``work`` of ``memory`` and ``cache`` counts bytes
    read and written; for ``cache`` that is also how many bytes were in use at once, as source and target stay in it.
    Raises `UnavailableError` if ONNX or ONNX Runtime is not installed.
    """
    cache = last_level_cache_bytes()
    try:
        return (
            _arithmetic("float32", FLOAT32, threads, effort),
            _arithmetic("int8", INT8, threads, effort),
            _copies("memory", memory_bytes(cache), 1, threads, effort),
            _copies("cache", cache_bytes(cache), _CACHE_COPIES, threads, effort),
        )
    finally:
        _READY.clear()  # of what failed before they were copied


def _best_s(call: Callable[[], object], budget: TimingBudget = _TRIAL) -> float:
    """Seconds of the fastest of some calls; also warms them up."""
    return min(time_calls(call, budget))


def _arithmetic(kind: PeakKind, products: tuple[Product, ...], threads: int, effort: Effort) -> Peak:
    """The fastest of the products, chosen at the least size."""
    tried = [(_best_s(product_call(product, effort.sizes[0], threads)), product) for product in products]
    least_s, product = min(tried, key=lambda each: each[0])
    size = effort.fitting(least_s)
    call = product_call(product, size, threads)
    _best_s(call)
    how = f"ONNX Runtime {product}, N = {size}"
    if len(products) > 1:
        how += f", the fastest of {', '.join(map(str, products))}"
    return Peak(kind, threads, operations(size), time_calls(call, effort.budget), how)


def operations(size: int) -> int:
    """Operations of a product of two matrices of ``size`` x ``size``, a multiply-add counting as two."""
    return 2 * size**3


def product_call(product: Product, size: int, threads: int) -> Callable[[], object]:
    """A call that multiplies two matrices of ``size`` x ``size`` in ``threads`` threads; the right one is constant."""
    runtime = onnxruntime()
    options = runtime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    model = _model(product, size).SerializeToString()
    session = runtime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    # Bound: neither the copy of the inputs nor the allocation of the output is arithmetic.
    binding = session.io_binding()
    value = runtime.OrtValue
    binding.bind_ortvalue_input("left", value.ortvalue_from_numpy(_matrix(product.left, size), "cpu", 0))
    binding.bind_ortvalue_output("out", value.ortvalue_from_shape_and_type([size, size], np.dtype(product.output)))
    return partial(session.run_with_iobinding, binding)


def _matrix(dtype: str, size: int) -> Untyped:
    """Numbers that overflow nowhere and are no special case of an arithmetic unit: no zeros, no subnormals."""
    return np.random.default_rng(0).integers(1, 100, (size, size)).astype(dtype)


def _model(product: Product, size: int) -> Untyped:
    """One node. The right matrix is an initializer, so that the session packs it once for its kernel."""
    helper = onnx().helper
    constants = {"right": _matrix(product.right, size)}
    names = ["left", "right"]
    if product.operator == "QLinearMatMul":
        constants |= {
            **dict.fromkeys(("left_scale", "right_scale", "out_scale"), np.array(1, np.float32)),
            **dict.fromkeys(("left_zero", "out_zero"), np.array(0, product.left)),
            "right_zero": np.array(0, product.right),
        }
        names = ["left", "left_scale", "left_zero", "right", "right_scale", "right_zero", "out_scale", "out_zero"]

    def tensor(name: str, dtype: str) -> Untyped:
        return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(np.dtype(dtype)), [size, size])

    graph = helper.make_graph(
        [helper.make_node(product.operator, names, ["out"])],
        "product",
        [tensor("left", product.left)],
        [tensor("out", product.output)],
        [onnx().numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR_VERSION)


def _copies(kind: PeakKind, size: int, times: int, threads: int, effort: Effort) -> Peak:
    with copying(size, threads, times) as call:
        _best_s(call)
        samples = time_calls(call, effort.budget)
    how = f"NumPy copy of {size / _MIB:g} MiB, bytes read plus written"
    if times > 1:
        how += f", each sample the mean of {times} copies"
    return Peak(kind, threads, 2 * size, tuple(sample / times for sample in samples), how)


#: Buffers that have been written and not been used, by their size in bytes.
_READY: dict[int, tuple[Any, Any]] = {}


def write_buffers() -> None:
    """Write the largest buffers of the next `measure_peaks`, which takes longer than to copy them as often as it does.

    They are let go of when they have been copied.
    """
    size = memory_bytes(last_level_cache_bytes())
    _READY[size] = _written(size)


def _written(size: int) -> tuple[Untyped, Untyped]:
    """Source and target of a copy; every byte: pages never written are one page of zeros, which the cache holds."""
    return np.ones(size, np.uint8), np.ones(size, np.uint8)


@contextmanager
def copying(size: int, threads: int, times: int) -> Iterator[Callable[[], None]]:
    """A call that copies ``size`` bytes ``times`` times over, each of ``threads`` threads its own part of them."""
    source, target = _READY.pop(size) if size in _READY else _written(size)
    parts = list(zip(np.array_split(source, threads), np.array_split(target, threads), strict=True))

    def part(number: int) -> None:
        read, written = parts[number]
        for _ in range(times):
            np.copyto(written, read)  # without Python's lock

    if threads == 1:
        yield lambda: part(0)
        return
    with ThreadPoolExecutor(threads) as pool:
        yield lambda: list(pool.map(part, range(threads))).clear()


def last_level_cache_bytes(folder: Path = Path("/sys/devices/system/cpu/cpu0/cache")) -> int | None:
    """Bytes of the largest cache that Linux reports; ``None`` elsewhere and where a virtual machine hides it."""
    units = {"K": 2**10, "M": _MIB, "G": 2**30}
    sizes = [path.read_text(encoding="ascii").strip() for path in folder.glob("index*/size")]  # such as 32768K
    return max((int(size.rstrip("KMG")) * units.get(size[-1:], 1) for size in sizes), default=None)


def memory_bytes(cache: int | None) -> int:
    """Bytes of a buffer that no cache of ``cache`` bytes holds."""
    return min(max(_LEAST_MEMORY, _TIMES_CACHE * (cache or 0)), _MOST_MEMORY)


def cache_bytes(cache: int | None) -> int:
    """Bytes of a buffer that stays, with its copy, in a quarter of a cache of ``cache`` bytes."""
    return min((cache or _MOST_CACHE) // 8, _MOST_CACHE)


class _Placement(Protocol):
    """The part of `lab4.devices.Device` that is used here."""

    def scope(self) -> AbstractContextManager[object]: ...
    def wait(self) -> None: ...


def measure_accelerator_peaks(
    name: str, where: _Placement, effort: Effort = _ON_ACCELERATORS, memory_size: int = _ACCELERATOR_MEMORY
) -> tuple[Peak, ...]:
    """Time TensorFlow's kernels of known work on a device: ``float32`` and ``memory``, 1 to 2 s.

    ``name`` is the device's, ``memory_size`` the size of what is read and written, several times any cache of it. No
    cell computes in int8 on such a device, so that has no peak here. ``threads`` of the peaks is 1, the host's. Raises
    `UnavailableError` if the device refuses the work, as one with too little memory does.
    """
    tf = tensorflow()

    def product(size: int) -> Callable[[], object]:
        left, right = (tf.random.normal((size, size), stddev=size**-0.5, seed=seed) for seed in (1, 2))
        return _repeated(tf.matmul, left, right, where)

    def peak(kind: PeakKind, work: int, call: Callable[[], object], how: str) -> Peak:
        _best_s(call, _ACCELERATOR_TRIAL)
        samples_s = time_calls(call, effort.budget)
        return Peak(kind, 1, _TIMES * work, samples_s, f"TensorFlow {how}, {_TIMES} a sample", name)

    try:
        with where.scope():
            size = effort.fitting(_best_s(product(effort.sizes[0]), _ACCELERATOR_TRIAL))
            narrow = tf.config.experimental.tensor_float_32_execution_enabled()
            precision = "TensorFloat-32 where the device has it" if narrow else "full float32"
            arithmetic = peak("float32", operations(size), product(size), f"matmul, N = {size}, {precision}")
            copy = _repeated(tf.multiply, tf.random.uniform((memory_size // 4,), 1, 2), tf.constant(0.999), where)
            copied = f"product of {memory_size / _MIB:g} MiB with a number, bytes read plus written"
            return arithmetic, peak("memory", 2 * memory_size, copy, copied)
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
