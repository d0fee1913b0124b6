"""Real kernels, tiny ones."""

import numpy as np
import pytest

from lab4.bench.worker import Worker
from lab4.measure import peaks as peak_module
from lab4.measure.peaks import (
    FLOAT32,
    INT8,
    Effort,
    cache_bytes,
    copying,
    last_level_cache_bytes,
    measure_peaks,
    memory_bytes,
    operations,
    product_call,
    write_buffers,
)

MIB = 2**20
QUICK = Effort(seconds=0, sizes=(32, 64), repeat_s=600)


def _run(product):
    product_call(product, 16, 1)()


@pytest.fixture(scope="module")
def worker(tmp_path_factory):
    worker = Worker("onnxruntime", tmp_path_factory.mktemp("log") / "log", 300)
    yield worker
    worker.close()


@pytest.fixture(scope="module", params=[1, 2], ids=["one thread", "two threads"])
def peaks(request, worker):
    return request.param, {peak.kind: peak for peak in worker.call(measure_peaks, request.param, QUICK)}


def test_every_kind_has_its_samples_threads_and_words(peaks):
    threads, found = peaks
    assert list(found) == ["float32", "int8", "memory", "cache"]
    for peak in found.values():
        assert peak.threads == threads
        assert len(peak.samples_s) == 10
        assert min(peak.samples_s) > 0
    assert "MatMul float32 x float32, N = 64" in found["float32"].how
    assert "the fastest of" in found["int8"].how


def test_work_is_what_the_kernels_do(peaks):
    _, found = peaks
    assert found["float32"].work == found["int8"].work == 2 * 64**3
    assert found["memory"].work >= 2 * 64 * MIB
    assert found["cache"].work <= 8 * MIB


def test_a_product_that_would_take_too_long_is_made_at_the_least_size(worker):
    quick = Effort(seconds=0, sizes=(32, 64), repeat_s=0)
    assert worker.call(measure_peaks, 1, quick)[0].work == operations(32)


@pytest.mark.parametrize("product", [*FLOAT32, *INT8], ids=str)
def test_every_product_runs(worker, product):
    worker.call(_run, product)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_threads_copy_every_byte_between_them(monkeypatch, threads):
    copied = []
    copyto = np.copyto
    monkeypatch.setattr(np, "copyto", lambda to, read: (copied.append(len(read)), copyto(to, read)))
    with copying(1000, threads, 2) as call:
        call()
    assert len(copied) == threads * 2
    assert sum(copied) == 2 * 1000


def test_buffers_that_were_written_before_are_copied_and_let_go_of(monkeypatch):
    monkeypatch.setattr(peak_module, "memory_bytes", lambda _cache: 1000)
    write_buffers()
    (ready,) = peak_module._READY.values()
    copied = []
    with monkeypatch.context() as patched:
        patched.setattr(np, "ones", pytest.fail)
        patched.setattr(np, "copyto", lambda to, read: copied.append((read.base, to.base)))
        with copying(1000, 1, 1) as call:
            call()
    assert [tuple(map(id, pair)) for pair in copied] == [tuple(map(id, ready))]
    assert not peak_module._READY


@pytest.mark.parametrize(
    ("cache", "memory", "resident"),
    [
        (None, 64 * MIB, MIB // 2),
        (4 * MIB, 64 * MIB, MIB // 2),
        (32 * MIB, 128 * MIB, 4 * MIB),
        (2**30, 256 * MIB, 4 * MIB),
    ],
)
def test_buffers_are_far_larger_than_the_cache_or_far_smaller(cache, memory, resident):
    assert (memory_bytes(cache), cache_bytes(cache)) == (memory, resident)


def test_the_largest_cache_is_read_where_linux_tells(tmp_path):
    for index, size in enumerate(["48K", "1024K", "32M", "7"]):
        (tmp_path / f"index{index}").mkdir()
        (tmp_path / f"index{index}" / "size").write_text(f"{size}\n")
    assert last_level_cache_bytes(tmp_path) == 32 * MIB
    assert last_level_cache_bytes(tmp_path / "nothing") is None
