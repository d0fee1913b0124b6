"""The kernels for a GPU, run on the device that every machine has."""

import pytest

from lab4.bench.tensorflow_jobs import open_tensorflow
from lab4.bench.worker import Worker
from lab4.devices import DEVICES
from lab4.devices.device import place
from lab4.domain.errors import UnavailableError
from lab4.frameworks import tensorflow
from lab4.measure.peaks import Effort, measure_accelerator_peaks

MIB = 2**20
QUICK = Effort(seconds=0, sizes=(32, 64), repeat_s=600)


def measure(effort, memory_bytes):
    open_tensorflow()
    return measure_accelerator_peaks("cpu", place(DEVICES["cpu"]), effort, memory_bytes)


@pytest.fixture(scope="module")
def worker(tmp_path_factory):
    worker = Worker("tensorflow", tmp_path_factory.mktemp("log") / "log", 300)
    yield worker
    worker.close()


def test_work_is_what_the_kernels_do(worker):
    product, copy = worker.call(measure, QUICK, MIB)
    assert (product.kind, copy.kind) == ("float32", "memory")
    assert product.work == 8 * 2 * 64**3
    assert copy.work == 8 * 2 * MIB
    for peak in (product, copy):
        assert (peak.device, peak.threads, len(peak.samples_s)) == ("cpu", 1, 10)
        assert min(peak.samples_s) > 0
    assert "N = 64" in product.how
    assert "1 MiB" in copy.how


def count_kernels():
    open_tensorflow()
    tf, ran = tensorflow(), []
    multiply, matmul = tf.multiply, tf.matmul
    tf.multiply = lambda *of: (ran.append("memory"), multiply(*of))[1]
    tf.matmul = lambda *of: (ran.append("float32"), matmul(*of))[1]
    try:
        found = measure_accelerator_peaks("cpu", place(DEVICES["cpu"]), Effort(0, (32,), 10), MIB)
    finally:
        tf.multiply, tf.matmul = multiply, matmul
    return ran, {peak.kind: len(peak.samples_s) for peak in found}


def test_every_kernel_of_every_sample_is_started(worker):
    """In a compiled function TensorFlow merges some, and the peak is too high."""
    ran, samples = worker.call(count_kernels)
    for kind, count in samples.items():
        assert ran.count(kind) >= 8 * (count + 5)  # and five to warm up


def test_more_work_takes_longer(worker):
    small = worker.call(measure, QUICK, MIB)
    large = worker.call(measure, Effort(0, (512,), 10), 64 * MIB)
    for less, more in zip(small, large, strict=True):
        assert min(more.samples_s) > 4 * min(less.samples_s)


def test_a_device_that_refuses_says_why(worker):
    with pytest.raises(UnavailableError, match="it refuses a kernel of known work"):
        worker.call(measure, QUICK, 2**46)
