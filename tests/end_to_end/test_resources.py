"""What a cell takes beside time, in every runtime; and that threads are those that were asked for."""

import os
import signal
from dataclasses import replace

import pytest

from lab4.domain.cell import Cell
from lab4.domain.errors import CrashError
from lab4.domain.timing import TimingBudget
from lab4.frameworks import tensorflow


@pytest.mark.parametrize(
    ("form", "least", "most"),
    [("tflite_int8", 1e5, 2e7), ("onnx", 5e5, 5e7), ("saved_model", 1e6, 3e8)],
)
def test_every_runtime_tells_its_memory_and_its_work_or_why_not(bench, built, form, least, most):
    measured = bench.latency(*built(f"latency/fcnn-cpu-b1-{form}"))
    if hasattr(os, "fork"):
        assert least < measured.memory.bytes < most
    # Three dense layers of 235,146 parameters, a multiplication and an addition for each weight.
    assert 2 * 234_752 <= measured.work.operations < 2.2 * 234_752
    assert measured.work.arithmetic == ("int8" if form.endswith("int8") else "float32")
    for name in ("memory", "work", "energy", "counters"):
        assert (getattr(measured, name) is None) == bool(measured.missing.get(name))


@pytest.mark.parametrize("form", ["tflite_float32", "onnx", "saved_model"])
def test_threads_are_those_of_the_cell_and_so_are_its_cores(bench, built, form):
    latency = bench.latency(*built(f"latency/fcnn-cpu-b32-t2-{form}")).latency
    assert latency.threads == 2
    if hasattr(os, "sched_setaffinity"):
        assert len(latency.cores) == min(2, len(os.sched_getaffinity(0)))


def test_a_format_that_starts_threads_of_its_own_is_held_as_the_others_are(bench, built):
    assert len(bench.latency(*built("latency/fcnn-cpu-b1-keras:predict")).latency.cores) == 1


def _die(_):
    os.kill(os.getpid(), signal.SIGKILL)


def _threads(_):
    return tensorflow().config.threading.get_intra_op_parallelism_threads()


def test_a_process_that_died_comes_back_with_its_threads_and_its_cells(bench, built):
    hosted = bench.hosted(*built("latency/fcnn-cpu-b1-saved_model"))
    hosted.open(0.005)
    assert not hosted.time_window(TimingBudget(0.0)).fresh
    with pytest.raises(CrashError):
        hosted.host.run(hosted.spec, _die)
    assert hosted.time_window(TimingBudget(0.005)).fresh
    assert hosted.host.run(hosted.spec, _threads) == 1


@pytest.mark.parametrize("form", ["onnx", "saved_model"])
@pytest.mark.parametrize("asked", [True, False])
def test_calls_without_copies_are_timed_where_that_is_asked_for(bench, built, form, asked):
    hosted = bench.hosted(*built(f"latency/fcnn-cpu-b1-{form}"))
    assert hosted.spec.compute_only == ("compute_only" in bench.order.resources)
    hosted.spec = replace(hosted.spec, compute_only=asked)
    hosted.open(0.005)
    for _ in range(2):  # the second of an artifact that is loaded anew
        assert bool(hosted.time_window(TimingBudget(0.005)).compute_only_s) is asked


def test_the_machines_peaks_are_measured_for_each_number_of_threads(bench):
    keys = ("latency/fcnn-cpu-b1-onnx", "latency/fcnn-cpu-b1-t2-onnx", "examine/fcnn-cpu-onnx")
    peaks = bench.peaks([Cell.from_key(key) for key in keys])
    assert [(peak.kind, peak.threads) for peak in peaks] == [
        (kind, threads) for threads in (1, 2) for kind in ("float32", "int8", "memory", "cache")
    ]
    assert all(peak.work / min(peak.samples_s) > 1e8 for peak in peaks)
    assert bench.peaks([Cell.from_key("examine/fcnn-cpu-onnx")]) == ()
