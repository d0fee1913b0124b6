"""TensorFlow runs Keras H5 (as a compiled function and through predict) and SavedModel."""

import pytest

from lab4.bench.bench import Bench
from lab4.domain.cell import Cell


@pytest.mark.parametrize("form", ["keras", "saved_model"])
def test_the_exported_model_computes_what_its_original_does(bench, built, form):
    cell, artifact = built(f"examine/fcnn-cpu-{form}")
    measured = bench.examine(cell, artifact)
    assert measured.agreement.agreeing == measured.agreement.total == 2000
    assert measured.agreement.max_abs_difference < 1e-5
    assert len(measured.per_example.correct) == 2000
    assert sum(measured.per_example.correct) > 1600
    assert len(measured.loading.samples_s) == 2


def test_predict_is_measured_apart_from_the_compiled_function(bench, built):
    compiled = bench.latency(*built("latency/fcnn-cpu-b32-keras")).latency
    predict = bench.latency(*built("latency/fcnn-cpu-b32-keras:predict")).latency
    assert "predict" in predict.calls.clock
    assert "predict" not in compiled.calls.clock
    # Keras's loop costs tens of milliseconds around a model of less than one: the two are no substitute.
    assert min(predict.calls.samples_s) > 3 * min(compiled.calls.samples_s)


def test_a_saved_model_is_timed_through_its_signature(bench, built):
    latency = bench.latency(*built("latency/fcnn-cpu-b1-saved_model")).latency
    assert len(latency.calls.samples_s) >= 10
    assert latency.first_call_s > min(latency.calls.samples_s)


def test_training_is_measured_apart_from_tracing_and_repeats_to_the_bit(bench: Bench):
    cell = Cell.from_key("train/fcnn-cpu-b128-keras")
    first, second = bench.training(cell), bench.training(cell)
    assert first.training.weights_sha256 == second.training.weights_sha256
    assert first.per_example == second.per_example
    assert len(first.training.epoch_s) == 1
    assert first.training.samples_per_epoch == 8000
    assert sum(first.per_example.correct) > 1600


def test_the_original_file_holds_no_optimizer_state(built):
    _, artifact = built("examine/fcnn-cpu-keras")
    import h5py

    with h5py.File(artifact.path) as file:
        assert "optimizer_weights" not in file
    # 235,146 float32 parameters, and no second or third copy of them.
    assert 235_146 * 4 < artifact.path.stat().st_size < 235_146 * 4 * 1.1


def test_names_in_a_file_do_not_depend_on_what_was_built_before(built):
    """They would change its size by some bytes."""
    built("examine/cnn-cpu-keras")
    _, second = built("examine/fcnn-cpu-keras")
    import h5py

    with h5py.File(second.path) as file:
        layers = [name for name in file["model_weights"] if name.startswith("dense")]
    assert sorted(layers) == ["dense", "dense_1", "dense_2"]
