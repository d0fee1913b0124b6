"""Runtimes that launch a call's work at once, on the CPU: TensorFlow by XLA, ONNX Runtime with bound values."""

from dataclasses import replace

import numpy as np
import pytest

from lab4.bench.bench import Bench
from lab4.bench.worker import Worker
from lab4.devices import DEVICES
from lab4.domain.cell import Cell
from lab4.domain.errors import ConversionError, UnavailableError
from lab4.measure.epochs import EpochProgram, StepLoop
from lab4.runtimes import Load, python_runtime

TIMED = ("keras:tensorflow_xla", "saved_model:tensorflow_xla", "onnx:onnxruntime_bound")


@pytest.mark.parametrize("form", TIMED)
def test_it_is_timed_and_agrees_with_its_original(bench, built, form):
    latency = bench.latency(*built(f"latency/fcnn-cpu-b32-{form}")).latency
    assert len(latency.calls.samples_s) >= 10
    assert min(latency.compute_only.samples_s) > 0
    assert latency.calls.clock != latency.compute_only.clock


@pytest.mark.parametrize("form", TIMED)
def test_results_of_a_call_stay_when_another_is_made(built, form, tmp_path):
    cell, artifact = built(f"latency/fcnn-cpu-b1-{form}")
    worker = Worker("launched once", tmp_path / "log", 300)
    first, again, other = worker.call(_three_calls, cell.runtime, artifact.path, cell.format)
    worker.close()
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 1e-3


def _three_calls(runtime, path, form):
    from lab4.bench.tensorflow_jobs import open_tensorflow
    from lab4.formats import FORMATS

    open_tensorflow()
    rng = np.random.default_rng(1)
    calls = [{"images": rng.random((1, 28, 28, 1), dtype=np.float32)} for _ in range(2)]
    load = Load(DEVICES["cpu"], calls[0], 1)
    runner = python_runtime(runtime).load(path, FORMATS[form].traits.container, load)
    with runner.scope():
        first = runner.run(runner.prepare(calls[0]))
        kept = np.array(first[0])
        other = runner.run(runner.prepare(calls[1]))
        assert np.array_equal(first[0], kept)
        again = runner.run(runner.prepare(calls[0]))
    return kept, np.array(again[0]), np.array(other[0])


def _python_inside(folder):
    """A SavedModel with Python in it, which TensorFlow runs and XLA does not compile."""
    from lab4.bench.tensorflow_jobs import open_tensorflow
    from lab4.frameworks import tensorflow

    open_tensorflow()
    tf = tensorflow()
    module = tf.Module()
    text = tf.function(lambda x: tf.strings.length(tf.strings.as_string(x)), [tf.TensorSpec([2], tf.float32, "x")])
    tf.saved_model.save(module, str(folder), signatures=text.get_concrete_function())
    load = Load(DEVICES["cpu"], {"x": np.ones(2, np.float32)}, 1)
    for runtime in ("tensorflow", "tensorflow_xla"):
        runner = python_runtime(runtime).load(folder, "saved_model", load)
        with runner.scope():
            lengths = runner.run(runner.prepare(load.call))[0].tolist()
            assert lengths == [8, 8]


def test_a_model_that_xla_does_not_compile_is_refused_in_one_sentence(tmp_path):
    worker = Worker("refused", tmp_path / "log", 300)
    with pytest.raises(ConversionError, match=r"^XLA does not compile it: it has no AsString for XLA_CPU_JIT$"):
        worker.call(_python_inside, tmp_path / "model")
    worker.close()


@pytest.mark.parametrize("runtime", ["onnxruntime", "onnxruntime_bound"])
def test_an_onnxruntime_without_the_device_is_one_sentence_with_a_remedy(built, runtime):
    _, artifact = built("latency/fcnn-cpu-b1-onnx")
    load = Load(DEVICES["gpu1"], {"images": np.zeros((1, 28, 28, 1), np.float32)}, None)
    with pytest.raises(UnavailableError, match=r"has no CUDAExecutionProvider; install a build .*onnxruntime-gpu"):
        python_runtime(runtime).load(artifact.path, "onnx", load)


def test_a_cell_is_trained_by_xla_where_that_is_asked_for(bench: Bench):
    by_xla = Bench(replace(bench.order, train_by="xla"), pytest.fail)
    try:
        measured = by_xla.training(Cell.from_key("train/fcnn-cpu-b128-keras"))
    finally:
        by_xla.close()
    by_loop = bench.training(Cell.from_key("train/fcnn-cpu-b128-keras"))
    assert measured.training.program == EpochProgram.program
    assert by_loop.training.program == StepLoop.program
    assert len(measured.training.loop_epoch_s) == len(measured.training.epoch_s) == 1
    right = [sum(each.per_example.correct) / 2000 for each in (measured, by_loop)]
    assert right[0] == pytest.approx(right[1], abs=0.02)  # its dropout is another
    assert measured.training.weights_sha256 != by_loop.training.weights_sha256
